package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Unowned is a submitted proposal that no lead department has accepted.
type Unowned struct {
	ID, Number, Title                string
	OrganizationID, OrganizationName string
	Since                            time.Time
	EscalatedAt                      time.Time // Zero before.
}

const unownedSelect = `
	SELECT p.id, coalesce(p.number, ''), p.title, p.organization_id, coalesce(o.name, ''), p.unowned_since, p.escalated_at
	FROM proposal p
	LEFT JOIN organization_ref o ON o.id = p.organization_id`

func scanUnowned(row pgx.CollectableRow) (u Unowned, err error) {
	var escalated *time.Time
	err = row.Scan(&u.ID, &u.Number, &u.Title, &u.OrganizationID, &u.OrganizationName, &u.Since, &escalated)
	u.EscalatedAt = pg.Or(escalated)
	return u, err
}

// ListUnowned reads one more than a page of the proposals without an owner, oldest
// first.
func ListUnowned(ctx context.Context, r pg.Reader, escalated bool, page pg.Page) ([]Unowned, error) {
	sql, args, err := unownedSQL(escalated, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanUnowned)
}

func unownedSQL(escalated bool, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1, "escalated": escalated, "after_at": time.Unix(0, 0), "after_id": pg.NilID}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		args["after_at"], args["after_id"] = at, id
	}
	return unownedSelect + `
	WHERE p.unowned_since IS NOT NULL AND (p.escalated_at IS NOT NULL OR NOT @escalated)
		AND (p.unowned_since, p.id) > (@after_at::timestamptz, @after_id::uuid)
	ORDER BY p.unowned_since, p.id
	LIMIT @limit`, args, nil
}

// LockUnescalated reads the oldest proposals without an owner that were not
// escalated, for their escalation; who is at work on one is waited for.
func LockUnescalated(ctx context.Context, tx *pg.Tx, before time.Time, limit int) ([]Unowned, error) {
	rows, err := tx.Query(ctx, unownedSelect+`
	WHERE p.unowned_since < $1 AND p.escalated_at IS NULL
	ORDER BY p.unowned_since, p.id
	LIMIT $2
	FOR UPDATE OF p`, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanUnowned)
}

// Escalate queues the mark of an escalation.
func Escalate(tx *pg.Tx, id string) {
	tx.Queue(`
		UPDATE proposal
		SET escalated_at = $2
		WHERE id = $1`, id, tx.Now)
}
