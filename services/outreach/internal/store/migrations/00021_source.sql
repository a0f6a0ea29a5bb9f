-- +goose Up
-- Sources of partners and the items read from them.

CREATE TABLE source (
  id               uuid        NOT NULL,
  name             text        NOT NULL,
  name_key         text        COLLATE "C" NOT NULL,
  description      text        NOT NULL,
  kind             text        NOT NULL,
  url              text        NOT NULL,
  host             text        NOT NULL,
  site_url         text        NOT NULL,
  organization_id  uuid,
  interval_minutes integer     NOT NULL,
  state            text        NOT NULL,
  released         boolean     NOT NULL,
  failures         integer     NOT NULL,
  failure          text        NOT NULL,
  status_code      integer     NOT NULL,
  etag             text        NOT NULL,
  last_modified    text        NOT NULL,
  modified_at      timestamptz,
  checked_at       timestamptz,
  due_at           timestamptz NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  version          bigint      NOT NULL,
  CONSTRAINT source_pkey PRIMARY KEY (id),
  CONSTRAINT source_url_unique UNIQUE (url),
  CONSTRAINT source_kind_known CHECK (kind IN ('FEED', 'CALENDAR', 'LINK')),
  CONSTRAINT source_state_known CHECK (state IN ('QUARANTINED', 'ACTIVE', 'PAUSED')),
  CONSTRAINT source_active_released CHECK (state <> 'ACTIVE' OR released)
);
CREATE INDEX source_by_name ON source (name_key, id);
CREATE INDEX source_active_by_name ON source (name_key, id) WHERE state = 'ACTIVE';
CREATE INDEX source_organization ON source (organization_id, name_key, id);
CREATE INDEX source_dead ON source (name_key, id) WHERE failures >= 5;
CREATE INDEX source_due ON source (due_at, id) WHERE state <> 'PAUSED';
COMMENT ON COLUMN source.released IS 'whether the desk ended the quarantine';
COMMENT ON COLUMN source.failures IS 'readings in a row that failed; dead from 5 on';
COMMENT ON COLUMN source.etag IS 'of the last answer, for the next request';
COMMENT ON COLUMN source.due_at IS 'when it is read next; while it is read, when the reading is given up';

-- A host is asked by one reader at a time and left alone between two readings.
CREATE TABLE source_host (
  host    text        NOT NULL,
  free_at timestamptz NOT NULL,
  CONSTRAINT source_host_pkey PRIMARY KEY (host)
);

CREATE TABLE item (
  id              uuid        NOT NULL,
  source_id       uuid        NOT NULL,
  organization_id uuid,
  key             text        NOT NULL,
  same_key        text        NOT NULL,
  title           text        NOT NULL,
  summary         text        NOT NULL,
  url             text        NOT NULL,
  location        text        NOT NULL,
  published_at    timestamptz NOT NULL,
  starts_at       timestamptz,
  ends_at         timestamptz,
  all_day         boolean     NOT NULL,
  hidden          boolean     NOT NULL,
  public          boolean     NOT NULL,
  search_key      text        COLLATE "C" NOT NULL,
  terms           tsvector    NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CONSTRAINT item_pkey PRIMARY KEY (id),
  CONSTRAINT item_source_known FOREIGN KEY (source_id) REFERENCES source (id) ON DELETE CASCADE,
  CONSTRAINT item_once_in_source UNIQUE (source_id, key),
  CONSTRAINT item_once UNIQUE (same_key),
  CONSTRAINT item_hidden_not_public CHECK (NOT (hidden AND public))
);
CREATE INDEX item_newest ON item (published_at DESC, id DESC);
CREATE INDEX item_public_newest ON item (published_at DESC, id DESC) WHERE public;
CREATE INDEX item_source ON item (source_id, published_at DESC, id DESC);
CREATE INDEX item_organization ON item (organization_id, published_at DESC, id DESC);
CREATE INDEX item_terms ON item USING gin (terms) WITH (fastupdate = off);
COMMENT ON COLUMN item.key IS 'hash of the entry''s own id, else its address, else its title and day';
COMMENT ON COLUMN item.same_key IS 'hash of its address, else of its title and day: the same in every source';
COMMENT ON COLUMN item.public IS 'whether its source is active and it is not hidden';
COMMENT ON COLUMN item.terms IS 'bigrams of search_key';
