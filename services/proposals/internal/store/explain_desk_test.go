package store

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// manyConsultations fills a schema with 100,000 consultations in 20 years, of 40
// departments and 5,000 askers, two in a thousand of them open, with a FAQ each,
// and with 100,000 challenges that have an answer each.
const manyConsultations = `
	SET statement_timeout = 0;
	INSERT INTO consultation (
		id, number, serial, fiscal_year, channel, state, subject, body, asker_id, organization_id, department_id,
		department_ids, referred_organization_id, received_on, due_on, answered_on, answered_in_time, entries, code_hash,
		created_by, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'N' || i, i, 2001 + i / 5000,
		(ARRAY['WEB', 'PHONE', 'COUNTER', 'FAX', 'MAIL'])[1 + i % 5],
		CASE WHEN i % 1000 = 0 THEN 'RECEIVED' WHEN i % 1000 = 1 THEN 'ROUTED' ELSE 'CLOSED' END, 'x', 'x',
		CASE WHEN i % 2 = 0 THEN 'asker' || i % 5000 ELSE '' END,
		CASE WHEN i % 10 = 1 THEN ('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid END,
		('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid,
		ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid],
		CASE WHEN i % 100 = 3 THEN ('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid END,
		date '2001-04-01' + i / 14, date '2001-04-08' + i / 14, date '2001-04-05' + i / 14, true, 1, sha256(i::text::bytea),
		'x', now(), now(), 1
	FROM generate_series(0, 99999) AS i;
	INSERT INTO faq (
		id, question, answer, category, published, consultation_id, search_key, search, created_by, created_at, updated_at,
		version)
	SELECT id, 'x', 'x', 'c' || serial % 50, serial % 100 > 0, id, CASE WHEN serial % 1000 = 1 THEN '食堂' ELSE '協働' END,
		array_to_tsvector(ARRAY[CASE WHEN serial % 1000 = 1 THEN '食堂' ELSE '協働' END]), 'x', now(),
		now() - serial * interval '1 minute', 1
	FROM consultation;
	INSERT INTO challenge (
		id, kind, title, body, wish, department_id, fiscal_year, state, outcome, search_key, search, created_by, created_at,
		updated_at, published_at, version)
	SELECT id, CASE WHEN serial % 2 = 0 THEN 'PROBLEM' ELSE 'FOCUS' END, 'x', 'x', '', department_id, fiscal_year,
		CASE WHEN serial % 100 = 0 THEN 'DRAFT' WHEN serial % 100 = 1 THEN 'PUBLISHED' ELSE 'CLOSED' END, '',
		CASE WHEN serial % 1000 = 1 THEN '食堂' ELSE '協働' END,
		array_to_tsvector(ARRAY[CASE WHEN serial % 1000 = 1 THEN '食堂' ELSE '協働' END]), 'x', now(), now(),
		CASE WHEN serial % 100 > 0 THEN now() END, 1
	FROM consultation;
	INSERT INTO contribution (
		id, challenge_id, kind, organization_id, body, publish_consent, answer, created_by, created_at, updated_at, version)
	SELECT id, id, 'IDEA', id, 'x', true, '', 'x', now(), now(), 1
	FROM challenge;
	ANALYZE;`

// filled is a migrated schema with the rows of a statement.
func filled(t *testing.T, fill string) *pg.DB {
	t.Helper()
	urls := pgtest.Service(t, "proposals", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "proposals", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "proposals"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), fill); err != nil {
		t.Fatal(err)
	}
	return db
}

// asked is one list as SQL.
type asked struct {
	sql  string
	args pgx.StrictNamedArgs
	rest []any // Instead of args, by their place.
}

// reads fails where a plan reads one of the tables whole, or drops 10,000 rows or
// more.
func reads(t *testing.T, db *pg.DB, lists map[string]asked, tables ...string) {
	t.Helper()
	for name, q := range lists {
		args := q.rest
		if args == nil {
			args = []any{q.args}
		}
		plan := explain(t, db, q.sql, args...)
		for _, table := range tables {
			if strings.Contains(plan, "Seq Scan on "+table) {
				t.Errorf("%s reads %s:\n%s", name, table, plan)
			}
		}
		for line := range strings.Lines(plan) {
			line = strings.TrimSpace(line)
			if strings.Contains(line, "Rows Removed by Filter: ") && len(line[strings.LastIndexByte(line, ' ')+1:]) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, line, plan)
			}
		}
	}
}

func TestDeskListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := filled(t, manyConsultations)
	words, err := jp.QueryTerms("食堂")
	if err != nil {
		t.Fatal(err)
	}
	organization, department := "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	deskReader := consultation.Reader{ID: "desk", Desk: true}
	staff := consultation.Reader{ID: "staff", Staff: true, Department: department}
	own := consultation.Reader{ID: "asker8", SignedIn: true, Members: []string{organization}}
	first, later := pg.Page{Size: 50}, pg.Page{Size: 50, After: []string{"b0000000-0000-7000-8000-000000050000"}}
	today, _ := jp.ParseDate("2026-06-01")
	lists := map[string]asked{}
	for name, q := range map[string]struct {
		by   consultation.Reader
		f    ConsultationFilter
		page pg.Page
	}{
		"desk":             {deskReader, ConsultationFilter{}, later},
		"desk, received":   {deskReader, ConsultationFilter{State: consultation.Received}, first},
		"desk, fax":        {deskReader, ConsultationFilter{Channel: "FAX"}, later},
		"desk, department": {deskReader, ConsultationFilter{DepartmentID: department}, first},
		"desk, year":       {deskReader, ConsultationFilter{FiscalYear: 2010}, first},
		"desk, overdue":    {deskReader, ConsultationFilter{OverdueAt: today}, first},
		"staff":            {staff, ConsultationFilter{}, later},
		"staff, overdue":   {staff, ConsultationFilter{OverdueAt: today}, first},
	} {
		sql, args := consultationListSQL(q.by, q.f, q.page)
		lists[name] = asked{sql: sql, args: args}
	}
	sql, args := ownConsultationsSQL(own, first)
	lists["own"] = asked{sql: sql, args: args}
	for name, sql := range map[string]string{"totals": deskTotals, "departments": deskDepartments} {
		lists[name] = asked{sql: sql, rest: []any{2010}}
	}
	for name, f := range map[string]FaqFilter{"faqs": {}, "faqs, desk": {Hidden: true}, "faqs, category": {Category: "c7"}, "faqs, words": {Words: &words}} {
		sql, args, err := faqListSQL(f, first)
		if err != nil {
			t.Fatal(err)
		}
		lists[name] = asked{sql: sql, args: args}
	}
	for name, f := range map[string]ChallengeFilter{
		"challenges": {}, "challenges, open": {State: challenge.Published}, "challenges, drafts": {State: challenge.Draft},
		"challenges, department": {DepartmentID: department}, "challenges, year": {FiscalYear: 2010}, "challenges, words": {Words: &words},
	} {
		sql, args := challengeListSQL(proposal.Reader{Staff: true, Department: department}, f, first)
		lists[name] = asked{sql: sql, args: args}
	}
	reads(t, db, lists, "consultation ", "faq ", "challenge ", "contribution ")
}
