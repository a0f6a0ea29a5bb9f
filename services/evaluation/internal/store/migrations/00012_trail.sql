-- +goose Up
-- The chain of each public number, a projection of public facts. Every row has a
-- natural key, so that the same fact told twice changes nothing.

CREATE TABLE trail_entry (
  public_number text        NOT NULL,
  kind          text        NOT NULL,
  object_id     text        NOT NULL,
  step          text        NOT NULL,
  title         text        NOT NULL,
  at            timestamptz NOT NULL,
  CONSTRAINT trail_entry_pkey PRIMARY KEY (public_number, kind, object_id, step)
);
CREATE INDEX trail_entry_oldest ON trail_entry (public_number, at);
COMMENT ON COLUMN trail_entry.step IS 'distinguishes the facts about one object';

-- Proposals by id, and the challenges that they answer. Events about a challenge
-- and about a proposal come in any order.
CREATE TABLE trail_proposal (
  proposal_id   uuid NOT NULL,
  public_number text NOT NULL,
  challenge_id  uuid,
  CONSTRAINT trail_proposal_pkey PRIMARY KEY (proposal_id)
);
CREATE INDEX trail_proposal_number ON trail_proposal (public_number);

CREATE TABLE trail_challenge (
  challenge_id uuid        NOT NULL,
  title        text        NOT NULL,
  published_at timestamptz NOT NULL,
  CONSTRAINT trail_challenge_pkey PRIMARY KEY (challenge_id)
);
