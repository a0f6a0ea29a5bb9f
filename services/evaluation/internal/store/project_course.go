package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// CountMilestones counts the milestones of a locked project.
func CountMilestones(ctx context.Context, tx *pg.Tx, projectID string) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM project_milestone
		WHERE project_id = $1`, projectID).Scan(&n)
	return n, err
}

// AddMilestone queues a milestone.
func AddMilestone(tx *pg.Tx, m *project.Milestone) {
	tx.Queue(`
		INSERT INTO project_milestone (id, project_id, title, due_on, done_on, note, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.ID, m.ProjectID, m.Title, m.DueOn, pg.Null(m.DoneOn), m.Note, m.CreatedAt, m.Version)
}

// UpdateMilestone queues the write of a milestone of a locked project and counts
// its version up.
func UpdateMilestone(tx *pg.Tx, m *project.Milestone) {
	tx.Queue(`
		UPDATE project_milestone
		SET title = $2, due_on = $3, done_on = $4, note = $5, version = version + 1
		WHERE id = $1 AND version = $6`, m.ID, m.Title, m.DueOn, pg.Null(m.DoneOn), m.Note, m.Version)
	m.Version++
}

const milestoneColumns = `id, project_id, title, due_on, done_on, note, created_at, version`

func scanMilestone(row pgx.CollectableRow) (*project.Milestone, error) {
	var (
		m    project.Milestone
		done *jp.Date
	)
	err := row.Scan(&m.ID, &m.ProjectID, &m.Title, &m.DueOn, &done, &m.Note, &m.CreatedAt, &m.Version)
	m.DoneOn = pg.Or(done)
	return &m, err
}

// GetMilestone reads a milestone of a project. Errors: RESOURCE_NOT_FOUND.
func GetMilestone(ctx context.Context, r pg.Reader, projectID, id string) (*project.Milestone, error) {
	rows, err := r.Query(ctx, `
		SELECT `+milestoneColumns+`
		FROM project_milestone
		WHERE id = $1 AND project_id = $2`, id, projectID)
	if err != nil {
		return nil, err
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanMilestone)
	return m, pg.Found(err)
}

// ListMilestones reads one more than a page of a project's milestones, by day.
func ListMilestones(ctx context.Context, r pg.Reader, projectID string, page pg.Page) ([]*project.Milestone, error) {
	day, id, err := pg.DateAfter(page.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT `+milestoneColumns+`
		FROM project_milestone
		WHERE project_id = $1 AND (due_on, id) > ($2, $3)
		ORDER BY due_on, id
		LIMIT $4`, projectID, day, id, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMilestone)
}

// AddProjectProgress queues an entry of a public course.
func AddProjectProgress(tx *pg.Tx, e *project.Entry) {
	tx.Queue(`
		INSERT INTO project_progress (
			id, project_id, date, state, title, body, side, credits, published, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.ID, e.ProjectID, e.Date, e.State, e.Title, e.Body, e.Side, pg.List(e.Credits), e.Published, e.CreatedBy, e.CreatedAt)
}

// PublishProjectProgress queues the approval of a drafted entry.
func PublishProjectProgress(tx *pg.Tx, e *project.Entry) {
	tx.Queue(`
		UPDATE project_progress
		SET published = true, approved_by = $2, state = $3, credits = $4
		WHERE id = $1 AND NOT published`, e.ID, e.ApprovedBy, e.State, pg.List(e.Credits))
}

const progressColumns = `
	id, project_id, date, state, title, body, side, credits, published, created_by, created_at, approved_by`

func scanEntry(row pgx.CollectableRow) (*project.Entry, error) {
	var (
		e        project.Entry
		approved *string
	)
	err := row.Scan(&e.ID, &e.ProjectID, &e.Date, &e.State, &e.Title, &e.Body, &e.Side, &e.Credits, &e.Published, &e.CreatedBy,
		&e.CreatedAt, &approved)
	e.ApprovedBy = pg.Or(approved)
	return &e, err
}

// GetProjectProgress reads an entry of a locked project for its approval. Errors:
// RESOURCE_NOT_FOUND.
func GetProjectProgress(ctx context.Context, tx *pg.Tx, projectID, id string) (*project.Entry, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+progressColumns+`
		FROM project_progress
		WHERE id = $1 AND project_id = $2`, id, projectID)
	if err != nil {
		return nil, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEntry)
	return e, pg.Found(err)
}

// ListProjectProgress reads one more than a page of a project's course, oldest
// first; drafts are those that await approval.
func ListProjectProgress(ctx context.Context, r pg.Reader, projectID string, drafts bool, page pg.Page) ([]*project.Entry, error) {
	day, id, err := pg.DateAfter(page.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT `+progressColumns+`
		FROM project_progress
		WHERE project_id = $1 AND (published OR $2) AND (date, id) > ($3, $4)
		ORDER BY date, id
		LIMIT $5`, projectID, drafts, day, id, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}
