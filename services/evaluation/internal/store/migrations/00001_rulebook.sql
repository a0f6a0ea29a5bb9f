-- +goose Up
-- The rulebook, and what the whole service shares.

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

-- The counter of public numbers; a number that was given is never given again.
CREATE TABLE number_counter (
  fiscal_year integer NOT NULL,
  kind        text    NOT NULL,
  last        integer NOT NULL,
  CONSTRAINT number_counter_pkey PRIMARY KEY (fiscal_year, kind)
);
COMMENT ON COLUMN number_counter.fiscal_year IS '0 for numbers that do not begin anew each year';

CREATE TABLE rulebook_version (
  id             uuid        NOT NULL,
  number         integer     NOT NULL,
  title          text        NOT NULL,
  preamble       text        NOT NULL,
  note           text        NOT NULL,
  clauses        jsonb       NOT NULL,
  review_meeting jsonb,
  based_on_id    uuid,
  state          text        NOT NULL,
  comments_until date,
  effective_from date,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  adopted_at     timestamptz,
  version        bigint      NOT NULL,
  CONSTRAINT rulebook_version_pkey PRIMARY KEY (id),
  CONSTRAINT rulebook_version_based_on_known FOREIGN KEY (based_on_id) REFERENCES rulebook_version (id),
  CONSTRAINT rulebook_version_state_known CHECK (state IN ('DRAFT', 'COMMENTING', 'COMMENTS_CLOSED', 'ADOPTED')),
  CONSTRAINT rulebook_version_adopted_whole CHECK (
    (state = 'ADOPTED') = (number > 0 AND effective_from IS NOT NULL AND adopted_at IS NOT NULL AND review_meeting IS NOT NULL))
);
CREATE UNIQUE INDEX rulebook_version_number_unique ON rulebook_version (number) WHERE number > 0;
CREATE INDEX rulebook_version_state ON rulebook_version (state, id DESC);
CREATE INDEX rulebook_version_in_force ON rulebook_version (effective_from DESC, number DESC) WHERE state = 'ADOPTED';
COMMENT ON COLUMN rulebook_version.number IS 'among the adopted versions, from 1; 0 before the adoption';
COMMENT ON COLUMN rulebook_version.comments_until IS 'last day in Tokyo, inclusive';
COMMENT ON COLUMN rulebook_version.effective_from IS 'first day in force in Tokyo';

CREATE TABLE rulebook_comment (
  id              uuid        NOT NULL,
  version_id      uuid        NOT NULL,
  clause_no       integer     NOT NULL,
  organization_id uuid        NOT NULL,
  body            text        NOT NULL,
  project_id      uuid,
  public_number   text        NOT NULL,
  answer          text        NOT NULL,
  change          text        NOT NULL,
  created_by      text        NOT NULL,
  created_at      timestamptz NOT NULL,
  answered_by     text,
  answered_at     timestamptz,
  CONSTRAINT rulebook_comment_pkey PRIMARY KEY (id),
  CONSTRAINT rulebook_comment_version_known FOREIGN KEY (version_id) REFERENCES rulebook_version (id),
  CONSTRAINT rulebook_comment_change_with_answer CHECK (change = '' OR answer <> '')
);
CREATE INDEX rulebook_comment_oldest ON rulebook_comment (version_id, clause_no, id);
CREATE INDEX rulebook_comment_unanswered ON rulebook_comment (version_id, clause_no) WHERE answered_at IS NULL;
CREATE INDEX rulebook_comment_organization ON rulebook_comment (organization_id);
COMMENT ON COLUMN rulebook_comment.public_number IS 'of the project; empty for none';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- Nothing that was said about the rules is deleted.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE DELETE, TRUNCATE ON rulebook_version, rulebook_comment FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
