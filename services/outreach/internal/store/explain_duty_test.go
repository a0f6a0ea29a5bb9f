package store

import (
	"context"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// manyDuties puts beside the publications what waits elsewhere: most of it done.
const manyDuties = `
	UPDATE event_seat SET mode = 'APPROVAL', waiting = 1
	WHERE event_id IN (SELECT event_id FROM event_seat ORDER BY event_id LIMIT 200);
	INSERT INTO posting (
		id, number, state, organization_id, department_part, credits, title, body, date_text, place_text, contact, url, size, copies,
		starts_on, ends_on, board_ids, board_department_ids, needs_stamp, reason, created_by, created_at, updated_at, approved_at, version)
	SELECT gen_random_uuid(), CASE WHEN i % 100 > 0 THEN 'R8-掲-' || i END, CASE WHEN i % 100 = 0 THEN 'REQUESTED' ELSE 'ENDED' END,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, 'SUPPORTER', '[]', '題' || i, '', '', '', '', '', 'A4', 1,
		'2026-12-01', '2026-12-10', '{}', ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid], false, '', 'x',
		now() - i * interval '1 minute', now(), CASE WHEN i % 100 > 0 THEN now() END, 1
	FROM generate_series(1, 50000) AS i;
	INSERT INTO sponsorship (
		id, number, state, organization_id, department_id, title, purpose, description, starts_on, ends_on, place, expected_participants,
		fee, other_sponsors, name_use, contact_name, contact_phone, drafted_by, decided_by, report_due_on, withdraw_reason, created_by,
		created_at, updated_at, version)
	SELECT gen_random_uuid(), CASE WHEN i % 50 > 3 THEN 'R8-後-' || i END,
		CASE WHEN i % 50 < 2 THEN 'APPLIED' WHEN i % 50 < 4 THEN 'DECISION_DRAFTED' WHEN i % 50 < 8 THEN 'APPROVED' ELSE 'REPORTED' END,
		('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid, CASE WHEN i % 2 = 0 THEN ('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid END,
		'題' || i, '', '', '2026-01-01', '2026-01-02', '', 0, 0, '', '', '', '', CASE WHEN i % 50 > 1 THEN 'd' END, CASE WHEN i % 50 > 3 THEN 'a' END,
		'2026-02-01', '', 'x', now() - i * interval '1 minute', now(), 1
	FROM generate_series(1, 50000) AS i;
	INSERT INTO source (
		id, name, name_key, description, kind, url, host, site_url, interval_minutes, state, released, failures, failure, status_code, etag,
		last_modified, due_at, created_at, updated_at, version)
	SELECT gen_random_uuid(), 's' || i, 's' || i, '', 'FEED', 'https://' || i || '.example/', i || '.example', '', 60, 'ACTIVE', true,
		CASE WHEN i % 500 = 0 THEN 6 ELSE 0 END, '', 0, '', '', now(), now(), now(), 1
	FROM generate_series(1, 20000) AS i;
	UPDATE publication SET collaboration = true WHERE state = 'PENDING';
	UPDATE publication SET created_by = 'service:outreach' WHERE state = 'DRAFT' AND organization_id::text LIKE '%0';
	ANALYZE publication, event_seat, posting, sponsorship, source;`

// What waits for a person is found without reading a table.
func TestDutiesUseIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	for _, sql := range []string{manyPublications, manyDuties} {
		if _, err := db.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	const organization, department = "a0000000-0000-7000-8000-000000000054", "d0000000-0000-7000-8000-000000000010"
	organizations := []string{organization}
	for name, by := range map[string]DutyReader{
		"desk":           {Reader: publication.Reader{ID: "me", Desk: true}},
		"approver":       {Reader: publication.Reader{ID: "me", Approver: true, Department: department}},
		"staff":          {Reader: publication.Reader{ID: "me", Staff: true, Department: department}},
		"clerk":          {Reader: publication.Reader{ID: "me", Staff: true, Department: department}, Keeper: department},
		"representative": {Reader: publication.Reader{ID: "me", Members: organizations, Writers: organizations, Represents: organizations}},
	} {
		by.Today = jp.NewDate(2026, 11, 30)
		sql, args := dutySQL(by, 101, dutySources...)
		plan := explainPublication(t, db, sql, []any{args})
		for _, n := range strings.Split(plan, "\n") {
			if strings.Contains(n, "Seq Scan on ") && !strings.Contains(n, "never executed") {
				t.Errorf("%s reads a table: %s\n%s", name, n, plan)
			}
			if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 3 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
		found, err := Duties(t.Context(), db, by, 101)
		if err != nil || len(found) == 0 {
			t.Errorf("%s has %d duties (%v)", name, len(found), err)
		}
	}
}
