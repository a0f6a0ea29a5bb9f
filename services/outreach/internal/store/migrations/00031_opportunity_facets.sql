-- +goose NO TRANSACTION
-- +goose Up
-- The index of the facets by itself: it is built beside a running service.

CREATE INDEX CONCURRENTLY IF NOT EXISTS publication_facets ON publication USING gin (facets) WHERE kind = 'OPPORTUNITY';
