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
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// manyEvaluations fills a schema with 100,000 projects of 2,000 organizations and
// 40 departments in 20 years, each with an evaluation and an improvement; most
// evaluations are published.
const manyEvaluations = `
	SET statement_timeout = 0;
	INSERT INTO project (
		id, public_number, number_year, serial, fiscal_year, state, title, purpose, form, multi_year, ward_cost, goals, roles,
		budget, organization_ids, department_ids, lead_department_id, published, agreement_number, agreement_outdated,
		terminate_reason, created_by, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'R8-協-' || i, 2001 + i % 20, i, 2001 + i % 20, 'EVALUATED',
		'題' || i, '', (ARRAY['cohost', 'commission', 'subsidy'])[1 + i % 3], false, 0, '[]', '[]', '[]',
		ARRAY[('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid],
		ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid],
		('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid, true, 'N' || i, false, '', 'x', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO evaluation (
		id, project_id, kind, state, fiscal_year, opens_on, due_on, template_version, criteria, submissions, agreements,
		commentator_ids, redactions, late_reason, corrected_by, report_version, created_at, version)
	SELECT ('e0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		'FINAL', CASE WHEN i % 50 > 0 THEN 'PUBLISHED' ELSE 'OPEN' END, 2001 + i % 20, current_date - i / 20, current_date + 90 - i / 20, 1, '[]',
		'[]', '[]', CASE WHEN i % 1000 = 0 THEN ARRAY['reviewer'] ELSE '{}' END, '{}', '', '',
		CASE WHEN i % 50 > 0 THEN 1 ELSE 0 END, now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO improvement (
		id, evaluation_id, project_id, public_number, fiscal_year, criterion_no, criterion_name, cause, text, state, responsible,
		due_on, progress, outcome, result, closed_on, created_at, version)
	SELECT ('f0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, ('e0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'R8-協-' || i, 2001 + i % 20, 4, '対等性', 'x', 'x',
		CASE WHEN i % 3 = 0 THEN 'OPEN' ELSE 'CLOSED' END, '',
		CASE WHEN i % 30 = 0 THEN current_date - i / 1000 END, '', CASE WHEN i % 3 = 0 THEN '' ELSE 'DONE' END, '',
		CASE WHEN i % 3 = 0 THEN NULL ELSE current_date END, now() - i * interval '1 minute', 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO trail_entry (public_number, kind, object_id, step, title, at)
	SELECT 'R8-協-' || i, 'PROJECT', 'x', 'v' || v, '開始', now()
	FROM generate_series(1, 20000) AS i, generate_series(1, 5) AS v;
	ANALYZE project, evaluation, improvement, trail_entry, evaluation_reminder, trail_proposal;`

// Every list of 100,000 evaluations, the due list and the yearly report find their
// rows by an index, without reading a table.
func TestEvaluationListsUseIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "evaluation", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "evaluation", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "evaluation"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyEvaluations); err != nil {
		t.Fatal(err)
	}
	today := jp.DateOf(time.Now())
	organization, department := "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	first := pg.Page{Size: 50}
	later := pg.Page{Size: 50, After: []string{today.AddDays(-2000).String(), organization}}
	public, desk := evaluation.Reader{}, evaluation.Reader{Party: project.Reader{Desk: true}}
	member := evaluation.Reader{Party: project.Reader{Members: []string{organization}}}
	staff := evaluation.Reader{Party: project.Reader{Staff: true, Department: department}}
	for name, q := range map[string]struct {
		by   evaluation.Reader
		f    EvaluationFilter
		page pg.Page
	}{
		"public":               {public, EvaluationFilter{}, first},
		"public, later":        {public, EvaluationFilter{}, later},
		"public, department":   {public, EvaluationFilter{DepartmentID: department}, first},
		"public, organization": {public, EvaluationFilter{OrganizationID: organization}, first},
		"public, year":         {public, EvaluationFilter{FiscalYear: 2010}, first},
		"desk":                 {desk, EvaluationFilter{}, first},
		"desk, later":          {desk, EvaluationFilter{}, later},
		"desk, due":            {desk, EvaluationFilter{State: evaluation.Open, DueBefore: today}, first},
		"desk, year":           {desk, EvaluationFilter{FiscalYear: 2010}, later},
		"desk, project":        {desk, EvaluationFilter{ProjectID: "b0000000-0000-7000-8000-000000000007"}, first},
		"member":               {member, EvaluationFilter{}, later},
		"staff":                {staff, EvaluationFilter{State: evaluation.Open}, first},
		"commentator":          {evaluation.Reader{Party: project.Reader{ID: "reviewer"}, Reviewer: true}, EvaluationFilter{}, first},
	} {
		sql, args, err := listEvaluationsSQL(q.by, q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		indexed(t, db, name, sql, args)
	}
	for name, f := range map[string]ImprovementFilter{
		"improvements": {}, "open improvements": {State: "OPEN"}, "improvements of a year": {FiscalYear: 2010},
		"improvements of a chain": {PublicNumber: "R8-協-7"}, "improvements of a project": {ProjectID: "b0000000-0000-7000-8000-000000000007"},
		"improvements of an evaluation": {EvaluationID: "e0000000-0000-7000-8000-000000000007"},
	} {
		sql, args, err := listImprovementsSQL(f, first)
		if err != nil {
			t.Fatal(err)
		}
		indexed(t, db, name, sql, args)
	}
	for name, by := range map[string]project.Reader{
		"duties of a representative": {ID: "x", Members: []string{organization}, Writers: []string{organization}, Represents: []string{organization}},
		"duties of staff":            {ID: "x", Staff: true, Department: department},
		"duties of an approver":      {ID: "x", Approver: true, Department: department},
		"duties of the desk":         {ID: "x", Desk: true},
	} {
		indexed(t, db, name, projectDutiesSQL, projectDutyArgs(by, today, 101))
	}
	indexed(t, db, "forms of a year", formsSQL, 2010)
	indexed(t, db, "evaluations of a year", casesSQL, 2010)
	indexed(t, db, "improvements of a year, counted", improvementsSQL, 2010)
	indexed(t, db, "trail", trailSQL, "R8-協-7")
	indexed(t, db, "reminders", awaitedSQL, today, today.AddDays(evaluation.FirstReminder), evaluation.Steps(), jp.Date{Year: 1, Month: time.January, Day: 1}, pg.NilID, 201)
}

// indexed expects a plan that reads no whole table of many rows.
func indexed(t *testing.T, db *pg.DB, name, sql string, args ...any) {
	t.Helper()
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, sql)
	}
	plan := strings.Join(lines, "\n")
	for _, table := range []string{"project", "evaluation", "improvement", "trail_entry"} {
		if strings.Contains(plan, "Seq Scan on "+table+" ") {
			t.Errorf("%s reads the table:\n%s", name, plan)
		}
	}
	for _, l := range lines {
		if _, n, ok := strings.Cut(l, "Rows Removed by Filter: "); ok && len(n) > 4 {
			t.Errorf("%s reads too much: %s\n%s", name, l, plan)
		}
	}
}
