package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

const attachmentColumns = `id, project_id, kind, visibility, published, side, file_name, media_type, size, sha256, created_by, created_at, approved_by`

func scanAttachment(row pgx.CollectableRow) (*project.Attachment, error) {
	a := &project.Attachment{}
	var approved *string
	err := row.Scan(
		&a.ID, &a.ProjectID, &a.Kind, &a.Visibility, &a.Published, &a.Side, &a.FileName, &a.MediaType, &a.Size, &a.SHA256,
		&a.CreatedBy, &a.CreatedAt, &approved)
	a.ApprovedBy = pg.Or(approved)
	return a, err
}

// AddAttachment queues a new document.
func AddAttachment(tx *pg.Tx, a *project.Attachment) {
	tx.Queue(`
		INSERT INTO project_attachment (`+attachmentColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		a.ID, a.ProjectID, a.Kind, a.Visibility, a.Published, a.Side, a.FileName, a.MediaType, a.Size, a.SHA256, a.CreatedBy,
		a.CreatedAt, pg.Null(a.ApprovedBy))
}

// PublishAttachment queues the approval of a document.
func PublishAttachment(tx *pg.Tx, a *project.Attachment) {
	tx.Queue(`
		UPDATE project_attachment
		SET published = true, approved_by = $2
		WHERE id = $1`, a.ID, a.ApprovedBy)
}

// DeleteAttachment queues the removal of a document. Its content stays in the
// blob store, where other rows may share it.
func DeleteAttachment(tx *pg.Tx, id string) {
	tx.Queue(`
		DELETE FROM project_attachment
		WHERE id = $1`, id)
}

// CountAttachments counts the documents of a project.
func CountAttachments(ctx context.Context, r pg.Reader, projectID string) (int, error) {
	var n int
	err := r.QueryRow(ctx, `
		SELECT count(*)
		FROM project_attachment
		WHERE project_id = $1`, projectID).Scan(&n)
	return n, err
}

// GetAttachment reads a document of a project. Errors: RESOURCE_NOT_FOUND.
func GetAttachment(ctx context.Context, r pg.Reader, projectID, id string) (*project.Attachment, error) {
	rows, err := r.Query(ctx, `
		SELECT `+attachmentColumns+`
		FROM project_attachment
		WHERE project_id = $1 AND id = $2`, projectID, id)
	if err != nil {
		return nil, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAttachment)
	return a, pg.Found(err)
}

// attachmentListSQL reads all documents of a project, of which there are as many
// as project.MaxAttachments allows.
const attachmentListSQL = `
	SELECT ` + attachmentColumns + `
	FROM project_attachment
	WHERE project_id = @project::uuid
	ORDER BY id`

// ListAttachments reads the documents of a project, oldest first.
func ListAttachments(ctx context.Context, r pg.Reader, projectID string) ([]*project.Attachment, error) {
	rows, err := r.Query(ctx, attachmentListSQL, pgx.StrictNamedArgs{"project": projectID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAttachment)
}
