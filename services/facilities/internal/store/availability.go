package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
)

// heldSlots folds the slots of an atom and day into bits. An open lottery holds
// its slots itself.
const heldSlots = `
	SELECT a.atom_room_id, a.use_date - $2::date,
		bit_or(1::bigint << a.slot_no),
		coalesce(bit_or(1::bigint << a.slot_no) FILTER (WHERE a.holder_kind = 'BLOCK'), 0),
		coalesce(bit_or(1::bigint << a.slot_no) FILTER (WHERE l.lottery_id IS NOT NULL), 0)
	FROM booking_atom AS a
	LEFT JOIN lottery_count AS l ON l.lottery_id = a.holder_id AND NOT l.drawn AND a.holder_kind = 'HOLD'
	WHERE a.atom_room_id = ANY ($1) AND a.use_date BETWEEN $2 AND $3 AND (a.expires_at IS NULL OR a.expires_at > now())
	GROUP BY a.atom_room_id, a.use_date`

// HeldSlots reads which slots of atoms are held on some days from a first one on.
func HeldSlots(ctx context.Context, r pg.Reader, atoms []int32, from jp.Date, days int) (*facility.Held, error) {
	var b pgx.Batch
	held := QueueHeld(&b, atoms, from, days)
	return held, r.SendBatch(ctx, &b).Close()
}

// QueueHeld is HeldSlots in a batch; what it returns is filled when the batch was
// sent and closed.
func QueueHeld(b *pgx.Batch, atoms []int32, from jp.Date, days int) *facility.Held {
	held := facility.NewHeld(atoms, days)
	b.Queue(heldSlots, atoms, from, from.AddDays(days-1)).Query(func(rows pgx.Rows) error {
		var (
			atom int32
			day  int
			m    facility.Mask
		)
		_, err := pgx.ForEachRow(rows, []any{&atom, &day, &m.Taken, &m.Blocked, &m.Lottery}, func() error {
			held.Set(atom, day, m)
			return nil
		})
		return err
	})
	return held
}
