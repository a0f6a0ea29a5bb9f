-- +goose Up
-- Meetings with minutes that both sides confirm, and proposals without an owner.

CREATE TABLE meeting (
  id               uuid        NOT NULL,
  title            text        NOT NULL,
  start_at         timestamptz NOT NULL,
  place            text        NOT NULL,
  agenda           jsonb       NOT NULL,
  attendees        jsonb       NOT NULL,
  proposal_ids     uuid[]      NOT NULL,
  organization_ids uuid[]      NOT NULL,
  department_ids   uuid[]      NOT NULL,
  state            text        NOT NULL,
  minutes          jsonb,
  created_by       text        NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  version          bigint      NOT NULL,
  CONSTRAINT meeting_pkey PRIMARY KEY (id),
  CONSTRAINT meeting_state_known CHECK (state IN ('PLANNED', 'RECORDED', 'CONFIRMED', 'PUBLISHED')),
  CONSTRAINT meeting_recorded_with_minutes CHECK ((state = 'PLANNED') = (minutes IS NULL))
);
CREATE INDEX meeting_latest ON meeting (start_at DESC, id DESC);
CREATE INDEX meeting_published_latest ON meeting (start_at DESC, id DESC) WHERE state = 'PUBLISHED';
CREATE INDEX meeting_state ON meeting (state, start_at DESC, id DESC);
CREATE INDEX meeting_proposal ON meeting USING gin (proposal_ids);
CREATE INDEX meeting_organization ON meeting USING gin (organization_ids);
CREATE INDEX meeting_department ON meeting USING gin (department_ids);
COMMENT ON COLUMN meeting.minutes IS 'present version; all are in meeting_minutes';

-- Every version of the minutes, append-only.
CREATE TABLE meeting_minutes (
  meeting_id uuid    NOT NULL,
  version    integer NOT NULL,
  minutes    jsonb   NOT NULL,
  CONSTRAINT meeting_minutes_pkey PRIMARY KEY (meeting_id, version),
  CONSTRAINT meeting_minutes_meeting_known FOREIGN KEY (meeting_id) REFERENCES meeting (id)
);

-- Who confirmed which version, append-only: each organization and the ward once,
-- and nobody for two of them.
CREATE TABLE meeting_confirmation (
  meeting_id      uuid        NOT NULL,
  minutes_version integer     NOT NULL,
  party           text        NOT NULL,
  organization_id uuid,
  department_id   uuid,
  person          text        NOT NULL,
  at              timestamptz NOT NULL,
  CONSTRAINT meeting_confirmation_pkey PRIMARY KEY (meeting_id, minutes_version, party),
  CONSTRAINT meeting_confirmation_one_side UNIQUE (meeting_id, minutes_version, person),
  CONSTRAINT meeting_confirmation_minutes_known FOREIGN KEY (meeting_id, minutes_version) REFERENCES meeting_minutes (meeting_id, version)
);
COMMENT ON COLUMN meeting_confirmation.party IS 'id of the organization, or ward';
COMMENT ON COLUMN meeting_confirmation.person IS 'pseudonym';

ALTER TABLE proposal ADD COLUMN unowned_since timestamptz;
ALTER TABLE proposal ADD COLUMN escalated_at timestamptz;
COMMENT ON COLUMN proposal.unowned_since IS 'submission, while no lead department has accepted';
COMMENT ON COLUMN proposal.escalated_at IS 'when it was escalated to the desk for want of an owner';
UPDATE proposal
SET unowned_since = submitted_at
WHERE submitted_at IS NOT NULL
  AND state IN ('SUBMITTED', 'RETURNED', 'ACCEPTED', 'ASSIGNED')
  AND NOT assignments @> '[{"part": "LEAD", "response": "ACCEPTED"}]';
CREATE INDEX proposal_unowned ON proposal (unowned_since, id) WHERE unowned_since IS NOT NULL;

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON meeting_minutes FROM %I', runtime);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON meeting_confirmation FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON meeting FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
