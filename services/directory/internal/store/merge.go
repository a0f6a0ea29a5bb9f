package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// LockBoth reads two organizations and holds their rows, in the order of their
// ids, until the end of the transaction. Errors: RESOURCE_NOT_FOUND.
func LockBoth(ctx context.Context, tx *pg.Tx, id, otherID string, v Viewer) (one, other *organization.Organization, err error) {
	found := map[string]*organization.Organization{}
	ids := []string{id, otherID}
	slices.Sort(ids)
	for _, each := range slices.Compact(ids) {
		o, err := LockOrganization(ctx, tx, each, v)
		if err != nil {
			return nil, nil, err
		}
		found[each] = &o.Organization
	}
	return found[id], found[otherID], nil
}

// FollowSurvivor queues that what was merged into from lives on in to.
func FollowSurvivor(tx *pg.Tx, from, to string) {
	tx.Queue(`
		UPDATE organization
		SET survivor_id = $2
		WHERE survivor_id = $1`, from, to)
}

// MovedMember is a membership that ended, and what came of it.
type MovedMember struct {
	ID       string      `db:"id"`
	PersonID string      `db:"person_id"`
	Role     member.Role `db:"role"`
	Joins    bool        `db:"joins"` // Whether the person is no member of the survivor yet.
}

// EndMembers ends all memberships and invitations of a locked organization and
// returns the members, of whom those that are none of the survivor's join it.
func EndMembers(ctx context.Context, tx *pg.Tx, from, survivor string) ([]*MovedMember, error) {
	return many[MovedMember](ctx, tx, `
		WITH ended AS (
			UPDATE member AS m
			SET state = 'REMOVED', email = '', expires_at = NULL, updated_at = @now, version = version + 1
			WHERE m.organization_id = @from AND m.state <> 'REMOVED'
			RETURNING m.id, m.person_id, m.role
		)
		SELECT e.id, e.person_id::text AS person_id, e.role, NOT EXISTS (
			SELECT FROM member AS m
			WHERE m.organization_id = @survivor AND m.person_id = e.person_id AND m.state = 'ACTIVE'
		) AS joins
		FROM ended AS e
		WHERE e.person_id IS NOT NULL
		ORDER BY e.id`,
		pgx.StrictNamedArgs{"from": from, "survivor": survivor, "now": tx.Now})
}
