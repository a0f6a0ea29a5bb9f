-- +goose Up
-- Articles and events with their chain, versions and open data.

-- Names of organizations and departments as directory tells them, by event and
-- by answer; the newer one wins.
CREATE TABLE organization_ref (
  id      uuid   NOT NULL,
  name    text   NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT organization_ref_pkey PRIMARY KEY (id)
);

CREATE TABLE department_ref (
  id         uuid        NOT NULL,
  full_name  text        NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT department_ref_pkey PRIMARY KEY (id)
);
COMMENT ON COLUMN department_ref.updated_at IS 'of the department in directory; an older one does not overwrite';

CREATE TABLE publication (
  id              uuid        NOT NULL,
  kind            text        NOT NULL,
  state           text        NOT NULL,
  organization_id uuid,
  department_id   uuid,
  project_id      uuid,
  source          text,
  title           text        NOT NULL,
  summary         text        NOT NULL,
  body            text        NOT NULL,
  plain_ja        text        NOT NULL,
  topics          text[]      NOT NULL,
  public_until    date,
  event           jsonb,
  starts_on       date        NOT NULL,
  last_on         date        NOT NULL,
  occurs          datemultirange,
  credits         jsonb       NOT NULL,
  named           uuid[]      NOT NULL,
  confirmations   jsonb       NOT NULL,
  collaboration   boolean     NOT NULL,
  confirmed       boolean     NOT NULL,
  visible         boolean     NOT NULL,
  was_public      boolean     NOT NULL,
  created_by      text        NOT NULL,
  edited_by       text        NOT NULL,
  requested_by    text        NOT NULL,
  approved_by     text        NOT NULL,
  return_reason   text        NOT NULL,
  withdraw_reason text        NOT NULL,
  publish_at      timestamptz,
  ends_on         date,
  revision        integer     NOT NULL,
  search_key      text        NOT NULL,
  search          tsvector    NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  changed_at      timestamptz,
  sequence        integer     NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT publication_pkey PRIMARY KEY (id),
  CONSTRAINT publication_source_unique UNIQUE (source),
  CONSTRAINT publication_kind_known CHECK (kind IN ('ARTICLE', 'EVENT')),
  CONSTRAINT publication_state_known CHECK (state IN (
    'DRAFT', 'PENDING', 'APPROVED', 'SCHEDULED', 'PUBLISHED', 'ENDED', 'WITHDRAWN', 'CANCELLED')),
  CONSTRAINT publication_one_owner CHECK (organization_id IS NULL OR department_id IS NULL),
  CONSTRAINT publication_event_detailed CHECK ((kind = 'EVENT') = (event IS NOT NULL)),
  CONSTRAINT publication_credited CHECK (NOT visible OR jsonb_array_length(credits) > 0),
  CONSTRAINT publication_collaboration_confirmed CHECK (NOT visible OR NOT collaboration OR confirmed),
  CONSTRAINT publication_second_person CHECK (NOT visible OR approved_by NOT IN (created_by, edited_by, requested_by))
);
CREATE INDEX publication_newest ON publication (kind, coalesce(publish_at, timestamptz '-infinity') DESC, id DESC);
CREATE INDEX publication_changed ON publication (kind, changed_at DESC, id DESC) WHERE visible;
CREATE INDEX publication_told ON publication (kind, changed_at DESC) WHERE changed_at IS NOT NULL;
CREATE INDEX publication_updated ON publication (kind, updated_at DESC, id DESC);
CREATE INDEX publication_starts ON publication (kind, starts_on, id);
CREATE INDEX publication_lasting ON publication (kind, last_on) WHERE last_on > starts_on;
CREATE INDEX publication_state ON publication (kind, state, updated_at DESC, id DESC);
CREATE INDEX publication_organization ON publication (organization_id, kind, updated_at DESC, id DESC);
CREATE INDEX publication_department ON publication (department_id, kind, updated_at DESC, id DESC);
CREATE INDEX publication_project ON publication (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX publication_named ON publication USING gin (named);
CREATE INDEX publication_topics ON publication USING gin (topics);
CREATE INDEX publication_search ON publication USING gin (search);
CREATE INDEX publication_scheduled ON publication (publish_at) WHERE state = 'SCHEDULED';
CREATE INDEX publication_ending ON publication (ends_on) WHERE state = 'PUBLISHED';
COMMENT ON TABLE publication IS 'articles and events; both owners are NULL for what the desk alone sees';
COMMENT ON COLUMN publication.source IS 'what it was drafted from by a consumer, such as booking:<id>';
COMMENT ON COLUMN publication.occurs IS 'the days of all occurrences of an event';
COMMENT ON COLUMN publication.starts_on IS 'first day of an event; infinity for none';
COMMENT ON COLUMN publication.last_on IS 'last day of the last occurrence; infinity for none';
COMMENT ON COLUMN publication.ends_on IS 'last day of publication; NULL for no end';
COMMENT ON COLUMN publication.named IS 'owner and all organizations and departments in the credits';
COMMENT ON COLUMN publication.publish_at IS 'of the publication, or when it is to be';
COMMENT ON COLUMN publication.search IS 'bigrams of search_key';
COMMENT ON COLUMN publication.changed_at IS 'when what the public sees last changed; NULL before it saw anything';
COMMENT ON COLUMN publication.sequence IS 'changes of what the public sees';

CREATE TABLE publication_revision (
  publication_id uuid        NOT NULL,
  number         integer     NOT NULL,
  content        jsonb       NOT NULL,
  created_by     text        NOT NULL,
  created_at     timestamptz NOT NULL,
  CONSTRAINT publication_revision_pkey PRIMARY KEY (publication_id, number),
  CONSTRAINT publication_revision_publication_known FOREIGN KEY (publication_id) REFERENCES publication (id)
);
COMMENT ON TABLE publication_revision IS 'what was put forward for approval; append-only';

-- Rendered once when an event becomes public, so that an export only copies.
CREATE TABLE event_export (
  publication_id uuid NOT NULL,
  csv            text NOT NULL,
  gif            text NOT NULL,
  CONSTRAINT event_export_pkey PRIMARY KEY (publication_id),
  CONSTRAINT event_export_publication_known FOREIGN KEY (publication_id) REFERENCES publication (id)
);
COMMENT ON COLUMN event_export.csv IS 'line of 131016_event.csv with its CRLF';
COMMENT ON COLUMN event_export.gif IS 'JSON object with the names of GIF DS-43C';

-- Projects as evaluation tells them, for what is drafted of them later.
CREATE TABLE project_ref (
  id            uuid  NOT NULL,
  public_number text  NOT NULL,
  title         text  NOT NULL,
  credits       jsonb NOT NULL,
  CONSTRAINT project_ref_pkey PRIMARY KEY (id)
);
COMMENT ON COLUMN project_ref.credits IS 'parts, organizations and departments, without names';

-- The public course of proposals as the feed shows it, from events of proposals.
CREATE TABLE progress_item (
  id                uuid        NOT NULL,
  proposal_id       uuid,
  title             text        NOT NULL,
  body              text        NOT NULL,
  organization_ids  uuid[]      NOT NULL,
  department_ids    uuid[]      NOT NULL,
  organization_name text        NOT NULL,
  department_names  text[]      NOT NULL,
  hidden            boolean     NOT NULL,
  at                timestamptz NOT NULL,
  changed_at        timestamptz NOT NULL,
  CONSTRAINT progress_item_pkey PRIMARY KEY (id)
);
CREATE INDEX progress_item_newest ON progress_item (at DESC, id DESC);
CREATE INDEX progress_item_changed ON progress_item (changed_at DESC);
CREATE INDEX progress_item_proposal ON progress_item (proposal_id);
CREATE INDEX progress_item_organizations ON progress_item USING gin (organization_ids);
CREATE INDEX progress_item_departments ON progress_item USING gin (department_ids);
COMMENT ON COLUMN progress_item.hidden IS 'whether the organization is not to be named any more';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON publication_revision FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON publication FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
