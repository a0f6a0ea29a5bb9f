-- +goose Up
-- Projects: the record from the adopted proposal to the closing.

CREATE TABLE project (
  id                 uuid        NOT NULL,
  public_number      text        NOT NULL,
  number_year        integer     NOT NULL,
  serial             integer     NOT NULL,
  proposal_id        uuid,
  fiscal_year        integer     NOT NULL,
  state              text        NOT NULL,
  title              text        NOT NULL,
  purpose            text        NOT NULL,
  form               text        NOT NULL,
  period_from        date,
  period_to          date,
  multi_year         boolean     NOT NULL,
  ward_cost          bigint      NOT NULL,
  goals              jsonb       NOT NULL,
  roles              jsonb       NOT NULL,
  budget             jsonb       NOT NULL,
  organization_ids   uuid[]      NOT NULL,
  department_ids     uuid[]      NOT NULL,
  lead_department_id uuid,
  predecessor_id     uuid,
  published          boolean     NOT NULL,
  agreement_number   text,
  agreement_outdated boolean     NOT NULL,
  terminate_reason   text        NOT NULL,
  created_by         text        NOT NULL,
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  started_at         timestamptz,
  completed_at       timestamptz,
  version            bigint      NOT NULL,
  CONSTRAINT project_pkey PRIMARY KEY (id),
  CONSTRAINT project_public_number_unique UNIQUE (public_number),
  CONSTRAINT project_proposal_unique UNIQUE (proposal_id),
  CONSTRAINT project_agreement_number_unique UNIQUE (agreement_number),
  CONSTRAINT project_predecessor_known FOREIGN KEY (predecessor_id) REFERENCES project (id),
  CONSTRAINT project_period_ordered CHECK (period_from <= period_to),
  CONSTRAINT project_ward_cost_not_negative CHECK (ward_cost >= 0),
  CONSTRAINT project_organizations_some CHECK (cardinality(organization_ids) > 0),
  CONSTRAINT project_agreed_with_number CHECK (
    state IN ('PREPARING', 'TERMINATED') OR agreement_number IS NOT NULL),
  CONSTRAINT project_state_known CHECK (state IN (
    'PREPARING', 'AGREED', 'RUNNING', 'COMPLETED', 'EVALUATED', 'CLOSED', 'TERMINATED'))
);
CREATE INDEX project_newest ON project (updated_at DESC, id DESC);
CREATE INDEX project_published_newest ON project (updated_at DESC, id DESC) WHERE published;
CREATE INDEX project_fiscal_year ON project (fiscal_year, updated_at DESC, id DESC);
CREATE INDEX project_published_fiscal_year ON project (fiscal_year, updated_at DESC, id DESC) WHERE published;
CREATE INDEX project_state ON project (state, updated_at DESC, id DESC);
CREATE INDEX project_numbered ON project (number_year, serial, id);
CREATE INDEX project_published_numbered ON project (number_year, serial, id) WHERE published;
CREATE INDEX project_organization ON project USING gin (organization_ids);
CREATE INDEX project_department ON project USING gin (department_ids);
CREATE INDEX project_predecessor ON project (predecessor_id) WHERE predecessor_id IS NOT NULL;
COMMENT ON COLUMN project.public_number IS 'the number of the proposal, or one of its own';
COMMENT ON COLUMN project.number_year IS 'fiscal year in the public number';
COMMENT ON COLUMN project.serial IS 'in the public number';
COMMENT ON COLUMN project.period_to IS 'last day in Tokyo, inclusive';
COMMENT ON COLUMN project.ward_cost IS 'yen';
COMMENT ON COLUMN project.organization_ids IS 'parties, the lead first';
COMMENT ON COLUMN project.department_ids IS 'parties, the lead first';
COMMENT ON COLUMN project.published IS 'whether everybody may read it';

-- History, append-only.
CREATE TABLE project_transition (
  project_id uuid        NOT NULL,
  version    bigint      NOT NULL,
  action     text        NOT NULL,
  from_state text        NOT NULL,
  to_state   text        NOT NULL,
  actor      text        NOT NULL,
  department text        NOT NULL,
  reason     text        NOT NULL,
  at         timestamptz NOT NULL,
  CONSTRAINT project_transition_pkey PRIMARY KEY (project_id, version),
  CONSTRAINT project_transition_project_known FOREIGN KEY (project_id) REFERENCES project (id)
);

CREATE TABLE project_milestone (
  id         uuid        NOT NULL,
  project_id uuid        NOT NULL,
  title      text        NOT NULL,
  due_on     date        NOT NULL,
  done_on    date,
  note       text        NOT NULL,
  created_at timestamptz NOT NULL,
  version    bigint      NOT NULL,
  CONSTRAINT project_milestone_pkey PRIMARY KEY (id),
  CONSTRAINT project_milestone_project_known FOREIGN KEY (project_id) REFERENCES project (id)
);
CREATE INDEX project_milestone_due ON project_milestone (project_id, due_on, id);

-- The public course; nothing in it is deleted.
CREATE TABLE project_progress (
  id          uuid        NOT NULL,
  project_id  uuid        NOT NULL,
  date        date        NOT NULL,
  state       text        NOT NULL,
  title       text        NOT NULL,
  body        text        NOT NULL,
  side        text        NOT NULL,
  credits     jsonb       NOT NULL,
  published   boolean     NOT NULL,
  created_by  text        NOT NULL,
  created_at  timestamptz NOT NULL,
  approved_by text,
  CONSTRAINT project_progress_pkey PRIMARY KEY (id),
  CONSTRAINT project_progress_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT project_progress_side_known CHECK (side IN ('', 'ORGANIZATION', 'WARD')),
  CONSTRAINT project_progress_second_person CHECK (approved_by <> created_by)
);
CREATE INDEX project_progress_oldest ON project_progress (project_id, date, id);
CREATE INDEX project_progress_drafted ON project_progress (project_id) WHERE NOT published;
COMMENT ON COLUMN project_progress.side IS 'empty for what a step wrote itself';
COMMENT ON COLUMN project_progress.credits IS 'with the names of the day';

CREATE TABLE project_report (
  project_id uuid        NOT NULL,
  number     integer     NOT NULL,
  kind       text        NOT NULL,
  content    jsonb       NOT NULL,
  side       text        NOT NULL,
  filed_by   text        NOT NULL,
  filed_at   timestamptz NOT NULL,
  CONSTRAINT project_report_pkey PRIMARY KEY (project_id, number),
  CONSTRAINT project_report_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT project_report_kind_known CHECK (kind IN ('INTERIM', 'FINAL')),
  CONSTRAINT project_report_side_known CHECK (side IN ('ORGANIZATION', 'WARD'))
);

CREATE TABLE project_change (
  id          uuid        NOT NULL,
  project_id  uuid        NOT NULL,
  state       text        NOT NULL,
  side        text        NOT NULL,
  fields      text[]      NOT NULL,
  before      jsonb       NOT NULL,
  after       jsonb       NOT NULL,
  reason      text        NOT NULL,
  answer      text        NOT NULL,
  asked_by    text        NOT NULL,
  asked_at    timestamptz NOT NULL,
  answered_by text,
  answered_at timestamptz,
  CONSTRAINT project_change_pkey PRIMARY KEY (id),
  CONSTRAINT project_change_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT project_change_state_known CHECK (state IN ('REQUESTED', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
  CONSTRAINT project_change_side_known CHECK (side IN ('ORGANIZATION', 'WARD')),
  CONSTRAINT project_change_answered CHECK ((state = 'REQUESTED') = (answered_at IS NULL))
);
CREATE INDEX project_change_oldest ON project_change (project_id, id);
CREATE UNIQUE INDEX project_change_open_unique ON project_change (project_id) WHERE state = 'REQUESTED';
COMMENT ON COLUMN project_change.fields IS 'of the project that change';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON project_transition, project_report FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON project, project_progress, project_change FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
