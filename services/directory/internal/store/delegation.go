package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/delegation"
)

const delegationColumns = `
	d.id, d.organization_id, o.name AS organization_name, d.intermediary_id, i.name AS intermediary_name,
	i.kind = 'INTERMEDIARY' AND i.state IN ('VERIFIED', 'EXPIRED') AS published,
	d.ends_at, d.granted_by, d.created_at, d.revoked_at`

const fromDelegation = `
	FROM delegation AS d
	JOIN organization AS o ON o.id = d.organization_id
	JOIN organization AS i ON i.id = d.intermediary_id`

// ofBothSides holds for the delegations that the viewer may know of.
const ofBothSides = `(
	@desk::boolean
	OR EXISTS (
		SELECT FROM member AS m
		WHERE m.organization_id IN (d.organization_id, d.intermediary_id) AND m.person_id = @person::uuid AND m.state = 'ACTIVE'
	))`

// GetDelegation returns a delegation of the organization. Errors:
// RESOURCE_NOT_FOUND.
func GetDelegation(ctx context.Context, r pg.Reader, organizationID, id string, v Viewer) (*delegation.Delegation, error) {
	return one[delegation.Delegation](ctx, r, `
		SELECT `+delegationColumns+fromDelegation+`
		WHERE d.id = @id AND d.organization_id = @organization AND `+ofBothSides,
		pgx.StrictNamedArgs{"id": id, "organization": organizationID, "desk": v.Desk, "person": pg.Null(v.PersonID)})
}

// LockDelegation is GetDelegation that holds the row.
func LockDelegation(ctx context.Context, tx *pg.Tx, organizationID, id string, v Viewer) (*delegation.Delegation, error) {
	return one[delegation.Delegation](ctx, tx, `
		SELECT `+delegationColumns+fromDelegation+`
		WHERE d.id = @id AND d.organization_id = @organization AND `+ofBothSides+`
		FOR UPDATE OF d`,
		pgx.StrictNamedArgs{"id": id, "organization": organizationID, "desk": v.Desk, "person": pg.Null(v.PersonID)})
}

// ListDelegations returns those of one organization, or all that the viewer may
// know of, the newest first; one row more than the page holds when there is
// another page.
func ListDelegations(ctx context.Context, r pg.Reader, organizationID string, v Viewer, p pg.Page) ([]*delegation.Delegation, error) {
	sql := `
		SELECT ` + delegationColumns + fromDelegation + `
		WHERE (@organization::uuid IS NULL OR d.organization_id = @organization::uuid)`
	args := pgx.StrictNamedArgs{"organization": pg.Null(organizationID), "limit": p.Size + 1}
	if !v.Desk {
		sql += `
			AND d.id IN (
				SELECT e.id
				FROM member AS m
				JOIN delegation AS e ON e.organization_id = m.organization_id
				WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'
				UNION ALL
				SELECT e.id
				FROM member AS m
				JOIN delegation AS e ON e.intermediary_id = m.organization_id
				WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'
			)`
		args["person"] = pg.Null(v.PersonID)
	}
	return many[delegation.Delegation](ctx, r, delegationsNewest.from(sql, args, p)+delegationsNewest.by, pgx.QueryExecModeExec, args)
}

// delegationsNewest is the order of identifiers, which grow with time.
var delegationsNewest = order{
	after: `
		AND d.id < @after_id::uuid`,
	by: `
		ORDER BY d.id DESC
		LIMIT @limit`,
	names: []string{"after_id"},
}

// DelegationsBetween tells what there is between two locked organizations.
func DelegationsBetween(ctx context.Context, tx *pg.Tx, organizationID, intermediaryID string) (s delegation.Standing, err error) {
	err = tx.QueryRow(ctx, `
		SELECT coalesce(bool_or(organization_id = $1), false), count(*)
		FROM delegation
		WHERE intermediary_id = $2 AND revoked_at IS NULL AND ends_at > transaction_timestamp()`,
		organizationID, intermediaryID).Scan(&s.Between, &s.Held)
	return s, err
}

// InsertDelegation queues a new delegation.
func InsertDelegation(tx *pg.Tx, d *delegation.Delegation) {
	tx.Queue(`
		INSERT INTO delegation (id, organization_id, intermediary_id, ends_at, granted_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, d.ID, d.OrganizationID, d.IntermediaryID, d.EndsAt, d.GrantedBy, d.CreatedAt)
}

// RevokeDelegation queues the end of a delegation.
func RevokeDelegation(tx *pg.Tx, d *delegation.Delegation) {
	tx.Queue(`
		UPDATE delegation
		SET revoked_at = $2
		WHERE id = $1`, d.ID, d.RevokedAt)
}

// EndDelegations queues the end of all delegations from and to an organization:
// consent was given by and to that one, not to another.
func EndDelegations(tx *pg.Tx, organizationID string) {
	tx.Queue(`
		UPDATE delegation
		SET revoked_at = transaction_timestamp()
		WHERE (organization_id = $1 OR intermediary_id = $1) AND revoked_at IS NULL AND ends_at > transaction_timestamp()`, organizationID)
}
