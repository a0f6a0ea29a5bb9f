package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
)

// NoticeRow is a notice as its person sees it.
type NoticeRow struct {
	Letter
	State     notice.State
	CreatedAt time.Time
	SentAt    *time.Time
}

const noticeColumns = `
	n.id::text, n.kind, o.version, o.subject, o.path, o.facts, n.state, n.created_at, n.sent_at`

func scanNotice(row pgx.CollectableRow) (n NoticeRow, err error) {
	return n, row.Scan(&n.ID, &n.Kind, &n.Version, &n.Subject, &n.Path, &n.Facts, &n.State, &n.CreatedAt, &n.SentAt)
}

// ListNotices reads one more than a page of a person's notices, newest first.
func ListNotices(ctx context.Context, r pg.Reader, personID string, page pg.Page) ([]NoticeRow, error) {
	rows, err := r.Query(ctx, `
		SELECT `+noticeColumns+`
		FROM notice n
		JOIN notice_occasion o ON o.id = n.occasion_id
		WHERE n.person_id = $1 AND n.id < $2::uuid
		ORDER BY n.id DESC
		LIMIT $3`, personID, page.AfterID(pg.LastID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanNotice)
}

// GetNotice reads a notice of a person. Errors: RESOURCE_NOT_FOUND.
func GetNotice(ctx context.Context, r pg.Reader, personID, id string) (NoticeRow, error) {
	rows, err := r.Query(ctx, `
		SELECT `+noticeColumns+`
		FROM notice n
		JOIN notice_occasion o ON o.id = n.occasion_id
		WHERE n.person_id = $1 AND n.id = $2`, personID, id)
	if err != nil {
		return NoticeRow{}, err
	}
	one, err := pgx.CollectExactlyOneRow(rows, scanNotice)
	return one, pg.Found(err)
}

// Delivery is how the sending of a notice went, without person and content.
type Delivery struct {
	ID        string
	Kind      string
	State     notice.State
	Tries     int
	Failure   notice.Failure
	DueAt     time.Time
	CreatedAt time.Time
	SentAt    *time.Time
}

// ListDeliveries reads one more than a page of all deliveries, or of those in a
// state, newest first.
func ListDeliveries(ctx context.Context, r pg.Reader, state notice.State, page pg.Page) ([]Delivery, error) {
	sql := `
		SELECT id::text, kind, state, tries, failure, due_at, created_at, sent_at
		FROM notice
		WHERE id < $1::uuid`
	args := []any{page.AfterID(pg.LastID), page.Size + 1}
	if state != "" {
		sql, args = sql+` AND state = $3`, append(args, state)
	}
	rows, err := r.Query(ctx, sql+`
		ORDER BY id DESC
		LIMIT $2`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Delivery])
}

// NoticeCount is how many notices of a kind are in a state.
type NoticeCount struct {
	Kind  string
	State notice.State
	Count int
}

// CountNotices counts the notices that were written since a time.
func CountNotices(ctx context.Context, r pg.Reader, since time.Time) ([]NoticeCount, error) {
	rows, err := r.Query(ctx, `
		SELECT kind, state, count(*)::integer
		FROM notice
		WHERE created_at >= $1
		GROUP BY kind, state
		ORDER BY kind, state`, since)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[NoticeCount])
}

// openCounted is how many occasions are counted at most.
const openCounted = 1000

// NoticesWaiting returns since when the oldest notice waits, nil when none does,
// and how many due occasions wait for their recipients, 1,000 at most.
func NoticesWaiting(ctx context.Context, r pg.Reader) (since *time.Time, open int, err error) {
	err = r.QueryRow(ctx, `
		SELECT
			(SELECT min(created_at) FROM notice WHERE state IN ('QUEUED', 'FAILED')),
			(SELECT count(*)::integer FROM (
				SELECT FROM notice_occasion WHERE state = 'OPEN' AND due_at <= transaction_timestamp() LIMIT $1) AS due)`,
		openCounted).Scan(&since, &open)
	return since, open, err
}

// GetPreferences reads the wishes of a person; those of who never had any are
// empty.
func GetPreferences(ctx context.Context, r pg.Reader, personID string) (*notice.Preferences, error) {
	p := &notice.Preferences{PersonID: personID}
	err := r.QueryRow(ctx, `
		SELECT off_kinds, version
		FROM notice_preference
		WHERE person_id = $1`, personID).Scan(&p.Off, &p.Version)
	if pg.IsNoRows(err) {
		err = nil
	}
	return p, err
}

// LockPreferences is GetPreferences with the person's row locked; a first one is
// made.
func LockPreferences(ctx context.Context, tx *pg.Tx, personID string) (*notice.Preferences, error) {
	p := &notice.Preferences{PersonID: personID}
	return p, tx.QueryRow(ctx, `
		INSERT INTO notice_preference AS p (person_id, off_kinds, version, updated_at)
		VALUES ($1, '{}', 0, transaction_timestamp())
		ON CONFLICT ON CONSTRAINT notice_preference_pkey
		DO UPDATE SET updated_at = p.updated_at
		RETURNING p.off_kinds, p.version`, personID).Scan(&p.Off, &p.Version)
}

// PutPreferences queues the wishes of a person whose row is locked and counts their
// version up.
func PutPreferences(tx *pg.Tx, p *notice.Preferences) {
	p.Version++
	tx.Queue(`
		UPDATE notice_preference
		SET off_kinds = $2, version = $3, updated_at = transaction_timestamp()
		WHERE person_id = $1`, p.PersonID, pg.List(p.Off), p.Version)
}
