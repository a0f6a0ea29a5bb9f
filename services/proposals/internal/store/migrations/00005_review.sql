-- +goose Up
-- Reviews: phases of a call, and one sheet a reviewer, proposal and phase.

CREATE TABLE review_phase (
  id            uuid        NOT NULL,
  call_id       uuid        NOT NULL,
  no            integer     NOT NULL,
  name          text        NOT NULL,
  floor_x100    integer     NOT NULL,
  due_on        date,
  closed        boolean     NOT NULL,
  venue         text        NOT NULL,
  presentations jsonb       NOT NULL,
  created_at    timestamptz NOT NULL,
  closed_at     timestamptz,
  version       bigint      NOT NULL,
  CONSTRAINT review_phase_pkey PRIMARY KEY (id),
  CONSTRAINT review_phase_no_unique UNIQUE (call_id, no),
  CONSTRAINT review_phase_call_known FOREIGN KEY (call_id) REFERENCES call (id)
);
CREATE UNIQUE INDEX review_phase_open_unique ON review_phase (call_id) WHERE NOT closed;
COMMENT ON COLUMN review_phase.floor_x100 IS 'average under which a proposal fails, in hundredths of a point; 0 for none';

CREATE TABLE review (
  id          uuid        NOT NULL,
  phase_id    uuid        NOT NULL,
  call_id     uuid        NOT NULL,
  proposal_id uuid        NOT NULL,
  reviewer_id text        NOT NULL,
  state       text        NOT NULL,
  scores      jsonb       NOT NULL,
  comment     text        NOT NULL,
  reason      text        NOT NULL,
  created_by  text        NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  version     bigint      NOT NULL,
  CONSTRAINT review_pkey PRIMARY KEY (id),
  CONSTRAINT review_once UNIQUE (phase_id, proposal_id, reviewer_id),
  CONSTRAINT review_phase_known FOREIGN KEY (phase_id) REFERENCES review_phase (id),
  CONSTRAINT review_proposal_known FOREIGN KEY (proposal_id) REFERENCES proposal (id),
  CONSTRAINT review_state_known CHECK (state IN ('ASSIGNED', 'IN_PROGRESS', 'SUBMITTED', 'ABSTAINED', 'RECUSED')),
  CONSTRAINT review_left_without_scores CHECK (state NOT IN ('ABSTAINED', 'RECUSED') OR scores = '[]')
);
CREATE INDEX review_queue ON review (reviewer_id, id);
CREATE INDEX review_pending ON review (reviewer_id, id) WHERE state IN ('ASSIGNED', 'IN_PROGRESS');
CREATE INDEX review_all_pending ON review (id) WHERE state IN ('ASSIGNED', 'IN_PROGRESS');
CREATE INDEX review_proposal ON review (proposal_id, id);
CREATE INDEX review_call ON review (call_id, id);
COMMENT ON COLUMN review.reviewer_id IS 'pseudonym';
COMMENT ON COLUMN review.reason IS 'why the reviewer abstained or left';

-- +goose StatementBegin
DO $$
DECLARE
  runtime text := replace(current_user, '_owner', '');
BEGIN
  IF runtime <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
    EXECUTE format('REVOKE DELETE, TRUNCATE ON review_phase FROM %I', runtime);
    EXECUTE format('REVOKE DELETE, TRUNCATE ON review FROM %I', runtime);
  END IF;
END
$$;
-- +goose StatementEnd
