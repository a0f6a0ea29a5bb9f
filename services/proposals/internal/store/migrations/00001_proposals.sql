-- +goose Up
-- Calls, proposals and their history.

-- Names of organizations and departments as directory tells them, by event and
-- by answer; the newer one wins.
CREATE TABLE organization_ref (
  id      uuid   NOT NULL,
  name    text   NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT organization_ref_pkey PRIMARY KEY (id)
);

CREATE TABLE department_ref (
  id         uuid        NOT NULL,
  full_name  text        NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT department_ref_pkey PRIMARY KEY (id)
);
COMMENT ON COLUMN department_ref.updated_at IS 'of the department in directory; an older one does not overwrite';

CREATE TABLE call (
  id               uuid        NOT NULL,
  title            text        NOT NULL,
  summary          text        NOT NULL,
  guideline_url    text        NOT NULL,
  fiscal_year      integer     NOT NULL,
  round            integer     NOT NULL,
  mode             text        NOT NULL,
  opens_on         date,
  closes_on        date,
  postmark_rule    boolean     NOT NULL,
  theme_kind       text        NOT NULL,
  steps            text[]      NOT NULL,
  release_together boolean     NOT NULL,
  fields           jsonb       NOT NULL,
  criteria         jsonb       NOT NULL,
  declarations     jsonb       NOT NULL,
  max_proposals    integer     NOT NULL,
  note             text        NOT NULL,
  state            text        NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  published_at     timestamptz,
  version          bigint      NOT NULL,
  CONSTRAINT call_pkey PRIMARY KEY (id),
  CONSTRAINT call_state_known CHECK (state IN ('DRAFT', 'PUBLISHED', 'CLOSED', 'CONCLUDED')),
  CONSTRAINT call_mode_known CHECK (mode IN ('FIXED_PERIOD', 'ALL_YEAR')),
  CONSTRAINT call_theme_kind_known CHECK (theme_kind IN ('FREE', 'THEMED')),
  CONSTRAINT call_period_ordered CHECK (closes_on >= opens_on)
);
CREATE UNIQUE INDEX call_round_unique ON call (fiscal_year, round) WHERE fiscal_year > 0;
CREATE INDEX call_newest ON call (fiscal_year DESC, round DESC, id DESC);
CREATE INDEX call_overdue ON call (closes_on) WHERE state = 'PUBLISHED';
COMMENT ON COLUMN call.closes_on IS 'last day in Tokyo, inclusive; NULL for no end';
COMMENT ON COLUMN call.max_proposals IS 'of one organization; 0 for no limit';

CREATE TABLE proposal (
  id                     uuid        NOT NULL,
  number                 text,
  serial                 integer     NOT NULL,
  call_id                uuid        NOT NULL,
  fiscal_year            integer     NOT NULL,
  organization_id        uuid        NOT NULL,
  joint_organization_ids uuid[]      NOT NULL,
  department_ids         uuid[]      NOT NULL,
  lead_department_id     uuid,
  state                  text        NOT NULL,
  public_state           text        NOT NULL,
  step                   integer     NOT NULL,
  title                  text        NOT NULL,
  search_key             text        NOT NULL,
  search                 tsvector    NOT NULL,
  content                jsonb       NOT NULL,
  assignments            jsonb       NOT NULL,
  correction             jsonb,
  decision               jsonb,
  channel                text        NOT NULL,
  on_behalf              boolean     NOT NULL,
  paper_note             text        NOT NULL,
  postmark_on            date,
  predecessor_id         uuid,
  published              boolean     NOT NULL,
  revision               integer     NOT NULL,
  withdraw_reason        text        NOT NULL,
  created_by             text        NOT NULL,
  created_at             timestamptz NOT NULL,
  updated_at             timestamptz NOT NULL,
  submitted_at           timestamptz,
  public_since           timestamptz,
  version                bigint      NOT NULL,
  CONSTRAINT proposal_pkey PRIMARY KEY (id),
  CONSTRAINT proposal_number_unique UNIQUE (number),
  CONSTRAINT proposal_predecessor_unique UNIQUE (predecessor_id),
  CONSTRAINT proposal_call_known FOREIGN KEY (call_id) REFERENCES call (id),
  CONSTRAINT proposal_predecessor_known FOREIGN KEY (predecessor_id) REFERENCES proposal (id),
  CONSTRAINT proposal_number_with_submission CHECK ((number IS NULL) = (submitted_at IS NULL)),
  CONSTRAINT proposal_published_submitted CHECK (NOT published OR submitted_at IS NOT NULL),
  CONSTRAINT proposal_channel_known CHECK (channel IN ('WEB', 'DESK', 'PHONE', 'MAIL', 'FAX')),
  CONSTRAINT proposal_state_known CHECK (state IN (
    'DRAFT', 'SUBMITTED', 'RETURNED', 'ACCEPTED', 'ASSIGNED', 'UNDER_REVIEW', 'IN_NEGOTIATION', 'DECISION_DRAFTED',
    'DECISION_APPROVED', 'ADOPTED', 'CONDITIONALLY_ADOPTED', 'REJECTED', 'CARRIED_OVER', 'WITHDRAWN'))
);
CREATE INDEX proposal_newest ON proposal (updated_at DESC, id DESC);
CREATE INDEX proposal_published_newest ON proposal (updated_at DESC, id DESC) WHERE published;
CREATE INDEX proposal_organization ON proposal (organization_id, updated_at DESC, id DESC);
CREATE INDEX proposal_call ON proposal (call_id, updated_at DESC, id DESC);
CREATE INDEX proposal_state ON proposal (state, updated_at DESC, id DESC);
CREATE INDEX proposal_numbered ON proposal (fiscal_year, serial, id);
CREATE INDEX proposal_published_numbered ON proposal (fiscal_year, serial, id) WHERE published;
CREATE INDEX proposal_joint ON proposal USING gin (joint_organization_ids);
CREATE INDEX proposal_department ON proposal USING gin (department_ids);
CREATE INDEX proposal_search ON proposal USING gin (search);
CREATE INDEX proposal_counted ON proposal (fiscal_year, call_id, public_state, organization_id) WHERE submitted_at IS NOT NULL;
COMMENT ON COLUMN proposal.serial IS 'of the number within its fiscal year; 0 before the submission';
COMMENT ON COLUMN proposal.step IS 'steps of the call that are done or begun';
COMMENT ON COLUMN proposal.search IS 'bigrams of search_key';
COMMENT ON COLUMN proposal.published IS 'whether everybody may read it';
COMMENT ON COLUMN proposal.public_since IS 'when the present public state began';

-- The counter of public numbers; a number that was given is never given again.
CREATE TABLE number_counter (
  fiscal_year integer NOT NULL,
  kind        text    NOT NULL,
  last        integer NOT NULL,
  CONSTRAINT number_counter_pkey PRIMARY KEY (fiscal_year, kind)
);

CREATE TABLE proposal_quota (
  call_id         uuid    NOT NULL,
  organization_id uuid    NOT NULL,
  used            integer NOT NULL,
  CONSTRAINT proposal_quota_pkey PRIMARY KEY (call_id, organization_id),
  CONSTRAINT proposal_quota_not_negative CHECK (used >= 0)
);
COMMENT ON COLUMN proposal_quota.used IS 'submitted proposals that were not withdrawn';

-- History, append-only: submitted versions, steps, talks.
CREATE TABLE proposal_revision (
  proposal_id  uuid        NOT NULL,
  number       integer     NOT NULL,
  content      jsonb       NOT NULL,
  late         boolean     NOT NULL,
  submitted_by text        NOT NULL,
  submitted_at timestamptz NOT NULL,
  CONSTRAINT proposal_revision_pkey PRIMARY KEY (proposal_id, number),
  CONSTRAINT proposal_revision_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id)
);
COMMENT ON COLUMN proposal_revision.late IS 'whether it came after the last day of the correction';

CREATE TABLE proposal_transition (
  proposal_id uuid        NOT NULL,
  version     bigint      NOT NULL,
  call_id     uuid        NOT NULL,
  fiscal_year integer     NOT NULL,
  action      text        NOT NULL,
  from_state  text        NOT NULL,
  to_state    text        NOT NULL,
  public_from text        NOT NULL,
  public_to   text        NOT NULL,
  days        integer     NOT NULL,
  actor       text        NOT NULL,
  department  text        NOT NULL,
  reason      text        NOT NULL,
  decision    jsonb,
  at          timestamptz NOT NULL,
  CONSTRAINT proposal_transition_pkey PRIMARY KEY (proposal_id, version),
  CONSTRAINT proposal_transition_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id)
);
CREATE INDEX proposal_transition_call ON proposal_transition (call_id) WHERE public_from <> public_to AND public_from <> '';
CREATE INDEX proposal_transition_fiscal_year ON proposal_transition (fiscal_year) WHERE public_from <> public_to AND public_from <> '';
COMMENT ON COLUMN proposal_transition.days IS 'that public_from lasted; 0 where it did not end';
COMMENT ON COLUMN proposal_transition.decision IS 'as of this step, for the steps of a decision';

CREATE TABLE proposal_log (
  id            uuid        NOT NULL,
  proposal_id   uuid        NOT NULL,
  held_on       date        NOT NULL,
  subject       text        NOT NULL,
  body          text        NOT NULL,
  attendees     text        NOT NULL,
  visibility    text        NOT NULL,
  side          text        NOT NULL,
  department_id uuid,
  created_by    text        NOT NULL,
  created_at    timestamptz NOT NULL,
  CONSTRAINT proposal_log_pkey PRIMARY KEY (id),
  CONSTRAINT proposal_log_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id),
  CONSTRAINT proposal_log_visibility_known CHECK (visibility IN ('BOTH_SIDES', 'WARD_ONLY', 'PUBLIC')),
  CONSTRAINT proposal_log_side_known CHECK (side IN ('ORGANIZATION', 'WARD')),
  CONSTRAINT proposal_log_ward_only_by_ward CHECK (visibility = 'BOTH_SIDES' OR side = 'WARD')
);
CREATE INDEX proposal_log_oldest ON proposal_log (proposal_id, id);

-- The public course of proposals and calls; nothing in it is deleted.
CREATE TABLE progress (
  id                uuid        NOT NULL,
  call_id           uuid        NOT NULL,
  proposal_id       uuid,
  date              date        NOT NULL,
  stage             text        NOT NULL,
  title             text        NOT NULL,
  body              text        NOT NULL,
  department_names  text[]      NOT NULL,
  organization_name text        NOT NULL,
  corrects_id       uuid,
  published         boolean     NOT NULL,
  created_by        text        NOT NULL,
  created_at        timestamptz NOT NULL,
  approved_by       text,
  CONSTRAINT progress_pkey PRIMARY KEY (id),
  CONSTRAINT progress_call_known FOREIGN KEY (call_id) REFERENCES call (id),
  CONSTRAINT progress_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id),
  CONSTRAINT progress_corrects_known FOREIGN KEY (corrects_id) REFERENCES progress (id),
  CONSTRAINT progress_second_person CHECK (approved_by <> created_by)
);
CREATE INDEX progress_of_proposal ON progress (proposal_id, date, id);
CREATE INDEX progress_of_call ON progress (call_id, date, id) WHERE proposal_id IS NULL;
COMMENT ON COLUMN progress.department_names IS 'full names (部＋課) as valid on the day';
COMMENT ON COLUMN progress.approved_by IS 'NULL for entries that a step wrote itself';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
  t text;
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    FOREACH t IN ARRAY ARRAY['proposal_revision', 'proposal_transition', 'proposal_log'] LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', t, runtime);
    END LOOP;
    EXECUTE format('REVOKE DELETE, TRUNCATE ON progress FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
