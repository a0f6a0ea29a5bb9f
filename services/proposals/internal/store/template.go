package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
)

var templateConstraints = map[string]*fault.Error{"reply_template_title_unique": consultation.ErrTemplateTitle}

// InsertTemplate adds a template. Errors: TEMPLATE_TITLE_TAKEN.
func InsertTemplate(ctx context.Context, tx *pg.Tx, t *consultation.Template) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO reply_template (id, title, body, updated_at, version)
		VALUES ($1, $2, $3, $4, $5)`, t.ID, t.Title, t.Body, t.UpdatedAt, t.Version)
	return pg.Refuse(err, templateConstraints)
}

// UpdateTemplate writes a locked template and counts its version up. Errors:
// TEMPLATE_TITLE_TAKEN.
func UpdateTemplate(ctx context.Context, tx *pg.Tx, t *consultation.Template) error {
	t.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE reply_template
		SET title = $2, body = $3, updated_at = $4, version = version + 1
		WHERE id = $1 AND version = $5`, t.ID, t.Title, t.Body, t.UpdatedAt, t.Version)
	t.Version++
	return pg.Refuse(err, templateConstraints)
}

// DeleteTemplate removes a template. Errors: RESOURCE_NOT_FOUND.
func DeleteTemplate(ctx context.Context, tx *pg.Tx, id string) error {
	tag, err := tx.Exec(ctx, `
		DELETE FROM reply_template
		WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		return fault.ErrNotFound
	}
	return err
}

// GetTemplate reads a template. Errors: RESOURCE_NOT_FOUND.
func GetTemplate(ctx context.Context, r pg.Reader, id string) (*consultation.Template, error) {
	return oneTemplate(ctx, r, `
		SELECT id, title, body, updated_at, version
		FROM reply_template
		WHERE id = $1`, id)
}

// LockTemplate reads a template for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockTemplate(ctx context.Context, tx *pg.Tx, id string) (*consultation.Template, error) {
	return oneTemplate(ctx, tx, `
		SELECT id, title, body, updated_at, version
		FROM reply_template
		WHERE id = $1
		FOR UPDATE`, id)
}

func oneTemplate(ctx context.Context, r pg.Reader, sql, id string) (*consultation.Template, error) {
	rows, err := r.Query(ctx, sql, id)
	if err != nil {
		return nil, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanTemplate)
	return t, pg.Found(err)
}

func scanTemplate(row pgx.CollectableRow) (*consultation.Template, error) {
	t := &consultation.Template{}
	return t, row.Scan(&t.ID, &t.Title, &t.Body, &t.UpdatedAt, &t.Version)
}

const templateListSQL = `
	SELECT id, title, body, updated_at, version
	FROM reply_template
	WHERE title > $1
	ORDER BY title
	LIMIT $2`

// ListTemplates reads one more than a page of templates, by title.
func ListTemplates(ctx context.Context, r pg.Reader, page pg.Page) ([]*consultation.Template, error) {
	rows, err := r.Query(ctx, templateListSQL, page.AfterID(""), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTemplate)
}
