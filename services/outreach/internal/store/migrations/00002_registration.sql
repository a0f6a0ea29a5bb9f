-- +goose Up
-- Places of events, who holds them, and the mails to them.

CREATE TABLE event_seat (
  event_id   uuid        NOT NULL,
  mode       text        NOT NULL,
  capacity   integer     NOT NULL,
  opens_at   timestamptz,
  closes_at  timestamptz NOT NULL,
  open       boolean     NOT NULL,
  admitted   integer     NOT NULL,
  waiting    integer     NOT NULL,
  last_place integer     NOT NULL,
  erase_on   date        NOT NULL,
  CONSTRAINT event_seat_pkey PRIMARY KEY (event_id),
  CONSTRAINT event_seat_event_known FOREIGN KEY (event_id) REFERENCES publication (id),
  CONSTRAINT event_seat_mode_known CHECK (mode IN ('FIRST_COME', 'APPROVAL')),
  CONSTRAINT event_seat_capacity_kept CHECK (capacity = 0 OR admitted <= capacity),
  CONSTRAINT event_seat_not_negative CHECK (admitted >= 0 AND waiting >= 0)
);
CREATE INDEX event_seat_erase ON event_seat (erase_on);
COMMENT ON TABLE event_seat IS 'one row an event that takes registrations; its lock orders them';
COMMENT ON COLUMN event_seat.capacity IS 'places; 0 for no limit';
COMMENT ON COLUMN event_seat.opens_at IS 'first instant; NULL for the publication';
COMMENT ON COLUMN event_seat.closes_at IS 'first instant that is too late';
COMMENT ON COLUMN event_seat.open IS 'whether the event is public and takes place';
COMMENT ON COLUMN event_seat.last_place IS 'place in the order of registration that was given last';
COMMENT ON COLUMN event_seat.erase_on IS 'day from which who registered is deleted';

-- The vault: everything personal, and nowhere else. A row goes with its purpose.
CREATE TABLE person (
  id           uuid        NOT NULL,
  name         text        NOT NULL,
  name_kana    text        NOT NULL,
  email        text        NOT NULL,
  phone_number text        NOT NULL,
  note         text        NOT NULL,
  created_at   timestamptz NOT NULL,
  CONSTRAINT person_pkey PRIMARY KEY (id)
);

CREATE TABLE registration (
  id             uuid        NOT NULL,
  event_id       uuid        NOT NULL,
  person_id      uuid,
  account        text,
  address_hash   bytea,
  token_hash     bytea       NOT NULL,
  state          text        NOT NULL,
  place          integer     NOT NULL,
  confirm_before timestamptz NOT NULL,
  confirmed_at   timestamptz,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  version        bigint      NOT NULL,
  CONSTRAINT registration_pkey PRIMARY KEY (id),
  CONSTRAINT registration_event_known FOREIGN KEY (event_id) REFERENCES event_seat (event_id),
  CONSTRAINT registration_person_known FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT registration_place_unique UNIQUE (event_id, place),
  CONSTRAINT registration_state_known CHECK (state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED', 'CANCELLED', 'LAPSED'))
);
CREATE UNIQUE INDEX registration_address_unique ON registration (event_id, address_hash) WHERE state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED');
CREATE UNIQUE INDEX registration_token_unique ON registration (token_hash);
CREATE INDEX registration_waiting ON registration (event_id, place) WHERE state = 'WAITLISTED';
CREATE INDEX registration_unconfirmed ON registration (confirm_before) WHERE confirmed_at IS NULL AND state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED');
CREATE INDEX registration_person ON registration (person_id);
COMMENT ON COLUMN registration.person_id IS 'NULL after the deletion';
COMMENT ON COLUMN registration.account IS 'pseudonym of the signed-in person who made it; NULL for none';
COMMENT ON COLUMN registration.address_hash IS 'keyed hash of the mail address; NULL after the deletion';
COMMENT ON COLUMN registration.token_hash IS 'SHA-256 of the secret in the link';
COMMENT ON COLUMN registration.place IS 'in the order of registration, from 1';

-- Mails to be sent, written with what they tell of. Addresses stay in the vault.
CREATE TABLE mail (
  id          uuid        NOT NULL,
  occasion    text        NOT NULL,
  person_id   uuid,
  template    text        NOT NULL,
  version     integer     NOT NULL,
  subject_id  uuid        NOT NULL,
  state       text        NOT NULL,
  tries       integer     NOT NULL,
  due_at      timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  sent_at     timestamptz,
  CONSTRAINT mail_pkey PRIMARY KEY (id),
  CONSTRAINT mail_occasion_unique UNIQUE (occasion),
  CONSTRAINT mail_person_known FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT mail_state_known CHECK (state IN ('QUEUED', 'SENT', 'REFUSED', 'FAILED', 'DROPPED'))
);
CREATE INDEX mail_due ON mail (due_at, id) WHERE state = 'QUEUED';
CREATE INDEX mail_person ON mail (person_id);
COMMENT ON COLUMN mail.occasion IS 'one person on one occasion, such as admitted:<registration>: one mail, whatever is repeated';
COMMENT ON COLUMN mail.subject_id IS 'what it tells of: a registration';
COMMENT ON COLUMN mail.due_at IS 'when it is sent or tried again; while it is being sent, when it counts as failed';
COMMENT ON COLUMN mail.state IS 'REFUSED by the server for good, FAILED after the last try, DROPPED with the person';

CREATE TABLE mail_quota (
  address_hash bytea       NOT NULL,
  day          date        NOT NULL,
  used         integer     NOT NULL,
  next_at      timestamptz NOT NULL,
  CONSTRAINT mail_quota_pkey PRIMARY KEY (address_hash)
);
COMMENT ON TABLE mail_quota IS 'mails that strangers can cause: one an address in 15 minutes and three a day in Tokyo';
CREATE INDEX mail_quota_day ON mail_quota (day);
