package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
)

// AddComment queues a comment.
func AddComment(tx *pg.Tx, c *rulebook.Comment) {
	tx.Queue(`
		INSERT INTO rulebook_comment (
			id, version_id, clause_no, organization_id, body, project_id, public_number, answer, change, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', $8, $9)`,
		c.ID, c.VersionID, c.ClauseNo, c.OrganizationID, c.Body, pg.Null(c.ProjectID), c.PublicNumber, c.CreatedBy, c.CreatedAt)
}

// AnswerComment queues the ward's answer.
func AnswerComment(tx *pg.Tx, c *rulebook.Comment) {
	tx.Queue(`
		UPDATE rulebook_comment
		SET answer = $2, change = $3, answered_by = $4, answered_at = $5
		WHERE id = $1`, c.ID, c.Answer, c.Change, c.AnsweredBy, c.AnsweredAt)
}

const commentColumns = `
	c.id, c.version_id, c.clause_no, c.organization_id, o.name, c.body, c.project_id, c.public_number, c.answer, c.change,
	c.created_by, c.created_at, c.answered_by, c.answered_at`

func scanComment(row pgx.CollectableRow) (*rulebook.Comment, error) {
	var (
		c                   rulebook.Comment
		name, project, from *string
		answered            *time.Time
	)
	err := row.Scan(&c.ID, &c.VersionID, &c.ClauseNo, &c.OrganizationID, &name, &c.Body, &project, &c.PublicNumber, &c.Answer,
		&c.Change, &c.CreatedBy, &c.CreatedAt, &from, &answered)
	c.OrganizationName, c.ProjectID, c.AnsweredBy, c.AnsweredAt = pg.Or(name), pg.Or(project), pg.Or(from), pg.Or(answered)
	return &c, err
}

// LockComment reads a comment on a clause for its answer. Errors:
// RESOURCE_NOT_FOUND.
func LockComment(ctx context.Context, tx *pg.Tx, versionID string, clauseNo int, id string) (*rulebook.Comment, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+commentColumns+`
		FROM rulebook_comment c
		LEFT JOIN organization_ref o ON o.id = c.organization_id
		WHERE c.id = $1 AND c.version_id = $2 AND c.clause_no = $3
		FOR UPDATE OF c`, id, versionID, clauseNo)
	if err != nil {
		return nil, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanComment)
	return c, pg.Found(err)
}

// ListComments reads one more than a page of the comments on a clause, oldest
// first.
func ListComments(ctx context.Context, r pg.Reader, versionID string, clauseNo int, page pg.Page) ([]*rulebook.Comment, error) {
	rows, err := r.Query(ctx, `
		SELECT `+commentColumns+`
		FROM rulebook_comment c
		LEFT JOIN organization_ref o ON o.id = c.organization_id
		WHERE c.version_id = $1 AND c.clause_no = $2 AND c.id > $3
		ORDER BY c.id
		LIMIT $4`, versionID, clauseNo, page.AfterID(pg.NilID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanComment)
}

// Unanswered returns the numbers of the clauses of a version that have a comment
// without an answer.
func Unanswered(ctx context.Context, r pg.Reader, versionID string) ([]int, error) {
	rows, err := r.Query(ctx, `
		SELECT DISTINCT clause_no
		FROM rulebook_comment
		WHERE version_id = $1 AND answered_at IS NULL
		ORDER BY clause_no`, versionID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

// maxChanges bounds the changes that one adoption tells.
const maxChanges = 500

// CommentsWithChange reads the comments on a version that led to a change, by
// clause; at most 500.
func CommentsWithChange(ctx context.Context, r pg.Reader, versionID string) ([]*rulebook.Comment, error) {
	rows, err := r.Query(ctx, `
		SELECT `+commentColumns+`
		FROM rulebook_comment c
		LEFT JOIN organization_ref o ON o.id = c.organization_id
		WHERE c.version_id = $1 AND c.change <> ''
		ORDER BY c.clause_no, c.id
		LIMIT $2`, versionID, maxChanges)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanComment)
}
