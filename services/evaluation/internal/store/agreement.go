package store

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/agreement"
)

const agreementColumns = `
	a.project_id, a.version, a.state, a.title, a.preamble, a.articles, a.closing, a.form, a.rulebook_version_id, v.number,
	a.ward_signatory, a.organization_signatory, a.improvement_ids, a.created_by, a.created_at, a.updated_at, a.signed_at,
	a.revision, t.text, t.sha256,
	(SELECT jsonb_agg(jsonb_build_object(
			'Position', s.position, 'Side', s.side, 'OrganizationID', coalesce(s.organization_id::text, ''),
			'DepartmentID', coalesce(s.department_id::text, ''), 'Name', s.name, 'Signatory', s.signatory,
			'SignedBy', s.signed_by, 'SignedAt', s.signed_at) ORDER BY s.position)
		FROM agreement_signature s
		WHERE s.project_id = a.project_id AND s.version = a.version) AS signatures`

const agreementJoins = `
	JOIN rulebook_version v ON v.id = a.rulebook_version_id
	LEFT JOIN agreement_text t ON t.project_id = a.project_id AND t.version = a.version`

func scanAgreement(row pgx.CollectableRow) (*agreement.Agreement, error) {
	var (
		a      agreement.Agreement
		signed *time.Time
		text   *string
		sum    []byte
	)
	err := row.Scan(&a.ProjectID, &a.Version, &a.State, &a.Title, &a.Preamble, &a.Articles, &a.Closing, &a.Form, &a.RulebookID,
		&a.RulebookNumber, &a.WardSignatory, &a.OrganizationSignatory, &a.ImprovementIDs, &a.CreatedBy, &a.CreatedAt, &a.UpdatedAt,
		&signed, &a.Revision, &text, &sum, &a.Signatures)
	a.SignedAt, a.Text, a.SHA256 = pg.Or(signed), pg.Or(text), hex.EncodeToString(sum)
	return &a, err
}

// InsertAgreement adds a version of a locked project's agreement. Errors:
// AGREEMENT_IN_DRAFT.
func InsertAgreement(ctx context.Context, tx *pg.Tx, a *agreement.Agreement) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO agreement (
			project_id, version, state, title, preamble, articles, closing, form, rulebook_version_id, ward_signatory,
			organization_signatory, improvement_ids, created_by, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)`,
		a.ProjectID, a.Version, a.State, a.Title, a.Preamble, pg.List(a.Articles), a.Closing, a.Form, a.RulebookID, a.WardSignatory,
		a.OrganizationSignatory, pg.List(a.ImprovementIDs), a.CreatedBy, a.CreatedAt, a.Revision)
	return pg.Refuse(err, map[string]*fault.Error{"agreement_open_unique": agreement.ErrInDraft})
}

// UpdateAgreement writes a version of a locked project's agreement and counts its
// revision up.
func UpdateAgreement(ctx context.Context, tx *pg.Tx, a *agreement.Agreement) error {
	a.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE agreement
		SET state = $3, title = $4, preamble = $5, articles = $6, closing = $7, ward_signatory = $8,
			organization_signatory = $9, improvement_ids = $10, updated_at = $11, signed_at = $12, revision = revision + 1
		WHERE project_id = $1 AND version = $2 AND revision = $13`,
		a.ProjectID, a.Version, a.State, a.Title, a.Preamble, pg.List(a.Articles), a.Closing, a.WardSignatory,
		a.OrganizationSignatory, pg.List(a.ImprovementIDs), a.UpdatedAt, pg.Null(a.SignedAt), a.Revision)
	a.Revision++
	return err
}

// FixText queues the text that is signed; it is never changed.
func FixText(tx *pg.Tx, a *agreement.Agreement) {
	tx.Queue(`
		INSERT INTO agreement_text (project_id, version, text, sha256, fixed_at)
		VALUES ($1, $2, $3, decode($4, 'hex'), $5)`, a.ProjectID, a.Version, a.Text, a.SHA256, tx.Now)
}

// AddSignature queues a signature, after FixText.
func AddSignature(tx *pg.Tx, a *agreement.Agreement, s agreement.Signature) {
	tx.Queue(`
		INSERT INTO agreement_signature (
			project_id, version, position, side, organization_id, department_id, name, signatory, signed_by, signed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		a.ProjectID, a.Version, s.Position, s.Side, pg.Null(s.OrganizationID), pg.Null(s.DepartmentID), s.Name, s.Signatory, s.SignedBy,
		s.SignedAt)
}

// GetAgreement reads a version of a project's agreement; 0 is the newest. Whoever
// is not inside sees signed ones alone. Errors: RESOURCE_NOT_FOUND.
func GetAgreement(ctx context.Context, r pg.Reader, projectID string, version int, inside bool) (*agreement.Agreement, error) {
	rows, err := r.Query(ctx, `
		SELECT `+agreementColumns+`
		FROM agreement a`+agreementJoins+`
		WHERE a.project_id = $1 AND ($2 = 0 OR a.version = $2) AND ($3 OR a.state = 'SIGNED')
		ORDER BY a.version DESC
		LIMIT 1`, projectID, version, inside)
	if err != nil {
		return nil, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAgreement)
	return a, pg.Found(err)
}

// ListAgreements reads one more than a page of the versions of a project's
// agreement, oldest first.
func ListAgreements(ctx context.Context, r pg.Reader, projectID string, inside bool, page pg.Page) ([]*agreement.Agreement, error) {
	after, err := page.AfterNumber(0)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT `+agreementColumns+`
		FROM agreement a`+agreementJoins+`
		WHERE a.project_id = $1 AND a.version > $2 AND ($3 OR a.state = 'SIGNED')
		ORDER BY a.version
		LIMIT $4`, projectID, after, inside, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAgreement)
}
