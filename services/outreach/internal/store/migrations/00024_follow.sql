-- +goose Up
-- What persons follow; a person's own data.

CREATE TABLE follow (
  id         uuid        NOT NULL,
  person_id  text        NOT NULL,
  kind       text        NOT NULL,
  target     text        NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT follow_pkey PRIMARY KEY (id),
  CONSTRAINT follow_once UNIQUE (person_id, kind, target),
  CONSTRAINT follow_kind_known CHECK (kind IN ('TOPIC', 'ORGANIZATION', 'PROPOSAL', 'PROJECT'))
);
CREATE INDEX follow_person_newest ON follow (person_id, id DESC);
CREATE INDEX follow_target ON follow (kind, target, id);
COMMENT ON COLUMN follow.person_id IS 'pseudonym';
COMMENT ON COLUMN follow.target IS 'id of the organization, proposal or project, or code of the topic';

CREATE TABLE follow_count (
  person_id text    NOT NULL,
  used      integer NOT NULL,
  CONSTRAINT follow_count_pkey PRIMARY KEY (person_id),
  CONSTRAINT follow_count_limited CHECK (used BETWEEN 0 AND 500)
);
