-- +goose Up
-- Secret addresses at which calendar programs read a person's bookings.

CREATE TABLE calendar_link (
  person_id  text        NOT NULL,
  id         uuid        NOT NULL,
  token_hash bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT calendar_link_pkey PRIMARY KEY (person_id),
  CONSTRAINT calendar_link_token_unique UNIQUE (token_hash)
);
COMMENT ON COLUMN calendar_link.id IS 'from which the service derives the secret, with a key of its own';
