package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// FeedFilter selects the entries of a feed; an empty value selects any.
type FeedFilter struct {
	Kind           publication.Kind // Not for progress.
	Topic          string           // Not for progress.
	OrganizationID string
	DepartmentID   string
	Since          jp.Date // Only events that take place on this day or later.
	Limit          int
}

// Selects reports whether the filter selects by anything.
func (f FeedFilter) Selects() bool {
	return f.Topic != "" || f.OrganizationID != "" || f.DepartmentID != ""
}

func (f FeedFilter) where(args pgx.StrictNamedArgs) string {
	where := ``
	if f.Topic != "" {
		where += ` AND p.topics @> ARRAY[@topic::text]`
		args["topic"] = f.Topic
	}
	for name, id := range map[string]string{"organization_id": f.OrganizationID, "department_id": f.DepartmentID} {
		if id != "" {
			where += ` AND p.named @> ARRAY[@` + name + `::uuid]`
			args[name] = id
		}
	}
	return where
}

// FeedEntries reads what is public and changed last, newest first; of a calendar
// the events that begin first since a day.
func FeedEntries(ctx context.Context, r pg.Reader, f FeedFilter) ([]*publication.Publication, error) {
	sql, args := feedSQL(f)
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPublication)
}

func feedSQL(f FeedFilter) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"kind": f.Kind, "limit": f.Limit}
	where, days, order := f.where(args), []string{``}, `p.changed_at DESC, p.id DESC`
	if !f.Since.IsZero() {
		days, order = PublicationFilter{From: f.Since}.days(args), `p.starts_on, p.id`
	}
	tail := `
		ORDER BY ` + order + `
		LIMIT @limit`
	each := make([]string, len(days))
	for i, d := range days {
		each[i] = `(SELECT p.id FROM publication p WHERE p.kind = @kind AND p.visible` + where + d + tail + `)`
	}
	return `
		SELECT ` + headColumns + textColumns + `
		FROM (` + strings.Join(each, " UNION ALL ") + `) AS page
		JOIN publication p USING (id)` + tail, args
}

// FeedChanged is when what a feed shows last changed, by a withdrawal too; zero
// for never.
func FeedChanged(ctx context.Context, r pg.Reader, f FeedFilter) (time.Time, error) {
	args := pgx.StrictNamedArgs{"kind": f.Kind}
	var at *time.Time
	err := r.QueryRow(ctx, `
		SELECT max(p.changed_at)
		FROM publication p
		WHERE p.kind = @kind AND p.changed_at IS NOT NULL`+f.where(args), args).Scan(&at)
	return pg.Or(at), err
}

// ProgressItem is one entry of the public course of proposals.
type ProgressItem struct {
	ID               string
	ProposalID       string // "" for one of a call.
	Title            string
	Body             string
	OrganizationIDs  []string
	DepartmentIDs    []string
	OrganizationName string
	DepartmentNames  []string
	Hidden           bool // Whether the organization is not to be named any more.
	At               time.Time
}

// AddProgressItem queues an entry; a repeated one is not added.
func AddProgressItem(tx *pg.Tx, i ProgressItem) {
	tx.Queue(`
		INSERT INTO progress_item (
			id, proposal_id, title, body, organization_ids, department_ids, organization_name, department_names, hidden, at,
			changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, transaction_timestamp())
		ON CONFLICT ON CONSTRAINT progress_item_pkey DO NOTHING`,
		i.ID, pg.Null(i.ProposalID), i.Title, i.Body, pg.List(i.OrganizationIDs), pg.List(i.DepartmentIDs), i.OrganizationName,
		pg.List(i.DepartmentNames), i.Hidden, i.At)
}

// HideProgress queues that the entries of a proposal name its organization no
// more.
func HideProgress(tx *pg.Tx, proposalID string) {
	tx.Queue(`
		UPDATE progress_item
		SET hidden = true, organization_name = '', organization_ids = '{}', changed_at = transaction_timestamp()
		WHERE proposal_id = $1 AND NOT hidden`, proposalID)
}

// ProgressItems reads the newest entries.
func ProgressItems(ctx context.Context, r pg.Reader, f FeedFilter) ([]ProgressItem, error) {
	rows, err := r.Query(ctx, `
		SELECT id, coalesce(proposal_id::text, ''), title, body, organization_ids, department_ids, organization_name,
			department_names, hidden, at
		FROM progress_item
		WHERE ($1::uuid IS NULL OR organization_ids @> ARRAY[$1::uuid])
			AND ($2::uuid IS NULL OR department_ids @> ARRAY[$2::uuid])
		ORDER BY at DESC, id DESC
		LIMIT $3`, pgx.QueryExecModeCacheDescribe, pg.Null(f.OrganizationID), pg.Null(f.DepartmentID), f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ProgressItem])
}

// ProgressChanged is when the entries last changed; zero for never.
func ProgressChanged(ctx context.Context, r pg.Reader) (time.Time, error) {
	var at *time.Time
	err := r.QueryRow(ctx, `SELECT max(changed_at) FROM progress_item`).Scan(&at)
	return pg.Or(at), err
}
