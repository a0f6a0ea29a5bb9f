-- +goose NO TRANSACTION
-- +goose Up
-- What was drafted of an organization's booking and waits to be completed.

CREATE INDEX CONCURRENTLY IF NOT EXISTS publication_drafted_organization ON publication (organization_id)
  WHERE state = 'DRAFT' AND created_by = 'service:outreach' AND return_reason = '';
