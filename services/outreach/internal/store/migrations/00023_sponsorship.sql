-- +goose Up
-- Applications to use the ward's name (後援名義).

CREATE TABLE sponsorship (
  id                    uuid        NOT NULL,
  number                text,
  state                 text        NOT NULL,
  organization_id       uuid        NOT NULL,
  department_id         uuid,
  event_id              uuid,
  title                 text        NOT NULL,
  purpose               text        NOT NULL,
  description           text        NOT NULL,
  starts_on             date        NOT NULL,
  ends_on               date        NOT NULL,
  place                 text        NOT NULL,
  expected_participants integer     NOT NULL,
  fee                   bigint      NOT NULL,
  other_sponsors        text        NOT NULL,
  name_use              text        NOT NULL,
  contact_name          text        NOT NULL,
  contact_phone         text        NOT NULL,
  decision              jsonb,
  drafted_by            text,
  decided_by            text,
  report                jsonb,
  report_due_on         date,
  withdraw_reason       text        NOT NULL,
  created_by            text        NOT NULL,
  created_at            timestamptz NOT NULL,
  updated_at            timestamptz NOT NULL,
  version               bigint      NOT NULL,
  CONSTRAINT sponsorship_pkey PRIMARY KEY (id),
  CONSTRAINT sponsorship_number_unique UNIQUE (number),
  CONSTRAINT sponsorship_state_known CHECK (state IN ('APPLIED', 'DECISION_DRAFTED', 'APPROVED', 'REJECTED', 'REPORTED', 'WITHDRAWN')),
  CONSTRAINT sponsorship_period_ordered CHECK (starts_on <= ends_on),
  CONSTRAINT sponsorship_number_with_decision CHECK ((number IS NULL) = (decided_by IS NULL)),
  CONSTRAINT sponsorship_second_person CHECK (decided_by <> drafted_by)
);
CREATE INDEX sponsorship_newest ON sponsorship (created_at DESC, id DESC);
CREATE INDEX sponsorship_state ON sponsorship (state, created_at DESC, id DESC);
CREATE INDEX sponsorship_organization ON sponsorship (organization_id, created_at DESC, id DESC);
CREATE INDEX sponsorship_department ON sponsorship (department_id, created_at DESC, id DESC);
CREATE INDEX sponsorship_report_due ON sponsorship (report_due_on) WHERE state = 'APPROVED';
COMMENT ON COLUMN sponsorship.fee IS 'of a participant, in yen';
COMMENT ON COLUMN sponsorship.drafted_by IS 'who drafted the present decision';
COMMENT ON COLUMN sponsorship.decided_by IS 'who approved the drafted decision';
COMMENT ON COLUMN sponsorship.report_due_on IS 'last day for the report in Tokyo; NULL unless approved';
