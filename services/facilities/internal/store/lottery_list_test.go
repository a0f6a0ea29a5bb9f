package store

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

// manyLotteries fills a schema with 100,000 rows of each list: lotteries of the
// past of which ten are open and ten are not drawn, entries of one lottery,
// places in the wait-list, freed slots and penalties of 2,000 holders.
const manyLotteries = `
	SET statement_timeout = 0;
	SET session_replication_role = replica; -- No foreign keys: the rows stand for themselves.
	INSERT INTO lottery (
		id, title, room_ids, use_from, use_to, slot_codes, apply_from, apply_to, draw_at, confirm_by, classes, max_entries,
		cap_slots, entropy_source, commitment, sealed_seed, created_by, created_at)
	SELECT ('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'x',
		ARRAY[('d0000000-0000-7000-8000-' || lpad((i % 500)::text, 12, '0'))::uuid], '2027-06-01', '2027-06-30', '{AM}',
		at - interval '2 hours', at - interval '1 hour', at, at + interval '1 day', '[]', 1, 1, '', '', '', 'x', now()
	FROM generate_series(1, 100000) AS i
	CROSS JOIN LATERAL (SELECT now() + interval '90 minutes' + (10 - i) * interval '1 hour' AS at) AS t;
	INSERT INTO lottery_count (lottery_id, entries, drawn)
	SELECT id, 0, draw_at < now() - interval '10 hours'
	FROM lottery;
	INSERT INTO lottery_entry (
		id, lottery_id, holder_id, user_class, priority, purpose, title, headcount, uses, state, booking_ids, paper_note,
		created_by, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'c0000000-0000-7000-8000-000000000050',
		'holder' || i % 2000, '', 1, '', '', 1, '[]', CASE WHEN i % 50000 = 0 THEN 'WON' ELSE 'LOST' END, '{}', '', 'x', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO waitlist_place (
		id, holder_id, user_class, purpose, title, headcount, facility_id, room_id, use_date, slot_nos, slot_codes, atom_ids,
		starts_at, state, offer_ends_at, created_by, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'holder' || i % 2000, '', '', '', 1,
		gen_random_uuid(), gen_random_uuid(), date '2100-01-01' + i / 20 % 1000, '{1}', '{AM}', '{7}', '2100-01-01',
		CASE WHEN i % 10000 = 0 THEN 'OFFERED' WHEN i % 2 = 0 THEN 'LEFT' ELSE 'WAITING' END, now() - interval '1 hour', 'x', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO waitlist_atom (atom_room_id, use_date, slot_no, place_id)
	SELECT 7, use_date, 1, id
	FROM waitlist_place
	WHERE state = 'WAITING';
	INSERT INTO freed_slot (id, facility_id, room_id, use_date, slot_codes, opens_at, created_at)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		('d0000000-0000-7000-8000-' || lpad((i % 500)::text, 12, '0'))::uuid, gen_random_uuid(), '2027-06-01', '{AM}',
		now() - i * interval '1 minute', now()
	FROM generate_series(1, 100000) AS i;
	INSERT INTO penalty (
		id, holder_id, booking_id, kind, half_points, state, note, recorded_on, recorded_by, appeal_by, appeal, appealed_by,
		decision_reason, created_at, updated_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'holder' || i % 2000, gen_random_uuid(), 'NO_SHOW', 2,
		CASE WHEN i % 1000 = 0 THEN 'APPEALED' ELSE 'RECORDED' END, '', '2026-04-01', 'x', '2026-04-15', '', '', '', now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	SET session_replication_role = DEFAULT;
	ANALYZE lottery, lottery_count, lottery_entry, waitlist_place, waitlist_atom, freed_slot, penalty;`

// Every list of 100,000 rows, and what the jobs look for, is found by an index,
// without reading a table and without throwing many rows away.
func TestLotteryListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := database(t)
	if _, err := db.Pool().Exec(t.Context(), manyLotteries); err != nil {
		t.Fatal(err)
	}
	id := "b0000000-0000-7000-8000-000000050007"
	first, later := pg.Page{Size: 50}, pg.Page{Size: 50, After: []string{time.Now().Add(-500 * time.Hour).Format(time.RFC3339Nano), id}}
	plans := map[string]string{}
	add := func(name, sql string, args ...any) {
		t.Helper()
		rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plans[name] = strings.Join(lines, "\n")
	}
	for name, f := range map[string]LotteryFilter{
		"all": {}, "announced": {State: lottery.Announced}, "open": {State: lottery.Open}, "closed": {State: lottery.Closed},
		"drawn": {State: lottery.Drawn}, "ended": {State: lottery.Ended}, "room": {RoomID: "d0000000-0000-7000-8000-000000000007"},
	} {
		for at, page := range map[string]pg.Page{"first": first, "later": later} {
			sql, args, err := listLotteriesSQL(f, page)
			if err != nil {
				t.Fatal(err)
			}
			add("lotteries, "+name+", "+at, sql, args)
		}
	}
	add("entries", listEntriesSQL, "c0000000-0000-7000-8000-000000000050", []string{"holder7"}, pg.LastID, 51)
	for state := range placeInState {
		sql, args, err := listPlacesSQL(state, []string{"holder7"}, first)
		if err != nil {
			t.Fatal(err)
		}
		add("places "+string(state), sql, args...)
	}
	a := atomsOf([]Span{{AtomIDs: []int32{7}, Date: jp.NewDate(2100, 2, 1), SlotNos: []int{1}}})
	add("next in line", nextInLineSQL, a.rooms, a.dates, a.slots, time.Now().Add(waitlist.Notice), id, []string{})
	add("release", aboutSpan, a.rooms, a.dates, a.slots)
	for name, facility := range map[string]string{"all": "", "of a facility": "d0000000-0000-7000-8000-000000000007"} {
		sql, args, err := listFreedSQL(facility, time.Now().Add(-10000*time.Hour), later)
		if err != nil {
			t.Fatal(err)
		}
		add("freed slots, "+name, sql, args)
	}
	for name, c := range map[string]struct {
		s PenaltyScope
		f PenaltyFilter
	}{
		"all": {s: PenaltyScope{Any: true}}, "own": {s: PenaltyScope{Holders: []string{"holder7"}}},
		"holder": {PenaltyScope{Any: true}, PenaltyFilter{HolderID: "holder7"}}, "appeals": {PenaltyScope{Any: true}, PenaltyFilter{State: "APPEALED"}},
	} {
		sql, args := listPenaltiesSQL(c.s, c.f, pg.Page{Size: 50, After: []string{id}})
		add("penalties, "+name, sql, args)
	}
	add("penalties of holders", penaltiesOfSQL, []string{"holder7", "holder8"})
	for name, by := range map[string]booking.Reader{
		"duties of staff": {ID: "c", Desk: true, Clerk: true, Approver: true}, "duties of a member": {ID: "holder7", Writers: []string{"holder8"}},
	} {
		sql, args := dutySQL(by, 101)
		add(name, sql, args)
	}
	add("due lotteries", lotteriesDueSQL)
	add("unconfirmed wins", unconfirmedSQL)
	add("ended offers", endedOffersSQL)
	for name, plan := range plans {
		for _, table := range []string{"lottery", "lottery_count", "lottery_entry", "waitlist_place", "waitlist_atom", "freed_slot", "penalty"} {
			if strings.Contains(plan, "Seq Scan on "+table+" ") {
				t.Errorf("%s reads the table %s:\n%s", name, table, plan)
			}
		}
		for line := range strings.Lines(plan) {
			if _, n, ok := strings.Cut(strings.TrimSpace(line), "Rows Removed by Filter: "); ok && len(n) > 3 {
				t.Errorf("%s reads too much:\n%s", name, plan)
			}
		}
	}
}
