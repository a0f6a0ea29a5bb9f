package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

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
		WHERE id = ANY($1::uuid[])`, pg.List(ids))
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
