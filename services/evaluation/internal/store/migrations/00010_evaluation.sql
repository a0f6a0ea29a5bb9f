-- +goose Up
-- Evaluations by both sides, sealed sheets, published reports, improvements.

-- Versions of the criteria after the first, which comes with the program.
-- Append-only.
CREATE TABLE criteria_template (
  version    integer     NOT NULL,
  title      text        NOT NULL,
  criteria   jsonb       NOT NULL,
  created_by text        NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT criteria_template_pkey PRIMARY KEY (version),
  CONSTRAINT criteria_template_after_default CHECK (version > 1)
);

-- Nothing in it changes when a side saves its draft.
CREATE TABLE evaluation (
  id               uuid        NOT NULL,
  project_id       uuid        NOT NULL,
  kind             text        NOT NULL,
  state            text        NOT NULL,
  fiscal_year      integer     NOT NULL,
  opens_on         date        NOT NULL,
  due_on           date        NOT NULL,
  template_version integer     NOT NULL,
  criteria         jsonb       NOT NULL,
  submissions      jsonb       NOT NULL,
  discussion       jsonb,
  agreements       jsonb       NOT NULL,
  third_party      jsonb,
  commentator_ids  text[]      NOT NULL,
  redactions       text[]      NOT NULL,
  late_reason      text        NOT NULL,
  corrected_by     text        NOT NULL,
  report_version   integer     NOT NULL,
  created_at       timestamptz NOT NULL,
  published_at     timestamptz,
  version          bigint      NOT NULL,
  CONSTRAINT evaluation_pkey PRIMARY KEY (id),
  CONSTRAINT evaluation_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT evaluation_period_ordered CHECK (opens_on <= due_on),
  CONSTRAINT evaluation_kind_known CHECK (kind IN ('INTERIM', 'FINAL')),
  CONSTRAINT evaluation_published_with_report CHECK ((state = 'PUBLISHED') = (report_version > 0)),
  CONSTRAINT evaluation_opened_by_two CHECK (
    state NOT IN ('BOTH_SUBMITTED', 'DISCUSSED', 'AGREED') OR jsonb_array_length(submissions) = 2),
  CONSTRAINT evaluation_agreed_by_two CHECK (state <> 'AGREED' OR jsonb_array_length(agreements) = 2),
  CONSTRAINT evaluation_state_known CHECK (state IN (
    'PREPARING', 'OPEN', 'ONE_SUBMITTED', 'BOTH_SUBMITTED', 'DISCUSSED', 'AGREED', 'PUBLISHED'))
);
CREATE UNIQUE INDEX evaluation_final_unique ON evaluation (project_id) WHERE kind = 'FINAL';
CREATE UNIQUE INDEX evaluation_interim_unique ON evaluation (project_id, due_on) WHERE kind = 'INTERIM';
CREATE INDEX evaluation_due ON evaluation (due_on, id);
CREATE INDEX evaluation_published_due ON evaluation (due_on, id) WHERE report_version > 0;
CREATE INDEX evaluation_state ON evaluation (state, due_on, id);
CREATE INDEX evaluation_fiscal_year ON evaluation (fiscal_year, due_on, id);
CREATE INDEX evaluation_published_year ON evaluation (fiscal_year, kind) WHERE report_version > 0;
CREATE INDEX evaluation_project ON evaluation (project_id, due_on, id);
CREATE INDEX evaluation_commentator ON evaluation USING gin (commentator_ids);
CREATE INDEX evaluation_awaited ON evaluation (due_on, id) WHERE state IN ('OPEN', 'ONE_SUBMITTED');
CREATE INDEX evaluation_preparing ON evaluation (opens_on, id) WHERE state = 'PREPARING';
COMMENT ON COLUMN evaluation.fiscal_year IS 'of the project, when the evaluation was made';
COMMENT ON COLUMN evaluation.due_on IS 'last day for the sheets in Tokyo, inclusive';
COMMENT ON COLUMN evaluation.criteria IS 'as the template had them when the evaluation was made';
COMMENT ON COLUMN evaluation.submissions IS 'that and when sheets were submitted, with their commitments; nothing of their content';
COMMENT ON COLUMN evaluation.redactions IS 'texts that reports leave out';
COMMENT ON COLUMN evaluation.corrected_by IS 'who corrected a sheet since the last publication; empty for nobody';
COMMENT ON COLUMN evaluation.report_version IS '0 before the publication';
COMMENT ON COLUMN evaluation.version IS 'of the case; that of a draft stands with the sheet';

CREATE TABLE sheet (
  evaluation_id uuid   NOT NULL,
  side          text   NOT NULL,
  sealed        bytea,
  wrapped_key   bytea,
  version       bigint NOT NULL,
  CONSTRAINT sheet_pkey PRIMARY KEY (evaluation_id, side),
  CONSTRAINT sheet_evaluation_known FOREIGN KEY (evaluation_id) REFERENCES evaluation (id),
  CONSTRAINT sheet_side_known CHECK (side IN ('ORGANIZATION', 'WARD')),
  CONSTRAINT sheet_sealed_with_key CHECK ((sealed IS NULL) = (wrapped_key IS NULL))
);
COMMENT ON COLUMN sheet.sealed IS 'draft or submitted sheet by AES-256-GCM with the key of the sheet; NULL once both sides have submitted';
COMMENT ON COLUMN sheet.wrapped_key IS 'key of the sheet, encrypted with the key of the installation';
COMMENT ON COLUMN sheet.version IS 'of the draft';

-- Submitted sheets, open to both sides, and their corrections. Append-only.
CREATE TABLE sheet_revision (
  evaluation_id uuid        NOT NULL,
  side          text        NOT NULL,
  number        integer     NOT NULL,
  content       jsonb       NOT NULL,
  salt          bytea,
  reason        text        NOT NULL,
  made_by       text        NOT NULL,
  made_at       timestamptz NOT NULL,
  CONSTRAINT sheet_revision_pkey PRIMARY KEY (evaluation_id, side, number),
  CONSTRAINT sheet_revision_evaluation_known FOREIGN KEY (evaluation_id) REFERENCES evaluation (id),
  CONSTRAINT sheet_revision_reasoned CHECK (number = 1 OR reason <> '')
);
COMMENT ON COLUMN sheet_revision.salt IS 'of the commitment; NULL for corrections';

-- Reminders that were given, each side and step once. Append-only.
CREATE TABLE evaluation_reminder (
  evaluation_id uuid        NOT NULL,
  side          text        NOT NULL,
  days          integer     NOT NULL,
  created_at    timestamptz NOT NULL,
  CONSTRAINT evaluation_reminder_pkey PRIMARY KEY (evaluation_id, side, days),
  CONSTRAINT evaluation_reminder_evaluation_known FOREIGN KEY (evaluation_id) REFERENCES evaluation (id)
);
COMMENT ON COLUMN evaluation_reminder.days IS 'step, counted from the due day';

-- What is public, and nothing else of evaluations is. Append-only.
CREATE TABLE published_report (
  evaluation_id uuid        NOT NULL,
  version       integer     NOT NULL,
  content       jsonb       NOT NULL,
  changes       text[]      NOT NULL,
  reason        text        NOT NULL,
  published_by  text        NOT NULL,
  published_at  timestamptz NOT NULL,
  CONSTRAINT published_report_pkey PRIMARY KEY (evaluation_id, version),
  CONSTRAINT published_report_evaluation_known FOREIGN KEY (evaluation_id) REFERENCES evaluation (id),
  CONSTRAINT published_report_reasoned CHECK (version = 1 OR reason <> '')
);
COMMENT ON COLUMN published_report.changes IS 'what differs from the version before, in Japanese';

-- Sums of the published final evaluations, so that the yearly report reads one
-- row a criterion.
CREATE TABLE criterion_sum (
  fiscal_year         integer NOT NULL,
  name                text    NOT NULL,
  criterion_group     text    NOT NULL,
  organization_sum    bigint  NOT NULL,
  organization_scores integer NOT NULL,
  ward_sum            bigint  NOT NULL,
  ward_scores         integer NOT NULL,
  CONSTRAINT criterion_sum_pkey PRIMARY KEY (fiscal_year, name)
);

CREATE TABLE improvement (
  id             uuid        NOT NULL,
  evaluation_id  uuid        NOT NULL,
  project_id     uuid        NOT NULL,
  public_number  text        NOT NULL,
  fiscal_year    integer     NOT NULL,
  criterion_no   integer     NOT NULL,
  criterion_name text        NOT NULL,
  cause          text        NOT NULL,
  text           text        NOT NULL,
  state          text        NOT NULL,
  responsible    text        NOT NULL,
  due_on         date,
  progress       text        NOT NULL,
  outcome        text        NOT NULL,
  result         text        NOT NULL,
  closed_on      date,
  created_at     timestamptz NOT NULL,
  version        bigint      NOT NULL,
  CONSTRAINT improvement_pkey PRIMARY KEY (id),
  CONSTRAINT improvement_criterion_unique UNIQUE (evaluation_id, criterion_no),
  CONSTRAINT improvement_evaluation_known FOREIGN KEY (evaluation_id) REFERENCES evaluation (id),
  CONSTRAINT improvement_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT improvement_state_known CHECK (state IN ('OPEN', 'CLOSED')),
  CONSTRAINT improvement_closed_with_outcome CHECK ((state = 'CLOSED') = (outcome <> '') AND (state = 'CLOSED') = (closed_on IS NOT NULL))
);
CREATE INDEX improvement_newest ON improvement (created_at DESC, id DESC);
CREATE INDEX improvement_state ON improvement (state, created_at DESC, id DESC);
CREATE INDEX improvement_project ON improvement (project_id, created_at DESC, id DESC);
CREATE INDEX improvement_public_number ON improvement (public_number, created_at DESC, id DESC);
CREATE INDEX improvement_fiscal_year ON improvement (fiscal_year, created_at DESC, id DESC);
COMMENT ON COLUMN improvement.responsible IS 'side; empty for both, or not said';

-- Signed agreements that took an improvement over. Append-only.
CREATE TABLE improvement_takeover (
  improvement_id uuid NOT NULL,
  project_id     uuid NOT NULL,
  public_number  text NOT NULL,
  fiscal_year    integer NOT NULL,
  signed_on      date NOT NULL,
  CONSTRAINT improvement_takeover_pkey PRIMARY KEY (improvement_id, project_id),
  CONSTRAINT improvement_takeover_improvement_known FOREIGN KEY (improvement_id) REFERENCES improvement (id),
  CONSTRAINT improvement_takeover_project_known FOREIGN KEY (project_id) REFERENCES project (id)
);
CREATE INDEX improvement_takeover_fiscal_year ON improvement_takeover (fiscal_year, improvement_id);
COMMENT ON COLUMN improvement_takeover.project_id IS 'of the agreement';
COMMENT ON COLUMN improvement_takeover.fiscal_year IS 'of the improvement';

-- Projects by form, for the yearly report.
CREATE INDEX project_form ON project (fiscal_year, form) WHERE published;

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
  t text;
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    FOREACH t IN ARRAY ARRAY[
      'criteria_template', 'sheet_revision', 'evaluation_reminder', 'published_report', 'improvement_takeover'] LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', t, runtime);
    END LOOP;
  END IF;
END
$$;
-- +goose StatementEnd
