-- +goose Up
-- What can be booked and by which rules, and who holds which slot.

-- Names of organizations as directory tells them; the newer one wins.
CREATE TABLE organization_ref (
  id      uuid   NOT NULL,
  name    text   NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT organization_ref_pkey PRIMARY KEY (id)
);

-- Facilities, rooms, closures and rules through all their versions.
CREATE TABLE item (
  id          uuid        NOT NULL,
  kind        text        NOT NULL,
  code        text        NOT NULL,
  facility_id uuid,
  created_at  timestamptz NOT NULL,
  version     bigint      NOT NULL,
  CONSTRAINT item_pkey PRIMARY KEY (id),
  CONSTRAINT item_facility_known FOREIGN KEY (facility_id) REFERENCES item (id),
  CONSTRAINT item_facility_given CHECK ((facility_id IS NOT NULL) = (kind IN ('ROOM', 'CLOSURE'))),
  CONSTRAINT item_code_given CHECK ((code = '') = (kind IN ('ROOM', 'CLOSURE'))),
  CONSTRAINT item_kind_known CHECK (kind IN (
    'FACILITY', 'ROOM', 'CLOSURE', 'SLOT_PATTERN', 'USER_CLASS', 'OPENING_RULE', 'FEE_TABLE', 'PENALTY_RULE'))
);
CREATE UNIQUE INDEX item_code_unique ON item (kind, code) WHERE code <> '';
CREATE INDEX item_listed ON item (kind, code, id);
CREATE INDEX item_of_facility ON item (facility_id, kind, id) WHERE facility_id IS NOT NULL;
COMMENT ON COLUMN item.code IS 'never changes; empty for rooms and closures';

-- What an item says from a day on: a draft until another person approves it.
CREATE TABLE item_version (
  item_id     uuid        NOT NULL,
  number      integer     NOT NULL,
  state       text        NOT NULL,
  name        text        NOT NULL,
  valid_from  date        NOT NULL,
  valid_to    date,
  source      text        NOT NULL,
  content     jsonb       NOT NULL,
  drafters    text[]      NOT NULL,
  updated_at  timestamptz NOT NULL,
  approved_by text,
  approved_at timestamptz,
  CONSTRAINT item_version_pkey PRIMARY KEY (item_id, number),
  CONSTRAINT item_version_item_known FOREIGN KEY (item_id) REFERENCES item (id),
  CONSTRAINT item_version_state_known CHECK (state IN ('DRAFT', 'APPROVED')),
  CONSTRAINT item_version_approved CHECK ((state = 'APPROVED') = (approved_at IS NOT NULL)),
  CONSTRAINT item_version_two_persons CHECK (approved_by <> ALL (drafters)),
  CONSTRAINT item_version_period_ordered CHECK (valid_to >= valid_from - 1)
);
CREATE UNIQUE INDEX item_version_one_draft ON item_version (item_id) WHERE state = 'DRAFT';
CREATE INDEX item_version_in_force ON item_version (item_id, valid_from DESC, number DESC) WHERE state = 'APPROVED';
COMMENT ON COLUMN item_version.drafters IS 'who wrote on this version; none of them approves it';
COMMENT ON COLUMN item_version.valid_from IS 'first use date in Tokyo; of approved versions with the same one the greatest number counts';
COMMENT ON COLUMN item_version.valid_to IS 'last use date; NULL for no end; the day before valid_from withdraws what was approved';

-- What of a room never changes, because bookings count on it.
CREATE TABLE room (
  item_id uuid      NOT NULL,
  number  integer   NOT NULL GENERATED ALWAYS AS IDENTITY,
  parts   uuid[]    NOT NULL,
  atoms   integer[] NOT NULL,
  pattern text      NOT NULL,
  CONSTRAINT room_pkey PRIMARY KEY (item_id),
  CONSTRAINT room_number_unique UNIQUE (number),
  CONSTRAINT room_item_known FOREIGN KEY (item_id) REFERENCES item (id)
);
CREATE INDEX room_pattern ON room (pattern);
COMMENT ON COLUMN room.parts IS 'rooms that it is made of; empty for a room of its own';
COMMENT ON COLUMN room.atoms IS 'numbers of the rooms that a booking takes, ascending; its own where it has no parts';

-- Grows with each approval, so that whoever keeps the catalogue sees that it is old.
CREATE TABLE catalogue (
  singleton boolean NOT NULL,
  revision  bigint  NOT NULL,
  CONSTRAINT catalogue_pkey PRIMARY KEY (singleton),
  CONSTRAINT catalogue_one_row CHECK (singleton)
);
INSERT INTO catalogue (singleton, revision)
VALUES (true, 0);

-- Who holds a slot: no two live holders of one, by the primary key.
CREATE TABLE booking_atom (
  atom_room_id integer  NOT NULL,
  use_date     date     NOT NULL,
  slot_no      smallint NOT NULL,
  holder_kind  text     NOT NULL,
  holder_id    uuid     NOT NULL,
  expires_at   timestamptz,
  CONSTRAINT booking_atom_pkey PRIMARY KEY (atom_room_id, use_date, slot_no),
  CONSTRAINT booking_atom_slot_bounded CHECK (slot_no BETWEEN 1 AND 48),
  CONSTRAINT booking_atom_holder_known CHECK (holder_kind IN ('BOOKING', 'BLOCK', 'HOLD'))
);
CREATE INDEX booking_atom_holder ON booking_atom (holder_id);
COMMENT ON COLUMN booking_atom.atom_room_id IS 'room.number';
COMMENT ON COLUMN booking_atom.holder_kind IS 'BOOKING; BLOCK: no use for reasons of the ward; HOLD: kept for somebody, or until it opens again';
COMMENT ON COLUMN booking_atom.expires_at IS 'from then on the slot is free, row or not; NULL for no end';

-- Closures whose bookings are being cancelled by the ward.
CREATE TABLE closure_cascade (
  closure_id uuid        NOT NULL,
  started_at timestamptz NOT NULL,
  done_at    timestamptz,
  CONSTRAINT closure_cascade_pkey PRIMARY KEY (closure_id),
  CONSTRAINT closure_cascade_closure_known FOREIGN KEY (closure_id) REFERENCES item (id)
);
CREATE INDEX closure_cascade_open ON closure_cascade (started_at) WHERE done_at IS NULL;

-- The counter of public numbers; a number that was given is never given again.
CREATE TABLE number_counter (
  fiscal_year integer NOT NULL,
  kind        text    NOT NULL,
  last        integer NOT NULL,
  CONSTRAINT number_counter_pkey PRIMARY KEY (fiscal_year, kind)
);

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- No version of a rule and no room ever goes, for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE DELETE, TRUNCATE ON item, item_version FROM %I', runtime);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON room FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
