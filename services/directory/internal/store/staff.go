package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
)

const selectStaff = `
	SELECT s.id, s.department_id, s.person_id, p.display_name, p.email, s.roles, s.valid_from, s.valid_to, s.created_at
	FROM staff_assignment AS s
	JOIN person AS p ON p.id = s.person_id`

// ListStaff returns the assignments to a department, by time; one row more than
// the page holds when there is another page.
func ListStaff(ctx context.Context, r pg.Reader, departmentID string, p pg.Page) ([]*department.Assignment, error) {
	args := pgx.StrictNamedArgs{"department": departmentID, "limit": p.Size + 1}
	sql := staffByTime.from(selectStaff+`
		WHERE s.department_id = @department AND s.removed_at IS NULL`, args, p)
	return many[department.Assignment](ctx, r, sql+staffByTime.by, args)
}

var staffByTime = order{
	after: `
		AND (s.created_at, s.id) > (@after_time::timestamptz, @after_id::uuid)`,
	by: `
		ORDER BY s.created_at, s.id
		LIMIT @limit`,
	names: []string{"after_time", "after_id"},
}

// LockAssignment returns the assignment and holds it. Errors:
// RESOURCE_NOT_FOUND.
func LockAssignment(ctx context.Context, tx *pg.Tx, departmentID, id string) (*department.Assignment, error) {
	return one[department.Assignment](ctx, tx, selectStaff+`
		WHERE s.department_id = @department AND s.id = @id AND s.removed_at IS NULL
		FOR UPDATE OF s`,
		pgx.StrictNamedArgs{"department": departmentID, "id": id})
}

// InsertAssignment adds the assignment after those of the person that are over
// were put aside. Errors: STAFF_ALREADY_ASSIGNED.
func InsertAssignment(ctx context.Context, tx *pg.Tx, a *department.Assignment, today jp.Date) error {
	_, err := tx.Exec(ctx, `
		UPDATE staff_assignment
		SET removed_at = $2
		WHERE person_id = $1 AND removed_at IS NULL AND valid_to < $3`, a.PersonID, tx.Now, today)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO staff_assignment (id, department_id, person_id, roles, valid_from, valid_to, created_at)
		VALUES (@id, @department, @person, @roles, @valid_from, @valid_to, @created_at)`,
		pgx.StrictNamedArgs{
			"id": a.ID, "department": a.DepartmentID, "person": a.PersonID, "roles": a.Roles,
			"valid_from": a.ValidFrom, "valid_to": a.ValidTo, "created_at": a.CreatedAt,
		})
	return pg.Refuse(err, map[string]*fault.Error{"staff_assignment_person_unique": department.ErrStaffAssigned})
}

// RemoveAssignment ends the assignment at once.
func RemoveAssignment(ctx context.Context, tx *pg.Tx, id string) error {
	_, err := tx.Exec(ctx, `
		UPDATE staff_assignment
		SET removed_at = $2
		WHERE id = $1`, id, tx.Now)
	return err
}

// ReviewersAmong returns those of the persons who have the role reviewer on a day,
// in ascending order.
func ReviewersAmong(ctx context.Context, r pg.Reader, ids []string, on jp.Date) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT person_id::text
		FROM staff_assignment
		WHERE person_id = ANY($1::uuid[])
			AND removed_at IS NULL
			AND roles @> ARRAY['REVIEWER']
			AND valid_from <= $2
			AND COALESCE(valid_to, 'infinity') >= $2
		ORDER BY person_id`, ids, on)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Reviewer is who has the role reviewer.
type Reviewer struct{ PersonID, DisplayName string }

// ListReviewers returns who has the role reviewer on a day, by pseudonym; one row
// more than the page holds when there is another page. It reads the assignments of
// today in the order of the persons, of whom the ward has some thousands at most.
func ListReviewers(ctx context.Context, r pg.Reader, on jp.Date, p pg.Page) ([]*Reviewer, error) {
	args := pgx.StrictNamedArgs{"on": on, "limit": p.Size + 1}
	sql := reviewersByPerson.from(`
		SELECT s.person_id, p.display_name
		FROM staff_assignment AS s
		JOIN person AS p ON p.id = s.person_id
		WHERE s.removed_at IS NULL
			AND s.roles @> ARRAY['REVIEWER']
			AND s.valid_from <= @on
			AND COALESCE(s.valid_to, 'infinity') >= @on`, args, p)
	return many[Reviewer](ctx, r, sql+reviewersByPerson.by, args)
}

var reviewersByPerson = order{
	after: `
			AND s.person_id > @after_id::uuid`,
	by: `
		ORDER BY s.person_id
		LIMIT @limit`,
	names: []string{"after_id"},
}
