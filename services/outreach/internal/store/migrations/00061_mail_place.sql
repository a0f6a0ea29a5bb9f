-- +goose Up
-- Confirmation mails of the whole installation, by the minute in which they go: a row
-- each, so that nobody waits for the one row of a minute that everybody counts up.
-- mail_minute is read no more; a process of the release before counts there as long as
-- it runs beside new ones.

CREATE TABLE mail_place (
  minute timestamptz NOT NULL,
  place  smallint    NOT NULL,
  CONSTRAINT mail_place_pkey PRIMARY KEY (minute, place),
  CONSTRAINT mail_place_limited CHECK (place BETWEEN 1 AND 20)
);
COMMENT ON TABLE mail_place IS 'mails that strangers can cause, to all addresses together: 20 a minute';
COMMENT ON COLUMN mail_place.place IS 'whoever writes it holds the advisory lock of minute and place';

INSERT INTO mail_place (minute, place)
SELECT m.minute, p.place
FROM mail_minute AS m
CROSS JOIN LATERAL generate_series(1, m.used) AS p (place)
WHERE m.minute >= date_trunc('minute', now());
