-- +goose Up
-- Notice boards and postings.

-- The counter of public numbers; a number that was given is never given again.
CREATE TABLE number_counter (
  fiscal_year integer NOT NULL,
  kind        text    NOT NULL,
  last        integer NOT NULL,
  CONSTRAINT number_counter_pkey PRIMARY KEY (fiscal_year, kind)
);
COMMENT ON COLUMN number_counter.kind IS 'as it stands in the number, such as 掲';

CREATE TABLE board (
  id                 uuid        NOT NULL,
  number             text        NOT NULL,
  number_key         text        COLLATE "C" NOT NULL,
  name               text        NOT NULL,
  location           text        NOT NULL,
  department_id      uuid        NOT NULL,
  sizes              text[]      NOT NULL,
  places             integer     NOT NULL,
  max_days           integer     NOT NULL,
  copies_per_posting integer     NOT NULL,
  apply_from_months  integer     NOT NULL,
  needs_stamp        boolean     NOT NULL,
  note               text        NOT NULL,
  in_use             boolean     NOT NULL,
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  version            bigint      NOT NULL,
  CONSTRAINT board_pkey PRIMARY KEY (id),
  CONSTRAINT board_number_unique UNIQUE (number),
  CONSTRAINT board_sizes_known CHECK (sizes <@ ARRAY['A4', 'A3'] AND cardinality(sizes) > 0),
  CONSTRAINT board_rules_positive CHECK (places > 0 AND max_days > 0 AND copies_per_posting > 0 AND apply_from_months > 0)
);
CREATE INDEX board_by_number ON board (number_key, id);
CREATE INDEX board_department ON board (department_id, number_key, id);
COMMENT ON COLUMN board.number_key IS 'number with its digits filled up, for the order';
COMMENT ON COLUMN board.places IS 'A4 sheets that it holds at a time';
COMMENT ON COLUMN board.apply_from_months IS 'months before the first day from which a posting is taken';

CREATE TABLE posting (
  id                   uuid        NOT NULL,
  number               text,
  state                text        NOT NULL,
  organization_id      uuid,
  department_id        uuid,
  department_part      text        NOT NULL,
  event_id             uuid,
  credits              jsonb       NOT NULL,
  title                text        NOT NULL,
  body                 text        NOT NULL,
  date_text            text        NOT NULL,
  place_text           text        NOT NULL,
  contact              text        NOT NULL,
  url                  text        NOT NULL,
  size                 text        NOT NULL,
  copies               integer     NOT NULL,
  starts_on            date        NOT NULL,
  ends_on              date        NOT NULL,
  board_ids            uuid[]      NOT NULL,
  board_department_ids uuid[]      NOT NULL,
  needs_stamp          boolean     NOT NULL,
  reason               text        NOT NULL,
  created_by           text        NOT NULL,
  approved_by          text,
  created_at           timestamptz NOT NULL,
  updated_at           timestamptz NOT NULL,
  approved_at          timestamptz,
  version              bigint      NOT NULL,
  CONSTRAINT posting_pkey PRIMARY KEY (id),
  CONSTRAINT posting_number_unique UNIQUE (number),
  CONSTRAINT posting_state_known CHECK (state IN ('REQUESTED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'ENDED')),
  CONSTRAINT posting_size_known CHECK (size IN ('A4', 'A3')),
  CONSTRAINT posting_period_ordered CHECK (starts_on <= ends_on),
  CONSTRAINT posting_number_with_approval CHECK ((number IS NULL) = (approved_at IS NULL)),
  CONSTRAINT posting_second_person CHECK (approved_by <> created_by)
);
CREATE INDEX posting_newest ON posting (ends_on DESC, id DESC);
CREATE INDEX posting_approved_newest ON posting (ends_on DESC, id DESC) WHERE state = 'APPROVED';
CREATE INDEX posting_state ON posting (state, ends_on DESC, id DESC);
CREATE INDEX posting_organization ON posting (organization_id, ends_on DESC, id DESC);
CREATE INDEX posting_boards ON posting USING gin (board_ids);
CREATE INDEX posting_board_departments ON posting USING gin (board_department_ids);
COMMENT ON COLUMN posting.organization_id IS 'NULL for a sheet of the ward''s own';
COMMENT ON COLUMN posting.credits IS 'who stands behind it, with the names as of the last writing';
COMMENT ON COLUMN posting.ends_on IS 'last day in Tokyo, inclusive';
COMMENT ON COLUMN posting.board_department_ids IS 'departments that look after the boards';

-- One atom a board and day: the constraint holds an organization to one posting
-- at a time on a board, whoever asks at once.
CREATE TABLE posting_day (
  board_id   uuid NOT NULL,
  day        date NOT NULL,
  holder_id  uuid NOT NULL,
  posting_id uuid NOT NULL,
  CONSTRAINT posting_day_one_per_organization PRIMARY KEY (board_id, day, holder_id),
  CONSTRAINT posting_day_board_known FOREIGN KEY (board_id) REFERENCES board (id),
  CONSTRAINT posting_day_posting_known FOREIGN KEY (posting_id) REFERENCES posting (id)
);
CREATE INDEX posting_day_posting ON posting_day (posting_id);
COMMENT ON COLUMN posting_day.holder_id IS 'the organization; the posting itself for a sheet of the ward''s own';

CREATE TABLE board_day (
  board_id uuid    NOT NULL,
  day      date    NOT NULL,
  used     integer NOT NULL,
  places   integer NOT NULL,
  CONSTRAINT board_day_pkey PRIMARY KEY (board_id, day),
  CONSTRAINT board_day_board_known FOREIGN KEY (board_id) REFERENCES board (id),
  CONSTRAINT board_day_places_enough CHECK (used BETWEEN 0 AND places)
);
COMMENT ON COLUMN board_day.used IS 'A4 places held by postings';
COMMENT ON COLUMN board_day.places IS 'of the board when a place was last taken';
