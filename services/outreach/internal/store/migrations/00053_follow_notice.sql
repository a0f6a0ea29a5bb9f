-- +goose Up
-- Who follows a thing is told of it.

ALTER TABLE notice_occasion ADD COLUMN followed text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN notice_occasion.followed IS 'things whose followers are told, each as kind and target with a colon between';
CREATE INDEX follow_told ON follow ((kind || ':' || target), person_id);
