-- +goose NO TRANSACTION
-- +goose Up
-- Open improvements by their due day, for the tasks.
CREATE INDEX CONCURRENTLY improvement_due ON improvement (due_on, id) WHERE state = 'OPEN';
