-- +goose Up
-- Challenges of the ward and what organizations answer to them.

CREATE TABLE challenge (
  id            uuid        NOT NULL,
  kind          text        NOT NULL,
  title         text        NOT NULL,
  body          text        NOT NULL,
  wish          text        NOT NULL,
  department_id uuid        NOT NULL,
  fiscal_year   integer     NOT NULL,
  closes_on     date,
  state         text        NOT NULL,
  outcome       text        NOT NULL,
  search_key    text        NOT NULL,
  search        tsvector    NOT NULL,
  created_by    text        NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  published_at  timestamptz,
  version       bigint      NOT NULL,
  CONSTRAINT challenge_pkey PRIMARY KEY (id),
  CONSTRAINT challenge_kind_known CHECK (kind IN ('PROBLEM', 'FOCUS')),
  CONSTRAINT challenge_state_known CHECK (state IN ('DRAFT', 'PUBLISHED', 'CLOSED')),
  CONSTRAINT challenge_published_dated CHECK ((state = 'DRAFT') = (published_at IS NULL))
);
CREATE INDEX challenge_state ON challenge (state, id DESC);
CREATE INDEX challenge_department ON challenge (department_id, id DESC);
CREATE INDEX challenge_fiscal_year ON challenge (fiscal_year, id DESC);
CREATE INDEX challenge_search ON challenge USING gin (search);
COMMENT ON COLUMN challenge.closes_on IS 'last day for answers in Tokyo, inclusive; NULL for no end';
COMMENT ON COLUMN challenge.search IS 'bigrams of search_key';

CREATE TABLE contribution (
  id                   uuid        NOT NULL,
  challenge_id         uuid        NOT NULL,
  kind                 text        NOT NULL,
  organization_id      uuid        NOT NULL,
  body                 text        NOT NULL,
  publish_consent      boolean     NOT NULL,
  answer               text        NOT NULL,
  answered_on          date,
  consultation_id      uuid,
  into_consultation_id uuid,
  into_proposal_id     uuid,
  into_call_id         uuid,
  created_by           text        NOT NULL,
  created_at           timestamptz NOT NULL,
  updated_at           timestamptz NOT NULL,
  version              bigint      NOT NULL,
  CONSTRAINT contribution_pkey PRIMARY KEY (id),
  CONSTRAINT contribution_challenge_known FOREIGN KEY (challenge_id) REFERENCES challenge (id),
  CONSTRAINT contribution_consultation_known FOREIGN KEY (consultation_id) REFERENCES consultation (id),
  CONSTRAINT contribution_into_consultation_known FOREIGN KEY (into_consultation_id) REFERENCES consultation (id),
  CONSTRAINT contribution_into_proposal_known FOREIGN KEY (into_proposal_id) REFERENCES proposal (id),
  CONSTRAINT contribution_into_call_known FOREIGN KEY (into_call_id) REFERENCES call (id),
  CONSTRAINT contribution_kind_known CHECK (kind IN ('IDEA', 'ADVICE', 'OFFER')),
  CONSTRAINT contribution_converted_once CHECK (num_nonnulls(into_consultation_id, into_proposal_id, into_call_id) <= 1)
);
CREATE INDEX contribution_oldest ON contribution (challenge_id, id);
CREATE INDEX contribution_unanswered ON contribution (challenge_id) WHERE answered_on IS NULL;
CREATE INDEX contribution_organization ON contribution (organization_id);
COMMENT ON COLUMN contribution.consultation_id IS 'that it was made of; NULL for others';

ALTER TABLE proposal ADD COLUMN challenge_id uuid;
COMMENT ON COLUMN proposal.challenge_id IS 'that it answers; as in content';
CREATE INDEX proposal_challenge ON proposal (challenge_id, updated_at DESC, id DESC) WHERE challenge_id IS NOT NULL;

ALTER TABLE call ADD COLUMN challenge_ids uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX call_challenge ON call USING gin (challenge_ids);

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE DELETE, TRUNCATE ON challenge FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON contribution FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
