-- +goose Up
-- Text columns that lists are ordered by collate "C": the keys are made so that
-- byte order is 五十音順 on every server.

CREATE TABLE person (
  id             uuid        NOT NULL,
  issuer         text        NOT NULL,
  subject        text        NOT NULL,
  email          text        NOT NULL,
  email_verified boolean     NOT NULL,
  display_name   text        NOT NULL,
  version        bigint      NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  CONSTRAINT person_pkey PRIMARY KEY (id),
  CONSTRAINT person_identity_unique UNIQUE (issuer, subject)
);
CREATE INDEX person_email ON person (email)
WHERE email_verified;
COMMENT ON COLUMN person.email IS 'lower case';
COMMENT ON COLUMN person.version IS 'grows with every change of memberships and assignments';

CREATE TABLE session (
  id         uuid        NOT NULL,
  token_hash bytea       NOT NULL,
  person_id  uuid        NOT NULL,
  created_at timestamptz NOT NULL,
  used_at    timestamptz NOT NULL,
  revoked_at timestamptz,
  CONSTRAINT session_pkey PRIMARY KEY (id),
  CONSTRAINT session_token_unique UNIQUE (token_hash),
  CONSTRAINT session_person_known FOREIGN KEY (person_id) REFERENCES person (id)
);
CREATE INDEX session_used_at ON session (used_at);
COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the token, which is stored nowhere';
COMMENT ON COLUMN session.used_at IS 'at most a minute behind the last use';

CREATE TABLE organization (
  id                      uuid        NOT NULL,
  state                   text        NOT NULL,
  name                    text        NOT NULL,
  name_kana               text        COLLATE "C" NOT NULL,
  name_en                 text        NOT NULL,
  alternate_name          text        NOT NULL,
  kind                    text        NOT NULL,
  legal_form              text        NOT NULL,
  corporate_number        text        NOT NULL,
  jurisdiction            text        NOT NULL,
  purpose                 text        NOT NULL,
  description             text        NOT NULL,
  activity_fields         integer[]   NOT NULL,
  representative_name     text        NOT NULL,
  representative_name_kana text       NOT NULL,
  representative_title    text        NOT NULL,
  established_on          date,
  certified_on            date,
  registered_on           date,
  certification           text        NOT NULL,
  certification_from      date,
  certification_until     date,
  member_count            integer     NOT NULL,
  annual_budget           bigint      NOT NULL,
  postal_code             text        NOT NULL,
  municipality_code       text        NOT NULL,
  prefecture              text        NOT NULL,
  city                    text        NOT NULL,
  town                    text        COLLATE "C" NOT NULL,
  street_number           text        NOT NULL,
  building                text        NOT NULL,
  contact_name            text        NOT NULL,
  contact_phone_number    text        NOT NULL,
  contact_email           text        NOT NULL,
  contact_url             text        NOT NULL,
  url                     text        NOT NULL,
  capabilities            text[]      NOT NULL,
  publish_representative  boolean     NOT NULL,
  publish_contact_point   boolean     NOT NULL,
  publish_street_address  boolean     NOT NULL,
  publish_member_count    boolean     NOT NULL,
  publish_annual_budget   boolean     NOT NULL,
  verified_on             date,
  valid_until             date,
  last_confirmed_on       date,
  correction_reason       text        NOT NULL,
  correction_fields       text[]      NOT NULL,
  returned_on             date,
  state_reason            text        NOT NULL,
  created_at              timestamptz NOT NULL,
  updated_at              timestamptz NOT NULL,
  version                 bigint      NOT NULL,
  -- Derived by the store from the columns above.
  name_key                text        NOT NULL,
  kana_sort_key           text        COLLATE "C" NOT NULL,
  gojuon_row              text        NOT NULL,
  search_key              text        COLLATE "C" NOT NULL,
  terms                   tsvector    NOT NULL,
  CONSTRAINT organization_pkey PRIMARY KEY (id),
  CONSTRAINT organization_state_known CHECK (state IN ('DRAFT', 'PENDING', 'VERIFIED', 'EXPIRED', 'SUSPENDED', 'CLOSED')),
  CONSTRAINT organization_version_positive CHECK (version > 0),
  CONSTRAINT organization_validity_known CHECK (state NOT IN ('VERIFIED', 'EXPIRED') OR (verified_on IS NOT NULL AND valid_until IS NOT NULL))
);
CREATE UNIQUE INDEX organization_corporate_number_unique ON organization (corporate_number)
WHERE corporate_number <> '' AND state <> 'CLOSED';
CREATE INDEX organization_by_kana ON organization (kana_sort_key, name_kana, id);
CREATE INDEX organization_by_kind ON organization (kind, kana_sort_key, name_kana, id);
CREATE INDEX organization_by_row ON organization (gojuon_row, kana_sort_key, name_kana, id);
CREATE INDEX organization_by_state ON organization (state, kana_sort_key, name_kana, id);
CREATE INDEX organization_by_update ON organization (updated_at DESC, id DESC);
CREATE INDEX organization_by_town ON organization (town);
CREATE INDEX organization_by_name_key ON organization (name_key);
CREATE INDEX organization_valid_until ON organization (valid_until)
WHERE state = 'VERIFIED';
-- Without fastupdate: every search would read the pending list, and
-- organizations are written rarely.
CREATE INDEX organization_activity_fields ON organization USING gin (activity_fields)
WITH (fastupdate = off);
CREATE INDEX organization_terms ON organization USING gin (terms)
WITH (fastupdate = off);
COMMENT ON COLUMN organization.annual_budget IS 'yen';
COMMENT ON COLUMN organization.valid_until IS 'last day, Asia/Tokyo';
COMMENT ON COLUMN organization.name_key IS 'search key of the name without its legal form, for finding duplicates';
COMMENT ON COLUMN organization.search_key IS 'search keys of the published texts, one a line';
COMMENT ON COLUMN organization.terms IS 'bigrams of search_key';

CREATE TABLE member (
  id              uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  person_id       uuid,
  email           text        NOT NULL,
  role            text        NOT NULL,
  state           text        NOT NULL,
  expires_at      timestamptz,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT member_pkey PRIMARY KEY (id),
  CONSTRAINT member_organization_known FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT member_person_known FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT member_role_known CHECK (role IN ('VIEWER', 'EDITOR', 'REPRESENTATIVE')),
  CONSTRAINT member_state_known CHECK (state IN ('INVITED', 'ACTIVE', 'REMOVED')),
  CONSTRAINT member_active_person CHECK (state <> 'ACTIVE' OR person_id IS NOT NULL),
  CONSTRAINT member_invited_until CHECK (state <> 'INVITED' OR expires_at IS NOT NULL)
);
CREATE UNIQUE INDEX member_person_unique ON member (organization_id, person_id)
WHERE state = 'ACTIVE';
CREATE UNIQUE INDEX member_invitation_unique ON member (organization_id, email)
WHERE state = 'INVITED';
CREATE INDEX member_by_person ON member (person_id)
WHERE state = 'ACTIVE';
CREATE INDEX member_by_invited_email ON member (email)
WHERE state = 'INVITED';
CREATE INDEX member_by_organization ON member (organization_id, created_at, id);
COMMENT ON COLUMN member.email IS 'lower case, of an invitation only; a member''s stands in person';

CREATE TABLE department (
  id           uuid        NOT NULL,
  name         text        NOT NULL,
  kind         text        NOT NULL,
  parent_id    uuid,
  valid_from   date,
  valid_to     date,
  successor_id uuid,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  version      bigint      NOT NULL,
  CONSTRAINT department_pkey PRIMARY KEY (id),
  CONSTRAINT department_parent_known FOREIGN KEY (parent_id) REFERENCES department (id),
  CONSTRAINT department_successor_known FOREIGN KEY (successor_id) REFERENCES department (id),
  CONSTRAINT department_kind_known CHECK (kind IN ('DIVISION', 'SECTION', 'SECRETARIAT', 'BRANCH_OFFICE')),
  CONSTRAINT department_validity_ordered CHECK (valid_to >= valid_from),
  CONSTRAINT department_other_parent CHECK (parent_id <> id),
  CONSTRAINT department_other_successor CHECK (successor_id <> id)
);
CREATE INDEX department_by_parent ON department (parent_id, id);
COMMENT ON COLUMN department.valid_from IS 'first day of the name; NULL when not known';
COMMENT ON COLUMN department.valid_to IS 'last day of the name; NULL while in use';

CREATE TABLE staff_assignment (
  id            uuid        NOT NULL,
  department_id uuid        NOT NULL,
  person_id     uuid        NOT NULL,
  roles         text[]      NOT NULL,
  valid_from    date        NOT NULL,
  valid_to      date,
  created_at    timestamptz NOT NULL,
  removed_at    timestamptz,
  CONSTRAINT staff_assignment_pkey PRIMARY KEY (id),
  CONSTRAINT staff_assignment_department_known FOREIGN KEY (department_id) REFERENCES department (id),
  CONSTRAINT staff_assignment_person_known FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT staff_assignment_roles_known CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['STAFF', 'DESK', 'REVIEWER', 'APPROVER', 'FACILITY_CLERK', 'AUDITOR', 'ADMINISTRATOR']),
  CONSTRAINT staff_assignment_validity_ordered CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX staff_assignment_person_unique ON staff_assignment (person_id)
WHERE removed_at IS NULL;
CREATE INDEX staff_assignment_by_department ON staff_assignment (department_id, created_at, id)
WHERE removed_at IS NULL;
