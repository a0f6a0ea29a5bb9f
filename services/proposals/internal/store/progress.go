package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// AddProgress queues an entry of a public course.
func AddProgress(tx *pg.Tx, e *proposal.Entry) {
	tx.Queue(`
		INSERT INTO progress (
			id, call_id, proposal_id, date, stage, title, body, department_names, organization_name, corrects_id,
			published, created_by, created_at, approved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		e.ID, e.CallID, pg.Null(e.ProposalID), e.Date, e.Stage, e.Title, e.Body, pg.List(e.DepartmentNames), e.OrganizationName,
		pg.Null(e.CorrectsID), e.Published, e.CreatedBy, e.CreatedAt, pg.Null(e.ApprovedBy))
}

// PublishProgress queues the approval of a drafted entry.
func PublishProgress(tx *pg.Tx, e *proposal.Entry) {
	tx.Queue(`
		UPDATE progress
		SET published = true, approved_by = $2, date = $3, stage = $4, department_names = $5, organization_name = $6
		WHERE id = $1 AND NOT published`, e.ID, e.ApprovedBy, e.Date, e.Stage, pg.List(e.DepartmentNames), e.OrganizationName)
}

const progressColumns = `
	id, call_id, proposal_id, date, stage, title, body, department_names, organization_name, corrects_id, published,
	created_by, created_at, approved_by`

func scanEntry(row pgx.CollectableRow) (*proposal.Entry, error) {
	var (
		e                      proposal.Entry
		of, corrects, approved *string
		created                time.Time
	)
	err := row.Scan(&e.ID, &e.CallID, &of, &e.Date, &e.Stage, &e.Title, &e.Body, &e.DepartmentNames, &e.OrganizationName,
		&corrects, &e.Published, &e.CreatedBy, &created, &approved)
	e.ProposalID, e.CorrectsID, e.ApprovedBy, e.CreatedAt = pg.Or(of), pg.Or(corrects), pg.Or(approved), created
	return &e, err
}

const (
	progressListSQL = `
		SELECT ` + progressColumns + `
		FROM progress
		WHERE proposal_id = $1 AND (published OR $2) AND (date, id) > ($3, $4)
		ORDER BY date, id
		LIMIT $5`
	callProgressSQL = `
		SELECT ` + progressColumns + `
		FROM progress
		WHERE call_id = $1 AND proposal_id IS NULL AND published AND (date, id) > ($2, $3)
		ORDER BY date, id
		LIMIT $4`
	logListSQL = `
		SELECT id, proposal_id, held_on, subject, body, attendees, visibility, side, department_id, created_by, created_at
		FROM proposal_log
		WHERE proposal_id = $1 AND (visibility <> 'WARD_ONLY' OR $2) AND id > $3
		ORDER BY id
		LIMIT $4`
)

// ListProgress reads one more than a page of a proposal's course, oldest first;
// drafts are those that await approval.
func ListProgress(ctx context.Context, r pg.Reader, proposalID string, drafts bool, page pg.Page) ([]*proposal.Entry, error) {
	date, id, err := pg.DateAfter(page.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, progressListSQL, proposalID, drafts, date, id, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

// ListCallProgress reads one more than a page of a call's own course, oldest
// first.
func ListCallProgress(ctx context.Context, r pg.Reader, callID string, page pg.Page) ([]*proposal.Entry, error) {
	date, id, err := pg.DateAfter(page.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, callProgressSQL, callID, date, id, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

// LockProgress reads an entry of a proposal for its approval. Errors:
// RESOURCE_NOT_FOUND.
func LockProgress(ctx context.Context, tx *pg.Tx, proposalID, id string) (*proposal.Entry, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+progressColumns+`
		FROM progress
		WHERE id = $1 AND proposal_id = $2
		FOR UPDATE`, id, proposalID)
	if err != nil {
		return nil, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEntry)
	return e, pg.Found(err)
}

// AddLog queues a record of a talk.
func AddLog(tx *pg.Tx, e *proposal.LogEntry) {
	tx.Queue(`
		INSERT INTO proposal_log (
			id, proposal_id, held_on, subject, body, attendees, visibility, side, department_id, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.ID, e.ProposalID, e.HeldOn, e.Subject, e.Body, e.Attendees, e.Visibility, e.Side, pg.Null(e.DepartmentID),
		e.CreatedBy, e.CreatedAt)
}

// ListLog reads one more than a page of the talks, oldest first; those of the
// ward only where the reader sees them.
func ListLog(ctx context.Context, r pg.Reader, proposalID string, ward bool, page pg.Page) ([]*proposal.LogEntry, error) {
	rows, err := r.Query(ctx, logListSQL, proposalID, ward, page.AfterID(pg.NilID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*proposal.LogEntry, error) {
		var (
			e          proposal.LogEntry
			held       jp.Date
			department *string
		)
		err := row.Scan(&e.ID, &e.ProposalID, &held, &e.Subject, &e.Body, &e.Attendees, &e.Visibility, &e.Side, &department,
			&e.CreatedBy, &e.CreatedAt)
		e.HeldOn, e.DepartmentID = held, pg.Or(department)
		return &e, err
	})
}
