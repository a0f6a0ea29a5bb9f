package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Release is what there is to know of a span that its holder gives up.
type Release struct {
	Held    []Atom // All that the holder has, in the one order.
	Waited  bool   // Whether somebody waits for a place of the span.
	Drawn   bool   // Whether a place of the span was in a lottery.
	Lottery string // Not drawn yet, with places of the span; empty for none.
}

const heldAtoms = `
	SELECT atom_room_id, use_date, slot_no
	FROM booking_atom
	WHERE holder_id = $1::uuid
	ORDER BY use_date, atom_room_id, slot_no
	FOR UPDATE`

const aboutSpan = `
	WITH span AS (
		SELECT *
		FROM unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
	), lottery AS (
		SELECT count(*) AS places, coalesce(min(lottery_id::text) FILTER (WHERE NOT c.drawn), '') AS undrawn
		FROM lottery_atom
		JOIN span USING (atom_room_id, use_date, slot_no)
		JOIN lottery_count c USING (lottery_id)
	)
	SELECT EXISTS (SELECT FROM waitlist_atom JOIN span USING (atom_room_id, use_date, slot_no)), places > 0, undrawn
	FROM lottery`

// LockRelease locks what a holder has, and then looks who else has to do with a
// span of it, in one round trip. Nobody can join the line for the span between
// that and COMMIT; a lottery of it that is not drawn is kept so.
func LockRelease(ctx context.Context, tx *pg.Tx, holderID string, s Span) (Release, error) {
	var (
		r Release
		b pgx.Batch
	)
	b.Queue(heldAtoms, holderID).Query(func(rows pgx.Rows) (err error) {
		r.Held, err = pgx.CollectRows(rows, scanAtom)
		return err
	})
	a := atomsOf([]Span{s})
	b.Queue(aboutSpan, a.rooms, a.dates, a.slots).QueryRow(func(row pgx.Row) error {
		return row.Scan(&r.Waited, &r.Drawn, &r.Lottery)
	})
	if err := tx.SendBatch(ctx, &b).Close(); err != nil || r.Lottery == "" {
		return r, err
	}
	var drawn bool
	err := tx.QueryRow(ctx, `
		SELECT drawn
		FROM lottery_count
		WHERE lottery_id = $1
		FOR SHARE`, r.Lottery).Scan(&drawn)
	if drawn {
		r.Lottery = ""
	}
	return r, err
}

// HeldAtoms locks and returns the atoms of a holder in their order.
func HeldAtoms(ctx context.Context, tx *pg.Tx, holderID string) ([]Atom, error) {
	rows, err := tx.Query(ctx, heldAtoms, holderID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAtom)
}
