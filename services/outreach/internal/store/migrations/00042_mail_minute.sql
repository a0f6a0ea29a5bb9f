-- +goose Up
-- Confirmation mails of the whole installation, by the minute in which they go.

CREATE TABLE mail_minute (
  minute timestamptz NOT NULL,
  used   integer     NOT NULL,
  CONSTRAINT mail_minute_pkey PRIMARY KEY (minute),
  CONSTRAINT mail_minute_limited CHECK (used BETWEEN 1 AND 20)
);
COMMENT ON TABLE mail_minute IS 'mails that strangers can cause, to all addresses together: 20 a minute';
