package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/document"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

const documentColumns = `
	id, organization_id, registration_period, kind, file_name, media_type, size, sha256, created_by, created_at`

// InsertDocument adds a document of a locked organization. Errors:
// DOCUMENT_LIMIT when the period has all that it takes.
func InsertDocument(ctx context.Context, tx *pg.Tx, d *document.Document) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO registration_document (`+documentColumns+`)
		SELECT @id, @organization, @period, @kind, @file_name, @media_type, @size, @sha256, @created_by, @created_at
		WHERE (
			SELECT count(*)
			FROM registration_document
			WHERE organization_id = @organization AND registration_period = @period
		) < @max`,
		pgx.StrictNamedArgs{
			"id": d.ID, "organization": d.OrganizationID, "period": d.Period, "kind": d.Kind, "file_name": d.FileName,
			"media_type": d.MediaType, "size": d.Size, "sha256": d.SHA256, "created_by": d.CreatedBy, "created_at": d.CreatedAt,
			"max": document.Max,
		})
	if err == nil && tag.RowsAffected() == 0 {
		return document.ErrLimit
	}
	return err
}

// GetDocument returns one document of the organization. Errors:
// RESOURCE_NOT_FOUND.
func GetDocument(ctx context.Context, r pg.Reader, organizationID, id string) (*document.Document, error) {
	return one[document.Document](ctx, r, `
		SELECT `+documentColumns+`
		FROM registration_document
		WHERE organization_id = @organization AND id = @id`,
		pgx.StrictNamedArgs{"organization": organizationID, "id": id})
}

// ListDocuments returns the documents of the organization, oldest first, of one
// period or, for 0, of all; one more than the page holds when there is another
// page.
func ListDocuments(ctx context.Context, r pg.Reader, organizationID string, period int32, p pg.Page) ([]*document.Document, error) {
	byID := order{
		after: `
		AND id > @after_id::uuid`,
		by: `
		ORDER BY id
		LIMIT @limit`,
		names: []string{"after_id"},
	}
	args := pgx.StrictNamedArgs{"organization": organizationID, "period": period, "limit": p.Size + 1}
	return many[document.Document](ctx, r, byID.from(`
		SELECT `+documentColumns+`
		FROM registration_document
		WHERE organization_id = @organization AND (@period = 0 OR registration_period = @period)`, args, p)+byID.by, args)
}

// DeleteDocument removes a document. Its content stays in the blob store, where
// other rows may share it.
func DeleteDocument(ctx context.Context, tx *pg.Tx, id string) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM registration_document
		WHERE id = $1`, id)
	return err
}

// Checklist returns what is asked of the organization against what is there.
func Checklist(ctx context.Context, r pg.Reader, o *organization.Organization) ([]document.Item, error) {
	asked, err := ListRequirements(ctx, r, string(o.Kind))
	if err != nil {
		return nil, err
	}
	there, err := many[document.HandedIn](ctx, r, `
		SELECT kind, max(registration_period) AS registration_period
		FROM registration_document
		WHERE organization_id = $1
		GROUP BY kind`, o.ID)
	if err != nil {
		return nil, err
	}
	return document.Checklist(o, asked, there), nil
}

// ListRequirements returns what the ward asks of a kind of organization, of all
// kinds for the empty text; there are at most 81 rows.
func ListRequirements(ctx context.Context, r pg.Reader, kind string) ([]*document.Requirement, error) {
	return many[document.Requirement](ctx, r, `
		SELECT organization_kind, document_kind, level, every_renewal
		FROM document_requirement
		WHERE $1 = '' OR organization_kind = $1
		ORDER BY organization_kind, document_kind`, kind)
}

// SetRequirement writes what the ward asks.
func SetRequirement(ctx context.Context, tx *pg.Tx, q *document.Requirement) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO document_requirement (organization_kind, document_kind, level, every_renewal)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT document_requirement_pkey
		DO UPDATE SET level = EXCLUDED.level, every_renewal = EXCLUDED.every_renewal`,
		q.OrganizationKind, q.DocumentKind, q.Level, q.EveryRenewal)
	return err
}
