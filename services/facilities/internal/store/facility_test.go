package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
)

// manyItems fills a schema with 100,000 items of two kinds, every third one of
// which has a later version and a draft, and 200,000 atoms of 100 rooms.
const manyItems = `
	SET statement_timeout = 0;
	INSERT INTO item (id, kind, code, facility_id, created_at, version)
	SELECT ('a0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'FACILITY', 'F' || lpad(i::text, 6, '0'), NULL, now(), 1
	FROM generate_series(1, 50000) AS i;
	INSERT INTO item (id, kind, code, facility_id, created_at, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'CLOSURE', '',
		('a0000000-0000-7000-8000-' || lpad((1 + i % 500)::text, 12, '0'))::uuid, now(), 1
	FROM generate_series(1, 50000) AS i;
	INSERT INTO item_version (
		item_id, number, state, name, valid_from, valid_to, source, content, drafters, updated_at, approved_by, approved_at)
	SELECT id, 1, 'APPROVED', code, '2020-04-01', NULL, '', '{}', '{a}', now(), 'b', now()
	FROM item;
	INSERT INTO item_version (
		item_id, number, state, name, valid_from, valid_to, source, content, drafters, updated_at, approved_by, approved_at)
	SELECT id, 2, 'DRAFT', code, '2027-04-01', NULL, '', '{}', '{a}', now(), NULL, NULL
	FROM item
	WHERE right(id::text, 1) IN ('0', '5');
	INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id)
	SELECT room, date '2026-01-01' + n / 3, 1 + n % 3, 'BOOKING', gen_random_uuid()
	FROM generate_series(1, 100) AS room
	CROSS JOIN generate_series(0, 1999) AS n;
	ANALYZE item;
	ANALYZE item_version;
	ANALYZE booking_atom;`

// Every list finds its page, and availability its month, by an index.
func TestCatalogueListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := database(t)
	if _, err := db.Pool().Exec(t.Context(), manyItems); err != nil {
		t.Fatal(err)
	}
	on := jp.Date{Year: 2026, Month: time.November, Day: 24}
	parent := "a0000000-0000-7000-8000-000000000007"
	for name, q := range map[string]struct {
		f    ItemFilter
		page pg.Page
	}{
		"facilities":        {ItemFilter{Kinds: []facility.Kind{facility.KindFacility}, On: on}, pg.Page{Size: 50}},
		"facilities, later": {ItemFilter{Kinds: []facility.Kind{facility.KindFacility}, On: on}, pg.Page{Size: 50, After: []string{"F040000", parent}}},
		"closures":          {ItemFilter{Kinds: []facility.Kind{facility.KindClosure}, FacilityID: parent, On: on, Upcoming: true}, pg.Page{Size: 50}},
		"drafts":            {ItemFilter{Kinds: []facility.Kind{facility.KindFacility}, On: on, Draft: true}, pg.Page{Size: 50}},
	} {
		sql, args, err := itemList(q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		bounded(t, db, name, sql, args)
	}
	var atoms []int32
	for n := range int32(20) {
		atoms = append(atoms, 1+n)
	}
	bounded(t, db, "availability", heldSlots, atoms, on, on.AddDays(30))
}

var removed = regexp.MustCompile(`Rows Removed by Filter: ([0-9]+)`)

// bounded refuses plans that read a table, or throw away much of what they read.
func bounded(t *testing.T, db *pg.DB, name, sql string, args ...any) {
	t.Helper()
	rows, err := db.Query(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	plan := strings.Join(lines, "\n")
	for _, table := range []string{"item", "item_version", "booking_atom"} {
		if strings.Contains(plan, "Seq Scan on "+table+" ") {
			t.Errorf("%s reads %s:\n%s", name, table, plan)
		}
	}
	for _, m := range removed.FindAllStringSubmatch(plan, -1) {
		if n, _ := strconv.Atoi(m[1]); n > 1000 {
			t.Errorf("%s reads too much:\n%s", name, plan)
		}
	}
}

// What is approved stays as it is, whatever the code tries.
func TestApprovedVersionsStay(t *testing.T) {
	t.Parallel()
	db := database(t)
	i := &facility.Item{
		ID: newID(), Kind: facility.KindFacility, Code: "F001", Name: "区民館", From: useDate, Drafters: []string{"clerk"}, Content: &facility.Facility{},
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		if err := InsertItem(ctx, tx, i); err != nil {
			return err
		}
		i.State, i.ApprovedBy, i.ApprovedAt = facility.Approved, "approver", tx.Now
		return SaveItem(ctx, tx, i)
	}))
	must(within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		again, err := LockItem(ctx, tx, i.ID, facility.KindFacility)
		if err != nil {
			return err
		}
		again.Name = "別の名"
		return SaveItem(ctx, tx, again)
	}))
	got, err := GetItem(t.Context(), db, i.ID, ItemFilter{Kinds: []facility.Kind{facility.KindFacility}, On: useDate})
	must(err)
	if got.Name != "区民館" {
		t.Errorf("name = %s", got.Name)
	}
	err = within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		same := *i
		same.ID = newID()
		return InsertItem(ctx, tx, &same)
	})
	if !errors.Is(err, facility.ErrCodeTaken) {
		t.Error(err)
	}
	for _, sql := range []string{
		`UPDATE item_version SET approved_by = drafters[1]`,
		`UPDATE item_version SET valid_to = valid_from - 2`,
	} {
		if _, err := db.Pool().Exec(t.Context(), sql); pg.Constraint(err) == "" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// The catalogue is read again after an approval, and only then.
func TestRulesAreReadAgainAfterAnApproval(t *testing.T) {
	t.Parallel()
	db := database(t)
	rules := NewRules()
	read := func() *facility.Catalogue {
		c, err := rules.Read(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := read()
	if read() != first {
		t.Error("it is read again without an approval")
	}
	if err := within(t, db, Supersede); err != nil {
		t.Fatal(err)
	}
	if second := read(); second == first || second.Revision != first.Revision+1 {
		t.Errorf("revision %d after %d", second.Revision, first.Revision)
	}
}

// Whoever holds the catalogue keeps approvals out until the transaction ends, and
// lets others hold it too.
func TestHoldKeepsApprovalsOut(t *testing.T) {
	t.Parallel()
	db := database(t)
	holding, release := make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	var order []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, what)
	}
	done := make(chan error)
	go func() {
		done <- within(t, db, func(ctx context.Context, tx *pg.Tx) error {
			if _, err := NewRules().Hold(ctx, tx); err != nil {
				return err
			}
			close(holding)
			<-release
			note("held")
			return nil
		})
	}()
	<-holding
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		_, err := NewRules().Hold(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	locked := make(chan error)
	go func() {
		locked <- within(t, db, func(ctx context.Context, tx *pg.Tx) error {
			if _, err := NewRules().Lock(ctx, tx); err != nil {
				return err
			}
			note("locked")
			return nil
		})
	}()
	waiting(t, db)
	close(release)
	for _, err := range []error{<-done, <-locked} {
		if err != nil {
			t.Error(err)
		}
	}
	if fmt.Sprint(order) != "[held locked]" {
		t.Error(order)
	}
}

// waiting returns when somebody waits for an advisory lock in this database.
func waiting(t *testing.T, db *pg.DB) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 400 {
		var n int
		err := db.QueryRow(t.Context(), `
			SELECT count(*)
			FROM pg_locks
			WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
		<-tick.C
	}
	t.Fatal("nobody waits")
}
