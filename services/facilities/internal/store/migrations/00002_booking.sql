-- +goose Up
-- Bookings, who holds how much, and the history of both.

-- One row a holder: whoever books, enters a lottery or decides about a penalty
-- locks it first, so that caps hold at every instant.
CREATE TABLE organization_quota (
  holder_id       text NOT NULL,
  suspended_until timestamptz,
  CONSTRAINT organization_quota_pkey PRIMARY KEY (holder_id)
);
COMMENT ON COLUMN organization_quota.holder_id IS 'organization, or person for a resident''s own bookings';
COMMENT ON COLUMN organization_quota.suspended_until IS 'by penalty, exclusive; NULL for not suspended';

-- Slots of lottery entries that are not decided yet: they count together with
-- bookings.
CREATE TABLE quota_pending (
  entry_id  uuid    NOT NULL,
  holder_id text    NOT NULL,
  use_date  date    NOT NULL,
  slots     integer NOT NULL,
  CONSTRAINT quota_pending_pkey PRIMARY KEY (entry_id, use_date),
  CONSTRAINT quota_pending_slots_positive CHECK (slots > 0)
);
CREATE INDEX quota_pending_holder ON quota_pending (holder_id, use_date);

CREATE TABLE booking (
  id              uuid        NOT NULL,
  number          text        NOT NULL,
  fiscal_year     integer     NOT NULL,
  state           text        NOT NULL,
  holder_id       text        NOT NULL,
  organization_id uuid,
  facility_id     uuid        NOT NULL,
  room_id         uuid        NOT NULL,
  use_date        date        NOT NULL,
  slot_nos        smallint[]  NOT NULL,
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  expires_at      timestamptz,
  series_id       uuid,
  amount          bigint      NOT NULL,
  payment_state   text        NOT NULL,
  detail          jsonb       NOT NULL,
  created_by      text        NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint      NOT NULL,
  CONSTRAINT booking_pkey PRIMARY KEY (id),
  CONSTRAINT booking_number_unique UNIQUE (number),
  CONSTRAINT booking_state_known CHECK (state IN (
    'TENTATIVE', 'APPROVED', 'USED', 'NO_SHOW', 'EXPIRED', 'REJECTED', 'CANCELLED')),
  CONSTRAINT booking_payment_state_known CHECK (payment_state IN ('NOT_DUE', 'DUE', 'PAID', 'REFUND_DUE', 'REFUNDED')),
  CONSTRAINT booking_expires_while_tentative CHECK (expires_at IS NULL OR state IN ('TENTATIVE', 'EXPIRED')),
  CONSTRAINT booking_amount_not_negative CHECK (amount >= 0),
  CONSTRAINT booking_has_slots CHECK (cardinality(slot_nos) > 0),
  CONSTRAINT booking_time_ordered CHECK (starts_at < ends_at)
);
CREATE INDEX booking_by_date ON booking (use_date, id);
CREATE INDEX booking_holder ON booking (holder_id, use_date, id);
CREATE INDEX booking_facility ON booking (facility_id, use_date, id);
CREATE INDEX booking_room ON booking (room_id, use_date, id);
CREATE INDEX booking_state ON booking (state, use_date, id);
CREATE INDEX booking_series ON booking (series_id, use_date, id) WHERE series_id IS NOT NULL;
CREATE INDEX booking_expiring ON booking (expires_at) WHERE state = 'TENTATIVE';
COMMENT ON COLUMN booking.holder_id IS 'organization, or person for a resident''s own booking';
COMMENT ON COLUMN booking.expires_at IS 'when the tentative hold ends by itself; the atoms carry the same';
COMMENT ON COLUMN booking.amount IS 'yen to be paid in all';
COMMENT ON COLUMN booking.detail IS 'what is never searched: names and times as booked, fee with its inputs, payment, texts';

-- Each step of a booking; append-only.
CREATE TABLE booking_transition (
  booking_id uuid        NOT NULL,
  version    bigint      NOT NULL,
  action     text        NOT NULL,
  from_state text        NOT NULL,
  to_state   text        NOT NULL,
  actor      text        NOT NULL,
  department text        NOT NULL,
  reason     text        NOT NULL,
  at         timestamptz NOT NULL,
  CONSTRAINT booking_transition_pkey PRIMARY KEY (booking_id, version),
  CONSTRAINT booking_transition_booking_known FOREIGN KEY (booking_id) REFERENCES booking (id)
);
COMMENT ON COLUMN booking_transition.from_state IS 'empty for the first step';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON booking_transition FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON booking FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
