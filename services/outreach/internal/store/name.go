package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// OrganizationName is an organization as directory tells it.
type OrganizationName struct {
	ID, Name string
	Version  int64 // Of the organization; an older one does not overwrite.
}

// DepartmentName is a department as directory tells it.
type DepartmentName struct {
	ID, FullName string
	UpdatedAt    time.Time // Of the department; an older one does not overwrite.
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

// KeepDepartment queues what directory tells of a department.
func KeepDepartment(tx *pg.Tx, d DepartmentName) {
	tx.Queue(`
		INSERT INTO department_ref (id, full_name, updated_at)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT department_ref_pkey
		DO UPDATE SET full_name = EXCLUDED.full_name, updated_at = EXCLUDED.updated_at
		WHERE department_ref.updated_at < EXCLUDED.updated_at`, d.ID, d.FullName, d.UpdatedAt)
}

// ForgetNameVersions lets the history that a restored directory publishes again
// overwrite the names that are kept.
func ForgetNameVersions(ctx context.Context, tx *pg.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE organization_ref SET version = 0`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE department_ref SET updated_at = '-infinity'`)
	return err
}

// NamesOf returns the names that are kept of organizations and departments, by
// id; what is not kept is not in it.
func NamesOf(ctx context.Context, r pg.Reader, ids ...string) (map[string]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id, name
		FROM organization_ref
		WHERE id = ANY($1::uuid[])
		UNION ALL
		SELECT id, full_name
		FROM department_ref
		WHERE id = ANY($1::uuid[])`, list(ids))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	var id, name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	return names, err
}
