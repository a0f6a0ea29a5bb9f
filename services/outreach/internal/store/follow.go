package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/follow"
)

const followColumns = `f.id, f.person_id, f.kind, f.target, f.created_at`

func scanFollow(row pgx.CollectableRow) (*follow.Follow, error) {
	var f follow.Follow
	err := row.Scan(&f.ID, &f.PersonID, &f.Kind, &f.Target, &f.CreatedAt)
	return &f, err
}

// InsertFollow adds a follow and counts it; where the person follows the same
// already it returns that one. Errors: FOLLOW_LIMIT_REACHED.
func InsertFollow(ctx context.Context, tx *pg.Tx, f *follow.Follow) (*follow.Follow, error) {
	added, err := tx.Exec(ctx, `
		INSERT INTO follow (id, person_id, kind, target, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT ON CONSTRAINT follow_once
		DO NOTHING`, f.ID, f.PersonID, f.Kind, f.Target, f.CreatedAt)
	if err != nil {
		return nil, err
	}
	if added.RowsAffected() == 0 {
		rows, err := tx.Query(ctx, `
			SELECT `+followColumns+`
			FROM follow AS f
			WHERE f.person_id = $1 AND f.kind = $2 AND f.target = $3`, f.PersonID, f.Kind, f.Target)
		if err != nil {
			return nil, err
		}
		return pgx.CollectExactlyOneRow(rows, scanFollow)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO follow_count (person_id, used)
		VALUES ($1, 1)
		ON CONFLICT ON CONSTRAINT follow_count_pkey
		DO UPDATE SET used = follow_count.used + 1`, f.PersonID)
	return f, pg.Refuse(err, map[string]*fault.Error{"follow_count_limited": follow.ErrLimit})
}

// DeleteFollow removes a follow of the person's own. Errors: RESOURCE_NOT_FOUND.
func DeleteFollow(ctx context.Context, tx *pg.Tx, personID, id string) error {
	gone, err := tx.Exec(ctx, `DELETE FROM follow WHERE id = $1 AND person_id = $2`, id, personID)
	if err != nil {
		return err
	}
	if gone.RowsAffected() == 0 {
		return fault.ErrNotFound
	}
	_, err = tx.Exec(ctx, `UPDATE follow_count SET used = used - 1 WHERE person_id = $1`, personID)
	return err
}

// ListFollows reads one more than a page of a person's own follows, newest first;
// an empty kind is any. Errors: INVALID_PAGE_TOKEN.
func ListFollows(ctx context.Context, r pg.Reader, personID string, kind follow.Kind, page pg.Page) ([]*follow.Follow, error) {
	args := pgx.StrictNamedArgs{"person": personID, "kind": kind, "limit": page.Size + 1}
	after := ""
	if page.After != nil {
		if len(page.After) != 1 {
			return nil, fault.ErrInvalidPageToken
		}
		after, args["after"] = ` AND f.id < @after::uuid`, page.After[0]
	}
	rows, err := r.Query(ctx, `
		SELECT `+followColumns+`
		FROM follow AS f
		WHERE f.person_id = @person AND (@kind = '' OR f.kind = @kind)`+after+`
		ORDER BY f.id DESC
		LIMIT @limit`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFollow)
}
