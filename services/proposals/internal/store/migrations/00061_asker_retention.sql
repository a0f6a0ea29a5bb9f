-- +goose Up
-- When name and contact of who asked were erased, after their purpose.
ALTER TABLE consultation ADD COLUMN asker_erased_at timestamptz;
COMMENT ON COLUMN consultation.asker_erased_at IS 'when the vault was emptied after the retention; NULL before';
