-- +goose Up
-- Which intermediary may act for which organization, and until when.

CREATE TABLE delegation (
  id              uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  intermediary_id uuid        NOT NULL,
  ends_at         timestamptz NOT NULL,
  granted_by      text        NOT NULL,
  created_at      timestamptz NOT NULL,
  revoked_at      timestamptz,
  CONSTRAINT delegation_pkey PRIMARY KEY (id),
  CONSTRAINT delegation_organization_known FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT delegation_intermediary_known FOREIGN KEY (intermediary_id) REFERENCES organization (id),
  CONSTRAINT delegation_two_organizations CHECK (organization_id <> intermediary_id)
);
CREATE INDEX delegation_by_organization ON delegation (organization_id, id);
CREATE INDEX delegation_by_intermediary ON delegation (intermediary_id, id);
CREATE INDEX delegation_newest ON delegation (id);
COMMENT ON COLUMN delegation.ends_at IS 'exclusive: the end of the last day in Tokyo';
COMMENT ON COLUMN delegation.granted_by IS 'who gave the consent, a pseudonym';
