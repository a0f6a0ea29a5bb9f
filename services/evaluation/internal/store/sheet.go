package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// SealedSheet is a sheet as it is stored until both sides have submitted.
type SealedSheet struct {
	Side       project.Side
	Sealed     []byte // nil where nothing was saved, and once the sheets are open.
	WrappedKey []byte
	Version    int64 // 0 where nothing was saved.
}

// GetSealedSheet reads what a side has saved; nothing is a sheet of version 0. The
// evaluation is locked where it is to be changed.
func GetSealedSheet(ctx context.Context, r pg.Reader, evaluationID string, side project.Side) (SealedSheet, error) {
	rows, err := r.Query(ctx, `
		SELECT side, sealed, wrapped_key, version
		FROM sheet
		WHERE evaluation_id = $1 AND side = $2`, evaluationID, side)
	if err != nil {
		return SealedSheet{}, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[SealedSheet])
	if pg.IsNoRows(err) {
		return SealedSheet{Side: side}, nil
	}
	return s, err
}

// SaveSealedSheet queues the write of a sealed sheet.
func SaveSealedSheet(tx *pg.Tx, evaluationID string, s SealedSheet) {
	tx.Queue(`
		INSERT INTO sheet (evaluation_id, side, sealed, wrapped_key, version)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT ON CONSTRAINT sheet_pkey
		DO UPDATE SET sealed = excluded.sealed, wrapped_key = excluded.wrapped_key, version = excluded.version`,
		evaluationID, s.Side, s.Sealed, s.WrappedKey, s.Version)
}

// OpenSheet queues the change from a sealed sheet to its first open version.
func OpenSheet(tx *pg.Tx, evaluationID string, r SheetRevision) {
	tx.Queue(`
		UPDATE sheet
		SET sealed = NULL, wrapped_key = NULL
		WHERE evaluation_id = $1 AND side = $2`, evaluationID, r.Side)
	AddSheetRevision(tx, evaluationID, r)
}

// SheetRevision is one open version of a sheet.
type SheetRevision struct {
	Side    project.Side
	Number  int // From 1.
	Content evaluation.Sheet
	Salt    []byte // Of the commitment; nil for a correction.
	Reason  string // Empty for the first.
	MadeBy  string
	MadeAt  time.Time
}

// AddSheetRevision queues a version.
func AddSheetRevision(tx *pg.Tx, evaluationID string, r SheetRevision) {
	tx.Queue(`
		INSERT INTO sheet_revision (evaluation_id, side, number, content, salt, reason, made_by, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		evaluationID, r.Side, r.Number, r.Content, r.Salt, r.Reason, r.MadeBy, r.MadeAt)
}

// GetSheetRevision reads an open version of a side's sheet, or the newest for 0.
// Errors: RESOURCE_NOT_FOUND.
func GetSheetRevision(ctx context.Context, r pg.Reader, evaluationID string, side project.Side, number int) (SheetRevision, error) {
	rows, err := r.Query(ctx, `
		SELECT side, number, content, salt, reason, made_by, made_at
		FROM sheet_revision
		WHERE evaluation_id = $1 AND side = $2 AND (number = $3 OR $3 = 0)
		ORDER BY number DESC
		LIMIT 1`, evaluationID, side, number)
	if err != nil {
		return SheetRevision{}, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[SheetRevision])
	return s, pg.Found(err)
}

// NewestSheets reads the newest open versions of both sides.
func NewestSheets(ctx context.Context, r pg.Reader, evaluationID string) (map[project.Side]evaluation.Sheet, error) {
	rows, err := r.Query(ctx, `
		SELECT DISTINCT ON (side) side, number, content, salt, reason, made_by, made_at
		FROM sheet_revision
		WHERE evaluation_id = $1
		ORDER BY side, number DESC`, evaluationID)
	if err != nil {
		return nil, err
	}
	newest, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SheetRevision])
	out := map[project.Side]evaluation.Sheet{}
	for _, s := range newest {
		out[s.Side] = s.Content
	}
	return out, err
}
