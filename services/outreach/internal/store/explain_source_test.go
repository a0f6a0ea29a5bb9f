package store

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
)

// manyRows fills the tables with 100,000 search entries, items of 500 sources,
// postings of 2,000 organizations on 200 boards, and sponsorships.
const manyRows = `
	SET statement_timeout = 0;
	INSERT INTO search_entry (kind, id, title, summary, credits, topics, url, source_name, published_at, search_key, terms)
	SELECT (ARRAY['ARTICLE', 'EVENT', 'ITEM', 'ITEM'])[1 + i % 4], ('10000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		'題' || i, '', '[]', '{}', '', '', now() - i * interval '1 minute', w.key, array_to_tsvector(w.terms)
	FROM generate_series(1, 100000) AS i
	CROSS JOIN LATERAL (SELECT '題' || (i % 10) || CASE WHEN i % 1000 = 0 THEN '食堂' ELSE '協働' END,
		ARRAY['題' || (i % 10), CASE WHEN i % 1000 = 0 THEN '食堂' ELSE '協働' END]) AS w (key, terms);
	INSERT INTO source (id, name, name_key, description, kind, url, host, site_url, organization_id, interval_minutes, state, released,
		failures, failure, status_code, etag, last_modified, due_at, created_at, updated_at, version)
	SELECT ('20000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, '源' || i, '源' || lpad(i::text, 6, '0'), '', 'FEED', 'https://a.example/' || i,
		'h' || i % 50000, '', ('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, 60,
		CASE WHEN i % 10 = 0 THEN 'PAUSED' ELSE 'ACTIVE' END, true, CASE WHEN i % 1000 = 0 THEN 5 ELSE 0 END, '', 200, '', '',
		now() + (i - 100) * interval '1 second', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO source_host (host, free_at) SELECT 'h' || i, now() - interval '1 day' FROM generate_series(0, 49999) AS i;
	INSERT INTO item (id, source_id, organization_id, key, same_key, title, summary, url, location, published_at, all_day, hidden, public,
		search_key, terms, created_at, updated_at)
	SELECT e.id, ('20000000-0000-7000-8000-' || lpad((1 + i % 500)::text, 12, '0'))::uuid,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, i::text, i::text, e.title, '', '', '', e.published_at, false, false,
		i % 10 > 0, e.search_key, e.terms, now(), now()
	FROM search_entry AS e
	CROSS JOIN LATERAL (SELECT right(e.id::text, 12)::integer) AS n (i);
	INSERT INTO board (id, number, number_key, name, location, department_id, sizes, places, max_days, copies_per_posting, apply_from_months,
		needs_stamp, note, in_use, created_at, updated_at, version)
	SELECT ('30000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, i::text, lpad(i::text, 8, '0'), '板', '',
		('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid, '{A4}', 8, 28, 1, 6, false, '', true, now(), now(), 1
	FROM generate_series(1, 200) AS i;
	INSERT INTO posting (id, number, state, organization_id, department_part, credits, title, body, date_text, place_text, contact, url, size,
		copies, starts_on, ends_on, board_ids, board_department_ids, needs_stamp, reason, created_by, approved_by, created_at, updated_at,
		approved_at, version)
	SELECT ('40000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, CASE WHEN i % 100 > 0 THEN i::text END,
		CASE WHEN i % 100 = 0 THEN 'REQUESTED' WHEN i <= 2000 THEN 'APPROVED' ELSE 'ENDED' END,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, '', '[]', '題', '', '', '', '', '', 'A4', 1,
		current_date - i / 50, current_date + 20 - i / 50, ARRAY[('30000000-0000-7000-8000-' || lpad((1 + i % 200)::text, 12, '0'))::uuid],
		ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid], false, '', 'x', NULL, now(), now(),
		CASE WHEN i % 100 > 0 THEN now() END, 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO sponsorship (id, number, state, organization_id, department_id, title, purpose, description, starts_on, ends_on, place,
		expected_participants, fee, other_sponsors, name_use, contact_name, contact_phone, decision, decided_by, report_due_on, withdraw_reason,
		created_by, created_at, updated_at, version)
	SELECT ('50000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, CASE WHEN i % 10 > 0 THEN i::text END,
		CASE WHEN i % 10 = 0 THEN 'APPLIED' WHEN i % 200 = 1 THEN 'APPROVED' ELSE 'REPORTED' END,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, ('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid,
		'題', '', '', current_date, current_date, '', 0, 0, '', '', '', '', CASE WHEN i % 10 > 0 THEN '{}'::jsonb END,
		CASE WHEN i % 10 > 0 THEN 'x' END, CASE WHEN i % 10 > 0 THEN current_date + i % 300 - 150 END, '', 'x',
		now() - i * interval '1 minute', now(), 1
	FROM generate_series(1, 100000) AS i;
	ANALYZE;`

// Every list and search of 100,000 rows finds its page by an index, without reading
// the table and without throwing away more than a few thousand rows.
func TestNetworkListsUseIndexes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes 500,000 rows")
	}
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyRows); err != nil {
		t.Fatal(err)
	}
	words := func(q string) jp.Query {
		t.Helper()
		query, err := jp.QueryTerms(q)
		if err != nil {
			t.Fatal(err)
		}
		return query
	}
	rare, common, absent := words("食堂"), words("題3"), words("不在")
	organization, department := "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	first := pg.Page{Size: 50}
	later := pg.Page{Size: 50, After: []string{time.Now().Add(-500 * time.Hour).Format(time.RFC3339Nano), organization}}
	day := pg.Page{Size: 50, After: []string{jp.DateOf(time.Now()).AddDays(-900).String(), organization}}
	name := pg.Page{Size: 50, After: []string{"源050000", organization}}
	type query func() (string, pgx.StrictNamedArgs, error)
	search := func(w jp.Query, kind string, p pg.Page) query {
		return func() (string, pgx.StrictNamedArgs, error) { return searchSQL(w, kind, p) }
	}
	items := func(by source.Reader, f ItemFilter, p pg.Page) query {
		return func() (string, pgx.StrictNamedArgs, error) { return itemSQL(by, f, p) }
	}
	sources := func(by source.Reader, f SourceFilter, p pg.Page) query {
		return func() (string, pgx.StrictNamedArgs, error) { return sourceSQL(by, f, p) }
	}
	postings := func(by board.Reader, f PostingFilter, p pg.Page) query {
		return func() (string, pgx.StrictNamedArgs, error) { return postingSQL(by, f, p) }
	}
	sponsorships := func(by sponsorship.Reader, f SponsorshipFilter, p pg.Page) query {
		return func() (string, pgx.StrictNamedArgs, error) { return sponsorshipSQL(by, f, p) }
	}
	desk, member := source.Reader{Desk: true}, source.Reader{Members: []string{organization}}
	for what, q := range map[string]query{
		"search, rare":             search(rare, "", first),
		"search, rare, later":      search(rare, "", later),
		"search, common":           search(common, "", first),
		"search, common, later":    search(common, "", later),
		"search, absent":           search(absent, "", first),
		"search, rare, kind":       search(rare, "EVENT", first),
		"search, common, kind":     search(common, "EVENT", first),
		"items, public":            items(source.Reader{}, ItemFilter{}, later),
		"items, words":             items(source.Reader{}, ItemFilter{Words: &rare}, first),
		"items, common":            items(source.Reader{}, ItemFilter{Words: &common}, first),
		"items, source":            items(source.Reader{}, ItemFilter{SourceID: "20000000-0000-7000-8000-000000000007"}, first),
		"items, desk":              items(desk, ItemFilter{}, later),
		"items, member":            items(member, ItemFilter{OrganizationID: organization}, first),
		"sources, public":          sources(source.Reader{}, SourceFilter{}, name),
		"sources, desk":            sources(desk, SourceFilter{}, name),
		"sources, dead":            sources(desk, SourceFilter{Health: source.Dead}, first),
		"sources, member":          sources(member, SourceFilter{OrganizationID: organization}, first),
		"postings, public":         postings(board.Reader{}, PostingFilter{}, first),
		"postings, today":          postings(board.Reader{}, PostingFilter{On: jp.DateOf(time.Now())}, first),
		"postings, board":          postings(board.Reader{}, PostingFilter{BoardID: "30000000-0000-7000-8000-000000000007"}, first),
		"postings, desk":           postings(board.Reader{Desk: true}, PostingFilter{}, day),
		"postings, requested":      postings(board.Reader{Desk: true}, PostingFilter{State: board.Requested}, day),
		"postings, member":         postings(board.Reader{Members: []string{organization}}, PostingFilter{}, day),
		"postings, keeper":         postings(board.Reader{Keeper: department}, PostingFilter{}, day),
		"sponsorships, desk":       sponsorships(sponsorship.Reader{Desk: true}, SponsorshipFilter{}, later),
		"sponsorships, overdue":    sponsorships(sponsorship.Reader{Desk: true}, SponsorshipFilter{OverdueOn: jp.DateOf(time.Now())}, first),
		"sponsorships, applied":    sponsorships(sponsorship.Reader{Desk: true}, SponsorshipFilter{State: sponsorship.Applied}, later),
		"sponsorships, department": sponsorships(sponsorship.Reader{Department: department}, SponsorshipFilter{}, later),
		"sponsorships, member":     sponsorships(sponsorship.Reader{Members: []string{organization}}, SponsorshipFilter{}, first),
		"sponsorships, approver":   sponsorships(sponsorship.Reader{Approver: true}, SponsorshipFilter{}, later),
	} {
		sql, args, err := q()
		if err != nil {
			t.Fatal(err)
		}
		checkPlan(t, db, what, sql, args)
	}
	checkPlan(t, db, "next source to read", dueSource, pgx.StrictNamedArgs{"now": time.Now()})
}

// checkPlan fails where a statement reads a table from its beginning, or reads more
// than it needs.
func checkPlan(t *testing.T, db *pg.DB, what, sql string, args pgx.StrictNamedArgs) {
	t.Helper()
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	plan := strings.Join(lines, "\n")
	for _, line := range lines {
		if strings.Contains(line, "Seq Scan on") && !strings.Contains(line, "never executed") && !strings.Contains(line, " on board ") && !strings.Contains(line, "_ref") {
			t.Errorf("%s reads a table:\n%s", what, plan)
		}
		const removed = "Rows Removed by Filter: "
		if at := strings.Index(line, removed); at >= 0 {
			if n, err := strconv.Atoi(strings.TrimSpace(line[at+len(removed):])); err != nil || n > 9999 {
				t.Errorf("%s throws away %d rows:\n%s", what, n, plan)
			}
		}
	}
}
