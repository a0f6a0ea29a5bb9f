package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
)

// PutExport queues the lines of a public event for the open data.
func PutExport(tx *pg.Tx, id, csv, gif string) {
	tx.Queue(`
		INSERT INTO event_export (publication_id, csv, gif)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT event_export_pkey
		DO UPDATE SET csv = EXCLUDED.csv, gif = EXCLUDED.gif`, id, csv, gif)
}

// DropExport queues the removal of an event from the open data.
func DropExport(tx *pg.Tx, id string) {
	tx.Queue(`DELETE FROM event_export WHERE publication_id = $1`, id)
}

// Exported chooses what of an event is exported.
type Exported string

// What is exported.
const (
	ExportCSV Exported = "csv"
	ExportGIF Exported = "gif"
)

// exportRows is how many events a statement of an export reads.
const exportRows = 1000

// Export hands the lines of the open data to write, in the order of the ids. The
// bytes are write's until it returns. Each statement reads some of them, so that a
// slow reader holds neither a snapshot nor a connection.
func Export(ctx context.Context, r pg.Reader, what Exported, write func(line []byte) error) error {
	after := pg.NilID
	for {
		n, err := exportSome(ctx, r, what, &after, write)
		if err != nil || n < exportRows {
			return err
		}
	}
}

// exportSQL names the id apart, so that the order is that of the key and not of
// its text.
func exportSQL(what Exported) string {
	return `
		SELECT e.publication_id::text AS id, e.` + string(what) + `
		FROM event_export e
		WHERE e.publication_id > $1
		ORDER BY e.publication_id
		LIMIT $2`
}

func exportSome(ctx context.Context, r pg.Reader, what Exported, after *string, write func([]byte) error) (int, error) {
	rows, err := r.Query(ctx, exportSQL(what), *after, exportRows)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		raw := rows.RawValues()
		*after = string(raw[0])
		if err := write(raw[1]); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

const seatColumns = `s.event_id, s.mode, s.capacity, s.opens_at, s.closes_at, s.open, s.admitted, s.waiting, s.last_place, s.erase_on,
	s.max_party, s.draws_at, s.drawn`

func scanSeats(row pgx.CollectableRow) (*registration.Seats, error) {
	var (
		s            registration.Seats
		opens, draws *time.Time
	)
	err := row.Scan(&s.EventID, &s.Mode, &s.Capacity, &opens, &s.ClosesAt, &s.Open, &s.Admitted, &s.Waiting, &s.LastPlace, &s.EraseOn,
		&s.MaxParty, &draws, &s.Drawn)
	s.OpensAt, s.DrawsAt = pg.Or(opens), pg.Or(draws)
	return &s, err
}

// PutSeats writes the places of an event that becomes public. What was registered
// before stays, and with it how places are given.
func PutSeats(ctx context.Context, tx *pg.Tx, s *registration.Seats) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO event_seat (
			event_id, mode, capacity, opens_at, closes_at, open, admitted, waiting, last_place, erase_on, max_party, draws_at)
		VALUES ($1, $2, $3, $4, $5, true, 0, 0, 0, $6, $7, $8)
		ON CONFLICT ON CONSTRAINT event_seat_pkey
		DO UPDATE SET opens_at = EXCLUDED.opens_at, closes_at = EXCLUDED.closes_at, open = true, max_party = EXCLUDED.max_party,
			mode = CASE WHEN event_seat.last_place > 0 THEN event_seat.mode ELSE EXCLUDED.mode END,
			draws_at = CASE WHEN event_seat.last_place > 0 THEN coalesce(EXCLUDED.draws_at, event_seat.draws_at) ELSE EXCLUDED.draws_at END,
			capacity = CASE WHEN EXCLUDED.capacity = 0 THEN 0 ELSE greatest(EXCLUDED.capacity, event_seat.admitted) END,
			erase_on = EXCLUDED.erase_on`,
		s.EventID, s.Mode, s.Capacity, pg.Null(s.OpensAt), s.ClosesAt, s.EraseOn, s.MaxParty, pg.Null(s.DrawsAt))
	return err
}

// CloseSeats queues the end of registration for an event.
func CloseSeats(tx *pg.Tx, eventID string) {
	tx.Queue(`
		UPDATE event_seat
		SET open = false
		WHERE event_id = $1`, eventID)
}

// LockSeats reads the places of an event for a change of them: whoever registers
// or leaves at the same time waits. Errors: RESOURCE_NOT_FOUND.
func LockSeats(ctx context.Context, tx *pg.Tx, eventID string) (*registration.Seats, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+seatColumns+`
		FROM event_seat s
		WHERE s.event_id = $1
		FOR UPDATE`, eventID)
	if err != nil {
		return nil, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSeats)
	return s, pg.Found(err)
}

// UpdateSeats queues the counts of locked places.
func UpdateSeats(tx *pg.Tx, s *registration.Seats) {
	tx.Queue(`
		UPDATE event_seat
		SET admitted = $2, waiting = $3, last_place = $4, drawn = $5
		WHERE event_id = $1`, s.EventID, s.Admitted, s.Waiting, s.LastPlace, s.Drawn)
}

// SeatsOf returns the places of those of the events that have any.
func SeatsOf(ctx context.Context, r pg.Reader, eventIDs []string) (map[string]*registration.Seats, error) {
	rows, err := r.Query(ctx, `
		SELECT `+seatColumns+`
		FROM event_seat s
		WHERE s.event_id = ANY($1::uuid[])`, pg.List(eventIDs))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanSeats)
	out := map[string]*registration.Seats{}
	for _, s := range all {
		out[s.EventID] = s
	}
	return out, err
}
