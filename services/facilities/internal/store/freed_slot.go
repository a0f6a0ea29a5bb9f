package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// FreedSlot is a slot that became free and that nobody waited for.
type FreedSlot struct {
	ID         string
	FacilityID string
	RoomID     string
	Date       jp.Date
	SlotCodes  []string
	OpensAt    time.Time
	CreatedAt  time.Time
}

// AddFreedSlot queues a freed slot.
func AddFreedSlot(tx *pg.Tx, f FreedSlot) {
	tx.Queue(`
		INSERT INTO freed_slot (id, facility_id, room_id, use_date, slot_codes, opens_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, f.ID, f.FacilityID, f.RoomID, f.Date, f.SlotCodes, f.OpensAt, f.CreatedAt)
}

// ListFreedSlots reads one more than a page of the slots that open later or have
// opened after since, the last to open first; of a facility, or of all for "".
func ListFreedSlots(ctx context.Context, r pg.Reader, facilityID string, since time.Time, page pg.Page) ([]FreedSlot, error) {
	sql, args, err := listFreedSQL(facilityID, since, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[FreedSlot])
}

func listFreedSQL(facilityID string, since time.Time, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"since": since, "limit": page.Size + 1}
	where := `opens_at > @since`
	if facilityID != "" {
		where += ` AND facility_id = @facility_id`
		args["facility_id"] = facilityID
	}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where += ` AND (opens_at, id) < (@after_at::timestamptz, @after_id::uuid)`
		args["after_at"], args["after_id"] = at, id
	}
	return `
		SELECT id::text, facility_id::text, room_id::text, use_date, slot_codes, opens_at, created_at
		FROM freed_slot
		WHERE ` + where + `
		ORDER BY opens_at DESC, id DESC
		LIMIT @limit`, args, nil
}
