-- +goose Up
-- Organizations that were found to be the same as another one.

ALTER TABLE organization
  ADD COLUMN survivor_id uuid,
  DROP CONSTRAINT organization_state_known,
  ADD CONSTRAINT organization_state_known
    CHECK (state IN ('DRAFT', 'PENDING', 'VERIFIED', 'EXPIRED', 'SUSPENDED', 'CLOSED', 'MERGED')) NOT VALID,
  ADD CONSTRAINT organization_survivor_known FOREIGN KEY (survivor_id) REFERENCES organization (id) NOT VALID,
  ADD CONSTRAINT organization_survivor_other CHECK (survivor_id <> id) NOT VALID,
  ADD CONSTRAINT organization_survivor_given CHECK ((state = 'MERGED') = (survivor_id IS NOT NULL)) NOT VALID;
CREATE INDEX organization_by_survivor ON organization (survivor_id)
WHERE survivor_id IS NOT NULL;
DROP INDEX organization_corporate_number_unique;
CREATE UNIQUE INDEX organization_corporate_number_unique ON organization (corporate_number)
WHERE corporate_number <> '' AND state NOT IN ('CLOSED', 'MERGED');
COMMENT ON COLUMN organization.survivor_id IS 'of a merged one; never merged itself: a later merge of the survivor moves it on';
