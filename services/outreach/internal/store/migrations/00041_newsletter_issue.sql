-- +goose Up
-- Issues of the mail magazine and their mails.

CREATE TABLE newsletter_issue (
  id            uuid        NOT NULL,
  number        text,
  state         text        NOT NULL,
  title         text        NOT NULL,
  introduction  text        NOT NULL,
  contact       text        NOT NULL,
  publisher     text        NOT NULL,
  period_from   date        NOT NULL,
  period_to     date        NOT NULL,
  topics        text[]      NOT NULL,
  items         jsonb       NOT NULL,
  source        text,
  created_by    text        NOT NULL,
  edited_by     text        NOT NULL,
  requested_by  text        NOT NULL,
  approved_by   text        NOT NULL,
  return_reason text        NOT NULL,
  cancel_reason text        NOT NULL,
  send_at       timestamptz,
  started_at    timestamptz,
  finished_at   timestamptz,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  version       bigint      NOT NULL,
  CONSTRAINT newsletter_issue_pkey PRIMARY KEY (id),
  CONSTRAINT newsletter_issue_number_unique UNIQUE (number),
  CONSTRAINT newsletter_issue_source_unique UNIQUE (source),
  CONSTRAINT newsletter_issue_state_known CHECK (state IN (
    'DRAFT', 'PENDING', 'APPROVED', 'SCHEDULED', 'SENDING', 'PAUSED', 'SENT', 'CANCELLED')),
  CONSTRAINT newsletter_issue_period_ordered CHECK (period_from <= period_to),
  CONSTRAINT newsletter_issue_second_person CHECK (
    state IN ('DRAFT', 'PENDING', 'CANCELLED')
    OR approved_by <> '' AND approved_by NOT IN (created_by, edited_by, requested_by)),
  CONSTRAINT newsletter_issue_start_numbered CHECK (started_at IS NULL OR number IS NOT NULL)
);
CREATE INDEX newsletter_issue_newest ON newsletter_issue (created_at DESC, id DESC);
CREATE INDEX newsletter_issue_state ON newsletter_issue (state, created_at DESC, id DESC);
CREATE INDEX newsletter_issue_archive ON newsletter_issue (created_at DESC, id DESC)
  WHERE started_at IS NOT NULL AND state <> 'CANCELLED';
CREATE INDEX newsletter_issue_working ON newsletter_issue (send_at) WHERE state IN ('SCHEDULED', 'SENDING');
CREATE INDEX newsletter_issue_finished ON newsletter_issue (finished_at) WHERE finished_at IS NOT NULL;
COMMENT ON COLUMN newsletter_issue.source IS 'what a job drafted it for, such as digest:2026-11-30; NULL for a person''s';
COMMENT ON COLUMN newsletter_issue.publisher IS 'name of the section as of the creation';
COMMENT ON COLUMN newsletter_issue.items IS 'what it tells; as of the request for approval from then on';

-- Counts of the mails, changed in the transactions that change the mails.
CREATE TABLE newsletter_sending (
  issue_id    uuid    NOT NULL,
  filled_to   uuid    NOT NULL,
  filled      boolean NOT NULL,
  readers     integer NOT NULL,
  sent        integer NOT NULL,
  unconfirmed integer NOT NULL,
  failed      integer NOT NULL,
  suppressed  integer NOT NULL,
  skipped     integer NOT NULL,
  unknown     integer NOT NULL,
  CONSTRAINT newsletter_sending_pkey PRIMARY KEY (issue_id),
  CONSTRAINT newsletter_sending_issue_known FOREIGN KEY (issue_id) REFERENCES newsletter_issue (id),
  CONSTRAINT newsletter_sending_once_each CHECK (sent + failed + suppressed + skipped + unknown <= readers)
);
COMMENT ON COLUMN newsletter_sending.filled_to IS 'reader up to whom the mails are written';
COMMENT ON COLUMN newsletter_sending.filled IS 'whether the mails of all readers are written';
COMMENT ON COLUMN newsletter_sending.unconfirmed IS 'of those sent, the ones whose answer nobody read';

-- One row an issue and reader: one mail. Readers are pseudonyms here and may be gone.
CREATE TABLE newsletter_delivery (
  issue_id   uuid        NOT NULL,
  reader_id  uuid        NOT NULL,
  state      text        NOT NULL,
  tries      smallint    NOT NULL,
  due_at     timestamptz NOT NULL,
  claim      uuid,
  claimed_at timestamptz,
  code       smallint    NOT NULL,
  CONSTRAINT newsletter_delivery_pkey PRIMARY KEY (issue_id, reader_id),
  CONSTRAINT newsletter_delivery_issue_known FOREIGN KEY (issue_id) REFERENCES newsletter_issue (id),
  CONSTRAINT newsletter_delivery_state_known CHECK (state IN (
    'QUEUED', 'SENDING', 'SENT', 'FAILED', 'SUPPRESSED', 'SKIPPED', 'UNKNOWN')),
  CONSTRAINT newsletter_delivery_claimed CHECK (state <> 'SENDING' OR claim IS NOT NULL)
);
CREATE INDEX newsletter_delivery_queued ON newsletter_delivery (issue_id, reader_id) WHERE state = 'QUEUED';
CREATE INDEX newsletter_delivery_claim ON newsletter_delivery (claim) WHERE state IN ('SENDING', 'UNKNOWN');
CREATE INDEX newsletter_delivery_open ON newsletter_delivery (claimed_at) WHERE state = 'SENDING';
COMMENT ON COLUMN newsletter_delivery.claim IS 'the batch that took it last; the record of its sending has this name';
COMMENT ON COLUMN newsletter_delivery.code IS 'last answer of the mail server; 0 for none';
COMMENT ON COLUMN newsletter_delivery.state IS 'UNKNOWN: whether it was handed over cannot be known; it is not sent again';
