package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
)

// manyNotices are 100,000 occasions of two years with one notice each, a few of
// them open, and 100,000 follows.
const manyNotices = `
	SET statement_timeout = 0;
	INSERT INTO notice_occasion (
		id, key, kind, version, subject, path, object_id, facts, organization_ids, department_ids, person_ids, state, due_at, recipients, created_at)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'k' || i, 'proposal_received', 1, '題', '/v1/x/' || i, 'o' || (i % 20000), '{}',
		ARRAY[('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid], '{}', '{}', CASE WHEN i % 500 = 0 THEN 'OPEN' ELSE 'ADDRESSED' END,
		now() - i * interval '10 minutes', 1, now() - i * interval '10 minutes'
	FROM generate_series(1, 100000) AS i;
	INSERT INTO notice (id, occasion_id, kind, person_id, email, state, tries, failure, due_at, created_at, sent_at)
	SELECT id, id, kind, 'p' || (row_number() OVER () % 1000), CASE WHEN state = 'OPEN' THEN 'x@example.com' END, CASE WHEN state = 'OPEN' THEN 'FAILED' ELSE 'SENT' END,
		1, '', due_at, created_at, CASE WHEN state <> 'OPEN' THEN created_at END
	FROM notice_occasion;
	INSERT INTO follow (id, person_id, kind, target, created_at)
	SELECT gen_random_uuid(), 'p' || (i % 10000), 'TOPIC', 't' || (i / 10000), now() FROM generate_series(1, 100000) AS i;
	ANALYZE notice_occasion, notice, follow;`

// planned explains each question before it is asked.
type planned struct {
	pg.Reader
	plans []string
}

func (p *planned) explain(ctx context.Context, sql string, args []any) error {
	rows, err := p.Reader.Query(ctx, "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
	if err != nil {
		return err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	p.plans = append(p.plans, strings.Join(lines, "\n"))
	return err
}

// Query implements pg.Reader.
func (p *planned) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := p.explain(ctx, sql, args); err != nil {
		return nil, err
	}
	return p.Reader.Query(ctx, sql, args...)
}

// QueryRow implements pg.Reader.
func (p *planned) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := p.explain(ctx, sql, args); err != nil {
		p.plans = append(p.plans, "Seq Scan on nothing: "+err.Error())
	}
	return p.Reader.QueryRow(ctx, sql, args...)
}

// Every list of notices, and what the jobs look for, is found by an index.
func TestNoticesUseIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyNotices); err != nil {
		t.Fatal(err)
	}
	ctx, page, half := t.Context(), pg.Page{Size: 50}, pg.Page{Size: 50, After: []string{"b0000000-0000-7000-8000-000000050000"}}
	p := &planned{Reader: db}
	for name, ask := range map[string]func() (int, error){
		"own":        func() (int, error) { rows, err := ListNotices(ctx, p, "p7", page); return len(rows), err },
		"own, later": func() (int, error) { rows, err := ListNotices(ctx, p, "p7", half); return len(rows), err },
		"deliveries": func() (int, error) { rows, err := ListDeliveries(ctx, p, "", half); return len(rows), err },
		"failed":     func() (int, error) { rows, err := ListDeliveries(ctx, p, notice.Failed, half); return len(rows), err },
		"statistics": func() (int, error) {
			rows, err := CountNotices(ctx, p, time.Now().AddDate(0, 0, -30))
			return len(rows), err
		},
		"waiting": func() (int, error) { _, open, err := NoticesWaiting(ctx, p); return open, err },
		"followers": func() (int, error) {
			rows, err := Followers(ctx, p, []string{"TOPIC:t3", "TOPIC:t4"}, "p5", 200)
			return len(rows), err
		},
		"due occasions": questionOf(ctx, p, `SELECT id FROM notice_occasion WHERE state = 'OPEN' AND due_at <= now() ORDER BY due_at, id LIMIT 20 FOR UPDATE SKIP LOCKED`),
		"due notices":   questionOf(ctx, p, `SELECT id FROM notice WHERE state IN ('QUEUED', 'FAILED') AND due_at <= now() ORDER BY due_at, id LIMIT 50 FOR UPDATE SKIP LOCKED`),
		"of an object":  questionOf(ctx, p, `SELECT id FROM notice_occasion WHERE object_id = 'o500' AND state = 'OPEN' AND kind = 'proposal_received'`),
		"of the merged": questionOf(ctx, p, `SELECT id FROM notice_occasion WHERE state = 'OPEN' AND organization_ids @> ARRAY['a0000000-0000-7000-8000-000000000500'::uuid]`),
		"to be deleted": questionOf(ctx, p, `SELECT id FROM notice WHERE created_at < now() - make_interval(days => 365) ORDER BY created_at LIMIT 10000`),
	} {
		p.plans = nil
		if n, err := ask(); err != nil || n == 0 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
		plan := strings.Join(p.plans, "\n")
		for _, n := range strings.Split(plan, "\n") {
			if strings.Contains(n, "Seq Scan on ") || strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 3 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
	}
}

func questionOf(ctx context.Context, p *planned, sql string) func() (int, error) {
	return func() (int, error) {
		rows, err := p.Query(ctx, sql)
		if err != nil {
			return 0, err
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		return len(all), err
	}
}
