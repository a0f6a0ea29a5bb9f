-- +goose Up
-- Training of the staff: applications, matchings, and what became of them.

CREATE TABLE training_application (
  id               uuid        NOT NULL,
  level            text        NOT NULL,
  fiscal_year      integer     NOT NULL,
  applicant        text,
  department_id    uuid        NOT NULL,
  department_name  text        NOT NULL,
  screens          boolean     NOT NULL,
  motive           text        NOT NULL,
  wishes           uuid[]      NOT NULL,
  conflicts        jsonb       NOT NULL,
  state            text        NOT NULL,
  decided_by       text        NOT NULL,
  decline_reason   text        NOT NULL,
  opportunity_id   uuid,
  matching_id      uuid,
  starts_on        date,
  ends_on          date,
  report_due_on    date,
  follow_up_on     date,
  follow_up_due_on date,
  erase_on         date        NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  version          bigint      NOT NULL,
  CONSTRAINT training_application_pkey PRIMARY KEY (id),
  CONSTRAINT training_application_level_known CHECK (level IN ('STAFF_LECTURE', 'STAFF_EXCHANGE', 'STAFF_PLACEMENT')),
  CONSTRAINT training_application_state_known
    CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED', 'WITHDRAWN', 'MATCHED', 'UNMATCHED', 'CANCELLED')),
  CONSTRAINT training_application_opportunity_known FOREIGN KEY (opportunity_id) REFERENCES opportunity_place (opportunity_id),
  CONSTRAINT training_application_second_person CHECK (decided_by = '' OR decided_by IS DISTINCT FROM applicant),
  CONSTRAINT training_application_approved CHECK (state NOT IN ('APPROVED', 'MATCHED', 'UNMATCHED') OR decided_by <> '' OR applicant IS NULL),
  CONSTRAINT training_application_place_whole
    CHECK (state <> 'MATCHED' OR num_nulls(opportunity_id, starts_on, ends_on, report_due_on, follow_up_on, follow_up_due_on) = 0)
);
CREATE UNIQUE INDEX training_application_once ON training_application (applicant, fiscal_year, level)
  WHERE state IN ('REQUESTED', 'APPROVED', 'MATCHED', 'UNMATCHED');
CREATE INDEX training_application_applicant ON training_application (applicant, id DESC);
CREATE INDEX training_application_department ON training_application (department_id, id DESC);
CREATE INDEX training_application_year ON training_application (fiscal_year, level, id DESC);
CREATE INDEX training_application_state ON training_application (state, id DESC);
CREATE INDEX training_application_opportunity ON training_application (opportunity_id, id DESC) WHERE state = 'MATCHED';
CREATE INDEX training_application_requested ON training_application (department_id, created_at) WHERE state = 'REQUESTED';
CREATE INDEX training_application_erase ON training_application (erase_on) WHERE applicant IS NOT NULL;
COMMENT ON COLUMN training_application.applicant IS 'person id, a pseudonym; NULL after the deletion';
COMMENT ON COLUMN training_application.department_name IS 'full name on the day of the application';
COMMENT ON COLUMN training_application.screens IS 'whether the applicant works in the screening of proposals';
COMMENT ON COLUMN training_application.matching_id IS 'that gave the place or none; NULL before, and where the desk placed it by hand';
COMMENT ON COLUMN training_application.erase_on IS 'day from which the applicant is not known any more';

CREATE TABLE training_matching (
  id          uuid        NOT NULL,
  fiscal_year integer     NOT NULL,
  level       text        NOT NULL,
  state       text        NOT NULL,
  commitment  text        NOT NULL,
  sealed_seed bytea       NOT NULL,
  seed        text        NOT NULL,
  root        text        NOT NULL,
  offers      jsonb       NOT NULL,
  entries     jsonb       NOT NULL,
  places      jsonb       NOT NULL,
  created_by  text        NOT NULL,
  created_at  timestamptz NOT NULL,
  run_at      timestamptz,
  version     bigint      NOT NULL,
  CONSTRAINT training_matching_pkey PRIMARY KEY (id),
  CONSTRAINT training_matching_state_known CHECK (state IN ('OPEN', 'RUN')),
  CONSTRAINT training_matching_seed_after_run CHECK ((state = 'RUN') = (seed <> '' AND run_at IS NOT NULL))
);
CREATE UNIQUE INDEX training_matching_open ON training_matching (fiscal_year, level) WHERE state = 'OPEN';
CREATE INDEX training_matching_year ON training_matching (fiscal_year, id DESC);
COMMENT ON COLUMN training_matching.sealed_seed IS 'sealed with a key of the service; empty after the run';

CREATE TABLE training_diary (
  application_id uuid        NOT NULL,
  day            date        NOT NULL,
  minutes        integer     NOT NULL,
  body           text        NOT NULL,
  created_at     timestamptz NOT NULL,
  CONSTRAINT training_diary_once PRIMARY KEY (application_id, day),
  CONSTRAINT training_diary_application_known FOREIGN KEY (application_id) REFERENCES training_application (id)
);

CREATE TABLE training_record (
  application_id    uuid        NOT NULL,
  learned           text        NOT NULL,
  proposals         text        NOT NULL,
  summary           text        NOT NULL,
  summary_state     text        NOT NULL,
  checked_by        text        NOT NULL,
  return_reason     text        NOT NULL,
  reported_at       timestamptz,
  published_at      timestamptz,
  experience        text        NOT NULL,
  proposals_to_ward text        NOT NULL,
  next_time         text        NOT NULL,
  feedback_at       timestamptz,
  changed           text        NOT NULL,
  followed_up_at    timestamptz,
  CONSTRAINT training_record_pkey PRIMARY KEY (application_id),
  CONSTRAINT training_record_application_known FOREIGN KEY (application_id) REFERENCES training_application (id),
  CONSTRAINT training_record_summary_known CHECK (summary_state IN ('', 'SUBMITTED', 'RETURNED', 'PUBLISHED')),
  CONSTRAINT training_record_published CHECK ((summary_state = 'PUBLISHED') = (published_at IS NOT NULL))
);
CREATE INDEX training_record_public ON training_record (published_at DESC, application_id DESC) WHERE summary_state = 'PUBLISHED';
CREATE INDEX training_record_submitted ON training_record (reported_at) WHERE summary_state = 'SUBMITTED';

-- Which organizations have a proposal that is not decided yet, and which
-- departments are in charge of it; kept from the events of proposals.
CREATE TABLE proposal_ref (
  id               uuid    NOT NULL,
  organization_ids uuid[]  NOT NULL,
  department_ids   uuid[]  NOT NULL,
  pending          boolean NOT NULL,
  version          bigint  NOT NULL,
  CONSTRAINT proposal_ref_pkey PRIMARY KEY (id)
);
CREATE INDEX proposal_ref_pending ON proposal_ref USING gin (organization_ids) WHERE pending;
COMMENT ON COLUMN proposal_ref.pending IS 'from the submission to the published decision';
