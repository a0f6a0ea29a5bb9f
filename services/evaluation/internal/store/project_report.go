package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// AddReport adds a report of a locked project and gives it its number.
func AddReport(ctx context.Context, tx *pg.Tx, r *project.Report) error {
	return tx.QueryRow(ctx, `
		INSERT INTO project_report (project_id, number, kind, content, side, filed_by, filed_at)
		SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6
		FROM project_report
		WHERE project_id = $1
		RETURNING number`, r.ProjectID, r.Kind, r.Content, r.Side, r.FiledBy, r.FiledAt).Scan(&r.Number)
}

const reportColumns = `project_id, number, kind, content, side, filed_by, filed_at`

func scanReport(row pgx.CollectableRow) (*project.Report, error) {
	var r project.Report
	return &r, row.Scan(&r.ProjectID, &r.Number, &r.Kind, &r.Content, &r.Side, &r.FiledBy, &r.FiledAt)
}

// GetReport reads a report of a project. Errors: RESOURCE_NOT_FOUND.
func GetReport(ctx context.Context, r pg.Reader, projectID string, number int) (*project.Report, error) {
	rows, err := r.Query(ctx, `
		SELECT `+reportColumns+`
		FROM project_report
		WHERE project_id = $1 AND number = $2`, projectID, number)
	if err != nil {
		return nil, err
	}
	report, err := pgx.CollectExactlyOneRow(rows, scanReport)
	return report, pg.Found(err)
}

// ListReports reads one more than a page of a project's reports, oldest first.
func ListReports(ctx context.Context, r pg.Reader, projectID string, page pg.Page) ([]*project.Report, error) {
	after, err := page.AfterNumber(0)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT `+reportColumns+`
		FROM project_report
		WHERE project_id = $1 AND number > $2
		ORDER BY number
		LIMIT $3`, projectID, after, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanReport)
}

// Reported reports whether the report of results of a project was filed.
func Reported(ctx context.Context, r pg.Reader, projectID string) (bool, error) {
	var there bool
	err := r.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM project_report
			WHERE project_id = $1 AND kind = 'FINAL')`, projectID).Scan(&there)
	return there, err
}

// AddChange adds a change request. Errors: CHANGE_PENDING.
func AddChange(ctx context.Context, tx *pg.Tx, c *project.Change) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO project_change (id, project_id, state, side, fields, before, after, reason, answer, asked_by, asked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10)`,
		c.ID, c.ProjectID, c.State, c.Side, c.Fields, c.Before, c.After, c.Reason, c.AskedBy, c.AskedAt)
	return pg.Refuse(err, map[string]*fault.Error{"project_change_open_unique": project.ErrChangePending})
}

// UpdateChange queues the answer to a change request of a locked project.
func UpdateChange(tx *pg.Tx, c *project.Change) {
	tx.Queue(`
		UPDATE project_change
		SET state = $2, before = $3, answer = $4, answered_by = $5, answered_at = $6
		WHERE id = $1`, c.ID, c.State, c.Before, c.Answer, c.AnsweredBy, c.AnsweredAt)
}

const changeColumns = `
	id, project_id, state, side, fields, before, after, reason, answer, asked_by, asked_at, answered_by, answered_at`

func scanChange(row pgx.CollectableRow) (*project.Change, error) {
	var (
		c        project.Change
		by       *string
		answered *time.Time
	)
	err := row.Scan(&c.ID, &c.ProjectID, &c.State, &c.Side, &c.Fields, &c.Before, &c.After, &c.Reason, &c.Answer, &c.AskedBy,
		&c.AskedAt, &by, &answered)
	c.AnsweredBy, c.AnsweredAt = pg.Or(by), pg.Or(answered)
	return &c, err
}

// GetChange reads a change request of a project. Errors: RESOURCE_NOT_FOUND.
func GetChange(ctx context.Context, r pg.Reader, projectID, id string) (*project.Change, error) {
	rows, err := r.Query(ctx, `
		SELECT `+changeColumns+`
		FROM project_change
		WHERE id = $1 AND project_id = $2`, id, projectID)
	if err != nil {
		return nil, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanChange)
	return c, pg.Found(err)
}

// ListChanges reads one more than a page of a project's change requests, oldest
// first.
func ListChanges(ctx context.Context, r pg.Reader, projectID string, page pg.Page) ([]*project.Change, error) {
	rows, err := r.Query(ctx, `
		SELECT `+changeColumns+`
		FROM project_change
		WHERE project_id = $1 AND id > $2
		ORDER BY id
		LIMIT $3`, projectID, page.AfterID(pg.NilID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanChange)
}
