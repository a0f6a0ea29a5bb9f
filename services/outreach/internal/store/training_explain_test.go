package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// muchTraining fills a schema with 20,000 offers of 2,000 organizations, most of
// them for volunteers, 50,000 applications of ten fiscal years and 100 departments,
// each with a record and a diary, 5,000 matchings and 50,000 proposals.
const muchTraining = `
	SET statement_timeout = 0;
	INSERT INTO publication (
		id, kind, state, organization_id, department_id, title, summary, body, plain_ja, topics, opportunity, facets, starts_on, last_on, occurs, credits,
		named, confirmations, collaboration, confirmed, visible, was_public, created_by, edited_by, requested_by, approved_by,
		return_reason, withdraw_reason, publish_at, ends_on, revision, search_key, search, created_at, updated_at, changed_at,
		sequence, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'OPPORTUNITY', 'ENDED',
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, NULL, '題' || i, '', '', '', '{}', '{}', '{}',
		date '2017-04-01' + i % 3650, date '2017-04-30' + i % 3650, datemultirange(daterange(date '2017-04-01' + i % 3650, date '2017-04-30' + i % 3650, '[]')),
		'[{"part":"ORGANIZER","name":"x"}]', '{}', '[]', false, true, true, true, 'x', '', 'x', 'y', '', '',
		now(), NULL, 1, '題' || i, ''::tsvector, now(), now(), now(), 1, 1
	FROM generate_series(1, 20000) AS i;
	INSERT INTO opportunity_place (opportunity_id, kind, selection, activity_field, starts_on, last_on, closes_at, open, headcount, accepted, requested,
		waiting, declined, trial_places, trial_accepted, last_place)
	SELECT id, CASE WHEN right(id::text, 1) = '0' THEN 'STAFF_PLACEMENT' ELSE 'VOLUNTEER' END, 'HOST_DECIDES', 1, starts_on, last_on, last_on, true, 10, 5,
		0, 0, 0, 0, 0, 0 FROM publication;
	INSERT INTO training_application (id, level, fiscal_year, applicant, department_id, department_name, screens, motive, wishes, conflicts, state,
		decided_by, decline_reason, opportunity_id, starts_on, ends_on, report_due_on, follow_up_on, follow_up_due_on, erase_on, created_at, updated_at, version)
	SELECT ('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'STAFF_PLACEMENT', 2017 + i % 10, 'person' || i / 10,
		('d0000000-0000-7000-8000-' || lpad((i % 100)::text, 12, '0'))::uuid, '課', false, '', ARRAY['b0000000-0000-7000-8000-000000000010'::uuid], '[]',
		CASE WHEN i % 100 = 0 THEN 'REQUESTED' WHEN i % 10 = 0 THEN 'WITHDRAWN' ELSE 'MATCHED' END, 'boss', '',
		('b0000000-0000-7000-8000-' || lpad((10 + i * 10 % 20000 / 10 * 10 % 19980)::text, 12, '0'))::uuid, d, d, d, d, d, d + 1000, now(), now(), 1
	FROM generate_series(1, 50000) AS i CROSS JOIN LATERAL (SELECT current_date - i % 3000 AS d) AS x;
	INSERT INTO training_record (application_id, learned, proposals, summary, summary_state, checked_by, return_reason, reported_at, published_at,
		experience, proposals_to_ward, next_time, feedback_at, changed, followed_up_at)
	SELECT id, '', '', 'x', CASE WHEN row_number() OVER () % 200 = 0 THEN 'SUBMITTED' ELSE 'PUBLISHED' END, '', '', now(),
		CASE WHEN row_number() OVER () % 200 = 0 THEN NULL ELSE now() - row_number() OVER () * interval '1 minute' END, '', '', '', now(), '', now()
	FROM training_application WHERE state = 'MATCHED';
	INSERT INTO training_diary (application_id, day, minutes, body, created_at)
	SELECT id, starts_on + n, 60, '', now() FROM training_application CROSS JOIN generate_series(1, 3) AS n;
	INSERT INTO training_matching (id, fiscal_year, level, state, commitment, sealed_seed, seed, root, offers, entries, places, created_by, created_at,
		run_at, version)
	SELECT gen_random_uuid(), 2017 + i % 10, 'STAFF_PLACEMENT', 'RUN', '', '', 'x', '', '[]', '[]', '[]', 'x', now(), now(), 1 FROM generate_series(1, 5000) AS i;
	INSERT INTO proposal_ref (id, organization_ids, department_ids, pending, version)
	SELECT gen_random_uuid(), ARRAY[('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid], '{}', i % 10 = 0, 1
	FROM generate_series(1, 50000) AS i;
	ANALYZE publication, opportunity_place, training_application, training_record, training_diary, training_matching, proposal_ref;`

// Every question about the training of the staff finds its answer by an index.
func TestTrainingUsesIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), muchTraining); err != nil {
		t.Fatal(err)
	}
	for name, q := range trainingQuestions() {
		plan := explainPublication(t, db, q.sql, q.args)
		for n := range strings.SplitSeq(plan, "\n") {
			if strings.Contains(n, "Seq Scan on ") && !strings.Contains(n, "never executed") && !strings.Contains(n, "organization_ref") && !strings.Contains(n, "department_ref") {
				t.Errorf("%s reads a table: %s\n%s", name, n, plan)
			}
			if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
	}
}

func trainingQuestions() map[string]question {
	const (
		organization, department = "a0000000-0000-7000-8000-000000000010", "d0000000-0000-7000-8000-000000000005"
		offer, one               = "b0000000-0000-7000-8000-000000000010", "c0000000-0000-7000-8000-000000000011"
	)
	today := jp.NewDate(2026, 12, 1)
	out := map[string]question{}
	for name, f := range map[string]TrainingFilter{
		"own": {Applicant: "person70"}, "of a department": {DepartmentID: department}, "all": {}, "of an offer": {OpportunityID: offer},
		"that wait": {State: training.Requested}, "of a year and level": {FiscalYear: 2020, Level: opportunity.StaffPlacement},
	} {
		args := pgx.StrictNamedArgs{"before": pg.LastID, "limit": 51}
		out["applications "+name] = question{trainingSQL(f, args), []any{args}}
	}
	for name, by := range map[string]publication.Reader{
		"of a participant": {ID: "person70", Staff: true, Department: department}, "of the desk": {ID: "d", Desk: true},
		"of a superior": {ID: "b", Approver: true, Department: department}, "of a host": {ID: "h", Writers: []string{organization}},
	} {
		sql, args := dutySQL(DutyReader{Reader: by, Today: today}, 101, trainingDuties)
		out["duties "+name] = question{sql, []any{args}}
	}
	for name, year := range map[string]int{"": 0, " of a year": 2020} {
		args := pgx.StrictNamedArgs{"limit": 51}
		out["summaries"+name] = question{trainingSummarySQL(year, args), []any{args}}
		args = pgx.StrictNamedArgs{"before": pg.LastID, "limit": 51}
		out["matchings"+name] = question{matchingsSQL(year, args), []any{args}}
	}
	after := pgx.StrictNamedArgs{"limit": 51, "at": time.Now().AddDate(0, 0, -10), "after": one}
	out["summaries, later"] = question{trainingSummarySQL(0, after), []any{after}}
	out["to match"] = question{trainingToMatch, []any{2020, "STAFF_PLACEMENT", 2000}}
	out["offers to match"] = question{offersToMatch, []any{"STAFF_PLACEMENT", jp.FiscalYearStart(2020), jp.FiscalYearEnd(2020), maxOffers}}
	out["pending proposals"] = question{pendingProposals, []any{[]string{organization}}}
	out["diary"] = question{listDiary, []any{one, jp.NewDate(1, 1, 1), 51}}
	out["called off"] = question{cancelTraining, []any{offer}}
	out["to be forgotten"] = question{erasableTraining, []any{today}}
	out["statistics"] = question{countTraining, []any{2020, jp.FiscalYearStart(2020), jp.FiscalYearEnd(2020), today}}
	out["coverage"] = question{coverTraining, []any{2020}}
	return out
}
