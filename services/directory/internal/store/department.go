package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
)

// selectDepartments reads departments with their full names; the tree has three
// levels at most.
const selectDepartments = `
	SELECT d.id, d.name, concat(g.name, p.name, d.name) AS full_name, d.kind,
		COALESCE(d.parent_id::text, '') AS parent_id, d.valid_from, d.valid_to,
		COALESCE(d.successor_id::text, '') AS successor_id, d.created_at, d.updated_at, d.version
	FROM department AS d
	LEFT JOIN department AS p ON p.id = d.parent_id
	LEFT JOIN department AS g ON g.id = p.parent_id`

// GetDepartment returns the department. Errors: RESOURCE_NOT_FOUND.
func GetDepartment(ctx context.Context, r pg.Reader, id string) (*department.Department, error) {
	return one[department.Department](ctx, r, selectDepartments+`
		WHERE d.id = @id`, pgx.StrictNamedArgs{"id": id})
}

// LockDepartments reads the whole tree and keeps others from changing it until
// the end of the transaction; such changes are rare.
func LockDepartments(ctx context.Context, tx *pg.Tx) (department.Tree, error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE department IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return nil, err
	}
	all, err := many[department.Department](ctx, tx, selectDepartments)
	if err != nil {
		return nil, err
	}
	tree := department.Tree{}
	for _, d := range all {
		tree[d.ID] = d
	}
	return tree, nil
}

// ListDepartments returns departments by id; on nil and an empty parent select
// everything. One row more than the page holds when there is another page.
func ListDepartments(ctx context.Context, r pg.Reader, on *jp.Date, parentID string, p pg.Page) ([]*department.Department, error) {
	args := pgx.StrictNamedArgs{"on": on, "parent": pg.Null(parentID), "limit": p.Size + 1}
	sql := departmentsByID.from(selectDepartments+`
		WHERE (@on::date IS NULL OR (
				COALESCE(d.valid_from, '-infinity') <= @on::date AND COALESCE(d.valid_to, 'infinity') >= @on::date))
			AND (@parent::uuid IS NULL OR d.parent_id = @parent::uuid)`, args, p)
	return many[department.Department](ctx, r, sql+departmentsByID.by, args)
}

var departmentsByID = order{
	after: `
		AND d.id > @after_id::uuid`,
	by: `
		ORDER BY d.id
		LIMIT @limit`,
	names: []string{"after_id"},
}

// DepartmentsByID returns those of the departments that exist.
func DepartmentsByID(ctx context.Context, r pg.Reader, ids []string) ([]*department.Department, error) {
	return many[department.Department](ctx, r, selectDepartments+`
		WHERE d.id = ANY($1::uuid[])`, ids)
}

// InsertDepartment adds the department.
func InsertDepartment(ctx context.Context, tx *pg.Tx, d *department.Department) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO department (id, name, kind, parent_id, valid_from, valid_to, successor_id, created_at, updated_at, version)
		VALUES (@id, @name, @kind, @parent, @valid_from, @valid_to, @successor, @created_at, @updated_at, @version)`,
		departmentArgs(d))
	return err
}

// UpdateDepartment writes the department with the next version.
func UpdateDepartment(ctx context.Context, tx *pg.Tx, d *department.Department) error {
	d.Version++
	d.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE department
		SET name = @name, kind = @kind, parent_id = @parent, valid_from = @valid_from, valid_to = @valid_to,
			successor_id = @successor, created_at = @created_at, updated_at = @updated_at, version = @version
		WHERE id = @id`,
		departmentArgs(d))
	return err
}

func departmentArgs(d *department.Department) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": d.ID, "name": d.Name, "kind": d.Kind, "parent": pg.Null(d.ParentID), "valid_from": d.ValidFrom,
		"valid_to": d.ValidTo, "successor": pg.Null(d.SuccessorID), "created_at": d.CreatedAt, "updated_at": d.UpdatedAt,
		"version": d.Version,
	}
}
