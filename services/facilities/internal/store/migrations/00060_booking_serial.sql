-- +goose Up
-- Public numbers without a row that every booking of the ward locks until its
-- COMMIT: the sequence counts through all years, a year begins where it stood.
CREATE SEQUENCE booking_serial AS bigint;

CREATE TABLE number_base (
  fiscal_year integer NOT NULL,
  base        bigint  NOT NULL,
  CONSTRAINT number_base_pkey PRIMARY KEY (fiscal_year)
);
COMMENT ON COLUMN number_base.base IS 'a booking''s number in the year is its value of booking_serial less this; numbers may be missing, none is given twice';

INSERT INTO number_base (fiscal_year, base)
SELECT fiscal_year, -last
FROM number_counter
WHERE kind = '施';
