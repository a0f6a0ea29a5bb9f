-- +goose Up
-- Needs and offers, and who was introduced to whom.

CREATE TABLE listing (
  id                uuid        NOT NULL,
  state             text        NOT NULL,
  kind              text        NOT NULL,
  category          text        NOT NULL,
  organization_id   uuid,
  department_id     uuid,
  title             text        NOT NULL,
  description       text        NOT NULL,
  conditions        text        NOT NULL,
  quantity          text        NOT NULL,
  activity_fields   integer[]   NOT NULL,
  town              text        COLLATE "C" NOT NULL,
  available_from    date,
  available_until   date,
  expires_on        date        NOT NULL,
  source_id         uuid,
  source_name       text        NOT NULL,
  source_url        text        NOT NULL,
  correction_reason text        NOT NULL,
  outcome           text        NOT NULL,
  outcome_note      text        NOT NULL,
  written_by        text        NOT NULL,
  published_by      text        NOT NULL,
  published_at      timestamptz,
  closed_at         timestamptz,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  version           bigint      NOT NULL,
  -- Derived by the store from the columns above.
  search_key        text        COLLATE "C" NOT NULL,
  terms             tsvector    NOT NULL,
  CONSTRAINT listing_pkey PRIMARY KEY (id),
  CONSTRAINT listing_organization_known FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT listing_department_known FOREIGN KEY (department_id) REFERENCES department (id),
  CONSTRAINT listing_source_known FOREIGN KEY (source_id) REFERENCES organization (id),
  CONSTRAINT listing_one_owner CHECK ((organization_id IS NULL) <> (department_id IS NULL)),
  CONSTRAINT listing_state_known CHECK (state IN ('DRAFT', 'PENDING', 'PUBLISHED', 'CLOSED', 'EXPIRED')),
  CONSTRAINT listing_kind_known CHECK (kind IN ('NEED', 'OFFER')),
  CONSTRAINT listing_published_checked CHECK (state NOT IN ('PUBLISHED', 'EXPIRED') OR (published_at IS NOT NULL AND published_by <> written_by)),
  CONSTRAINT listing_period_ordered CHECK (available_until >= available_from),
  CONSTRAINT listing_version_positive CHECK (version > 0)
);
CREATE INDEX listing_by_kind ON listing (kind, category, id DESC);
CREATE INDEX listing_by_state ON listing (state, id DESC);
CREATE INDEX listing_by_organization ON listing (organization_id, id DESC);
CREATE INDEX listing_by_department ON listing (department_id, id DESC);
CREATE INDEX listing_by_source ON listing (source_id, id DESC)
WHERE source_id IS NOT NULL;
CREATE INDEX listing_by_town ON listing (town);
CREATE INDEX listing_activity_fields ON listing USING gin (activity_fields)
WITH (fastupdate = off);
CREATE INDEX listing_terms ON listing USING gin (terms)
WITH (fastupdate = off);
CREATE INDEX listing_open ON listing (kind, category, published_at DESC, id)
WHERE state = 'PUBLISHED';
CREATE INDEX listing_open_newest ON listing (kind, published_at DESC, id)
WHERE state = 'PUBLISHED';
CREATE INDEX listing_expires_on ON listing (expires_on)
WHERE state = 'PUBLISHED';
CREATE INDEX listing_pending ON listing (updated_at)
WHERE state = 'PENDING';
CREATE INDEX listing_returned ON listing (organization_id, department_id)
WHERE state = 'DRAFT' AND correction_reason <> '';
COMMENT ON COLUMN listing.expires_on IS 'last day on which it is open, Asia/Tokyo';
COMMENT ON COLUMN listing.source_id IS 'intermediary from whose own list it is';
COMMENT ON COLUMN listing.written_by IS 'who wrote the text last, a pseudonym; never who publishes it';
COMMENT ON COLUMN listing.search_key IS 'search keys of the published texts, one a line';
COMMENT ON COLUMN listing.terms IS 'bigrams of search_key';

CREATE TABLE introduction (
  id                      uuid        NOT NULL,
  listing_id              uuid        NOT NULL,
  state                   text        NOT NULL,
  owner_organization_id   uuid,
  owner_department_id     uuid,
  owner_accepted_at       timestamptz,
  owner_contact           bytea,
  owner_result            text        NOT NULL,
  owner_note              text        NOT NULL,
  owner_publish_consent   boolean     NOT NULL,
  owner_recorded_at       timestamptz,
  partner_organization_id uuid,
  partner_department_id   uuid,
  partner_accepted_at     timestamptz,
  partner_contact         bytea,
  partner_result          text        NOT NULL,
  partner_note            text        NOT NULL,
  partner_publish_consent boolean     NOT NULL,
  partner_recorded_at     timestamptz,
  desk_result             text        NOT NULL,
  desk_note               text        NOT NULL,
  desk_recorded_at        timestamptz,
  matching_listing_id     uuid,
  message                 text        NOT NULL,
  decline_reason          text        NOT NULL,
  created_by              text        NOT NULL,
  ended_at                timestamptz,
  created_at              timestamptz NOT NULL,
  updated_at              timestamptz NOT NULL,
  version                 bigint      NOT NULL,
  CONSTRAINT introduction_pkey PRIMARY KEY (id),
  CONSTRAINT introduction_listing_known FOREIGN KEY (listing_id) REFERENCES listing (id),
  CONSTRAINT introduction_matching_known FOREIGN KEY (matching_listing_id) REFERENCES listing (id),
  CONSTRAINT introduction_owner_organization_known FOREIGN KEY (owner_organization_id) REFERENCES organization (id),
  CONSTRAINT introduction_owner_department_known FOREIGN KEY (owner_department_id) REFERENCES department (id),
  CONSTRAINT introduction_partner_organization_known FOREIGN KEY (partner_organization_id) REFERENCES organization (id),
  CONSTRAINT introduction_partner_department_known FOREIGN KEY (partner_department_id) REFERENCES department (id),
  CONSTRAINT introduction_one_owner CHECK ((owner_organization_id IS NULL) <> (owner_department_id IS NULL)),
  CONSTRAINT introduction_one_partner CHECK ((partner_organization_id IS NULL) <> (partner_department_id IS NULL)),
  CONSTRAINT introduction_state_known CHECK (state IN ('PROPOSED', 'ACCEPTED', 'DECLINED', 'CONCLUDED', 'NOT_CONCLUDED')),
  CONSTRAINT introduction_contact_erased CHECK (state IN ('PROPOSED', 'ACCEPTED') OR (owner_contact IS NULL AND partner_contact IS NULL)),
  CONSTRAINT introduction_version_positive CHECK (version > 0)
);
CREATE UNIQUE INDEX introduction_open_unique ON introduction (listing_id, COALESCE(partner_organization_id, partner_department_id))
WHERE state IN ('PROPOSED', 'ACCEPTED');
CREATE INDEX introduction_by_listing ON introduction (listing_id, id DESC);
CREATE INDEX introduction_by_state ON introduction (state, id DESC);
CREATE INDEX introduction_by_owner_organization ON introduction (owner_organization_id, id DESC);
CREATE INDEX introduction_by_owner_department ON introduction (owner_department_id, id DESC);
CREATE INDEX introduction_by_partner_organization ON introduction (partner_organization_id, id DESC);
CREATE INDEX introduction_by_partner_department ON introduction (partner_department_id, id DESC);
CREATE INDEX introduction_open_of_owner ON introduction (owner_organization_id, owner_department_id)
WHERE state IN ('PROPOSED', 'ACCEPTED');
CREATE INDEX introduction_open_of_partner ON introduction (partner_organization_id, partner_department_id)
WHERE state IN ('PROPOSED', 'ACCEPTED');
CREATE INDEX introduction_unsettled ON introduction (updated_at)
WHERE state = 'ACCEPTED' AND (owner_result <> '' OR partner_result <> '');
COMMENT ON COLUMN introduction.owner_contact IS 'sealed with the key exchange-contact; erased with the end';
COMMENT ON COLUMN introduction.partner_contact IS 'sealed with the key exchange-contact; erased with the end';
