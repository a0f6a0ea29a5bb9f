-- +goose Up
-- Groups under one registration, and places that are given by lot.

ALTER TABLE event_seat ADD COLUMN max_party integer NOT NULL DEFAULT 1;
ALTER TABLE event_seat ADD COLUMN draws_at timestamptz;
ALTER TABLE event_seat ADD COLUMN drawn boolean NOT NULL DEFAULT false;
ALTER TABLE event_seat DROP CONSTRAINT event_seat_mode_known;
ALTER TABLE event_seat ADD CONSTRAINT event_seat_mode_known CHECK (mode IN ('FIRST_COME', 'APPROVAL', 'LOTTERY')) NOT VALID;
ALTER TABLE event_seat VALIDATE CONSTRAINT event_seat_mode_known;
ALTER TABLE event_seat ADD CONSTRAINT event_seat_party_positive CHECK (max_party > 0) NOT VALID;
ALTER TABLE event_seat VALIDATE CONSTRAINT event_seat_party_positive;
CREATE INDEX event_seat_ballot ON event_seat (closes_at) WHERE mode = 'LOTTERY' AND open AND NOT drawn;
COMMENT ON COLUMN event_seat.admitted IS 'people with a place';
COMMENT ON COLUMN event_seat.waiting IS 'registrations that wait: for a place, for the host or for the draw';
COMMENT ON COLUMN event_seat.max_party IS 'people that one registration can bring';
COMMENT ON COLUMN event_seat.draws_at IS 'when lots decide; NULL where they do not';

ALTER TABLE registration ADD COLUMN party integer NOT NULL DEFAULT 1;
ALTER TABLE registration ADD COLUMN ticket text;
ALTER TABLE registration ADD COLUMN draw_rank integer;
ALTER TABLE registration ADD COLUMN won boolean;
ALTER TABLE registration ADD COLUMN balloted boolean NOT NULL DEFAULT false;
ALTER TABLE registration ADD CONSTRAINT registration_party_positive CHECK (party > 0) NOT VALID;
ALTER TABLE registration VALIDATE CONSTRAINT registration_party_positive;
CREATE UNIQUE INDEX registration_ticket_unique ON registration (event_id, ticket) WHERE balloted;
CREATE UNIQUE INDEX registration_rank_unique ON registration (event_id, draw_rank) WHERE draw_rank IS NOT NULL;
COMMENT ON COLUMN registration.party IS 'people it brings, with who registers';
COMMENT ON COLUMN registration.ticket IS 'random identifier in the draw, given at the registration; NULL where lots do not decide';
COMMENT ON COLUMN registration.balloted IS 'whether the ballot of the draw has it';

CREATE TABLE event_draw (
  event_id    uuid        NOT NULL,
  commitment  text        NOT NULL,
  sealed_seed bytea       NOT NULL,
  root        text,
  ballot_hash text,
  tickets     integer     NOT NULL DEFAULT 0,
  fixed_at    timestamptz,
  seed        text,
  key         text,
  capacity    integer     NOT NULL DEFAULT 0,
  drawn_at    timestamptz,
  created_at  timestamptz NOT NULL,
  CONSTRAINT event_draw_pkey PRIMARY KEY (event_id),
  CONSTRAINT event_draw_event_known FOREIGN KEY (event_id) REFERENCES event_seat (event_id),
  CONSTRAINT event_draw_fixed_first CHECK ((root IS NULL) = (fixed_at IS NULL) AND (drawn_at IS NULL OR fixed_at < drawn_at)),
  CONSTRAINT event_draw_seed_shown CHECK ((seed IS NULL) = (drawn_at IS NULL) AND (key IS NULL) = (drawn_at IS NULL))
);
COMMENT ON TABLE event_draw IS 'one draw an event: the commitment from the publication on, the ballot, the result; each part is written once';
COMMENT ON COLUMN event_draw.commitment IS 'SHA-256 of the seed, hexadecimal';
COMMENT ON COLUMN event_draw.sealed_seed IS 'the seed, sealed with a key of the installation until the draw';
