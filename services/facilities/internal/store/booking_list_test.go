package store

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

// manyBookings fills a schema with 100,000 bookings of 2,000 organizations in 100
// rooms of 20 halls over three years.
const manyBookings = `
	SET statement_timeout = 0;
	INSERT INTO booking (
		id, number, fiscal_year, state, holder_id, organization_id, facility_id, room_id, use_date, slot_nos, starts_at, ends_at,
		expires_at, series_id, amount, payment_state, detail, created_by, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'N' || i, 2026,
		CASE i % 10 WHEN 0 THEN 'TENTATIVE' WHEN 1 THEN 'CANCELLED' WHEN 2 THEN 'APPROVED' ELSE 'USED' END,
		'a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'), ('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid,
		('f0000000-0000-7000-8000-' || lpad((i % 20)::text, 12, '0'))::uuid, ('e0000000-0000-7000-8000-' || lpad((i % 100)::text, 12, '0'))::uuid,
		date '2024-04-01' + i % 1000, '{1}', now(), now() + interval '1 hour', CASE WHEN i % 10 = 0 THEN now() + interval '1 day' END,
		CASE WHEN i % 50 = 0 THEN ('c0000000-0000-7000-8000-' || lpad((i / 5000)::text, 12, '0'))::uuid END,
		0, CASE WHEN i % 1000 = 1 THEN 'REFUND_DUE' WHEN i % 20 = 0 THEN 'DUE' ELSE 'NOT_DUE' END,
		CASE WHEN i % 1000 = 0 THEN '{"place": {}, "needsApproval": true}' WHEN i % 1000 = 2 THEN '{"place": {}, "reduction": {"state": "DRAFTED", "draftedBy": "x"}}'
			ELSE '{"place": {}}' END::jsonb, 'x', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	ANALYZE booking;`

// Every list of 100,000 bookings finds its page by an index, without reading the
// table.
func TestBookingListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := database(t)
	if _, err := db.Pool().Exec(t.Context(), manyBookings); err != nil {
		t.Fatal(err)
	}
	clerk, now := booking.Reader{ID: "c", Desk: true}, time.Now()
	member := booking.Reader{ID: "p", Members: []string{"a0000000-0000-7000-8000-000000000007", "a0000000-0000-7000-8000-000000000008"}}
	first, later := pg.Page{Size: 50}, pg.Page{Size: 50, After: []string{"2026-01-01", "b0000000-0000-7000-8000-000000000007"}}
	hall, place := "f0000000-0000-7000-8000-000000000007", "e0000000-0000-7000-8000-000000000007"
	for name, q := range map[string]struct {
		by   booking.Reader
		f    BookingFilter
		page pg.Page
	}{
		"clerk":               {clerk, BookingFilter{}, first},
		"clerk, later":        {clerk, BookingFilter{}, later},
		"clerk, down":         {clerk, BookingFilter{Order: ByDateDown}, later},
		"clerk, newest":       {clerk, BookingFilter{Order: Newest}, later},
		"clerk, days":         {clerk, BookingFilter{From: useDate.AddDays(-300), To: useDate.AddDays(-290)}, first},
		"clerk, facility":     {clerk, BookingFilter{FacilityID: hall}, later},
		"clerk, room":         {clerk, BookingFilter{RoomID: place, From: useDate.AddDays(-300)}, first},
		"clerk, tentative":    {clerk, BookingFilter{State: booking.Tentative, Now: now}, first},
		"clerk, expired":      {clerk, BookingFilter{State: booking.Expired, Now: now}, first},
		"clerk, cancelled":    {clerk, BookingFilter{State: booking.Cancelled}, later},
		"clerk, organization": {clerk, BookingFilter{OrganizationID: member.Members[0]}, first},
		"clerk, series":       {clerk, BookingFilter{SeriesID: "c0000000-0000-7000-8000-000000000007"}, first},
		"member":              {member, BookingFilter{}, first},
		"member, later":       {member, BookingFilter{}, later},
		"member, newest":      {member, BookingFilter{Order: Newest}, first},
		"member, tentative":   {member, BookingFilter{State: booking.Tentative, Now: now}, first},
	} {
		sql, args, err := listBookings(q.by, q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		plan := explainBookings(t, db, sql, args)
		if strings.Contains(plan, "Seq Scan on booking") {
			t.Errorf("%s reads the table:\n%s", name, plan)
		}
		for line := range strings.Lines(plan) {
			if _, n, ok := strings.Cut(strings.TrimSpace(line), "Rows Removed by Filter: "); ok && len(n) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, line, plan)
			}
		}
	}
	for name, by := range map[string]booking.Reader{
		"duties of staff": {ID: "c", Desk: true, Clerk: true, Approver: true}, "duties of a member": {ID: "p", Writers: member.Members},
	} {
		sql, args := dutySQL(by, 101)
		if plan := explainBookings(t, db, sql, args); strings.Contains(plan, "Seq Scan on booking") || strings.Contains(plan, "by Filter: 1000") {
			t.Errorf("%s read the table:\n%s", name, plan)
		}
	}
	for name, sql := range map[string]string{
		"quota":   strings.NewReplacer("$1", "'a0000000-0000-7000-8000-000000000007'", "$2", "current_date", "$3", "current_date", "$4", "current_date + 30", "$5", "'"+pg.NilID+"'").Replace(quotaUse),
		"expired": `SELECT id FROM booking WHERE state = 'TENTATIVE' AND expires_at <= now() ORDER BY expires_at LIMIT 200`,
	} {
		if plan := explainBookings(t, db, sql, nil); strings.Contains(plan, "Seq Scan on booking") {
			t.Errorf("%s reads the table:\n%s", name, plan)
		}
	}
}

func explainBookings(t *testing.T, db *pg.DB, sql string, args pgx.StrictNamedArgs) string {
	t.Helper()
	var all []any
	if args != nil {
		all = append(all, args)
	}
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, all...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	return strings.Join(lines, "\n")
}
