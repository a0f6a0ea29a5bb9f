-- +goose NO TRANSACTION
-- +goose Up
-- The index of the offers of training by itself: it is built beside a running service.

CREATE INDEX CONCURRENTLY IF NOT EXISTS opportunity_place_training ON opportunity_place (kind, starts_on)
  WHERE kind IN ('STAFF_LECTURE', 'STAFF_EXCHANGE', 'STAFF_PLACEMENT');
