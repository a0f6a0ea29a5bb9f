package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Attachment is one file of a proposal (添付書類).
type Attachment struct {
	ID         string
	ProposalID string
	Kind       string // As in AttachmentHeader.kind.
	FileName   string
	MediaType  string
	Size       int64  // Bytes.
	SHA256     string // Of the content, lower-case hexadecimal.
	Revision   int    // Submitted versions of the proposal when it was added.
	CreatedBy  string // Pseudonym.
	CreatedAt  time.Time
}

const attachmentColumns = `id, proposal_id, kind, file_name, media_type, size, sha256, revision, created_by, created_at`

func (a *Attachment) fields() []any {
	return []any{&a.ID, &a.ProposalID, &a.Kind, &a.FileName, &a.MediaType, &a.Size, &a.SHA256, &a.Revision, &a.CreatedBy, &a.CreatedAt}
}

// InsertAttachment adds a file. The proposal is locked, so that the count and
// the state that were checked still hold.
func InsertAttachment(ctx context.Context, tx *pg.Tx, a *Attachment) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO attachment (`+attachmentColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		a.ID, a.ProposalID, a.Kind, a.FileName, a.MediaType, a.Size, a.SHA256, a.Revision, a.CreatedBy, a.CreatedAt)
	if err != nil {
		return fmt.Errorf("insert attachment: %w", err)
	}
	return nil
}

// ListAttachments returns the files of a proposal, oldest first.
func ListAttachments(ctx context.Context, r pg.Reader, proposalID string) ([]*Attachment, error) {
	rows, err := r.Query(ctx, `
		SELECT `+attachmentColumns+`
		FROM attachment
		WHERE proposal_id = $1
		ORDER BY id`, proposalID)
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Attachment, error) {
		a := &Attachment{}
		return a, row.Scan(a.fields()...)
	})
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	return all, nil
}

// GetAttachment returns one file of the proposal. Errors: RESOURCE_NOT_FOUND.
func GetAttachment(ctx context.Context, r pg.Reader, proposalID, id string) (*Attachment, error) {
	a := &Attachment{}
	err := r.QueryRow(ctx, `
		SELECT `+attachmentColumns+`
		FROM attachment
		WHERE proposal_id = $1
		  AND id = $2`, proposalID, id).Scan(a.fields()...)
	if pg.IsNoRows(err) {
		return nil, fault.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("get attachment: %w", err)
	}
	return a, nil
}

// CountAttachments returns how many files a proposal has.
func CountAttachments(ctx context.Context, tx *pg.Tx, proposalID string) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM attachment
		WHERE proposal_id = $1`, proposalID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count attachments: %w", err)
	}
	return n, nil
}

// DeleteAttachment removes a file. Its content stays in the blob store, where
// other rows may share it.
func DeleteAttachment(ctx context.Context, tx *pg.Tx, id string) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM attachment
		WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("delete attachment: %w", err)
	}
	return nil
}
