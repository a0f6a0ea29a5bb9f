package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// BookingsOn returns the ids of at most limit bookings that hold an atom on one of
// the days, in their order.
func BookingsOn(ctx context.Context, r pg.Reader, atoms []int32, days []jp.Date, limit int) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT DISTINCT holder_id::text
		FROM booking_atom
		WHERE atom_room_id = ANY ($1) AND use_date = ANY ($2) AND holder_kind = 'BOOKING'
			AND (expires_at IS NULL OR expires_at > now())
		ORDER BY holder_id::text
		LIMIT $3`, atoms, days, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// PatternInUse reports whether somebody holds a slot of a pattern on or after a
// day.
func PatternInUse(ctx context.Context, r pg.Reader, code string, from jp.Date) (bool, error) {
	var used bool
	err := r.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM room AS r
			JOIN booking_atom AS a ON a.atom_room_id = r.number
			WHERE r.pattern = $1 AND a.use_date >= $2 AND (a.expires_at IS NULL OR a.expires_at > now()))`, code, from).Scan(&used)
	return used, err
}

// Cascade is an approved closure whose bookings are being cancelled.
type Cascade struct{ ClosureID string }

// StartCascade queues that the bookings of a closure are to be cancelled.
func StartCascade(tx *pg.Tx, closureID string) {
	tx.Queue(`
		INSERT INTO closure_cascade (closure_id, started_at)
		VALUES ($1, $2)
		ON CONFLICT ON CONSTRAINT closure_cascade_pkey
		DO UPDATE SET started_at = EXCLUDED.started_at, done_at = NULL`, closureID, tx.Now)
}

// OpenCascades returns at most 100 closures whose bookings are being cancelled,
// oldest first.
func OpenCascades(ctx context.Context, r pg.Reader) ([]Cascade, error) {
	rows, err := r.Query(ctx, `
		SELECT closure_id
		FROM closure_cascade
		WHERE done_at IS NULL
		ORDER BY started_at, closure_id
		LIMIT 100`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Cascade])
}

// EndCascade queues that no booking falls into the closure any more.
func EndCascade(tx *pg.Tx, closureID string) {
	tx.Queue(`UPDATE closure_cascade SET done_at = $2 WHERE closure_id = $1`, closureID, tx.Now)
}
