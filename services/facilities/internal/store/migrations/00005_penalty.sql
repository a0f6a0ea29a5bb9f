-- +goose Up
-- Penalties and appeals against them.

CREATE TABLE penalty (
  id              uuid        NOT NULL,
  holder_id       text        NOT NULL,
  organization_id uuid,
  booking_id      uuid        NOT NULL,
  kind            text        NOT NULL,
  half_points     smallint    NOT NULL,
  state           text        NOT NULL,
  note            text        NOT NULL,
  recorded_on     date        NOT NULL,
  recorded_by     text        NOT NULL,
  appeal_by       date        NOT NULL,
  appeal          text        NOT NULL,
  appealed_by     text        NOT NULL,
  decision_reason text        NOT NULL,
  decided_by      text,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT penalty_pkey PRIMARY KEY (id),
  CONSTRAINT penalty_booking_known FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT penalty_once UNIQUE (booking_id, kind),
  CONSTRAINT penalty_kind_known CHECK (kind IN ('NO_SHOW', 'LATE_CANCEL')),
  CONSTRAINT penalty_state_known CHECK (state IN ('RECORDED', 'APPEALED', 'UPHELD', 'LIFTED')),
  CONSTRAINT penalty_half_points_positive CHECK (half_points > 0),
  CONSTRAINT penalty_second_person CHECK (decided_by <> recorded_by)
);
CREATE INDEX penalty_newest ON penalty (id DESC);
CREATE INDEX penalty_holder ON penalty (holder_id, id DESC);
CREATE INDEX penalty_state ON penalty (state, id DESC);
CREATE INDEX penalty_organization ON penalty (organization_id) WHERE organization_id IS NOT NULL;
COMMENT ON COLUMN penalty.holder_id IS 'organization, or person for a resident''s own booking';
COMMENT ON COLUMN penalty.half_points IS '2 is one point';
COMMENT ON COLUMN penalty.recorded_on IS 'day in Tokyo';
COMMENT ON COLUMN penalty.appeal_by IS 'last day for an appeal in Tokyo';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE DELETE, TRUNCATE ON penalty FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
