-- +goose Up
-- Matters that the general desk handed to intermediaries.

CREATE TABLE referral (
  id                  uuid        NOT NULL,
  state               text        NOT NULL,
  intermediary_id     uuid        NOT NULL,
  consultation_id     uuid,
  consultation_number text        NOT NULL,
  organization_id     uuid,
  subject             text        NOT NULL,
  message             text        NOT NULL,
  contact             bytea,
  due_on              date        NOT NULL,
  reason              text        NOT NULL,
  outcome             text        NOT NULL,
  report              text        NOT NULL,
  created_by          text        NOT NULL,
  accepted_at         timestamptz,
  ended_at            timestamptz,
  created_at          timestamptz NOT NULL,
  updated_at          timestamptz NOT NULL,
  version             bigint      NOT NULL,
  CONSTRAINT referral_pkey PRIMARY KEY (id),
  CONSTRAINT referral_intermediary_known FOREIGN KEY (intermediary_id) REFERENCES organization (id),
  CONSTRAINT referral_organization_known FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT referral_state_known CHECK (state IN ('SENT', 'ACCEPTED', 'DECLINED', 'REPORTED', 'WITHDRAWN')),
  CONSTRAINT referral_contact_erased CHECK (state IN ('SENT', 'ACCEPTED') OR contact IS NULL),
  CONSTRAINT referral_report_given CHECK ((state = 'REPORTED') = (outcome <> '')),
  CONSTRAINT referral_version_positive CHECK (version > 0)
);
CREATE INDEX referral_by_state ON referral (state, id DESC);
CREATE INDEX referral_by_intermediary ON referral (intermediary_id, id DESC);
CREATE INDEX referral_by_consultation ON referral (consultation_id, id DESC)
WHERE consultation_id IS NOT NULL;
CREATE INDEX referral_by_organization ON referral (organization_id, id DESC)
WHERE organization_id IS NOT NULL;
CREATE INDEX referral_open ON referral (intermediary_id, due_on)
WHERE state IN ('SENT', 'ACCEPTED');
CREATE INDEX referral_due ON referral (due_on)
WHERE state IN ('SENT', 'ACCEPTED');
COMMENT ON COLUMN referral.due_on IS 'last day for the report, an office day in Asia/Tokyo';
COMMENT ON COLUMN referral.consultation_id IS 'of the service proposals; not looked up here';
COMMENT ON COLUMN referral.contact IS 'sealed with the key exchange-contact; erased with the end';
