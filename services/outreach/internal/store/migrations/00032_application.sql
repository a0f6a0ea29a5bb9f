-- +goose Up
-- Who takes part in opportunities, what they did, and when it is forgotten.

-- More of the vault: what only applications have.
ALTER TABLE person
  ADD COLUMN group_name text NOT NULL DEFAULT '',
  ADD COLUMN guardian_consent text NOT NULL DEFAULT '',
  ADD COLUMN paper_note text NOT NULL DEFAULT '';

CREATE TABLE application (
  id             uuid        NOT NULL,
  opportunity_id uuid        NOT NULL,
  kind           text        NOT NULL,
  person_id      uuid,
  account        text,
  entered_by     text        NOT NULL,
  identity_hash  bytea,
  channel        text        NOT NULL,
  state          text        NOT NULL,
  place          integer     NOT NULL,
  heads          integer     NOT NULL,
  group_kind     text        NOT NULL,
  minors         boolean     NOT NULL,
  trial          boolean     NOT NULL,
  max_shifts     integer     NOT NULL,
  attended       integer,
  agrees         boolean     NOT NULL,
  message        text        NOT NULL,
  erase_on       date        NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  version        bigint      NOT NULL,
  CONSTRAINT application_pkey PRIMARY KEY (id),
  CONSTRAINT application_opportunity_known FOREIGN KEY (opportunity_id) REFERENCES opportunity_place (opportunity_id),
  CONSTRAINT application_person_known FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT application_place_unique UNIQUE (opportunity_id, place),
  CONSTRAINT application_state_known CHECK (state IN ('REQUESTED', 'ACCEPTED', 'WAITLISTED', 'DECLINED', 'WITHDRAWN', 'CANCELLED')),
  CONSTRAINT application_heads_positive CHECK (heads > 0),
  CONSTRAINT application_attended_possible CHECK (attended BETWEEN 0 AND heads)
);
CREATE UNIQUE INDEX application_once ON application (opportunity_id, identity_hash) WHERE state IN ('REQUESTED', 'ACCEPTED', 'WAITLISTED');
CREATE INDEX application_account ON application (account, id DESC) WHERE account IS NOT NULL;
CREATE INDEX application_waiting ON application (opportunity_id, place) WHERE state = 'WAITLISTED';
CREATE INDEX application_requested ON application (opportunity_id, place) WHERE state = 'REQUESTED';
CREATE INDEX application_agreed ON application (opportunity_id) WHERE agrees AND state = 'ACCEPTED' AND person_id IS NOT NULL;
CREATE INDEX application_erase ON application (erase_on, opportunity_id) WHERE person_id IS NOT NULL;
CREATE INDEX application_person ON application (person_id);
COMMENT ON COLUMN application.kind IS 'of the opportunity';
COMMENT ON COLUMN application.person_id IS 'in the vault; NULL after the deletion';
COMMENT ON COLUMN application.account IS 'pseudonym of the signed-in person who applied; NULL for none and after the deletion';
COMMENT ON COLUMN application.entered_by IS 'pseudonym of the desk that entered it; empty for none';
COMMENT ON COLUMN application.identity_hash IS 'keyed hash of the account, or of what the desk was told of the person; NULL after the deletion';
COMMENT ON COLUMN application.place IS 'in the order of application, from 1';
COMMENT ON COLUMN application.heads IS 'people for whom it is';
COMMENT ON COLUMN application.agrees IS 'whether the person agreed to be told of later opportunities';
COMMENT ON COLUMN application.message IS 'what the host wrote with a refusal; empty after the deletion';
COMMENT ON COLUMN application.erase_on IS 'day from which who is behind it is deleted';

CREATE TABLE application_shift (
  application_id uuid    NOT NULL,
  shift_id       uuid    NOT NULL,
  rank           integer NOT NULL,
  accepted       boolean NOT NULL,
  attended       integer,
  CONSTRAINT application_shift_pkey PRIMARY KEY (application_id, shift_id),
  CONSTRAINT application_shift_rank_unique UNIQUE (application_id, rank),
  CONSTRAINT application_shift_application_known FOREIGN KEY (application_id) REFERENCES application (id),
  CONSTRAINT application_shift_shift_known FOREIGN KEY (shift_id) REFERENCES shift (id)
);
CREATE INDEX application_shift_accepted ON application_shift (shift_id) WHERE accepted;
COMMENT ON COLUMN application_shift.rank IS 'order of the wish, from 1';
COMMENT ON COLUMN application_shift.attended IS 'people who came; NULL when nothing was recorded';

CREATE TABLE hours (
  id             uuid        NOT NULL,
  opportunity_id uuid        NOT NULL,
  application_id uuid        NOT NULL,
  shift_id       uuid,
  worked_on      date        NOT NULL,
  minutes        integer     NOT NULL,
  heads          integer     NOT NULL,
  state          text        NOT NULL,
  logged_by      text        NOT NULL,
  decided_by     text        NOT NULL,
  return_reason  text        NOT NULL,
  created_at     timestamptz NOT NULL,
  decided_at     timestamptz,
  version        bigint      NOT NULL,
  CONSTRAINT hours_pkey PRIMARY KEY (id),
  CONSTRAINT hours_application_known FOREIGN KEY (application_id) REFERENCES application (id),
  CONSTRAINT hours_shift_known FOREIGN KEY (shift_id) REFERENCES shift (id),
  CONSTRAINT hours_state_known CHECK (state IN ('LOGGED', 'CONFIRMED', 'RETURNED')),
  CONSTRAINT hours_minutes_bounded CHECK (minutes BETWEEN 1 AND 1440),
  CONSTRAINT hours_second_person CHECK (state <> 'CONFIRMED' OR decided_by NOT IN ('', logged_by))
);
CREATE UNIQUE INDEX hours_once ON hours (application_id, worked_on, coalesce(shift_id, '00000000-0000-0000-0000-000000000000')) WHERE state <> 'RETURNED';
CREATE INDEX hours_newest ON hours (opportunity_id, worked_on DESC, id DESC);
CREATE INDEX hours_application ON hours (application_id, worked_on DESC, id DESC);
CREATE INDEX hours_logged ON hours (opportunity_id, created_at) WHERE state = 'LOGGED';
COMMENT ON COLUMN hours.minutes IS 'of each person; heads is how many did it';
