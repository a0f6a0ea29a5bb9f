-- +goose Up
-- The index of the one search: public things only.

CREATE TABLE search_entry (
  kind         text        NOT NULL,
  id           uuid        NOT NULL,
  title        text        NOT NULL,
  summary      text        NOT NULL,
  credits      jsonb       NOT NULL,
  topics       text[]      NOT NULL,
  url          text        NOT NULL,
  source_name  text        NOT NULL,
  published_at timestamptz NOT NULL,
  starts_at    timestamptz,
  ends_at      timestamptz,
  search_key   text        COLLATE "C" NOT NULL,
  terms        tsvector    NOT NULL,
  CONSTRAINT search_entry_pkey PRIMARY KEY (id),
  CONSTRAINT search_entry_kind_known CHECK (kind IN ('ARTICLE', 'EVENT', 'OPPORTUNITY', 'ITEM'))
);
CREATE INDEX search_entry_newest ON search_entry (published_at DESC, id DESC);
CREATE INDEX search_entry_kind ON search_entry (kind, published_at DESC, id DESC);
-- Without fastupdate: every search would read the pending list.
CREATE INDEX search_entry_terms ON search_entry USING gin (terms) WITH (fastupdate = off);
COMMENT ON COLUMN search_entry.search_key IS 'search keys of what is searched, one a line';
COMMENT ON COLUMN search_entry.terms IS 'bigrams of search_key';
