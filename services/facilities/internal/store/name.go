package store

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// OrganizationName is an organization as directory tells it.
type OrganizationName struct {
	ID, Name string
	Version  int64 // Of the organization; an older one does not overwrite.
}

// KeepOrganization queues what directory tells of an organization.
func KeepOrganization(tx *pg.Tx, o OrganizationName) {
	tx.Queue(`
		INSERT INTO organization_ref (id, name, version)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT organization_ref_pkey
		DO UPDATE SET name = EXCLUDED.name, version = EXCLUDED.version
		WHERE organization_ref.version < EXCLUDED.version`, o.ID, o.Name, o.Version)
}

// ForgetNameVersions lets the history that a restored directory publishes again
// overwrite the names that are kept.
func ForgetNameVersions(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE organization_ref SET version = 0`)
	return err
}
