package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

// HolderKind is what holds an atom.
type HolderKind string

// The kinds of holders.
const (
	HeldByBooking HolderKind = "BOOKING"
	HeldByBlock   HolderKind = "BLOCK" // No use, such as 管理上の都合.
	Held          HolderKind = "HOLD"  // An open lottery, a win, an offer, or a freed slot before it opens again.
)

// Holder holds atoms. An atom whose Expires is past is free for everybody; the
// zero time is no end.
type Holder struct {
	Kind    HolderKind
	ID      string
	Expires time.Time
}

// Span is a rectangle of atoms: rooms and slots of one day.
type Span struct {
	AtomIDs []int32
	Date    jp.Date
	SlotNos []int
}

// Atom is one room in one slot.
type Atom struct {
	Room   int32
	Date   jp.Date
	SlotNo int
}

// SpanOf returns the atoms of a booking.
func SpanOf(b *booking.Booking) Span {
	return Span{AtomIDs: b.Place.Atoms, Date: b.Date, SlotNos: b.SlotNos}
}

// atoms are the atoms of spans in the one order in which everybody takes them,
// as columns.
type atoms struct {
	rooms []int32
	dates []jp.Date
	slots []int16
}

func atomsOf(spans []Span) atoms {
	var all []Atom
	for _, s := range spans {
		for _, room := range s.AtomIDs {
			for _, no := range s.SlotNos {
				all = append(all, Atom{Room: room, Date: s.Date, SlotNo: no})
			}
		}
	}
	slices.SortFunc(all, func(a, b Atom) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Room, b.Room), cmp.Compare(a.SlotNo, b.SlotNo))
	})
	return columns(slices.Compact(all))
}

func columns(all []Atom) atoms {
	var out atoms
	for _, a := range all {
		out.rooms, out.dates, out.slots = append(out.rooms, a.Room), append(out.dates, a.Date), append(out.slots, int16(a.SlotNo))
	}
	return out
}

func scanAtom(row pgx.CollectableRow) (a Atom, err error) {
	return a, row.Scan(&a.Room, &a.Date, &a.SlotNo)
}

// insertAtoms is the only INSERT into the table: in the one order, and what is
// taken is left out. Where it had $7 atoms it also gives a public number of the
// fiscal year $8; none for 0, and none before the year has begun.
const insertAtoms = `
	WITH taken AS (
		INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id, expires_at)
		SELECT atom_room_id, use_date, slot_no, $4, $5::uuid, $6::timestamptz
		FROM unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
		ON CONFLICT DO NOTHING
		RETURNING 1
	)
	SELECT count(*), coalesce(CASE
		WHEN $8 > 0 AND count(*) = $7 THEN nextval('booking_serial') - (SELECT base FROM number_base WHERE fiscal_year = $8)
	END, 0)
	FROM taken`

// dropExpired makes room: a hold whose time has run out by the database's clock
// blocks nobody, swept up or not. It returns how many of the atoms are held; who
// sweeps a hold up at this moment is waited for.
//
// A booking that ran out is kept for $4 more from other bookings where it has to go
// to those in line, or was drawn by lot and opens at a random minute: whoever knows
// when it runs out does not come first by that.
const dropExpired = `
	WITH wanted AS (
		SELECT b.atom_room_id, b.use_date, b.slot_no,
			b.expires_at <= transaction_timestamp() AND (
				b.holder_kind <> 'BOOKING' OR b.expires_at <= transaction_timestamp() - $4::interval OR NOT (
					EXISTS (
						SELECT
						FROM waitlist_atom w
						WHERE (w.atom_room_id, w.use_date, w.slot_no) = (b.atom_room_id, b.use_date, b.slot_no))
					OR EXISTS (
						SELECT
						FROM lottery_atom l
						WHERE (l.atom_room_id, l.use_date, l.slot_no) = (b.atom_room_id, b.use_date, b.slot_no)))
			) AS expired
		FROM booking_atom b
		JOIN unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
			USING (atom_room_id, use_date, slot_no)
	), expired AS (
		SELECT b.atom_room_id, b.use_date, b.slot_no
		FROM booking_atom b
		JOIN wanted USING (atom_room_id, use_date, slot_no)
		WHERE wanted.expired AND b.expires_at <= transaction_timestamp()
		ORDER BY b.use_date, b.atom_room_id, b.slot_no
		FOR UPDATE OF b
	), gone AS (
		DELETE FROM booking_atom
		USING expired
		WHERE booking_atom.atom_room_id = expired.atom_room_id
			AND booking_atom.use_date = expired.use_date
			AND booking_atom.slot_no = expired.slot_no
	)
	SELECT count(*)
	FROM wanted
	WHERE expired IS NOT TRUE`

// takeAtoms returns how many of the atoms were had, and a public number of the
// fiscal year where all were; 0 for no year.
//
// What the first INSERT left out is held by somebody, or by a hold that has run
// out. Such holds are dropped, and the INSERT is run again, for what this
// transaction or a sweeper has made free. It can meet others in another order
// then; of two that wait for each other the database ends one, which is run
// again.
func takeAtoms(ctx context.Context, tx *pg.Tx, by Holder, a atoms, fiscalYear int) (taken, serial int, err error) {
	insert := func(missing int) (n int, err error) {
		err = tx.QueryRow(ctx, insertAtoms, a.rooms, a.dates, a.slots, by.Kind, by.ID, pg.Null(by.Expires), missing, fiscalYear).Scan(&n, &serial)
		return n, err
	}
	all := len(a.rooms)
	if taken, err = insert(all); err != nil || taken == all {
		return taken, serial, err
	}
	var (
		held int
		kept time.Duration
	)
	if by.Kind == HeldByBooking {
		kept = waitlist.PassOnTime
	}
	if err := tx.QueryRow(ctx, dropExpired, a.rooms, a.dates, a.slots, kept).Scan(&held); err != nil || held == all {
		return taken, 0, err
	}
	again, err := insert(all - taken)
	return taken + again, serial, err
}

// TakeAtoms takes all atoms of the spans, or none: the transaction must fail
// with the error. Whoever has the error has met another holder; whoever has none
// holds them from COMMIT on. Errors: SLOT_TAKEN.
func TakeAtoms(ctx context.Context, tx *pg.Tx, by Holder, spans []Span) error {
	wanted := atomsOf(spans)
	n, _, err := takeAtoms(ctx, tx, by, wanted, 0)
	if err == nil && n != len(wanted.rooms) {
		return booking.ErrSlotTaken
	}
	return err
}

// TakeNumbered is TakeAtoms for one booking, and gives its public number in the
// same round trip. Errors: SLOT_TAKEN.
func TakeNumbered(ctx context.Context, tx *pg.Tx, by Holder, span Span, fiscalYear int) (serial int, err error) {
	wanted := atomsOf([]Span{span})
	n, serial, err := takeAtoms(ctx, tx, by, wanted, fiscalYear)
	switch {
	case err != nil:
		return 0, err
	case n != len(wanted.rooms):
		return 0, booking.ErrSlotTaken
	case serial == 0: // The first booking of the fiscal year.
		serials, err := NextSerials(ctx, tx, fiscalYear, 1)
		if err != nil {
			return 0, err
		}
		return serials[0], nil
	}
	return serial, nil
}

// TakeOrLeave takes all atoms of the span and reports true, or none and reports
// false; the transaction goes on.
func TakeOrLeave(ctx context.Context, tx *pg.Tx, by Holder, span Span) (bool, error) {
	wanted := atomsOf([]Span{span})
	n, _, err := takeAtoms(ctx, tx, by, wanted, 0)
	if err != nil || n == len(wanted.rooms) {
		return err == nil, err
	}
	_, err = tx.Exec(ctx, `
		DELETE FROM booking_atom
		WHERE holder_id = $1::uuid`, by.ID)
	return false, err
}

// TakeFree takes those atoms of the spans that nobody holds.
func TakeFree(ctx context.Context, tx *pg.Tx, by Holder, spans []Span) error {
	_, _, err := takeAtoms(ctx, tx, by, atomsOf(spans), 0)
	return err
}

// HandAtoms gives all atoms of a holder to another one in place, so that nobody
// comes in between, and returns how many there were.
func HandAtoms(ctx context.Context, tx *pg.Tx, from, to Holder) (int, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE booking_atom
		SET holder_kind = $2, holder_id = $3::uuid, expires_at = $4
		WHERE holder_id = $1::uuid`, from.ID, to.Kind, to.ID, pg.Null(to.Expires))
	return int(tag.RowsAffected()), err
}

// HandSpan gives the atoms of a span that a holder has to another one in place,
// so that nobody comes in between, and returns how many there were.
func HandSpan(ctx context.Context, tx *pg.Tx, from, to Holder, span Span) (int, error) {
	a := atomsOf([]Span{span})
	tag, err := tx.Exec(ctx, handSpan, a.rooms, a.dates, a.slots, from.ID, to.Kind, to.ID, pg.Null(to.Expires))
	return int(tag.RowsAffected()), err
}

const handSpan = `
	UPDATE booking_atom b
	SET holder_kind = $5, holder_id = $6::uuid, expires_at = $7
	FROM unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
	WHERE b.atom_room_id = w.atom_room_id AND b.use_date = w.use_date AND b.slot_no = w.slot_no AND b.holder_id = $4::uuid`

// KeepAtoms moves the end of a holder's atoms and returns how many it still had.
func KeepAtoms(ctx context.Context, tx *pg.Tx, by Holder) (int, error) {
	return HandAtoms(ctx, tx, by, by)
}

// Hand is what one new holder gets.
type Hand struct {
	To    Holder
	Spans []Span
}

// HandSpans queues that parts of what a holder has go to others.
func HandSpans(tx *pg.Tx, from Holder, hands []Hand) {
	for _, h := range hands {
		a := atomsOf(h.Spans)
		tx.Queue(handSpan, a.rooms, a.dates, a.slots, from.ID, h.To.Kind, h.To.ID, pg.Null(h.To.Expires))
	}
}

// FreeAtoms queues that a holder gives up all it has.
func FreeAtoms(tx *pg.Tx, holderID string) {
	tx.Queue(`
		DELETE FROM booking_atom
		WHERE holder_id = $1::uuid`, holderID)
}

// FreeSpan queues that a holder gives up the atoms of the spans.
func FreeSpan(tx *pg.Tx, holderID string, spans ...Span) {
	a := atomsOf(spans)
	tx.Queue(`
		DELETE FROM booking_atom b
		USING unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
		WHERE b.atom_room_id = w.atom_room_id AND b.use_date = w.use_date AND b.slot_no = w.slot_no AND b.holder_id = $4::uuid`,
		a.rooms, a.dates, a.slots, holderID)
}
