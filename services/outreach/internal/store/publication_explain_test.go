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
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// manyPublications fills a schema with 100,000 events of 2,000 organizations and
// 40 departments in ten years, most of them public, and 1,000 registrations for
// one.
const manyPublications = `
	SET statement_timeout = 0;
	INSERT INTO publication (
		id, kind, state, organization_id, title, summary, body, plain_ja, topics, event, starts_on, last_on, occurs, credits, named,
		confirmations, collaboration, confirmed, visible, was_public, created_by, edited_by, requested_by, approved_by,
		return_reason, withdraw_reason, publish_at, ends_on, revision, search_key, search, created_at, updated_at, changed_at,
		sequence, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'EVENT',
		CASE WHEN i % 10 > 2 THEN 'ENDED' WHEN i % 10 > 0 THEN 'PUBLISHED' WHEN i % 100 = 0 THEN 'PENDING' ELSE 'DRAFT' END,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, '題' || i, '', '', '',
		ARRAY[CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'common' END], '{}',
		date '2017-01-01' + i % 3650, date '2017-01-01' + i % 3650 + CASE WHEN i % 20 = 1 THEN 30 ELSE 0 END, datemultirange(daterange(date '2017-01-01' + i % 3650, date '2017-01-01' + i % 3650 + CASE WHEN i % 20 = 1 THEN 30 ELSE 0 END, '[]')),
		'[{"part":"ORGANIZER","name":"x"}]',
		ARRAY[('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, ('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid],
		'[]', false, true, i % 10 > 0, i % 10 > 0, 'x', '', 'x', 'y', '', '', CASE WHEN i % 10 > 0 THEN now() - i * interval '1 minute' END,
		NULL, 1, '題' || i, array_to_tsvector(ARRAY['題' || (i % 10), CASE WHEN i % 1000 = 0 THEN '食堂' ELSE '協働' END]),
		now(), now() - i * interval '1 minute', CASE WHEN i % 10 > 0 THEN now() - i * interval '1 minute' END, 1, 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO event_seat (event_id, mode, capacity, closes_at, open, admitted, waiting, last_place, erase_on)
	SELECT id, 'FIRST_COME', 30, now(), true, 0, 0, 0, '2026-01-01' FROM publication WHERE state = 'PUBLISHED';
	INSERT INTO registration (id, event_id, token_hash, state, place, confirm_before, created_at, updated_at, version)
	SELECT gen_random_uuid(), 'b0000000-0000-7000-8000-000000000001', sha256(i::text::bytea), 'WAITLISTED', i, now() + interval '1 day', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO event_export (publication_id, csv, gif)
	SELECT id, repeat('x', 100), '{}' FROM publication WHERE visible;
	INSERT INTO mail (id, occasion, template, version, subject_id, state, tries, due_at, created_at)
	SELECT gen_random_uuid(), i::text, 'x', 1, gen_random_uuid(), CASE WHEN i % 1000 = 0 THEN 'QUEUED' ELSE 'SENT' END, 0, now(), now()
	FROM generate_series(1, 100000) AS i;
	ANALYZE publication, event_seat, registration, event_export, mail;`

// Every question to 100,000 rows finds its answer by an index, without reading a
// table and without throwing away more than a few thousand rows.
func TestPublicationsUseIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyPublications); err != nil {
		t.Fatal(err)
	}
	for name, q := range publicationQuestions(t) {
		plan := explainPublication(t, db, q.sql, q.args)
		for _, n := range strings.FieldsFunc(plan, func(r rune) bool { return r == '\n' }) {
			if strings.Contains(n, "Seq Scan on ") && !strings.Contains(n, "never executed") && !strings.Contains(n, "_ref") {
				t.Errorf("%s reads a table: %s\n%s", name, n, plan)
			}
			if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
	}
}

type question struct {
	sql  string
	args []any
}

func publicationQuestions(t *testing.T) map[string]question {
	t.Helper()
	const organization, department = "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	byTime := []string{time.Now().AddDate(0, 0, -30).UTC().Format(time.RFC3339Nano), pg.NilID}
	words, err := jp.QueryTerms("食堂")
	if err != nil {
		t.Fatal(err)
	}
	common, err := jp.QueryTerms("題1")
	if err != nil {
		t.Fatal(err)
	}
	month := PublicationFilter{From: jp.NewDate(2026, 12, 1), To: jp.NewDate(2026, 12, 31), Order: ByStart}
	member := publication.Reader{Members: []string{organization}}
	deskReader, staff := publication.Reader{Desk: true}, publication.Reader{Department: department, Staff: true, Approver: true}
	out := map[string]question{}
	for name, q := range map[string]struct {
		by   publication.Reader
		f    PublicationFilter
		page pg.Page
	}{
		"public":               {publication.Reader{}, PublicationFilter{Order: ByStart}, pg.Page{}},
		"public, later":        {publication.Reader{}, PublicationFilter{Order: ByStart}, pg.Page{After: []string{"2026-06-01", pg.NilID}}},
		"public, newest":       {publication.Reader{}, PublicationFilter{}, pg.Page{}},
		"public, newest later": {publication.Reader{}, PublicationFilter{}, pg.Page{After: byTime}},
		"public, from today":   {publication.Reader{}, PublicationFilter{From: jp.NewDate(2026, 11, 24), Order: ByStart}, pg.Page{}},
		"public, a month":      {publication.Reader{}, month, pg.Page{}},
		"public, topic":        {publication.Reader{}, PublicationFilter{Topic: "rare", Order: ByStart}, pg.Page{}},
		"public, common topic": {publication.Reader{}, PublicationFilter{Topic: "common", Order: ByStart}, pg.Page{}},
		"public, organization": {publication.Reader{}, PublicationFilter{OrganizationID: organization}, pg.Page{}},
		"public, department":   {publication.Reader{}, PublicationFilter{DepartmentID: department, Order: ByStart}, pg.Page{}},
		"public, words":        {publication.Reader{}, PublicationFilter{Words: &words}, pg.Page{}},
		"public, common words": {publication.Reader{}, PublicationFilter{Words: &common, Order: ByStart}, pg.Page{}},
		"desk":                 {deskReader, PublicationFilter{Order: ByStart}, pg.Page{}},
		"desk, pending":        {deskReader, PublicationFilter{State: publication.Pending, Order: ByUpdate}, pg.Page{}},
		"desk, drafts":         {deskReader, PublicationFilter{State: publication.Draft, Order: ByUpdate}, pg.Page{After: byTime}},
		"member":               {member, PublicationFilter{Order: ByUpdate}, pg.Page{After: byTime}},
		"member, drafts":       {member, PublicationFilter{State: publication.Draft}, pg.Page{}},
		"staff":                {staff, PublicationFilter{Order: ByUpdate}, pg.Page{}},
		"staff, pending":       {staff, PublicationFilter{State: publication.Pending}, pg.Page{}},
	} {
		q.f.Kind, q.page.Size = publication.Event, 50
		sql, args, err := listSQL(q.by, q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = question{sql, []any{args}}
	}
	for name, f := range map[string]FeedFilter{
		"feed": {}, "feed, organization": {OrganizationID: organization}, "calendar": {Since: jp.NewDate(2026, 11, 1)},
	} {
		f.Kind, f.Limit = publication.Event, 50
		sql, args := feedSQL(f)
		out[name] = question{sql, []any{args}}
	}
	out["feed changed"] = question{`SELECT max(p.changed_at) FROM publication p WHERE p.kind = 'EVENT' AND p.changed_at IS NOT NULL`, nil}
	out["export"] = question{exportSQL(ExportCSV), []any{"b0000000-0000-7000-8000-000000050000", exportRows}}
	out["wait-list"] = question{`SELECT id FROM registration WHERE event_id = 'b0000000-0000-7000-8000-000000000001' AND state = 'WAITLISTED' ORDER BY place LIMIT 1`, nil}
	out["due"] = question{`SELECT kind, id FROM publication WHERE state = 'SCHEDULED' AND publish_at <= now() ORDER BY publish_at, id LIMIT 100`, nil}
	out["over"] = question{`SELECT kind, id FROM publication WHERE state = 'PUBLISHED' AND ends_on < '2026-11-24' ORDER BY ends_on, id LIMIT 100`, nil}
	out["mails"] = question{`SELECT id FROM mail WHERE state = 'QUEUED' AND due_at <= now() ORDER BY due_at, id LIMIT 50 FOR UPDATE SKIP LOCKED`, nil}
	out["lapsed"] = question{`SELECT id FROM registration WHERE confirmed_at IS NULL AND state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED') AND confirm_before <= now() ORDER BY confirm_before LIMIT 200`, nil}
	return out
}

func explainPublication(t *testing.T, db *pg.DB, sql string, args []any) string {
	t.Helper()
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, append([]any{pgx.QueryExecModeExec}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	return strings.Join(lines, "\n")
}
