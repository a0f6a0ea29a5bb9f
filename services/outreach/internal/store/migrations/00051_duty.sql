-- +goose Up
-- What waits for a person, by the owner, and each kind by a small index of its own.

CREATE INDEX publication_pending ON publication (updated_at, id) WHERE state = 'PENDING';
CREATE INDEX publication_approved ON publication (updated_at, id) WHERE state = 'APPROVED';
CREATE INDEX publication_returned_organization ON publication (organization_id) WHERE state = 'DRAFT' AND return_reason <> '';
CREATE INDEX publication_returned_department ON publication (department_id) WHERE state = 'DRAFT' AND return_reason <> '';
CREATE INDEX publication_unconfirmed ON publication USING gin (named) WITH (fastupdate = off)
  WHERE collaboration AND NOT confirmed AND state IN ('PENDING', 'APPROVED');
CREATE INDEX event_seat_asking ON event_seat (event_id) WHERE mode = 'APPROVAL' AND waiting > 0 AND open;
CREATE INDEX posting_requested ON posting (starts_on, created_at) WHERE state = 'REQUESTED';
CREATE INDEX sponsorship_applied ON sponsorship (department_id, starts_on, updated_at) WHERE state = 'APPLIED';
CREATE INDEX sponsorship_drafted ON sponsorship (starts_on, updated_at) WHERE state = 'DECISION_DRAFTED';
