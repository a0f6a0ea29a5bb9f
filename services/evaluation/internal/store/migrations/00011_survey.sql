-- +goose Up
-- Anonymous surveys. No row joins a reply to the link that it came by, and no row
-- of a reply has a time.

CREATE TABLE survey (
  evaluation_id uuid    NOT NULL,
  title         text    NOT NULL,
  introduction  text    NOT NULL,
  questions     text[]  NOT NULL,
  closes_on     date    NOT NULL,
  ended         boolean NOT NULL,
  links         integer NOT NULL,
  replies       integer NOT NULL,
  CONSTRAINT survey_pkey PRIMARY KEY (evaluation_id),
  CONSTRAINT survey_evaluation_known FOREIGN KEY (evaluation_id) REFERENCES evaluation (id),
  CONSTRAINT survey_replies_by_link CHECK (replies <= links)
);
COMMENT ON COLUMN survey.closes_on IS 'last day in Tokyo, inclusive';
COMMENT ON COLUMN survey.links IS 'that were made';

-- Links that were not used; using one deletes it.
CREATE TABLE survey_link (
  hash          bytea NOT NULL,
  evaluation_id uuid  NOT NULL,
  CONSTRAINT survey_link_pkey PRIMARY KEY (hash),
  CONSTRAINT survey_link_survey_known FOREIGN KEY (evaluation_id) REFERENCES survey (evaluation_id)
);
COMMENT ON COLUMN survey_link.hash IS 'SHA-256 of the token';

CREATE TABLE survey_count (
  evaluation_id uuid    NOT NULL,
  question_no   integer NOT NULL,
  score         integer NOT NULL,
  replies       integer NOT NULL,
  CONSTRAINT survey_count_pkey PRIMARY KEY (evaluation_id, question_no, score),
  CONSTRAINT survey_count_survey_known FOREIGN KEY (evaluation_id) REFERENCES survey (evaluation_id),
  CONSTRAINT survey_count_score_known CHECK (score BETWEEN 1 AND 5)
);

CREATE TABLE survey_text (
  id            uuid NOT NULL,
  evaluation_id uuid NOT NULL,
  text          text NOT NULL,
  CONSTRAINT survey_text_pkey PRIMARY KEY (id),
  CONSTRAINT survey_text_survey_known FOREIGN KEY (evaluation_id) REFERENCES survey (evaluation_id)
);
CREATE INDEX survey_text_shuffled ON survey_text (evaluation_id, id);
COMMENT ON COLUMN survey_text.id IS 'by chance, so that the order tells nothing';
