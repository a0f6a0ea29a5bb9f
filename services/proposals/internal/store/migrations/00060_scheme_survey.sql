-- +goose Up
-- Survey of proposers about the scheme. No row joins what was replied to who
-- replied, and no row of a reply has a time.

-- Who has replied: each organization once a call.
CREATE TABLE scheme_survey_reply (
  call_id         uuid NOT NULL,
  organization_id uuid NOT NULL,
  CONSTRAINT scheme_survey_reply_once PRIMARY KEY (call_id, organization_id),
  CONSTRAINT scheme_survey_reply_call_known FOREIGN KEY (call_id) REFERENCES call (id)
);
CREATE INDEX scheme_survey_reply_organization ON scheme_survey_reply (organization_id);

CREATE TABLE scheme_survey (
  fiscal_year integer NOT NULL,
  replies     integer NOT NULL,
  CONSTRAINT scheme_survey_pkey PRIMARY KEY (fiscal_year)
);
COMMENT ON COLUMN scheme_survey.fiscal_year IS 'of the calls';

CREATE TABLE scheme_survey_count (
  fiscal_year integer NOT NULL,
  question_no integer NOT NULL,
  score       integer NOT NULL,
  replies     integer NOT NULL,
  shown       integer NOT NULL DEFAULT 0,
  CONSTRAINT scheme_survey_count_pkey PRIMARY KEY (fiscal_year, question_no, score),
  CONSTRAINT scheme_survey_count_score_known CHECK (score BETWEEN 1 AND 5),
  CONSTRAINT scheme_survey_count_shown_bounded CHECK (shown <= replies)
);
COMMENT ON COLUMN scheme_survey_count.shown IS 'replies as of the last full five of the year';

CREATE TABLE scheme_survey_text (
  id          uuid    NOT NULL,
  fiscal_year integer NOT NULL,
  text        text    NOT NULL,
  shown       boolean NOT NULL DEFAULT false,
  CONSTRAINT scheme_survey_text_pkey PRIMARY KEY (id)
);
CREATE INDEX scheme_survey_text_shown ON scheme_survey_text (fiscal_year, id) WHERE shown;
CREATE INDEX scheme_survey_text_waiting ON scheme_survey_text (fiscal_year) WHERE NOT shown;
COMMENT ON COLUMN scheme_survey_text.id IS 'by chance, so that the order tells nothing';
