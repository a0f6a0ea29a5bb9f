-- +goose NO TRANSACTION
-- +goose Up
-- Consultations whose vault may be emptied, the oldest first.
CREATE INDEX CONCURRENTLY consultation_asker_due ON consultation (updated_at, id)
  WHERE asker_erased_at IS NULL AND state IN ('ANSWERED', 'CLOSED', 'REFERRED');
