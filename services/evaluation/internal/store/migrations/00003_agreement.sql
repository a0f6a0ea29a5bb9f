-- +goose Up
-- Agreements: versions of a project's agreement, their signed texts, signatures.

CREATE TABLE agreement (
  project_id             uuid        NOT NULL,
  version                integer     NOT NULL,
  state                  text        NOT NULL,
  title                  text        NOT NULL,
  preamble               text        NOT NULL,
  articles               jsonb       NOT NULL,
  closing                text        NOT NULL,
  form                   text        NOT NULL,
  rulebook_version_id    uuid        NOT NULL,
  ward_signatory         text        NOT NULL,
  organization_signatory text        NOT NULL,
  improvement_ids        uuid[]      NOT NULL,
  created_by             text        NOT NULL,
  created_at             timestamptz NOT NULL,
  updated_at             timestamptz NOT NULL,
  signed_at              timestamptz,
  revision               bigint      NOT NULL,
  CONSTRAINT agreement_pkey PRIMARY KEY (project_id, version),
  CONSTRAINT agreement_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT agreement_rulebook_known FOREIGN KEY (rulebook_version_id) REFERENCES rulebook_version (id),
  CONSTRAINT agreement_state_known CHECK (state IN ('DRAFT', 'PARTLY_SIGNED', 'SIGNED', 'ABANDONED')),
  CONSTRAINT agreement_signed_with_time CHECK ((state = 'SIGNED') = (signed_at IS NOT NULL))
);
CREATE UNIQUE INDEX agreement_open_unique ON agreement (project_id) WHERE state IN ('DRAFT', 'PARTLY_SIGNED');
CREATE INDEX agreement_improvement ON agreement USING gin (improvement_ids) WHERE state = 'SIGNED';
COMMENT ON COLUMN agreement.revision IS 'of the row, for changes';
COMMENT ON COLUMN agreement.improvement_ids IS 'improvements of earlier evaluations that it takes over';

-- The text that is signed, append-only.
CREATE TABLE agreement_text (
  project_id uuid        NOT NULL,
  version    integer     NOT NULL,
  text       text        NOT NULL,
  sha256     bytea       NOT NULL,
  fixed_at   timestamptz NOT NULL,
  CONSTRAINT agreement_text_pkey PRIMARY KEY (project_id, version),
  CONSTRAINT agreement_text_agreement_known FOREIGN KEY (project_id, version) REFERENCES agreement (project_id, version),
  CONSTRAINT agreement_text_hashed CHECK (sha256 = sha256(convert_to(text, 'UTF8')))
);

-- Signatures, append-only but for the organization, which follows a merger.
CREATE TABLE agreement_signature (
  project_id      uuid        NOT NULL,
  version         integer     NOT NULL,
  position        integer     NOT NULL,
  side            text        NOT NULL,
  organization_id uuid,
  department_id   uuid,
  name            text        NOT NULL,
  signatory       text        NOT NULL,
  signed_by       text        NOT NULL,
  signed_at       timestamptz NOT NULL,
  CONSTRAINT agreement_signature_pkey PRIMARY KEY (project_id, version, position),
  CONSTRAINT agreement_signature_text_known FOREIGN KEY (project_id, version) REFERENCES agreement_text (project_id, version),
  CONSTRAINT agreement_signature_person_unique UNIQUE (project_id, version, signed_by),
  CONSTRAINT agreement_signature_side_known CHECK (
    side = 'ORGANIZATION' AND organization_id IS NOT NULL AND department_id IS NULL
    OR side = 'WARD' AND organization_id IS NULL AND department_id IS NOT NULL)
);
CREATE UNIQUE INDEX agreement_signature_party_unique ON agreement_signature (project_id, version, side, organization_id)
  NULLS NOT DISTINCT;
COMMENT ON COLUMN agreement_signature.position IS 'order of the signatures, from 1';
COMMENT ON COLUMN agreement_signature.name IS 'of organization or department as of that day';
COMMENT ON COLUMN agreement_signature.signed_by IS 'pseudonym';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON agreement_text, agreement_signature FROM %I', runtime);
    EXECUTE format('GRANT UPDATE (organization_id) ON agreement_signature TO %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON agreement FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
