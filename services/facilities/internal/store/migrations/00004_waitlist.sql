-- +goose Up
-- The wait-list for taken slots, and freed slots that nobody waited for.

CREATE TABLE waitlist_place (
  id              uuid        NOT NULL,
  position        bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  holder_id       text        NOT NULL,
  organization_id uuid,
  user_class      text        NOT NULL,
  purpose         text        NOT NULL,
  title           text        NOT NULL,
  headcount       integer     NOT NULL,
  facility_id     uuid        NOT NULL,
  room_id         uuid        NOT NULL,
  use_date        date        NOT NULL,
  slot_nos        smallint[]  NOT NULL,
  slot_codes      text[]      NOT NULL,
  atom_ids        integer[]   NOT NULL,
  starts_at       timestamptz NOT NULL,
  state           text        NOT NULL,
  offer_ends_at   timestamptz,
  booking_id      uuid,
  created_by      text        NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT waitlist_place_pkey PRIMARY KEY (id),
  CONSTRAINT waitlist_place_state_known CHECK (state IN ('WAITING', 'OFFERED', 'ACCEPTED', 'EXPIRED', 'LEFT', 'PASSED')),
  CONSTRAINT waitlist_place_offer_ends CHECK (state <> 'OFFERED' OR offer_ends_at IS NOT NULL),
  CONSTRAINT waitlist_place_booked CHECK ((state = 'ACCEPTED') = (booking_id IS NOT NULL))
);
CREATE UNIQUE INDEX waitlist_place_once ON waitlist_place (holder_id, room_id, use_date, slot_nos) WHERE state IN ('WAITING', 'OFFERED');
CREATE INDEX waitlist_place_holder ON waitlist_place (holder_id, position DESC);
CREATE INDEX waitlist_place_organization ON waitlist_place (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX waitlist_place_offered ON waitlist_place (offer_ends_at) WHERE state = 'OFFERED';
CREATE INDEX waitlist_place_waiting ON waitlist_place (starts_at) WHERE state = 'WAITING';
COMMENT ON COLUMN waitlist_place.position IS 'order of the list: the lowest that waits is offered first';
COMMENT ON COLUMN waitlist_place.holder_id IS 'organization, or person for a resident''s own place';
COMMENT ON COLUMN waitlist_place.starts_at IS 'begin of the first slot';
COMMENT ON COLUMN waitlist_place.offer_ends_at IS 'exclusive';

-- The places of a room that somebody waits for; the rows go when the waiting
-- ends.
CREATE TABLE waitlist_atom (
  atom_room_id integer  NOT NULL,
  use_date     date     NOT NULL,
  slot_no      smallint NOT NULL,
  place_id     uuid     NOT NULL,
  CONSTRAINT waitlist_atom_pkey PRIMARY KEY (atom_room_id, use_date, slot_no, place_id),
  CONSTRAINT waitlist_atom_place_known FOREIGN KEY (place_id) REFERENCES waitlist_place (id)
);
CREATE INDEX waitlist_atom_place ON waitlist_atom (place_id);

CREATE TABLE freed_slot (
  id          uuid        NOT NULL,
  facility_id uuid        NOT NULL,
  room_id     uuid        NOT NULL,
  use_date    date        NOT NULL,
  slot_codes  text[]      NOT NULL,
  opens_at    timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  CONSTRAINT freed_slot_pkey PRIMARY KEY (id)
);
CREATE INDEX freed_slot_newest ON freed_slot (opens_at DESC, id DESC);
CREATE INDEX freed_slot_facility ON freed_slot (facility_id, opens_at DESC, id DESC);
COMMENT ON COLUMN freed_slot.opens_at IS 'when all may book it; until then a HOLD of this row''s id has it';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON freed_slot FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON waitlist_place FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
