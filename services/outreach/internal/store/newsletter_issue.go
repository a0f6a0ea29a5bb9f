package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

const issueColumns = `
	id, number, state, title, introduction, contact, publisher, period_from, period_to, topics, source, created_by, edited_by,
	requested_by, approved_by, return_reason, cancel_reason, send_at, started_at, finished_at, created_at, updated_at,
	version, `

func scanIssue(row pgx.CollectableRow) (*newsletter.Issue, error) {
	var (
		i                       newsletter.Issue
		number, source          *string
		sendAt, start, finished *time.Time
	)
	err := row.Scan(&i.ID, &number, &i.State, &i.Title, &i.Introduction, &i.Contact, &i.Publisher, &i.From, &i.To, &i.Topics, &source,
		&i.CreatedBy, &i.EditedBy, &i.RequestedBy, &i.ApprovedBy, &i.ReturnReason, &i.CancelReason, &sendAt, &start, &finished,
		&i.CreatedAt, &i.UpdatedAt, &i.Version, &i.Items)
	i.Number, i.Source = pg.Or(number), pg.Or(source)
	i.SendAt, i.StartedAt, i.FinishedAt = pg.Or(sendAt), pg.Or(start), pg.Or(finished)
	return &i, err
}

func issueArgs(i *newsletter.Issue) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": i.ID, "number": pg.Null(i.Number), "state": i.State, "title": i.Title, "introduction": i.Introduction,
		"contact": i.Contact, "publisher": i.Publisher, "period_from": i.From, "period_to": i.To, "topics": pg.List(i.Topics),
		"items": pg.List(i.Items), "edited_by": i.EditedBy, "requested_by": i.RequestedBy, "approved_by": i.ApprovedBy,
		"return_reason": i.ReturnReason, "cancel_reason": i.CancelReason, "send_at": pg.Null(i.SendAt),
		"started_at": pg.Null(i.StartedAt), "finished_at": pg.Null(i.FinishedAt), "updated_at": i.UpdatedAt, "version": i.Version,
	}
}

// InsertIssue adds an issue; false when there is one of its source already.
func InsertIssue(ctx context.Context, tx *pg.Tx, i *newsletter.Issue) (bool, error) {
	i.CreatedAt, i.UpdatedAt, i.Version = tx.Now, tx.Now, 1
	args := issueArgs(i)
	args["source"], args["created_by"] = pg.Null(i.Source), i.CreatedBy
	tag, err := tx.Exec(ctx, `
		INSERT INTO newsletter_issue (
			id, number, state, title, introduction, contact, publisher, period_from, period_to, topics, items, source,
			created_by, edited_by, requested_by, approved_by, return_reason, cancel_reason, send_at, started_at, finished_at,
			created_at, updated_at, version)
		VALUES (
			@id, @number, @state, @title, @introduction, @contact, @publisher, @period_from, @period_to, @topics, @items, @source,
			@created_by, @edited_by, @requested_by, @approved_by, @return_reason, @cancel_reason, @send_at, @started_at,
			@finished_at, @updated_at, @updated_at, @version)
		ON CONFLICT ON CONSTRAINT newsletter_issue_source_unique DO NOTHING`, args)
	return tag.RowsAffected() == 1, err
}

// UpdateIssue writes a locked issue with its next version.
func UpdateIssue(ctx context.Context, tx *pg.Tx, i *newsletter.Issue) error {
	i.UpdatedAt = tx.Now
	i.Version++
	_, err := tx.Exec(ctx, `
		UPDATE newsletter_issue
		SET number = @number, state = @state, title = @title, introduction = @introduction, contact = @contact,
			publisher = @publisher, period_from = @period_from, period_to = @period_to, topics = @topics, items = @items,
			edited_by = @edited_by, requested_by = @requested_by, approved_by = @approved_by, return_reason = @return_reason,
			cancel_reason = @cancel_reason, send_at = @send_at, started_at = @started_at, finished_at = @finished_at,
			updated_at = @updated_at, version = @version
		WHERE id = @id`, issueArgs(i))
	return err
}

// inArchive is the condition that holds exactly where Issue.Public does.
const inArchive = `started_at IS NOT NULL AND state <> 'CANCELLED'`

// GetIssue reads an issue: any for the ward, else one of the archive. Errors:
// RESOURCE_NOT_FOUND.
func GetIssue(ctx context.Context, r pg.Reader, id string, ward bool) (*newsletter.Issue, error) {
	return oneIssue(ctx, r, `($2 OR `+inArchive+`)`, id, ward)
}

// LockIssue reads an issue for a change. Errors: RESOURCE_NOT_FOUND.
func LockIssue(ctx context.Context, tx *pg.Tx, id string) (*newsletter.Issue, error) {
	return oneIssue(ctx, tx, `true FOR UPDATE`, id)
}

func oneIssue(ctx context.Context, r pg.Reader, where string, args ...any) (*newsletter.Issue, error) {
	rows, err := r.Query(ctx, `
		SELECT `+issueColumns+`items
		FROM newsletter_issue
		WHERE id = $1 AND `+where, args...)
	if err != nil {
		return nil, err
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanIssue)
	return i, pg.Found(err)
}

// IssueAfter are the sort values of an issue, for a page token.
func IssueAfter(i *newsletter.Issue) []string {
	return []string{i.CreatedAt.UTC().Format(time.RFC3339Nano), i.ID}
}

// ListIssues reads one more than a page of the issues without their items, newest
// first: of all for the ward, else of the archive.
func ListIssues(ctx context.Context, r pg.Reader, ward bool, state newsletter.State, page pg.Page) ([]*newsletter.Issue, error) {
	sql, args, err := issueSQL(ward, state, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanIssue)
}

func issueSQL(ward bool, state newsletter.State, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	where := []string{`true`}
	if !ward {
		where = append(where, inArchive)
	}
	if state != "" {
		where = append(where, `state = @state`)
		args["state"] = state
	}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where = append(where, `(created_at, id) < (@after::timestamptz, @after_id::uuid)`)
		args["after"], args["after_id"] = at, id
	}
	return `
		SELECT ` + issueColumns + `'[]'::jsonb
		FROM newsletter_issue
		WHERE ` + strings.Join(where, " AND ") + `
		ORDER BY created_at DESC, id DESC
		LIMIT @limit`, args, nil
}

// ArchivedIssues reads the newest issues of the archive with their items, for the feed.
func ArchivedIssues(ctx context.Context, r pg.Reader, limit int) ([]*newsletter.Issue, error) {
	rows, err := r.Query(ctx, `
		SELECT `+issueColumns+`items
		FROM newsletter_issue
		WHERE `+inArchive+`
		ORDER BY created_at DESC, id DESC
		LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanIssue)
}

// WorkingIssues returns the issues whose sending is due or under way, the oldest first.
func WorkingIssues(ctx context.Context, r pg.Reader, now time.Time) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id::text
		FROM newsletter_issue
		WHERE state IN ('SCHEDULED', 'SENDING') AND send_at <= $1
		ORDER BY send_at
		LIMIT 20`, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
