-- +goose Up
-- Opportunities as a third kind of publication, with their places and shifts.

ALTER TABLE publication
  ADD COLUMN opportunity jsonb,
  ADD COLUMN facets text[] NOT NULL DEFAULT '{}',
  DROP CONSTRAINT publication_kind_known,
  ADD CONSTRAINT publication_kind_known CHECK (kind IN ('ARTICLE', 'EVENT', 'OPPORTUNITY')) NOT VALID,
  ADD CONSTRAINT publication_opportunity_detailed CHECK ((kind = 'OPPORTUNITY') = (opportunity IS NOT NULL)) NOT VALID;
ALTER TABLE publication VALIDATE CONSTRAINT publication_kind_known;
ALTER TABLE publication VALIDATE CONSTRAINT publication_opportunity_detailed;
COMMENT ON COLUMN publication.facets IS 'marks by which an opportunity is found, such as day:MONDAY';
COMMENT ON COLUMN publication.occurs IS 'the days of all occurrences of an event; from the first to the last day of an opportunity';

CREATE TABLE opportunity_place (
  opportunity_id uuid        NOT NULL,
  kind           text        NOT NULL,
  selection      text        NOT NULL,
  activity_field integer     NOT NULL,
  starts_on      date        NOT NULL,
  last_on        date        NOT NULL,
  closes_at      timestamptz NOT NULL,
  open           boolean     NOT NULL,
  headcount      integer     NOT NULL,
  accepted       integer     NOT NULL,
  requested      integer     NOT NULL,
  waiting        integer     NOT NULL,
  declined       integer     NOT NULL,
  trial_places   integer     NOT NULL,
  trial_accepted integer     NOT NULL,
  last_place     integer     NOT NULL,
  CONSTRAINT opportunity_place_pkey PRIMARY KEY (opportunity_id),
  CONSTRAINT opportunity_place_opportunity_known FOREIGN KEY (opportunity_id) REFERENCES publication (id),
  CONSTRAINT opportunity_place_selection_known CHECK (selection IN ('HOST_DECIDES', 'FIRST_COME')),
  CONSTRAINT opportunity_place_headcount_kept CHECK (accepted <= headcount),
  CONSTRAINT opportunity_place_trial_kept CHECK (trial_accepted <= trial_places),
  CONSTRAINT opportunity_place_not_negative CHECK (least(accepted, requested, waiting, declined, trial_accepted) >= 0)
);
CREATE INDEX opportunity_place_month ON opportunity_place (starts_on);
COMMENT ON TABLE opportunity_place IS 'one row an opportunity that was public; its lock orders applications and shifts';
COMMENT ON COLUMN opportunity_place.closes_at IS 'first instant that is too late to apply';
COMMENT ON COLUMN opportunity_place.open IS 'whether the opportunity is public and takes place';
COMMENT ON COLUMN opportunity_place.headcount IS 'people wanted; the counts are of people too';
COMMENT ON COLUMN opportunity_place.last_place IS 'place in the order of application that was given last';

CREATE TABLE shift (
  id             uuid        NOT NULL,
  opportunity_id uuid        NOT NULL,
  starts_at      timestamptz NOT NULL,
  ends_at        timestamptz NOT NULL,
  capacity       integer     NOT NULL,
  accepted       integer     NOT NULL,
  cancelled      boolean     NOT NULL,
  created_at     timestamptz NOT NULL,
  version        bigint      NOT NULL,
  CONSTRAINT shift_pkey PRIMARY KEY (id),
  CONSTRAINT shift_opportunity_known FOREIGN KEY (opportunity_id) REFERENCES publication (id),
  CONSTRAINT shift_capacity_kept CHECK (accepted BETWEEN 0 AND capacity),
  CONSTRAINT shift_times_ordered CHECK (starts_at < ends_at)
);
CREATE INDEX shift_opportunity ON shift (opportunity_id, starts_at, id);
CREATE INDEX shift_coming ON shift (starts_at, id);
COMMENT ON COLUMN shift.capacity IS 'places, in people; accepted is how many are taken';
