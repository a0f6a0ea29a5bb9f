-- +goose Up
-- Notices: what happened (occasion), and the mail about it to each person (notice).
-- An occasion stays for good and names nobody, so that whatever is delivered again
-- makes no second mail. An address stands in a notice only until its mail has left.

CREATE TABLE notice_occasion (
  id               uuid        NOT NULL,
  key              text        NOT NULL,
  kind             text        NOT NULL,
  version          integer     NOT NULL,
  subject          text        NOT NULL,
  path             text        NOT NULL,
  object_id        text        NOT NULL,
  facts            jsonb       NOT NULL,
  organization_ids uuid[]      NOT NULL,
  department_ids   uuid[]      NOT NULL,
  person_ids       text[]      NOT NULL,
  state            text        NOT NULL,
  due_at           timestamptz NOT NULL,
  recipients       integer     NOT NULL,
  created_at       timestamptz NOT NULL,
  CONSTRAINT notice_occasion_pkey PRIMARY KEY (id),
  CONSTRAINT notice_occasion_once UNIQUE (key),
  CONSTRAINT notice_occasion_state_known CHECK (state IN ('OPEN', 'ADDRESSED', 'DROPPED'))
);
CREATE INDEX notice_occasion_due ON notice_occasion (due_at, id) WHERE state = 'OPEN';
CREATE INDEX notice_occasion_open_of ON notice_occasion (object_id) WHERE state = 'OPEN';
CREATE INDEX notice_occasion_open_organizations ON notice_occasion USING gin (organization_ids) WITH (fastupdate = off) WHERE state = 'OPEN';
COMMENT ON COLUMN notice_occasion.key IS 'what happened, such as proposal_returned:<proposal>:<version>';
COMMENT ON COLUMN notice_occasion.version IS 'of the template';
COMMENT ON COLUMN notice_occasion.facts IS 'public facts that the template knows; no personal data';
COMMENT ON COLUMN notice_occasion.state IS 'OPEN until the recipients are known; DROPPED when it came to nothing before';
COMMENT ON COLUMN notice_occasion.due_at IS 'when it is told; while it is being addressed, when that counts as failed';

CREATE TABLE notice (
  id          uuid        NOT NULL,
  occasion_id uuid        NOT NULL,
  kind        text        NOT NULL,
  person_id   text        NOT NULL,
  email       text,
  state       text        NOT NULL,
  tries       integer     NOT NULL,
  failure     text        NOT NULL,
  due_at      timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  sent_at     timestamptz,
  CONSTRAINT notice_pkey PRIMARY KEY (id),
  CONSTRAINT notice_once UNIQUE (occasion_id, person_id),
  CONSTRAINT notice_occasion_known FOREIGN KEY (occasion_id) REFERENCES notice_occasion (id),
  CONSTRAINT notice_state_known CHECK (state IN ('QUEUED', 'FAILED', 'SENT', 'GIVEN_UP')),
  CONSTRAINT notice_failure_known CHECK (failure IN ('', 'REFUSED', 'UNREACHABLE', 'NO_SERVER')),
  CONSTRAINT notice_address_erased CHECK ((state IN ('QUEUED', 'FAILED')) = (email IS NOT NULL)),
  CONSTRAINT notice_sent_dated CHECK ((state = 'SENT') = (sent_at IS NOT NULL))
);
CREATE INDEX notice_due ON notice (due_at, id) WHERE state IN ('QUEUED', 'FAILED');
CREATE INDEX notice_person_newest ON notice (person_id, id DESC);
CREATE INDEX notice_state_newest ON notice (state, id DESC);
CREATE INDEX notice_counted ON notice (created_at, kind, state);
COMMENT ON COLUMN notice.person_id IS 'pseudonym';
COMMENT ON COLUMN notice.email IS 'verified address; erased when the mail has left or is given up';
COMMENT ON COLUMN notice.due_at IS 'when it is sent or tried again; while it is being sent, when that counts as failed';

CREATE TABLE notice_preference (
  person_id  text        NOT NULL,
  off_kinds  text[]      NOT NULL,
  version    bigint      NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT notice_preference_pkey PRIMARY KEY (person_id)
);
COMMENT ON TABLE notice_preference IS 'a person''s own wishes; no row for all kinds';
