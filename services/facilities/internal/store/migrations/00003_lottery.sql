-- +goose Up
-- Lotteries. What decides a draw is written once and never changed: the rows of
-- lottery, lottery_atom, lottery_closing, lottery_ticket, lottery_entropy,
-- lottery_draw and lottery_result are append-only, and their primary keys admit
-- one closing, one public value and one draw a lottery.

CREATE TABLE lottery (
  id             uuid        NOT NULL,
  title          text        NOT NULL,
  room_ids       uuid[]      NOT NULL,
  use_from       date        NOT NULL,
  use_to         date        NOT NULL,
  slot_codes     text[]      NOT NULL,
  apply_from     timestamptz NOT NULL,
  apply_to       timestamptz NOT NULL,
  draw_at        timestamptz NOT NULL,
  confirm_by     timestamptz NOT NULL,
  classes        jsonb       NOT NULL,
  max_entries    integer     NOT NULL,
  cap_slots      integer     NOT NULL,
  entropy_source text        NOT NULL,
  commitment     text        NOT NULL,
  sealed_seed    bytea       NOT NULL,
  created_by     text        NOT NULL,
  created_at     timestamptz NOT NULL,
  CONSTRAINT lottery_pkey PRIMARY KEY (id),
  CONSTRAINT lottery_use_ordered CHECK (use_from <= use_to),
  CONSTRAINT lottery_period_ordered CHECK (apply_from < apply_to AND apply_to <= draw_at AND draw_at < confirm_by)
);
CREATE INDEX lottery_newest ON lottery (draw_at DESC, id DESC);
CREATE INDEX lottery_rooms ON lottery USING gin (room_ids);
CREATE INDEX lottery_confirming ON lottery (confirm_by);
COMMENT ON COLUMN lottery.apply_to IS 'exclusive';
COMMENT ON COLUMN lottery.confirm_by IS 'exclusive';
COMMENT ON COLUMN lottery.max_entries IS 'of one organization';
COMMENT ON COLUMN lottery.cap_slots IS 'that one organization can win';
COMMENT ON COLUMN lottery.entropy_source IS 'public random source named at the opening; empty for none';
COMMENT ON COLUMN lottery.commitment IS 'SHA-256 of the seed, hexadecimal';
COMMENT ON COLUMN lottery.sealed_seed IS '32 random bytes, encrypted with a key of the service until the draw';

-- The places of a lottery: a place is in one lottery at most, ever.
CREATE TABLE lottery_atom (
  atom_room_id integer  NOT NULL,
  use_date     date     NOT NULL,
  slot_no      smallint NOT NULL,
  lottery_id   uuid     NOT NULL,
  CONSTRAINT lottery_atom_pkey PRIMARY KEY (atom_room_id, use_date, slot_no),
  CONSTRAINT lottery_atom_lottery_known FOREIGN KEY (lottery_id) REFERENCES lottery (id)
);
CREATE INDEX lottery_atom_lottery ON lottery_atom (lottery_id);

-- How many entries a lottery has; every step of a lottery locks this row first.
CREATE TABLE lottery_count (
  lottery_id uuid    NOT NULL,
  entries    integer NOT NULL,
  drawn      boolean NOT NULL,
  CONSTRAINT lottery_count_pkey PRIMARY KEY (lottery_id),
  CONSTRAINT lottery_count_lottery_known FOREIGN KEY (lottery_id) REFERENCES lottery (id),
  CONSTRAINT lottery_count_full CHECK (entries BETWEEN 0 AND 3000)
);
CREATE INDEX lottery_count_undrawn ON lottery_count (lottery_id) WHERE NOT drawn;
COMMENT ON COLUMN lottery_count.drawn IS 'whether lottery_draw has a row; finds those that have none';
COMMENT ON COLUMN lottery_count.entries IS 'not withdrawn before the closing; bounded so that one answer holds the whole order';

CREATE TABLE lottery_entry (
  id              uuid        NOT NULL,
  lottery_id      uuid        NOT NULL,
  holder_id       text        NOT NULL,
  organization_id uuid,
  user_class      text        NOT NULL,
  priority        smallint    NOT NULL,
  purpose         text        NOT NULL,
  title           text        NOT NULL,
  headcount       integer     NOT NULL,
  uses            jsonb       NOT NULL,
  state           text        NOT NULL,
  booking_ids     uuid[]      NOT NULL,
  paper_note      text        NOT NULL,
  created_by      text        NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT lottery_entry_pkey PRIMARY KEY (id),
  CONSTRAINT lottery_entry_lottery_known FOREIGN KEY (lottery_id) REFERENCES lottery (id),
  CONSTRAINT lottery_entry_state_known CHECK (state IN (
    'ENTERED', 'WON', 'CONFIRMED', 'LOST', 'NOT_CONFIRMED', 'WITHDRAWN'))
);
CREATE INDEX lottery_entry_holder ON lottery_entry (lottery_id, holder_id, id);
CREATE INDEX lottery_entry_organization ON lottery_entry (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX lottery_entry_won ON lottery_entry (lottery_id) WHERE state = 'WON';
COMMENT ON COLUMN lottery_entry.holder_id IS 'organization, or person for a resident''s own entry';
COMMENT ON COLUMN lottery_entry.uses IS 'rooms, days and slots, won together or not at all';
COMMENT ON COLUMN lottery_entry.paper_note IS 'for an entry on behalf';

-- What an entry asks for: an organization enters once for a slot. The rows of an
-- entry that is withdrawn before the closing go.
CREATE TABLE lottery_entry_slot (
  lottery_id uuid     NOT NULL,
  holder_id  text     NOT NULL,
  room_id    uuid     NOT NULL,
  use_date   date     NOT NULL,
  slot_no    smallint NOT NULL,
  entry_id   uuid     NOT NULL,
  CONSTRAINT lottery_entry_slot_pkey PRIMARY KEY (lottery_id, holder_id, room_id, use_date, slot_no),
  CONSTRAINT lottery_entry_slot_entry_known FOREIGN KEY (entry_id) REFERENCES lottery_entry (id)
);
CREATE INDEX lottery_entry_slot_entry ON lottery_entry_slot (entry_id);

CREATE TABLE lottery_closing (
  lottery_id uuid        NOT NULL,
  root       text        NOT NULL,
  ballot     text        NOT NULL,
  entries    integer     NOT NULL,
  closed_at  timestamptz NOT NULL,
  CONSTRAINT lottery_closing_pkey PRIMARY KEY (lottery_id),
  CONSTRAINT lottery_closing_lottery_known FOREIGN KEY (lottery_id) REFERENCES lottery (id)
);
COMMENT ON COLUMN lottery_closing.root IS 'SHA-256 of the ids of the tickets, as in package draw';
COMMENT ON COLUMN lottery_closing.ballot IS 'SHA-256 of all that counts of the tickets, as in package draw';

-- The ballot: entries under random ids and without names, as everybody sees them.
CREATE TABLE lottery_ticket (
  lottery_id uuid     NOT NULL,
  id         text     NOT NULL,
  entry_id   uuid     NOT NULL,
  grp        text     NOT NULL,
  priority   smallint NOT NULL,
  slots      smallint NOT NULL,
  places     text[]   NOT NULL,
  CONSTRAINT lottery_ticket_pkey PRIMARY KEY (lottery_id, id),
  CONSTRAINT lottery_ticket_entry_unique UNIQUE (entry_id),
  CONSTRAINT lottery_ticket_closing_known FOREIGN KEY (lottery_id) REFERENCES lottery_closing (lottery_id),
  CONSTRAINT lottery_ticket_entry_known FOREIGN KEY (entry_id) REFERENCES lottery_entry (id)
);
COMMENT ON COLUMN lottery_ticket.grp IS 'random label of the organization within this lottery';
COMMENT ON COLUMN lottery_ticket.places IS 'part of a room/day/slot number';

CREATE TABLE lottery_entropy (
  lottery_id  uuid        NOT NULL,
  value       text        NOT NULL,
  recorded_by text        NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT lottery_entropy_pkey PRIMARY KEY (lottery_id),
  CONSTRAINT lottery_entropy_closing_known FOREIGN KEY (lottery_id) REFERENCES lottery_closing (lottery_id)
);
COMMENT ON COLUMN lottery_entropy.value IS 'of the public random source, as it was published';

CREATE TABLE lottery_draw (
  lottery_id uuid        NOT NULL,
  seed       text        NOT NULL,
  key        text        NOT NULL,
  taken      text[]      NOT NULL,
  drawn_by   text        NOT NULL,
  drawn_at   timestamptz NOT NULL,
  CONSTRAINT lottery_draw_pkey PRIMARY KEY (lottery_id),
  CONSTRAINT lottery_draw_closing_known FOREIGN KEY (lottery_id) REFERENCES lottery_closing (lottery_id)
);
COMMENT ON COLUMN lottery_draw.seed IS 'hexadecimal';
COMMENT ON COLUMN lottery_draw.taken IS 'places that were not free, such as rooms booked before or blocked';

CREATE TABLE lottery_result (
  lottery_id uuid    NOT NULL,
  rank       integer NOT NULL,
  ticket_id  text    NOT NULL,
  outcome    text    NOT NULL,
  CONSTRAINT lottery_result_pkey PRIMARY KEY (lottery_id, rank),
  CONSTRAINT lottery_result_ticket_unique UNIQUE (lottery_id, ticket_id),
  CONSTRAINT lottery_result_draw_known FOREIGN KEY (lottery_id) REFERENCES lottery_draw (lottery_id),
  CONSTRAINT lottery_result_ticket_known FOREIGN KEY (lottery_id, ticket_id) REFERENCES lottery_ticket (lottery_id, id),
  CONSTRAINT lottery_result_outcome_known CHECK (outcome IN ('WON', 'LOST_CAP', 'LOST_TAKEN'))
);

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
  t text;
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    FOREACH t IN ARRAY ARRAY[
      'lottery', 'lottery_atom', 'lottery_closing', 'lottery_ticket', 'lottery_entropy', 'lottery_draw', 'lottery_result'] LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', t, runtime);
    END LOOP;
    -- Of an entry only its state moves, and its holder when organizations merge.
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON lottery_entry FROM %I', runtime);
    EXECUTE format(
      'GRANT UPDATE (state, holder_id, organization_id, booking_ids, updated_at, version) ON lottery_entry TO %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
