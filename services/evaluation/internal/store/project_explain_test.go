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
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// manyProjects fills a schema with 100,000 projects of 2,000 organizations and 40
// departments in 20 years, most of them published, with 100,000 entries, reports
// and comments of one of them.
const manyProjects = `
	SET statement_timeout = 0;
	INSERT INTO project (
		id, public_number, number_year, serial, fiscal_year, state, title, purpose, form, multi_year, ward_cost, goals, roles,
		budget, organization_ids, department_ids, lead_department_id, published, agreement_number, agreement_outdated,
		terminate_reason, created_by, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'N' || i, 2001 + i % 20, i / 20, 2001 + i % 20,
		CASE WHEN i % 10 > 2 THEN 'CLOSED' WHEN i % 10 > 0 THEN 'RUNNING' ELSE 'PREPARING' END, '題' || i, '', 'cohost', false, 0,
		'[]', '[]', '[]', ARRAY[('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid],
		ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid],
		('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid, i % 10 > 0, CASE WHEN i % 10 > 0 THEN 'A' || i END,
		false, '', 'x', now(), now() - i * interval '1 minute', 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO project_progress (id, project_id, date, state, title, body, side, credits, published, created_by, created_at)
	SELECT gen_random_uuid(), ('b0000000-0000-7000-8000-' || lpad((1 + i % 500)::text, 12, '0'))::uuid,
		current_date - i % 300, 'RUNNING', 'x', 'x', '', '[]', i % 2 = 0, 'x', now()
	FROM generate_series(1, 100000) AS i;
	INSERT INTO project_milestone (id, project_id, title, due_on, note, created_at, version)
	SELECT gen_random_uuid(), ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'x', current_date, '', now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO rulebook_version (id, number, title, preamble, note, clauses, state, created_at, updated_at, version)
	VALUES ('e0000000-0000-7000-8000-000000000001', 0, 'x', '', '', '[]', 'DRAFT', now(), now(), 1);
	INSERT INTO rulebook_comment (
		id, version_id, clause_no, organization_id, body, public_number, answer, change, created_by, created_at, answered_at)
	SELECT gen_random_uuid(), 'e0000000-0000-7000-8000-000000000001', 1 + i % 500,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, 'x', '', 'x', '', 'x', now(), now()
	FROM generate_series(1, 100000) AS i;
	INSERT INTO project_attachment (
		id, project_id, kind, visibility, published, side, file_name, media_type, size, sha256, created_by, created_at, approved_by)
	SELECT gen_random_uuid(), ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'PLAN', 'PUBLIC', i % 100 > 0, 'WARD', 'x',
		'application/pdf', 1, repeat('a', 64), 'x', now(), CASE WHEN i % 100 > 0 THEN 'y' END
	FROM generate_series(1, 100000) AS i;
	ANALYZE project_attachment;
	ANALYZE project;
	ANALYZE project_progress;
	ANALYZE project_milestone;
	ANALYZE rulebook_comment;`

// Every list of 100,000 rows finds its page by an index, without reading the
// table and without sorting more than a few thousand rows.
func TestProjectListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := openMany(t)
	t.Run("projects", func(t *testing.T) { checkProjectLists(t, db) })
	t.Run("what belongs to one", func(t *testing.T) { checkOneProject(t, db) })
}

// openMany opens a schema with many rows.
func openMany(t *testing.T) *pg.DB {
	t.Helper()
	urls := pgtest.Service(t, "evaluation", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "evaluation", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "evaluation"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyProjects); err != nil {
		t.Fatal(err)
	}
	return db
}

func checkProjectLists(t *testing.T, db *pg.DB) {
	t.Helper()
	organization, department := "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	member := project.Reader{Members: []string{organization}}
	staff := project.Reader{Staff: true, Department: department}
	desk := project.Reader{Desk: true}
	first := pg.Page{Size: 50}
	later := pg.Page{Size: 50, After: []string{time.Now().Add(-500 * time.Hour).Format(time.RFC3339Nano), organization}}
	for name, q := range map[string]struct {
		by   project.Reader
		f    ProjectFilter
		page pg.Page
	}{
		"public":               {project.Reader{}, ProjectFilter{}, first},
		"public, later":        {project.Reader{}, ProjectFilter{}, later},
		"public, numbers":      {project.Reader{}, ProjectFilter{Order: ByNumber}, first},
		"public, numbers down": {project.Reader{}, ProjectFilter{Order: ByNumberDown}, first},
		"public, one year":     {project.Reader{}, ProjectFilter{FiscalYear: 2010}, first},
		"public, year, later":  {project.Reader{}, ProjectFilter{FiscalYear: 2010}, later},
		"public, organization": {project.Reader{}, ProjectFilter{OrganizationID: organization}, first},
		"public, department":   {project.Reader{}, ProjectFilter{DepartmentID: department}, first},
		"public, number":       {project.Reader{}, ProjectFilter{PublicNumber: "N77"}, first},
		"public, proposal":     {project.Reader{}, ProjectFilter{ProposalID: organization}, first},
		"desk":                 {desk, ProjectFilter{}, first},
		"desk, state":          {desk, ProjectFilter{State: project.Running}, later},
		"desk, year":           {desk, ProjectFilter{FiscalYear: 2010}, later},
		"member":               {member, ProjectFilter{}, later},
		"staff":                {staff, ProjectFilter{}, later},
	} {
		sql, args, err := listProjectsSQL(q.by, q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		checkPlan(t, db, name, sql, args)
	}
	for name, by := range map[string]project.Reader{
		"duties of a representative": {ID: "x", Members: []string{organization}, Writers: []string{organization}, Represents: []string{organization}},
		"duties of staff":            {ID: "x", Staff: true, Department: department},
		"duties of the desk":         desk,
	} {
		checkPlan(t, db, name, projectDutiesSQL, projectDutyArgs(by, jp.DateOf(time.Now()), 101))
	}
}

func checkOneProject(t *testing.T, db *pg.DB) {
	t.Helper()
	one := "b0000000-0000-7000-8000-000000000007"
	for name, sql := range map[string]string{
		"progress": `
			SELECT ` + progressColumns + `
			FROM project_progress
			WHERE project_id = @id AND published AND (date, id) > ('2000-01-01', @id)
			ORDER BY date, id
			LIMIT 51`,
		"documents": strings.ReplaceAll(attachmentListSQL, "@project", "@id"),
		"milestones": `
			SELECT ` + milestoneColumns + `
			FROM project_milestone
			WHERE project_id = @id AND (due_on, id) > ('2000-01-01', @id)
			ORDER BY due_on, id
			LIMIT 51`,
		"comments": `
			SELECT ` + commentColumns + `
			FROM rulebook_comment c
			LEFT JOIN organization_ref o ON o.id = c.organization_id
			WHERE c.version_id = 'e0000000-0000-7000-8000-000000000001' AND c.clause_no = 7 AND c.id <> @id
			ORDER BY c.id
			LIMIT 51`,
		"unanswered comments": `
			SELECT DISTINCT clause_no
			FROM rulebook_comment
			WHERE version_id = @id AND answered_at IS NULL
			ORDER BY clause_no`,
	} {
		checkPlan(t, db, name, sql, pgx.StrictNamedArgs{"id": one})
	}
}

// checkPlan fails where a plan reads a whole table or throws many rows away.
func checkPlan(t *testing.T, db *pg.DB, name, sql string, args pgx.StrictNamedArgs) {
	t.Helper()
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	plan := strings.Join(lines, "\n")
	for _, table := range []string{"project", "project_progress", "project_milestone", "project_attachment", "rulebook_comment"} {
		if strings.Contains(plan, "Seq Scan on "+table+" ") {
			t.Errorf("%s reads the table:\n%s", name, plan)
		}
	}
	for _, n := range lines {
		if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 4 {
			t.Errorf("%s reads too much: %s\n%s", name, n, plan)
		}
	}
}
