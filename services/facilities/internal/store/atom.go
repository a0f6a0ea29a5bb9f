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
// taken is left out. With $7 given it also takes that many public numbers, where
// all atoms were had.
const insertAtoms = `
	WITH taken AS (
		INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id, expires_at)
		SELECT atom_room_id, use_date, slot_no, $4, $5::uuid, $6::timestamptz
		FROM unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
		ON CONFLICT DO NOTHING
		RETURNING 1
	), number AS (
		INSERT INTO number_counter (fiscal_year, kind, last)
		SELECT $8, '施', $7
		WHERE $7 > 0 AND (SELECT count(*) FROM taken) = cardinality($1::integer[])
		ON CONFLICT ON CONSTRAINT number_counter_pkey
		DO UPDATE SET last = number_counter.last + EXCLUDED.last
		RETURNING last
	)
	SELECT (SELECT count(*) FROM taken), coalesce((SELECT last FROM number), 0)`

// dropExpired makes room: a hold whose time has run out by the database's clock
// blocks nobody, swept up or not.
const dropExpired = `
	DELETE FROM booking_atom
	USING (
		SELECT b.atom_room_id, b.use_date, b.slot_no
		FROM booking_atom b
		JOIN unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
			USING (atom_room_id, use_date, slot_no)
		WHERE b.expires_at <= transaction_timestamp()
		ORDER BY b.use_date, b.atom_room_id, b.slot_no
		FOR UPDATE OF b
	) AS expired
	WHERE booking_atom.atom_room_id = expired.atom_room_id
		AND booking_atom.use_date = expired.use_date
		AND booking_atom.slot_no = expired.slot_no
	RETURNING booking_atom.atom_room_id, booking_atom.use_date, booking_atom.slot_no`

// numbers is how many public numbers of a fiscal year come with the atoms.
type numbers struct{ count, fiscalYear int }

// takeAtoms returns how many of the atoms were had, and the last of the numbers
// where all were.
func takeAtoms(ctx context.Context, tx *pg.Tx, by Holder, a atoms, n numbers) (taken, last int, err error) {
	insert := func(a atoms) (taken int, err error) {
		err = tx.QueryRow(ctx, insertAtoms, a.rooms, a.dates, a.slots, by.Kind, by.ID, null(by.Expires), n.count, n.fiscalYear).Scan(&taken, &last)
		return taken, err
	}
	if taken, err = insert(a); err != nil || taken == len(a.rooms) {
		return taken, last, err
	}
	rows, err := tx.Query(ctx, dropExpired, a.rooms, a.dates, a.slots)
	if err != nil {
		return taken, 0, err
	}
	expired, err := pgx.CollectRows(rows, scanAtom)
	if err != nil || len(expired) == 0 || n.count > 0 && taken+len(expired) < len(a.rooms) {
		return taken, 0, err
	}
	// Only what this transaction has freed itself: it waits for nobody now.
	again, err := insert(columns(expired))
	return taken + again, last, err
}

// TakeAtoms takes all atoms of the spans, or none: the transaction must fail
// with the error. Whoever has the error has met another holder; whoever has none
// holds them from COMMIT on. Errors: SLOT_TAKEN.
func TakeAtoms(ctx context.Context, tx *pg.Tx, by Holder, spans []Span) error {
	wanted := atomsOf(spans)
	n, _, err := takeAtoms(ctx, tx, by, wanted, numbers{})
	if err == nil && n != len(wanted.rooms) {
		return booking.ErrSlotTaken
	}
	return err
}

// TakeNumbered is TakeAtoms for one booking, and takes its public number in the
// same round trip. The counter's row stays locked until the transaction ends.
// Errors: SLOT_TAKEN.
func TakeNumbered(ctx context.Context, tx *pg.Tx, by Holder, span Span, fiscalYear int) (serial int, err error) {
	wanted := atomsOf([]Span{span})
	n, last, err := takeAtoms(ctx, tx, by, wanted, numbers{count: 1, fiscalYear: fiscalYear})
	if err == nil && n != len(wanted.rooms) {
		return 0, booking.ErrSlotTaken
	}
	return last, err
}

// TakeOrLeave takes all atoms of the span and reports true, or none and reports
// false; the transaction goes on.
func TakeOrLeave(ctx context.Context, tx *pg.Tx, by Holder, span Span) (bool, error) {
	wanted := atomsOf([]Span{span})
	n, _, err := takeAtoms(ctx, tx, by, wanted, numbers{})
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
	_, _, err := takeAtoms(ctx, tx, by, atomsOf(spans), numbers{})
	return err
}

// NextSerials takes so many public numbers of a fiscal year and returns the last
// one. The counter's row stays locked until the transaction ends, so it is
// taken as late as possible.
func NextSerials(ctx context.Context, tx *pg.Tx, fiscalYear, count int) (last int, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO number_counter (fiscal_year, kind, last)
		VALUES ($1, '施', $2)
		ON CONFLICT ON CONSTRAINT number_counter_pkey
		DO UPDATE SET last = number_counter.last + EXCLUDED.last
		RETURNING last`, fiscalYear, count).Scan(&last)
	return last, err
}

// HandAtoms gives all atoms of a holder to another one in place, so that nobody
// comes in between, and returns how many there were.
func HandAtoms(ctx context.Context, tx *pg.Tx, from, to Holder) (int, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE booking_atom
		SET holder_kind = $2, holder_id = $3::uuid, expires_at = $4
		WHERE holder_id = $1::uuid`, from.ID, to.Kind, to.ID, null(to.Expires))
	return int(tag.RowsAffected()), err
}

// HandSpan gives the atoms of a span that a holder has to another one in place,
// so that nobody comes in between, and returns how many there were.
func HandSpan(ctx context.Context, tx *pg.Tx, from, to Holder, span Span) (int, error) {
	a := atomsOf([]Span{span})
	tag, err := tx.Exec(ctx, handSpan, a.rooms, a.dates, a.slots, from.ID, to.Kind, to.ID, null(to.Expires))
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
		tx.Queue(handSpan, a.rooms, a.dates, a.slots, from.ID, h.To.Kind, h.To.ID, null(h.To.Expires))
	}
}

// HeldAtoms locks and returns the atoms of a holder in their order.
func HeldAtoms(ctx context.Context, tx *pg.Tx, holderID string) ([]Atom, error) {
	rows, err := tx.Query(ctx, `
		SELECT atom_room_id, use_date, slot_no
		FROM booking_atom
		WHERE holder_id = $1::uuid
		ORDER BY use_date, atom_room_id, slot_no
		FOR UPDATE`, holderID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAtom)
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
