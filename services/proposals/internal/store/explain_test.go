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
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// manyProposals fills a schema with 100,000 proposals of 2,000 organizations and
// 40 departments in 20 years, most of them published.
const manyProposals = `
	SET statement_timeout = 0;
	INSERT INTO call (
		id, title, summary, guideline_url, fiscal_year, round, mode, postmark_rule, theme_kind, steps, release_together,
		fields, criteria, declarations, max_proposals, note, state, created_at, updated_at, version)
	SELECT ('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'x', '', '', 2000 + i, 1, 'ALL_YEAR', false, 'FREE',
		'{}', false, '[]', '[]', '[]', 0, '', 'CLOSED', now(), now(), 1
	FROM generate_series(1, 20) AS i;
	INSERT INTO proposal (
		id, number, serial, call_id, fiscal_year, organization_id, joint_organization_ids, department_ids,
		lead_department_id, state, public_state, step, title, search_key, search, content, assignments, channel,
		on_behalf, paper_note, published, revision, withdraw_reason, created_by, created_at, updated_at, submitted_at,
		public_since, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		CASE WHEN i % 10 > 0 THEN 'N' || i END, i / 20,
		('c0000000-0000-7000-8000-' || lpad((1 + i % 20)::text, 12, '0'))::uuid, 2001 + i % 20,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid,
		CASE WHEN i % 50 = 0 THEN ARRAY[('a0000000-0000-7000-8000-' || lpad((i / 50 % 2000)::text, 12, '0'))::uuid] ELSE '{}' END,
		ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid], NULL,
		CASE WHEN i % 10 > 2 THEN 'ADOPTED' WHEN i % 10 > 0 THEN 'UNDER_REVIEW' ELSE 'DRAFT' END,
		CASE WHEN i % 10 > 2 THEN 'ADOPTED' WHEN i % 10 > 0 THEN 'IN_EXAMINATION' ELSE '' END, 1,
		'題' || i, '題' || i, array_to_tsvector(ARRAY['題' || (i % 10), CASE WHEN i % 1000 = 0 THEN '食堂' ELSE '協働' END]),
		'{}', '[]', 'WEB', false, '', i % 10 > 2, 1, '', 'x', now(), now() - i * interval '1 minute',
		CASE WHEN i % 10 > 0 THEN now() END, now(), 1
	FROM generate_series(1, 100000) AS i;
	ANALYZE proposal;`

// Every list of 100,000 proposals finds its page by an index, without reading
// the table and without sorting more than a few thousand rows.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "proposals", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "proposals", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "proposals"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyProposals); err != nil {
		t.Fatal(err)
	}
	words, err := jp.QueryTerms("食堂")
	if err != nil {
		t.Fatal(err)
	}
	common, err := jp.QueryTerms("題3") // in more rows than are sorted
	if err != nil {
		t.Fatal(err)
	}
	organization, department := "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	member := proposal.Reader{Members: []string{organization}}
	staff := proposal.Reader{Staff: true, Department: department}
	later := pg.Page{Size: 50, After: []string{time.Now().Add(-500 * time.Hour).Format(time.RFC3339Nano), organization}}
	year := ProposalFilter{FiscalYear: 2010}
	for name, q := range map[string]struct {
		by   proposal.Reader
		f    ProposalFilter
		page pg.Page
	}{
		"public":             {proposal.Reader{}, ProposalFilter{}, pg.Page{Size: 50}},
		"public, later":      {proposal.Reader{}, ProposalFilter{}, later},
		"public, numbers":    {proposal.Reader{}, ProposalFilter{Order: ByNumber}, pg.Page{Size: 50}},
		"public, one year":   {proposal.Reader{}, year, pg.Page{Size: 50}},
		"public, words":      {proposal.Reader{}, ProposalFilter{Words: &words}, pg.Page{Size: 50}},
		"public, common":     {proposal.Reader{}, ProposalFilter{Words: &common}, pg.Page{Size: 50}},
		"public, challenge":  {proposal.Reader{}, ProposalFilter{ChallengeID: organization}, pg.Page{Size: 50}},
		"public, department": {proposal.Reader{}, ProposalFilter{DepartmentID: department}, pg.Page{Size: 50}},
		"desk":               {proposal.Reader{Desk: true}, ProposalFilter{}, pg.Page{Size: 50}},
		"desk, state":        {proposal.Reader{Desk: true}, ProposalFilter{State: proposal.UnderReview}, later},
		"desk, call":         {proposal.Reader{Desk: true}, ProposalFilter{CallID: "c0000000-0000-7000-8000-000000000003"}, later},
		"member":             {member, ProposalFilter{}, later},
		"member, own":        {member, ProposalFilter{OrganizationID: organization}, pg.Page{Size: 50}},
		"staff":              {staff, ProposalFilter{}, later},
		"approver":           {proposal.Reader{Approver: true}, ProposalFilter{}, later},
	} {
		sql, args, err := listSQL(q.by, q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		plan := explain(t, db, sql, args)
		if strings.Contains(plan, "Seq Scan on proposal") {
			t.Errorf("%s reads the table:\n%s", name, plan)
		}
		for _, n := range strings.FieldsFunc(plan, func(r rune) bool { return r == '\n' }) {
			if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
	}
}

func explain(t *testing.T, db *pg.DB, sql string, args ...any) string {
	t.Helper()
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	return strings.Join(lines, "\n")
}
