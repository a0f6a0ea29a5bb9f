package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
)

const rulebookColumns = `
	id, number, title, preamble, note, clauses, review_meeting, based_on_id, state, comments_until, effective_from,
	created_at, updated_at, adopted_at, version`

func scanRulebook(row pgx.CollectableRow) (*rulebook.Version, error) {
	var (
		v           rulebook.Version
		basedOn     *string
		until, from *jp.Date
		adopted     *time.Time
	)
	err := row.Scan(&v.ID, &v.Number, &v.Title, &v.Preamble, &v.Note, &v.Clauses, &v.ReviewMeeting, &basedOn, &v.State, &until,
		&from, &v.CreatedAt, &v.UpdatedAt, &adopted, &v.Version)
	v.BasedOnID, v.CommentsUntil, v.EffectiveFrom, v.AdoptedAt = pg.Or(basedOn), pg.Or(until), pg.Or(from), pg.Or(adopted)
	return &v, err
}

// InsertRulebook queues a new draft.
func InsertRulebook(tx *pg.Tx, v *rulebook.Version) {
	tx.Queue(`
		INSERT INTO rulebook_version (
			id, number, title, preamble, note, clauses, review_meeting, based_on_id, state, created_at, updated_at, version)
		VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)`,
		v.ID, v.Title, v.Preamble, v.Note, pg.List(v.Clauses), v.ReviewMeeting, pg.Null(v.BasedOnID), v.State, v.CreatedAt, v.Version)
}

// UpdateRulebook queues the write of a locked version and counts its row's
// version up.
func UpdateRulebook(tx *pg.Tx, v *rulebook.Version) {
	v.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE rulebook_version
		SET number = $2, title = $3, preamble = $4, note = $5, clauses = $6, review_meeting = $7, state = $8,
			comments_until = $9, effective_from = $10, updated_at = $11, adopted_at = $12, version = version + 1
		WHERE id = $1 AND version = $13`,
		v.ID, v.Number, v.Title, v.Preamble, v.Note, pg.List(v.Clauses), v.ReviewMeeting, v.State, pg.Null(v.CommentsUntil),
		pg.Null(v.EffectiveFrom), v.UpdatedAt, pg.Null(v.AdoptedAt), v.Version)
	v.Version++
}

// GetRulebook reads a version; a draft only where drafts are visible. Errors:
// RESOURCE_NOT_FOUND.
func GetRulebook(ctx context.Context, r pg.Reader, id string, drafts bool) (*rulebook.Version, error) {
	return oneRulebook(ctx, r, `
		SELECT `+rulebookColumns+`
		FROM rulebook_version
		WHERE id = $1 AND (state <> 'DRAFT' OR $2)`, id, drafts)
}

// LockRulebook reads a version for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockRulebook(ctx context.Context, tx *pg.Tx, id string) (*rulebook.Version, error) {
	return oneRulebook(ctx, tx, `
		SELECT `+rulebookColumns+`
		FROM rulebook_version
		WHERE id = $1
		FOR UPDATE`, id)
}

// HoldRulebook reads a version that must not change before the transaction ends;
// a draft only where drafts are visible. Errors: RESOURCE_NOT_FOUND.
func HoldRulebook(ctx context.Context, tx *pg.Tx, id string, drafts bool) (*rulebook.Version, error) {
	return oneRulebook(ctx, tx, `
		SELECT `+rulebookColumns+`
		FROM rulebook_version
		WHERE id = $1 AND (state <> 'DRAFT' OR $2)
		FOR SHARE`, id, drafts)
}

// RulebookInForce reads the version in force on a day. Errors:
// RESOURCE_NOT_FOUND.
func RulebookInForce(ctx context.Context, r pg.Reader, today jp.Date) (*rulebook.Version, error) {
	return oneRulebook(ctx, r, `
		SELECT `+rulebookColumns+`
		FROM rulebook_version
		WHERE state = 'ADOPTED' AND effective_from <= $1
		ORDER BY effective_from DESC, number DESC
		LIMIT 1`, today)
}

// NewestAdopted reads the version that was adopted last. Errors:
// RESOURCE_NOT_FOUND.
func NewestAdopted(ctx context.Context, r pg.Reader) (*rulebook.Version, error) {
	return oneRulebook(ctx, r, `
		SELECT `+rulebookColumns+`
		FROM rulebook_version
		WHERE number > 0
		ORDER BY number DESC
		LIMIT 1`)
}

func oneRulebook(ctx context.Context, r pg.Reader, sql string, args ...any) (*rulebook.Version, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, scanRulebook)
	return v, pg.Found(err)
}

// RulebookFilter selects versions.
type RulebookFilter struct {
	State  rulebook.State // Any when empty.
	Drafts bool           // Whether drafts are visible.
}

// ListRulebooks reads one more than a page of versions, newest first.
func ListRulebooks(ctx context.Context, r pg.Reader, f RulebookFilter, page pg.Page) ([]*rulebook.Version, error) {
	rows, err := r.Query(ctx, `
		SELECT `+rulebookColumns+`
		FROM rulebook_version
		WHERE id < $1 AND ($2 = '' OR state = $2) AND (state <> 'DRAFT' OR $3)
		ORDER BY id DESC
		LIMIT $4`, page.AfterID(pg.LastID), f.State, f.Drafts, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRulebook)
}
