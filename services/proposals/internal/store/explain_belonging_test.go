package store

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
)

const (
	manyOf   = "c0000000-0000-7000-8000-000000000001"
	midwayOf = "b0000000-0000-7000-8000-000000050000"
)

// manyBelonging gives one challenge 100,000 answers, one call as many phases and
// entries, one proposal as many versions, talks and entries, and fills templates,
// texts of the survey and answered consultations alike.
const manyBelonging = `
	SET statement_timeout = 0;
	INSERT INTO call (
		id, title, summary, guideline_url, fiscal_year, round, mode, postmark_rule, theme_kind, steps, release_together,
		fields, criteria, declarations, max_proposals, note, state, created_at, updated_at, version)
	VALUES ('c0000000-0000-7000-8000-000000000001', 'x', '', '', 2026, 1, 'ALL_YEAR', false, 'FREE', '{}', false, '[]', '[]', '[]', 0, '',
		'CLOSED', now(), now(), 1);
	INSERT INTO proposal (
		id, number, serial, call_id, fiscal_year, organization_id, joint_organization_ids, department_ids, state, public_state,
		step, title, search_key, search, content, assignments, channel, on_behalf, paper_note, published, revision,
		withdraw_reason, created_by, created_at, updated_at, submitted_at, public_since, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'N' || i, i, 'c0000000-0000-7000-8000-000000000001', 2026,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, '{}', '{}', 'ADOPTED', 'ADOPTED', 1, 'x', 'x', '', '{}',
		'[]', 'WEB', false, '', true, 1, '', 'x', now(), now(), now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO challenge (
		id, kind, title, body, wish, department_id, fiscal_year, state, outcome, search_key, search, created_by, created_at,
		updated_at, published_at, version)
	VALUES ('c0000000-0000-7000-8000-000000000001', 'PROBLEM', 'x', 'x', '', 'd0000000-0000-7000-8000-000000000001', 2026, 'PUBLISHED', '',
		'x', '', 'x', now(), now(), now(), 1);
	INSERT INTO contribution (
		id, challenge_id, kind, organization_id, body, publish_consent, answer, answered_on, created_by, created_at, updated_at, version)
	SELECT id, 'c0000000-0000-7000-8000-000000000001', CASE WHEN serial % 2 = 0 THEN 'IDEA' ELSE 'OFFER' END, organization_id, 'x',
		serial % 2 = 0, '', current_date, 'x', now(), now(), 1
	FROM proposal;
	INSERT INTO review_phase (id, call_id, no, name, floor_x100, closed, venue, presentations, created_at, version)
	SELECT id, call_id, serial, 'x', 0, true, '', '[]', now(), 1
	FROM proposal;
	INSERT INTO proposal_revision (proposal_id, number, content, late, submitted_by, submitted_at)
	SELECT 'b0000000-0000-7000-8000-000000050000', serial, '{}', false, 'x', now()
	FROM proposal;
	INSERT INTO proposal_log (id, proposal_id, held_on, subject, body, attendees, visibility, side, created_by, created_at)
	SELECT id, 'b0000000-0000-7000-8000-000000050000', current_date, 'x', 'x', '', 'BOTH_SIDES', 'WARD', 'x', now()
	FROM proposal;
	INSERT INTO progress (
		id, call_id, proposal_id, date, stage, title, body, department_names, organization_name, published, created_by, created_at)
	SELECT gen_random_uuid(), call_id, of, current_date - serial % 3000, 'RECEIVED', 'x', 'x', '{}', 'x', serial % 2 = 0, 'x', now()
	FROM proposal, unnest(ARRAY[NULL, 'b0000000-0000-7000-8000-000000050000'::uuid]) AS of;
	INSERT INTO reply_template (id, title, body, updated_at, version)
	SELECT id, number, 'x', now(), 1
	FROM proposal;
	INSERT INTO scheme_survey_text (id, fiscal_year, text, shown)
	SELECT id, 2001 + serial % 20, 'x', serial % 20 > 5
	FROM proposal;
	INSERT INTO consultation (
		id, number, serial, fiscal_year, channel, state, subject, body, asker_id, department_ids, received_on, due_on, answered_on,
		answered_in_time, entries, code_hash, created_by, created_at, updated_at, version, asker_erased_at)
	SELECT id, 'N' || serial, serial, 2026, 'WEB', 'CLOSED', 'x', 'x', '', '{}', current_date, current_date, current_date, true, 1, sha256(number::bytea), 'x',
		now(), now() - serial * interval '1 hour', 1, CASE WHEN serial > 9000 THEN now() END
	FROM proposal;
	INSERT INTO consultation_entry (
		consultation_id, no, id, kind, body, from_asker, department_name, from_department_name, to_department_name,
		organization_name, created_by, created_at)
	SELECT id, 1, id, 'CONVERTED', '', false, '', '', '', '', 'x', now()
	FROM proposal;
	ANALYZE;`

// What belongs to one thing, and what there is of no other list, is found by an
// index too, at the beginning and in the middle.
func TestBelongingListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := filled(t, manyBelonging)
	day, now := jp.DateOf(time.Now()).AddDays(-1500), time.Now()
	contributions := func(kind string, keeps bool, members ...string) pgx.StrictNamedArgs {
		return pgx.StrictNamedArgs{"challenge": manyOf, "after": midwayOf, "kind": kind, "keeps": keeps, "members": pg.List(members), "limit": 51}
	}
	reads(t, db, map[string]asked{
		"answers, public":    {sql: contributionListSQL, args: contributions("", false)},
		"answers, ward":      {sql: contributionListSQL, args: contributions("", true)},
		"answers, kind":      {sql: contributionListSQL, args: contributions("OFFER", true)},
		"answers, own":       {sql: contributionListSQL, args: contributions("", false, "a0000000-0000-7000-8000-000000000007")},
		"templates":          {sql: templateListSQL, rest: []any{"N5", 51}},
		"phases":             {sql: phaseListSQL, rest: []any{manyOf, 50000, 51}},
		"versions":           {sql: revisionListSQL, rest: []any{midwayOf, 50000, 51}},
		"talks":              {sql: logListSQL, rest: []any{midwayOf, false, midwayOf, 51}},
		"course":             {sql: progressListSQL, rest: []any{midwayOf, false, day, midwayOf, 51}},
		"course of a call":   {sql: callProgressSQL, rest: []any{manyOf, day, midwayOf, 51}},
		"texts of a survey":  {sql: surveyTextsSQL, args: surveyTextsArgs(2010, pg.Page{Size: 50, After: []string{midwayOf}})},
		"may reply":          {sql: decidedSQL, rest: []any{"a0000000-0000-7000-8000-000000000007", manyOf}},
		"askers to erase":    {sql: askersDueSQL, rest: []any{consultation.AskersUntil(now), 200}},
		"from which it came": {sql: conversionSQL, rest: []any{midwayOf}},
	}, "contribution ", "reply_template ", "review_phase ", "proposal_revision ", "proposal_log ", "progress ", "scheme_survey_text ",
		"consultation ", "consultation_entry ", "proposal ")
}
