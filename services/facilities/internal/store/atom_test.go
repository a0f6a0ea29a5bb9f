package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

func database(t *testing.T) *pg.DB {
	t.Helper()
	urls := pgtest.Service(t, "facilities", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "facilities", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "facilities", MaxConns: 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func within(t *testing.T, db *pg.DB, do func(context.Context, *pg.Tx) error) error {
	t.Helper()
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, do(ctx, tx)
	})
	return err
}

// patiently is within for one of a crowd, again for as long as the answer is that
// the system is busy.
func patiently(t *testing.T, db *pg.DB, do func(context.Context, *pg.Tx) error) error {
	t.Helper()
	for {
		if err := within(t, db, do); !errors.Is(err, fault.ErrOverloaded) || t.Context().Err() != nil {
			return err
		}
	}
}

var useDate = jp.Date{Year: 2026, Month: time.December, Day: 10}

func TestTakeAtoms(t *testing.T) {
	t.Parallel()
	db := database(t)
	span := func(atoms []int32, slots ...int) []Span {
		return []Span{{AtomIDs: atoms, Date: useDate, SlotNos: slots}}
	}
	take := func(by Holder, spans []Span) error {
		return within(t, db, func(ctx context.Context, tx *pg.Tx) error { return TakeAtoms(ctx, tx, by, spans) })
	}
	count := func(id string) (n int) {
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM booking_atom WHERE holder_id = $1`, id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	both, one, late := Holder{Kind: HeldByBooking, ID: newID()}, Holder{Kind: HeldByBooking, ID: newID()}, Holder{Kind: HeldByBooking, ID: newID()}
	past := Holder{Kind: Held, ID: newID(), Expires: time.Now().Add(-time.Second)}
	soon := Holder{Kind: Held, ID: newID(), Expires: time.Now().Add(time.Hour)}
	if err := take(both, span([]int32{2, 1}, 2, 1)); err != nil || count(both.ID) != 4 {
		t.Fatalf("%v, %d atoms", err, count(both.ID))
	}
	if err := take(one, span([]int32{1}, 2, 3)); !errors.Is(err, booking.ErrSlotTaken) || count(one.ID) != 0 {
		t.Errorf("%v, %d atoms", err, count(one.ID))
	}
	if err := take(past, span([]int32{3}, 1, 2)); err != nil {
		t.Fatal(err)
	}
	if err := take(late, span([]int32{3}, 1, 2, 3)); err != nil || count(late.ID) != 3 || count(past.ID) != 0 {
		t.Errorf("an expired hold blocks: %v, %d atoms, %d left", err, count(late.ID), count(past.ID))
	}
	if err := take(soon, span([]int32{4}, 1)); err != nil {
		t.Fatal(err)
	}
	if err := take(one, span([]int32{4}, 1, 2)); !errors.Is(err, booking.ErrSlotTaken) {
		t.Errorf("a hold that has not expired: %v", err)
	}
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		if had, err := TakeOrLeave(ctx, tx, one, Span{AtomIDs: []int32{4}, Date: useDate, SlotNos: []int{1, 2}}); had || err != nil {
			t.Errorf("TakeOrLeave = %v, %v", had, err)
		}
		if had, err := TakeOrLeave(ctx, tx, one, Span{AtomIDs: []int32{4}, Date: useDate, SlotNos: []int{2, 3}}); !had || err != nil {
			t.Errorf("TakeOrLeave = %v, %v", had, err)
		}
		return TakeFree(ctx, tx, Holder{Kind: Held, ID: past.ID}, span([]int32{4}, 1, 2, 3, 4))
	}); err != nil || count(one.ID) != 2 || count(past.ID) != 1 {
		t.Errorf("%v: %d and %d atoms", err, count(one.ID), count(past.ID))
	}
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		n, err := HandSpan(ctx, tx, both, late, Span{AtomIDs: []int32{1}, Date: useDate, SlotNos: []int{1, 2, 3}})
		if n != 2 {
			t.Errorf("%d handed", n)
		}
		FreeSpan(tx, both.ID, Span{AtomIDs: []int32{1, 2}, Date: useDate, SlotNos: []int{1}})
		return err
	}); err != nil || count(both.ID) != 1 || count(late.ID) != 5 {
		t.Errorf("%v: %d and %d atoms", err, count(both.ID), count(late.ID))
	}
}

// Any number of takers of overlapping sets, some of them of expired holds: never
// two holders, no deadlock, and all or nothing.
func TestTakeAtomsRace(t *testing.T) {
	t.Parallel()
	db := database(t)
	if _, err := db.Pool().Exec(t.Context(), `
		INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id, expires_at)
		SELECT room, $1, slot, 'HOLD', gen_random_uuid(), now() - interval '1 second'
		FROM generate_series(1, 4) AS room, generate_series(1, 6) AS slot
		WHERE (room + slot) % 2 = 0`, useDate); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var had, refused atomic.Int64
	var numbers sync.Map
	for client := range 24 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(client)))
			for range 10 {
				by := Holder{Kind: HeldByBooking, ID: newID()}
				rooms := []int32{int32(1 + r.IntN(4)), int32(1 + r.IntN(4))}
				first := 1 + r.IntN(5)
				var number int
				err := patiently(t, db, func(ctx context.Context, tx *pg.Tx) (err error) {
					number, err = TakeNumbered(ctx, tx, by, Span{AtomIDs: rooms, Date: useDate, SlotNos: []int{first, first + 1}}, 2026)
					return err
				})
				switch {
				case err == nil:
					had.Add(1)
					if _, twice := numbers.LoadOrStore(number, true); twice || number < 1 {
						t.Errorf("number %d", number)
					}
				case errors.Is(err, booking.ErrSlotTaken):
					refused.Add(1)
				default:
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	var broken, holders int
	err := db.QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE n NOT IN (2, 4)), count(*)
		FROM (SELECT count(*) AS n FROM booking_atom WHERE holder_kind = 'BOOKING' GROUP BY holder_id) AS h`).Scan(&broken, &holders)
	if err != nil || broken != 0 || int64(holders) != had.Load() {
		t.Errorf("%v: %d broken, %d holders of %d, %d refused", err, broken, holders, had.Load(), refused.Load())
	}
}

// Who meets a hold that has run out while a sweeper holds its row and then
// deletes it gets the slot: nobody holds it.
func TestTakeAtomsFromUnderASweeper(t *testing.T) {
	t.Parallel()
	db := database(t)
	expired, by := Holder{Kind: Held, ID: newID()}, Holder{Kind: HeldByBooking, ID: newID()}
	span := Span{AtomIDs: []int32{1}, Date: useDate, SlotNos: []int{1, 2, 3}}
	if _, err := db.Pool().Exec(t.Context(), `
		INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id, expires_at)
		VALUES (1, $1, 2, 'HOLD', $2, now() - interval '1 second')`, useDate, expired.ID); err != nil {
		t.Fatal(err)
	}
	locked, taken := make(chan struct{}), make(chan error, 1)
	go func() {
		<-locked
		_, err := pg.InTx(context.WithoutCancel(t.Context()), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
			return TakeNumbered(ctx, tx, by, span, 2026)
		})
		taken <- err
	}()
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := HeldAtoms(ctx, tx, expired.ID); err != nil {
			return err
		}
		close(locked)
		awaitWaiter(t, db)
		FreeAtoms(tx, expired.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-taken; err != nil {
		t.Errorf("a slot that nobody holds: %v", err)
	}
}

// awaitWaiter returns when a session of the database waits for a row.
func awaitWaiter(t *testing.T, db *pg.DB) {
	t.Helper()
	for n := 0; n == 0; {
		if err := db.QueryRow(t.Context(), `
			SELECT count(*)
			FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}

// Many sweepers and takers of the same expired holds, each hold wanted by one
// taker: every taker gets what it wants.
func TestTakeAtomsSweepRace(t *testing.T) {
	t.Parallel()
	db := database(t)
	for round := range 8 {
		day := useDate.AddDays(round)
		if _, err := db.Pool().Exec(t.Context(), `
			INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id, expires_at)
			SELECT room, $1, slot, 'HOLD', lpad(room::text, 32, '0')::uuid, now() - interval '1 second'
			FROM generate_series(1, 12) AS room, generate_series(1, 3) AS slot`, day); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for room := range 12 {
			wg.Go(func() {
				holder := fmt.Sprintf("00000000-0000-0000-0000-%012d", room+1)
				if err := patiently(t, db, func(ctx context.Context, tx *pg.Tx) error {
					_, err := HeldAtoms(ctx, tx, holder)
					FreeAtoms(tx, holder)
					return err
				}); err != nil {
					t.Errorf("sweeper: %v", err)
				}
			})
			wg.Go(func() {
				if err := patiently(t, db, func(ctx context.Context, tx *pg.Tx) error {
					span := Span{AtomIDs: []int32{int32(room + 1)}, Date: day, SlotNos: []int{1, 2, 3}}
					return TakeAtoms(ctx, tx, Holder{Kind: HeldByBooking, ID: newID()}, []Span{span})
				}); err != nil {
					t.Errorf("taker: %v", err)
				}
			})
		}
		wg.Wait()
	}
}

// Numbers ascend within a year from 1, also when the year begins at once for
// many.
func TestNextSerials(t *testing.T) {
	t.Parallel()
	db := database(t)
	for year := 2026; year < 2029; year++ {
		var wg sync.WaitGroup
		var seen sync.Map
		for range 8 {
			wg.Go(func() {
				if err := patiently(t, db, func(ctx context.Context, tx *pg.Tx) error {
					serials, err := NextSerials(ctx, tx, year, 3)
					for i, n := range serials {
						if _, twice := seen.LoadOrStore(n, true); twice || n < 1 || n > 100 || i > 0 && n <= serials[i-1] {
							t.Errorf("%d: numbers %v", year, serials)
						}
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	db := database(t)
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		s, use, err := HoldQuota(ctx, tx, "a", useDate)
		if !s.SuspendedUntil.IsZero() || use != (booking.Use{}) {
			t.Errorf("new holder: %v %v", s, use)
		}
		SetSuspension(tx, "a", until)
		AddPending(tx, Pending{EntryID: newID(), HolderID: "a", Date: useDate, Slots: 3})
		AddPending(tx, Pending{EntryID: newID(), HolderID: "a", Date: useDate.AddMonths(1), Slots: 3})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		s, use, err := HoldQuota(ctx, tx, "a", useDate.AddDays(20))
		if !s.SuspendedUntil.Equal(until) || use.MonthSlots != 3 {
			t.Errorf("%v %v", s, use)
		}
		MergeQuota(tx, "a", "b")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := within(t, db, func(ctx context.Context, tx *pg.Tx) error {
		s, use, err := HoldQuota(ctx, tx, "b", useDate)
		if !s.SuspendedUntil.Equal(until) || use.MonthSlots != 3 {
			t.Errorf("after the merger: %v %v", s, use)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func ExampleSpan() {
	fmt.Println(atomsOf([]Span{{AtomIDs: []int32{2, 1}, Date: useDate, SlotNos: []int{2, 1}}}).rooms)
	// Output: [1 1 2 2]
}
