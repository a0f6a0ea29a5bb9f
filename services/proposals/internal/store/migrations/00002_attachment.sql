-- +goose Up
-- Files of proposals; their content lies in the blob store under its hash.

CREATE TABLE attachment (
  id          uuid        NOT NULL,
  proposal_id uuid        NOT NULL,
  kind        text        NOT NULL,
  file_name   text        NOT NULL,
  media_type  text        NOT NULL,
  size        bigint      NOT NULL,
  sha256      text        NOT NULL,
  revision    integer     NOT NULL,
  created_by  text        NOT NULL,
  created_at  timestamptz NOT NULL,
  CONSTRAINT attachment_pkey PRIMARY KEY (id),
  CONSTRAINT attachment_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id),
  CONSTRAINT attachment_kind_known CHECK (kind IN (
    'BYLAWS', 'OFFICERS', 'MEMBERS', 'REPORT', 'BUDGET', 'MATERIAL', 'FORM', 'ANSWER', 'OTHER')),
  CONSTRAINT attachment_size_bounded CHECK (size BETWEEN 1 AND 20971520),
  CONSTRAINT attachment_sha256_hexadecimal CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX attachment_oldest ON attachment (proposal_id, id);
COMMENT ON COLUMN attachment.size IS 'bytes';
COMMENT ON COLUMN attachment.sha256 IS 'of the content, which equal files share';
COMMENT ON COLUMN attachment.revision IS 'submitted versions of the proposal when the file was added';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- A file is added or removed, never changed.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, TRUNCATE ON attachment FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
