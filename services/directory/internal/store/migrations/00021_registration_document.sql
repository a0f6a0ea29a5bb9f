-- +goose Up
-- The papers of a registration, and which the ward asks of whom.

CREATE TABLE registration_document (
  id                  uuid        NOT NULL,
  organization_id     uuid        NOT NULL,
  registration_period integer     NOT NULL,
  kind                text        NOT NULL,
  file_name           text        NOT NULL,
  media_type          text        NOT NULL,
  size                bigint      NOT NULL,
  sha256              text        NOT NULL,
  created_by          text        NOT NULL,
  created_at          timestamptz NOT NULL,
  CONSTRAINT registration_document_pkey PRIMARY KEY (id),
  CONSTRAINT registration_document_organization_known FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT registration_document_period_positive CHECK (registration_period > 0),
  CONSTRAINT registration_document_kind_known CHECK (kind IN (
    'BYLAWS', 'OFFICERS', 'MEMBERS', 'REGISTRY', 'ACCOUNTS', 'REPORT', 'PLAN', 'PLEDGE', 'OTHER')),
  CONSTRAINT registration_document_size_bounded CHECK (size BETWEEN 1 AND 20971520),
  CONSTRAINT registration_document_sha256_hexadecimal CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX registration_document_oldest ON registration_document (organization_id, id);
COMMENT ON COLUMN registration_document.registration_period IS 'period that it was handed in for';
COMMENT ON COLUMN registration_document.size IS 'bytes';
COMMENT ON COLUMN registration_document.sha256 IS 'of the content, which equal files share';
COMMENT ON COLUMN registration_document.created_by IS 'a pseudonym';

CREATE TABLE document_requirement (
  organization_kind text    NOT NULL,
  document_kind     text    NOT NULL,
  level             text    NOT NULL,
  every_renewal     boolean NOT NULL,
  CONSTRAINT document_requirement_pkey PRIMARY KEY (organization_kind, document_kind),
  CONSTRAINT document_requirement_level_known CHECK (level IN ('NOT_NEEDED', 'REQUESTED', 'REQUIRED'))
);
COMMENT ON COLUMN document_requirement.every_renewal IS 'whether a renewal needs it anew';

-- What the register of NPO corporations holds of them, and what a group without
-- legal personality has instead. It may follow the application until the desk
-- makes it REQUIRED, so that applications go on as before.
INSERT INTO document_requirement (organization_kind, document_kind, level, every_renewal)
VALUES
  ('NPO_CORPORATION', 'BYLAWS', 'REQUESTED', false),
  ('NPO_CORPORATION', 'OFFICERS', 'REQUESTED', true),
  ('NPO_CORPORATION', 'REGISTRY', 'REQUESTED', false),
  ('NPO_CORPORATION', 'REPORT', 'REQUESTED', true),
  ('NPO_CORPORATION', 'ACCOUNTS', 'REQUESTED', true),
  ('FOUNDATION', 'BYLAWS', 'REQUESTED', false),
  ('FOUNDATION', 'OFFICERS', 'REQUESTED', true),
  ('FOUNDATION', 'REGISTRY', 'REQUESTED', false),
  ('VOLUNTEER_GROUP', 'BYLAWS', 'REQUESTED', false),
  ('VOLUNTEER_GROUP', 'OFFICERS', 'REQUESTED', true),
  ('VOLUNTEER_GROUP', 'MEMBERS', 'REQUESTED', true),
  ('NEIGHBORHOOD_ASSOCIATION', 'BYLAWS', 'REQUESTED', false),
  ('NEIGHBORHOOD_ASSOCIATION', 'OFFICERS', 'REQUESTED', true),
  ('COMPANY', 'REGISTRY', 'REQUESTED', false),
  ('INTERMEDIARY', 'BYLAWS', 'REQUESTED', false),
  ('INTERMEDIARY', 'OFFICERS', 'REQUESTED', true);
