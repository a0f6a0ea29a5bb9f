package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

const manyReaders = `
	INSERT INTO newsletter_reader (id, address_hash, email, token_hash, state, topics, areas, format, soft_bounces, confirmed_at, ended_at, updated_at, version)
	SELECT gen_random_uuid(), sha256(i::text::bytea), ''::bytea, sha256(i::text::bytea), CASE WHEN i % 500 = 0 THEN 'UNSUBSCRIBED' ELSE 'ACTIVE' END,
		'{a}', '{}', 'HTML', 0, now(), CASE WHEN i % 500 = 0 THEN now() END, now(), 1
	FROM generate_series(1, 50000) AS i;
	INSERT INTO newsletter_request (id, address_hash, email, topics, areas, format, consent_version, token_hash, mail_state, tries, due_at, expires_at, created_at)
	SELECT gen_random_uuid(), sha256(i::text::bytea), ''::bytea, '{a}', '{}', 'HTML', '1', sha256(i::text::bytea),
		CASE WHEN i % 500 = 0 THEN 'QUEUED' ELSE 'SENT' END, 0, now(), now() + i * interval '1 minute', now()
	FROM generate_series(1, 50000) AS i;
	INSERT INTO newsletter_consent (id, address_hash, consent_version, method, given_at, forget_on)
	SELECT gen_random_uuid(), sha256(i::text::bytea), '1', 'DOUBLE_OPT_IN', now(), CASE WHEN i % 500 = 0 THEN current_date END FROM generate_series(1, 50000) AS i;
	INSERT INTO newsletter_issue (id, number, state, title, introduction, contact, publisher, period_from, period_to, topics, items, created_by, edited_by,
		requested_by, approved_by, return_reason, cancel_reason, send_at, started_at, finished_at, created_at, updated_at, version)
	SELECT ('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'R8-信-' || i, CASE i % 4 WHEN 0 THEN 'CANCELLED' WHEN 1 THEN 'SENT' WHEN 2 THEN 'SENT' ELSE 'DRAFT' END,
		'題', '', '', '', current_date, current_date, '{}', '[]', 'a', 'a', 'a', 'b', '', '', now(), CASE WHEN i % 4 IN (1, 2) THEN now() END,
		CASE WHEN i % 4 IN (1, 2) THEN now() END, now() - i * interval '1 hour', now(), 1
	FROM generate_series(1, 20000) AS i;
	UPDATE newsletter_issue SET state = 'SENDING' WHERE id = 'c0000000-0000-7000-8000-000000000001';
	INSERT INTO newsletter_sending SELECT id, '00000000-0000-0000-0000-000000000000', false, 100000, 0, 0, 0, 0, 0, 0 FROM newsletter_issue WHERE state = 'SENDING';
	INSERT INTO newsletter_delivery (issue_id, reader_id, state, tries, due_at, claim, claimed_at, code)
	SELECT 'c0000000-0000-7000-8000-000000000001', ('d0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		CASE WHEN i > 50000 THEN 'QUEUED' WHEN i > 49500 THEN 'SENDING' ELSE 'SENT' END, 0, now(),
		CASE WHEN i <= 50000 THEN ('e0000000-0000-7000-8000-' || lpad((i / 500)::text, 12, '0'))::uuid END, now() - interval '1 hour', 250
	FROM generate_series(1, 100000) AS i;
	INSERT INTO mail_place SELECT m, p FROM generate_series(date_trunc('minute', now()) - interval '2 days', now() + interval '50 minutes', interval '1 minute') AS m CROSS JOIN generate_series(1, 20) AS p;
	INSERT INTO search_entry (kind, id, title, summary, credits, topics, url, source_name, published_at, search_key, terms)
	SELECT 'ARTICLE', gen_random_uuid(), '題', '', '[]', '{a}', '', '', now() - i * interval '1 hour', '', '' FROM generate_series(1, 50000) AS i;
	INSERT INTO progress_item (id, title, body, organization_ids, department_ids, organization_name, department_names, hidden, at, changed_at)
	SELECT gen_random_uuid(), '題', '', '{}', '{}', '', '{}', false, now() - i * interval '1 hour', now() FROM generate_series(1, 50000) AS i;
	ANALYZE newsletter_reader, newsletter_request, newsletter_consent, newsletter_issue, newsletter_sending, newsletter_delivery, mail_place, search_entry, progress_item;`

// Every question of the mail magazine to many rows finds its answer by an index.
func TestNewsletterUsesIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyReaders); err != nil {
		t.Fatal(err)
	}
	const issue, reader = "c0000000-0000-7000-8000-000000000001", "d0000000-0000-7000-8000-000000050000"
	const claim = "e0000000-0000-7000-8000-000000000099"
	later := pg.Page{Size: 50, After: []string{time.Now().AddDate(0, -1, 0).UTC().Format(time.RFC3339Nano), issue}}
	hash := []byte("0123456789abcdef0123456789abcdef")
	questions := map[string]question{
		"claim":          {claimDeliveries, []any{issue, claim, reader, 500}},
		"claim of all":   {claimDeliveries, []any{issue, claim, pg.NilID, 500}},
		"issue of claim": {`SELECT issue_id FROM newsletter_delivery WHERE claim = $1 AND state IN ('SENDING', 'UNKNOWN') LIMIT 1`, []any{claim}},
		"stale":          {`SELECT claim FROM newsletter_delivery WHERE state = 'SENDING' AND claimed_at < $1 ORDER BY claimed_at LIMIT 10000`, []any{time.Now()}},
		"settle":         {settleDeliveries, []any{issue, claim, []string{reader}, []string{"SENT"}, []bool{false}, []bool{false}, []int16{0}, []time.Duration{0}}},
		"working":        {`SELECT id FROM newsletter_issue WHERE state IN ('SCHEDULED', 'SENDING') AND send_at <= $1 ORDER BY send_at LIMIT 20`, []any{time.Now()}},
		"reader":         {`SELECT id FROM newsletter_reader WHERE token_hash = $1`, []any{hash}},
		"address":        {`SELECT id FROM newsletter_reader WHERE address_hash = $1`, []any{hash}},
		"next readers":   {`SELECT id FROM newsletter_reader WHERE state = 'ACTIVE' AND id > $1 ORDER BY id LIMIT 10000`, []any{pg.NilID}},
		"ended":          {`SELECT id FROM newsletter_reader WHERE state = 'UNSUBSCRIBED' AND ended_at <= $1 ORDER BY ended_at LIMIT 200`, []any{time.Now()}},
		"wish":           {`SELECT id FROM newsletter_request WHERE token_hash = $1`, []any{hash}},
		"wish waiting":   {`SELECT id FROM newsletter_request WHERE address_hash = $1 AND mail_state = 'QUEUED'`, []any{hash}},
		"wish due":       {`SELECT id FROM newsletter_request WHERE mail_state = 'QUEUED' AND due_at <= $1 ORDER BY due_at, id LIMIT 50`, []any{time.Now()}},
		"consents":       {`DELETE FROM newsletter_consent WHERE forget_on <= $1`, []any{time.Now().AddDate(0, 0, -2)}},
		"place":          {takePlace, []any{time.Now(), mailQueue, MailsPerMinute}},
		"gathered":       {sourcesBetween, []any{time.Now().AddDate(0, 0, -7), time.Now(), time.Now(), sourceLimit}},
		"gathered by id": {sourcesOf, []any{[]string{issue}}},
	}
	for name, l := range map[string]struct {
		ward  bool
		state newsletter.State
		page  pg.Page
	}{
		"archive": {false, "", pg.Page{Size: 50}}, "archive later": {false, "", later}, "archive, sent": {false, newsletter.Sent, pg.Page{Size: 50}},
		"ward": {true, "", pg.Page{Size: 50}}, "ward later": {true, "", later}, "ward, drafts later": {true, newsletter.Draft, later},
		"ward, none pending": {true, newsletter.Pending, pg.Page{Size: 50}},
	} {
		sql, args, err := issueSQL(l.ward, l.state, l.page)
		if err != nil {
			t.Fatal(err)
		}
		questions[name] = question{sql, []any{args}}
	}
	for name, q := range questions {
		plan := explainPublication(t, db, q.sql, q.args)
		for n := range strings.SplitSeq(plan, "\n") {
			if strings.Contains(n, "Seq Scan on ") && !strings.Contains(n, "never executed") && !strings.Contains(n, "newsletter_sending") && !strings.Contains(n, "publication") {
				t.Errorf("%s reads a table: %s\n%s", name, n, plan)
			}
			if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
	}
}
