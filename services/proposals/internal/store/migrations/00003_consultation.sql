-- +goose Up
-- The general desk: consultations, templates for answers, FAQs.

CREATE TABLE consultation (
  id                       uuid        NOT NULL,
  number                   text        NOT NULL,
  serial                   integer     NOT NULL,
  fiscal_year              integer     NOT NULL,
  channel                  text        NOT NULL,
  state                    text        NOT NULL,
  subject                  text        NOT NULL,
  body                     text        NOT NULL,
  asker_id                 text        NOT NULL,
  organization_id          uuid,
  department_id            uuid,
  department_ids           uuid[]      NOT NULL,
  referred_organization_id uuid,
  received_on              date        NOT NULL,
  due_on                   date        NOT NULL,
  answered_on              date,
  answered_in_time         boolean     NOT NULL,
  entries                  integer     NOT NULL,
  code_hash                bytea       NOT NULL,
  proposal_id              uuid,
  challenge_id             uuid,
  contribution_id          uuid,
  faq_id                   uuid,
  created_by               text        NOT NULL,
  created_at               timestamptz NOT NULL,
  updated_at               timestamptz NOT NULL,
  version                  bigint      NOT NULL,
  CONSTRAINT consultation_pkey PRIMARY KEY (id),
  CONSTRAINT consultation_number_unique UNIQUE (number),
  CONSTRAINT consultation_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id),
  CONSTRAINT consultation_channel_known CHECK (channel IN ('WEB', 'PHONE', 'COUNTER', 'FAX', 'MAIL')),
  CONSTRAINT consultation_state_known CHECK (state IN ('RECEIVED', 'ROUTED', 'IN_PROGRESS', 'ANSWERED', 'CLOSED', 'REFERRED')),
  CONSTRAINT consultation_code_hashed CHECK (octet_length(code_hash) = 32),
  CONSTRAINT consultation_entries_bounded CHECK (entries BETWEEN 1 AND 200),
  CONSTRAINT consultation_converted_once CHECK (num_nonnulls(proposal_id, contribution_id) <= 1)
);
CREATE INDEX consultation_holder ON consultation (department_id, id DESC);
CREATE INDEX consultation_state ON consultation (state, id DESC);
CREATE INDEX consultation_channel ON consultation (channel, id DESC);
CREATE INDEX consultation_open ON consultation (id DESC) WHERE state IN ('RECEIVED', 'ROUTED', 'IN_PROGRESS');
CREATE INDEX consultation_departments ON consultation USING gin (department_ids);
CREATE INDEX consultation_asker ON consultation (asker_id, id DESC) WHERE asker_id <> '';
CREATE INDEX consultation_organization ON consultation (organization_id, id DESC) WHERE organization_id IS NOT NULL;
CREATE INDEX consultation_referred ON consultation (referred_organization_id, id DESC) WHERE referred_organization_id IS NOT NULL;
CREATE INDEX consultation_counted ON consultation (fiscal_year, id DESC)
  INCLUDE (channel, state, department_id, received_on, answered_on, answered_in_time);
COMMENT ON COLUMN consultation.fiscal_year IS 'of received_on';
COMMENT ON COLUMN consultation.asker_id IS 'pseudonym of who asked signed in; empty for others';
COMMENT ON COLUMN consultation.department_id IS 'that holds it; NULL while it is at the desk';
COMMENT ON COLUMN consultation.department_ids IS 'all that hold or held it';
COMMENT ON COLUMN consultation.due_on IS 'office day until which an answer is due';
COMMENT ON COLUMN consultation.answered_on IS 'day of the first full answer in Tokyo';
COMMENT ON COLUMN consultation.code_hash IS 'SHA-256 of the access code';

-- The vault: name and contact of who asked, sealed with the key of the service.
CREATE TABLE consultation_person (
  consultation_id uuid  NOT NULL,
  sealed          bytea NOT NULL,
  CONSTRAINT consultation_person_pkey PRIMARY KEY (consultation_id),
  CONSTRAINT consultation_person_consultation_known FOREIGN KEY (consultation_id) REFERENCES consultation (id)
);
COMMENT ON COLUMN consultation_person.sealed IS 'AES-256-GCM of a JSON object, bound to the consultation id';

-- Steps, answers and notes, append-only.
CREATE TABLE consultation_entry (
  consultation_id      uuid        NOT NULL,
  no                   integer     NOT NULL,
  id                   uuid        NOT NULL,
  kind                 text        NOT NULL,
  body                 text        NOT NULL,
  from_asker           boolean     NOT NULL,
  department_id        uuid,
  department_name      text        NOT NULL,
  from_department_id   uuid,
  from_department_name text        NOT NULL,
  to_department_id     uuid,
  to_department_name   text        NOT NULL,
  organization_id      uuid,
  organization_name    text        NOT NULL,
  created_by           text        NOT NULL,
  created_at           timestamptz NOT NULL,
  CONSTRAINT consultation_entry_pkey PRIMARY KEY (consultation_id, no),
  CONSTRAINT consultation_entry_consultation_known FOREIGN KEY (consultation_id) REFERENCES consultation (id),
  CONSTRAINT consultation_entry_kind_known CHECK (kind IN (
    'RECEIVED', 'ROUTED', 'REFERRED', 'STARTED', 'ANSWERED', 'CLOSED', 'REOPENED', 'CONVERTED', 'INTERIM', 'NOTE'))
);
COMMENT ON COLUMN consultation_entry.department_id IS 'of who wrote it; names are those of the day';

CREATE TABLE reply_template (
  id         uuid        NOT NULL,
  title      text        NOT NULL,
  body       text        NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint      NOT NULL,
  CONSTRAINT reply_template_pkey PRIMARY KEY (id),
  CONSTRAINT reply_template_title_unique UNIQUE (title)
);

CREATE TABLE faq (
  id              uuid        NOT NULL,
  question        text        NOT NULL,
  answer          text        NOT NULL,
  category        text        NOT NULL,
  department_id   uuid,
  published       boolean     NOT NULL,
  consultation_id uuid        NOT NULL,
  search_key      text        NOT NULL,
  search          tsvector    NOT NULL,
  created_by      text        NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT faq_pkey PRIMARY KEY (id),
  CONSTRAINT faq_consultation_unique UNIQUE (consultation_id),
  CONSTRAINT faq_consultation_known FOREIGN KEY (consultation_id) REFERENCES consultation (id)
);
CREATE INDEX faq_newest ON faq (updated_at DESC, id DESC);
CREATE INDEX faq_category ON faq (category, updated_at DESC, id DESC);
CREATE INDEX faq_search ON faq USING gin (search);
COMMENT ON COLUMN faq.search IS 'bigrams of search_key';

ALTER TABLE proposal ADD COLUMN consultation_id uuid;
COMMENT ON COLUMN proposal.consultation_id IS 'that it was made of; NULL for others';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON consultation_entry FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON consultation FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
