package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// InsertOrganizations adds organizations in one round trip. Errors:
// CORPORATE_NUMBER_TAKEN.
func InsertOrganizations(ctx context.Context, tx *pg.Tx, all []*organization.Organization) error {
	var b pgx.Batch
	for _, o := range all {
		b.Queue(insertOrganization, organizationArgs(o))
	}
	return refuseOrganization(tx.SendBatch(ctx, &b).Close())
}

// Identity is by what an organization is known as a duplicate.
type Identity struct {
	ID              string `db:"id"`
	CorporateNumber string `db:"corporate_number"`
	NameKey         string `db:"name_key"`
	Town            string `db:"town"`
}

// FindIdentities returns the organizations that have one of the corporate numbers
// or one of the name keys, one for each name in a town.
func FindIdentities(ctx context.Context, r pg.Reader, numbers, nameKeys []string) ([]*Identity, error) {
	return many[Identity](ctx, r, `
		SELECT id, corporate_number, name_key, town
		FROM organization
		WHERE corporate_number = ANY($1) AND corporate_number <> '' AND state NOT IN ('CLOSED', 'MERGED')
		UNION ALL
		SELECT id, corporate_number, name_key, town
		FROM (
			SELECT DISTINCT ON (name_key, town) id, corporate_number, name_key, town
			FROM organization
			WHERE name_key = ANY($2) AND state NOT IN ('CLOSED', 'MERGED')
			ORDER BY name_key, town, id
		) AS named`,
		pgx.QueryExecModeExec, numbers, nameKeys)
}
