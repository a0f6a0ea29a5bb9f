-- +goose Up
-- Documents of projects, and improvements by their due day for the tasks.

CREATE TABLE project_attachment (
  id          uuid        NOT NULL,
  project_id  uuid        NOT NULL,
  kind        text        NOT NULL,
  visibility  text        NOT NULL,
  published   boolean     NOT NULL,
  side        text        NOT NULL,
  file_name   text        NOT NULL,
  media_type  text        NOT NULL,
  size        bigint      NOT NULL,
  sha256      text        NOT NULL,
  created_by  text        NOT NULL,
  created_at  timestamptz NOT NULL,
  approved_by text,
  CONSTRAINT project_attachment_pkey PRIMARY KEY (id),
  CONSTRAINT project_attachment_project_known FOREIGN KEY (project_id) REFERENCES project (id),
  CONSTRAINT project_attachment_kind_known CHECK (kind IN (
    'PLAN', 'MINUTES', 'MATERIAL', 'PUBLICITY', 'PHOTO', 'DELIVERABLE', 'REPORT', 'RECEIPT', 'NOTICE', 'OTHER')),
  CONSTRAINT project_attachment_visibility_known CHECK (visibility IN ('PUBLIC', 'BOTH_SIDES', 'WARD_ONLY')),
  CONSTRAINT project_attachment_side_known CHECK (side IN ('ORGANIZATION', 'WARD')),
  CONSTRAINT project_attachment_published_by_second CHECK (
    NOT published OR visibility = 'PUBLIC' AND approved_by IS NOT NULL AND approved_by <> created_by),
  CONSTRAINT project_attachment_receipt_hidden CHECK (kind <> 'RECEIPT' OR visibility <> 'PUBLIC'),
  CONSTRAINT project_attachment_size_bounded CHECK (size BETWEEN 1 AND 20971520),
  CONSTRAINT project_attachment_sha256_hexadecimal CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX project_attachment_oldest ON project_attachment (project_id, id);
CREATE INDEX project_attachment_unpublished ON project_attachment (project_id) WHERE visibility = 'PUBLIC' AND NOT published;
COMMENT ON COLUMN project_attachment.size IS 'bytes';
COMMENT ON COLUMN project_attachment.sha256 IS 'of the content, which equal files share';
COMMENT ON COLUMN project_attachment.approved_by IS 'who opened it for everybody; NULL before';
