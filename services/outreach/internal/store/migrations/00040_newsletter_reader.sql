-- +goose Up
-- Readers of the mail magazine: wishes by mail address, by double opt-in.

CREATE TABLE newsletter_topic (
  code        text    NOT NULL,
  name        text    NOT NULL,
  description text    NOT NULL,
  sections    text[]  NOT NULL,
  ended       boolean NOT NULL,
  position    integer NOT NULL,
  version     bigint  NOT NULL,
  CONSTRAINT newsletter_topic_pkey PRIMARY KEY (code),
  CONSTRAINT newsletter_topic_sections_known CHECK (
    sections <@ ARRAY['NOTICE', 'EVENT', 'VOLUNTEER', 'CALL', 'PROGRESS'])
);
COMMENT ON COLUMN newsletter_topic.sections IS 'sections of which everything belongs to the topic';

-- The vault of the mail magazine: addresses are in these two tables, sealed, and
-- nowhere else.
CREATE TABLE newsletter_request (
  id              uuid        NOT NULL,
  address_hash    bytea       NOT NULL,
  email           bytea       NOT NULL,
  topics          text[]      NOT NULL,
  areas           text[]      NOT NULL,
  format          text        NOT NULL,
  consent_version text        NOT NULL,
  token_hash      bytea       NOT NULL,
  reader_id       uuid,
  mail_state      text        NOT NULL,
  tries           integer     NOT NULL,
  due_at          timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  created_at      timestamptz NOT NULL,
  CONSTRAINT newsletter_request_pkey PRIMARY KEY (id),
  CONSTRAINT newsletter_request_token_unique UNIQUE (token_hash),
  CONSTRAINT newsletter_request_format_known CHECK (format IN ('HTML', 'TEXT')),
  CONSTRAINT newsletter_request_state_known CHECK (mail_state IN ('QUEUED', 'SENT', 'REFUSED', 'FAILED'))
);
CREATE UNIQUE INDEX newsletter_request_waiting ON newsletter_request (address_hash) WHERE mail_state = 'QUEUED';
CREATE INDEX newsletter_request_address ON newsletter_request (address_hash);
CREATE INDEX newsletter_request_due ON newsletter_request (due_at, id) WHERE mail_state = 'QUEUED';
CREATE INDEX newsletter_request_expiry ON newsletter_request (expires_at);
COMMENT ON TABLE newsletter_request IS 'wishes that wait for their confirmation; deleted with it or when it is too late';
COMMENT ON COLUMN newsletter_request.address_hash IS 'keyed hash of the address';
COMMENT ON COLUMN newsletter_request.email IS 'address, sealed with the key of the installation';
COMMENT ON COLUMN newsletter_request.token_hash IS 'SHA-256 of the secret in the link';
COMMENT ON COLUMN newsletter_request.reader_id IS 'the reader after the confirmation; NULL before';
COMMENT ON COLUMN newsletter_request.due_at IS 'when the mail is sent or tried again; while it is being sent, when it counts as failed';

CREATE TABLE newsletter_reader (
  id           uuid        NOT NULL,
  address_hash bytea       NOT NULL,
  email        bytea       NOT NULL,
  token_hash   bytea       NOT NULL,
  state        text        NOT NULL,
  topics       text[]      NOT NULL,
  areas        text[]      NOT NULL,
  format       text        NOT NULL,
  soft_bounces integer     NOT NULL,
  bounced_on   date,
  confirmed_at timestamptz NOT NULL,
  ended_at     timestamptz,
  updated_at   timestamptz NOT NULL,
  version      bigint      NOT NULL,
  CONSTRAINT newsletter_reader_pkey PRIMARY KEY (id),
  CONSTRAINT newsletter_reader_address_unique UNIQUE (address_hash),
  CONSTRAINT newsletter_reader_token_unique UNIQUE (token_hash),
  CONSTRAINT newsletter_reader_format_known CHECK (format IN ('HTML', 'TEXT')),
  CONSTRAINT newsletter_reader_state_known CHECK (state IN ('ACTIVE', 'SUSPENDED', 'UNSUBSCRIBED')),
  CONSTRAINT newsletter_reader_end_dated CHECK ((state = 'UNSUBSCRIBED') = (ended_at IS NOT NULL)),
  CONSTRAINT newsletter_reader_chooses CHECK (cardinality(topics) > 0)
);
CREATE INDEX newsletter_reader_active ON newsletter_reader (id) WHERE state = 'ACTIVE';
CREATE INDEX newsletter_reader_ended ON newsletter_reader (ended_at) WHERE state = 'UNSUBSCRIBED';
COMMENT ON COLUMN newsletter_reader.soft_bounces IS 'one after the other, at most one a day';
COMMENT ON COLUMN newsletter_reader.bounced_on IS 'day in Tokyo of the last soft bounce that counted';

-- The proof of consent, without the address.
CREATE TABLE newsletter_consent (
  id              uuid        NOT NULL,
  address_hash    bytea       NOT NULL,
  consent_version text        NOT NULL,
  method          text        NOT NULL,
  given_at        timestamptz NOT NULL,
  forget_on       date,
  CONSTRAINT newsletter_consent_pkey PRIMARY KEY (id),
  CONSTRAINT newsletter_consent_method_known CHECK (method IN ('DOUBLE_OPT_IN'))
);
CREATE INDEX newsletter_consent_address ON newsletter_consent (address_hash);
CREATE INDEX newsletter_consent_forget ON newsletter_consent (forget_on) WHERE forget_on IS NOT NULL;
COMMENT ON COLUMN newsletter_consent.forget_on IS 'when the record goes: 31 days after the address; NULL while there is one';

CREATE TABLE newsletter_erasure (
  id        uuid        NOT NULL,
  cause     text        NOT NULL,
  erased_at timestamptz NOT NULL,
  CONSTRAINT newsletter_erasure_pkey PRIMARY KEY (id),
  CONSTRAINT newsletter_erasure_cause_known CHECK (cause IN ('LINK', 'RETENTION'))
);
COMMENT ON TABLE newsletter_erasure IS 'that a reader was deleted, and nothing of who it was';
