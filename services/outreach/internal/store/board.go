package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
)

const selectBoard = `
	SELECT b.id, b.number, b.name, b.location, b.department_id, d.full_name, b.sizes, b.places, b.max_days,
		b.copies_per_posting, b.apply_from_months, b.needs_stamp, b.note, b.in_use, b.created_at, b.updated_at, b.version
	FROM board AS b
	LEFT JOIN department_ref AS d ON d.id = b.department_id`

func scanBoard(row pgx.CollectableRow) (*board.Board, error) {
	var (
		b          board.Board
		department *string
	)
	err := row.Scan(&b.ID, &b.Number, &b.Name, &b.Location, &b.DepartmentID, &department, &b.Sizes, &b.Places, &b.MaxDays,
		&b.CopiesPerPosting, &b.ApplyFromMonths, &b.NeedsStamp, &b.Note, &b.InUse, &b.CreatedAt, &b.UpdatedAt, &b.Version)
	b.DepartmentName = pg.Or(department)
	return &b, err
}

func boardArgs(b *board.Board) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": b.ID, "number": b.Number, "number_key": b.NumberKey(), "name": b.Name, "location": b.Location,
		"department_id": b.DepartmentID, "sizes": b.Sizes, "places": b.Places, "max_days": b.MaxDays,
		"copies_per_posting": b.CopiesPerPosting, "apply_from_months": b.ApplyFromMonths, "needs_stamp": b.NeedsStamp,
		"note": b.Note, "in_use": b.InUse, "updated_at": b.UpdatedAt, "version": b.Version,
	}
}

var boardConstraints = map[string]*fault.Error{"board_number_unique": board.ErrNumberTaken}

// InsertBoard adds a board. Errors: BOARD_NUMBER_TAKEN.
func InsertBoard(ctx context.Context, tx *pg.Tx, b *board.Board) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO board (
			id, number, number_key, name, location, department_id, sizes, places, max_days, copies_per_posting,
			apply_from_months, needs_stamp, note, in_use, created_at, updated_at, version)
		VALUES (
			@id, @number, @number_key, @name, @location, @department_id, @sizes, @places, @max_days, @copies_per_posting,
			@apply_from_months, @needs_stamp, @note, @in_use, @updated_at, @updated_at, @version)`, boardArgs(b))
	return pg.Refuse(err, boardConstraints)
}

// UpdateBoard writes a locked board with its next version. Errors:
// BOARD_NUMBER_TAKEN.
func UpdateBoard(ctx context.Context, tx *pg.Tx, b *board.Board) error {
	b.UpdatedAt = tx.Now
	b.Version++
	_, err := tx.Exec(ctx, `
		UPDATE board
		SET number = @number, number_key = @number_key, name = @name, location = @location, department_id = @department_id,
			sizes = @sizes, places = @places, max_days = @max_days, copies_per_posting = @copies_per_posting,
			apply_from_months = @apply_from_months, needs_stamp = @needs_stamp, note = @note, in_use = @in_use,
			updated_at = @updated_at, version = @version
		WHERE id = @id`, boardArgs(b))
	return pg.Refuse(err, boardConstraints)
}

// GetBoard reads a board. Errors: RESOURCE_NOT_FOUND.
func GetBoard(ctx context.Context, r pg.Reader, id string) (*board.Board, error) {
	return oneBoard(ctx, r, selectBoard+` WHERE b.id = $1`, id)
}

// LockBoard reads a board and keeps others from changing it. Errors:
// RESOURCE_NOT_FOUND.
func LockBoard(ctx context.Context, tx *pg.Tx, id string) (*board.Board, error) {
	return oneBoard(ctx, tx, selectBoard+` WHERE b.id = $1 FOR UPDATE OF b`, id)
}

func oneBoard(ctx context.Context, r pg.Reader, sql, id string) (*board.Board, error) {
	rows, err := r.Query(ctx, sql, id)
	if err != nil {
		return nil, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, scanBoard)
	return b, pg.Found(err)
}

// HoldBoards reads the boards of a posting by their number and keeps their rules
// from changing until COMMIT. Errors: BOARD_UNKNOWN.
func HoldBoards(ctx context.Context, tx *pg.Tx, ids []string) ([]*board.Board, error) {
	rows, err := tx.Query(ctx, selectBoard+`
		WHERE b.id = ANY($1::uuid[])
		ORDER BY b.number_key, b.id
		FOR SHARE OF b`, ids)
	if err != nil {
		return nil, err
	}
	boards, err := pgx.CollectRows(rows, scanBoard)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, b := range boards {
		there[b.ID] = true
	}
	for _, id := range ids {
		if !there[id] {
			return nil, board.ErrUnknown.With("boardId", id)
		}
	}
	return boards, nil
}

// BoardFilter selects boards; an empty value selects any.
type BoardFilter struct {
	DepartmentID string
	InUse        bool
}

// ListBoards reads one more than a page of the boards by their number. Errors:
// INVALID_PAGE_TOKEN.
func ListBoards(ctx context.Context, r pg.Reader, f BoardFilter, page pg.Page) ([]*board.Board, error) {
	args, where := pgx.StrictNamedArgs{"limit": page.Size + 1}, `true`
	if f.DepartmentID != "" {
		args["department"], where = f.DepartmentID, `b.department_id = @department`
	}
	if f.InUse {
		where += ` AND b.in_use`
	}
	if page.After != nil {
		if len(page.After) != 2 {
			return nil, fault.ErrInvalidPageToken
		}
		args["after"], args["after_id"] = page.After[0], page.After[1]
		where += ` AND (b.number_key, b.id) > (@after, @after_id::uuid)`
	}
	rows, err := r.Query(ctx, selectBoard+`
		WHERE `+where+`
		ORDER BY b.number_key, b.id
		LIMIT @limit`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanBoard)
}
