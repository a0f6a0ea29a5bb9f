-- +goose Up
-- What every service's schema holds beside its own tables.

CREATE TABLE idempotency (
  caller      text        NOT NULL,
  method      text        NOT NULL,
  key         text        NOT NULL,
  fingerprint bytea       NOT NULL,
  answer      bytea,
  created_at  timestamptz NOT NULL,
  CONSTRAINT idempotency_pkey PRIMARY KEY (caller, method, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);
COMMENT ON COLUMN idempotency.answer IS 'encoded answer, AES-GCM with the installation''s key; NULL only inside the claiming transaction';

-- The epoch changes on a restore; consumers that see a newer one start over.
CREATE TABLE event_epoch (
  only_row boolean     NOT NULL DEFAULT true,
  epoch    text        NOT NULL,
  began_at timestamptz NOT NULL,
  CONSTRAINT event_epoch_pkey PRIMARY KEY (only_row),
  CONSTRAINT event_epoch_one_row CHECK (only_row)
);
COMMENT ON COLUMN event_epoch.epoch IS 'began_at as text; a restore writes a greater one, epochs are compared as text';
INSERT INTO event_epoch (epoch, began_at)
VALUES (to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISSUS"Z"'), now());

CREATE TABLE event_sequence (
  aggregate    text   NOT NULL,
  aggregate_id text   NOT NULL,
  visibility   text   NOT NULL,
  last         bigint NOT NULL,
  CONSTRAINT event_sequence_pkey PRIMARY KEY (aggregate, aggregate_id, visibility)
);
COMMENT ON COLUMN event_sequence.last IS 'sequence of the newest event, counted 1, 2, 3 per aggregate and visibility';

-- outbox holds what is not yet acknowledged by the broker.
CREATE TABLE outbox (
  position   bigint GENERATED ALWAYS AS IDENTITY,
  id         uuid        NOT NULL,
  subject    text        NOT NULL,
  headers    jsonb       NOT NULL,
  data       bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (position),
  CONSTRAINT outbox_id_unique UNIQUE (id)
);

-- event_log keeps every event for rebuilding the stream.
CREATE TABLE event_log (
  position     bigint GENERATED ALWAYS AS IDENTITY,
  id           uuid        NOT NULL,
  aggregate    text        NOT NULL,
  aggregate_id text        NOT NULL,
  visibility   text        NOT NULL,
  sequence     bigint      NOT NULL,
  epoch        text        NOT NULL,
  subject      text        NOT NULL,
  headers      jsonb       NOT NULL,
  data         bytea       NOT NULL,
  created_at   timestamptz NOT NULL,
  CONSTRAINT event_log_pkey PRIMARY KEY (position),
  CONSTRAINT event_log_sequence_unique UNIQUE (aggregate, aggregate_id, visibility, sequence),
  CONSTRAINT event_log_visibility_known CHECK (visibility IN ('public', 'ward', 'private'))
);

-- inbox holds what a consumer has taken: a repeat has no effect.
CREATE TABLE inbox (
  consumer    text        NOT NULL,
  event_id    uuid        NOT NULL,
  epoch       text        NOT NULL,
  received_at timestamptz NOT NULL,
  CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id, epoch)
);
CREATE INDEX inbox_received_at ON inbox (received_at);

-- The newest event that a consumer has taken of each aggregate.
CREATE TABLE inbox_sequence (
  consumer     text   NOT NULL,
  subject      text   NOT NULL,
  epoch        text   NOT NULL,
  last         bigint NOT NULL,
  CONSTRAINT inbox_sequence_pkey PRIMARY KEY (consumer, subject)
);
COMMENT ON COLUMN inbox_sequence.subject IS 'of one aggregate and visibility; kyodo.<service> alone for the newest epoch seen of a stream';

-- Events that a consumer has failed at and will try again.
CREATE TABLE inbox_failure (
  consumer  text        NOT NULL,
  event_id  uuid        NOT NULL,
  attempts  integer     NOT NULL,
  error     text        NOT NULL,
  failed_at timestamptz NOT NULL,
  CONSTRAINT inbox_failure_pkey PRIMARY KEY (consumer, event_id)
);

-- Events that a consumer gave up; redriven by command.

CREATE TABLE dead_letter (
  id          bigint GENERATED ALWAYS AS IDENTITY,
  consumer    text        NOT NULL,
  event_id    uuid        NOT NULL,
  subject     text        NOT NULL,
  headers     jsonb       NOT NULL,
  data        bytea       NOT NULL,
  reason      text        NOT NULL,
  attempts    integer     NOT NULL,
  died_at     timestamptz NOT NULL,
  redriven_at timestamptz,
  CONSTRAINT dead_letter_pkey PRIMARY KEY (id),
  CONSTRAINT dead_letter_event_unique UNIQUE (consumer, event_id)
);
COMMENT ON COLUMN dead_letter.event_id IS 'ce-id, or a name-based id of the stream''s position where the event has none';

-- audit rows are written in the business transaction; one sealer chains them.
CREATE TABLE audit_entry (
  id          bigint GENERATED ALWAYS AS IDENTITY,
  at          timestamptz NOT NULL,
  actor       text        NOT NULL,
  roles       text[]      NOT NULL,
  department  text        NOT NULL,
  action      text        NOT NULL,
  object_type text        NOT NULL,
  object_id   text        NOT NULL,
  reason      text        NOT NULL,
  detail      jsonb       NOT NULL,
  trace       text        NOT NULL,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_entry_at ON audit_entry (at DESC, id DESC);
CREATE INDEX audit_entry_object ON audit_entry (object_type, object_id, at DESC, id DESC);
CREATE INDEX audit_entry_department ON audit_entry (department, at DESC, id DESC)
WHERE department <> '';
COMMENT ON COLUMN audit_entry.actor IS 'pseudonymous person id, service:<name> or anonymous; never a name';

-- audit_pending holds the entries that the sealer has not chained yet. Ids are
-- given before commit, so "greater than the newest sealed id" would lose some.
CREATE TABLE audit_pending (
  entry_id bigint NOT NULL,
  CONSTRAINT audit_pending_pkey PRIMARY KEY (entry_id),
  CONSTRAINT audit_pending_entry_known FOREIGN KEY (entry_id) REFERENCES audit_entry (id)
);

CREATE TABLE audit_seal (
  number    bigint      NOT NULL,
  entry_id  bigint      NOT NULL,
  hash      bytea       NOT NULL,
  sealed_at timestamptz NOT NULL,
  CONSTRAINT audit_seal_pkey PRIMARY KEY (number),
  CONSTRAINT audit_seal_entry_unique UNIQUE (entry_id),
  CONSTRAINT audit_seal_entry_known FOREIGN KEY (entry_id) REFERENCES audit_entry (id)
);
COMMENT ON COLUMN audit_seal.hash IS 'SHA-256 over the previous seal''s hash and the canonical form of the entry';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
  t text;
BEGIN
  -- Append-only for the runtime role, where such a role exists.
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    FOREACH t IN ARRAY ARRAY['event_log', 'audit_entry', 'audit_seal'] LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', t, runtime);
    END LOOP;
  END IF;
END
$$;
-- +goose StatementEnd
