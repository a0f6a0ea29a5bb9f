package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

// NewsletterRequest is a wish that waits for its confirmation.
type NewsletterRequest struct {
	ID string
	newsletter.Wish
	ConsentVersion string
	Address        []byte // Keyed hash.
	Email          []byte // Sealed.
	Token          []byte // Hash of the link's secret.
	DueAt          time.Time
	ExpiresAt      time.Time
	ReaderID       string // After the confirmation; "" before.
}

// RenewRequest puts a newer wish into the one of the address that waits for its mail;
// false when none does. Wishes of one address come one after the other from here on.
func RenewRequest(ctx context.Context, tx *pg.Tx, r NewsletterRequest) (bool, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('newsletter/' || encode($1::bytea, 'hex'), 0))`, r.Address); err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE newsletter_request
		SET topics = $2, areas = $3, format = $4, consent_version = $5
		WHERE address_hash = $1 AND mail_state = 'QUEUED'`,
		r.Address, pg.List(r.Topics), pg.List(r.Areas), r.Format, r.ConsentVersion)
	return tag.RowsAffected() == 1, err
}

// AddRequest adds a wish whose mail is due, unless another one of the address waits
// for its mail by now.
func AddRequest(ctx context.Context, tx *pg.Tx, r NewsletterRequest) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO newsletter_request (
			id, address_hash, email, topics, areas, format, consent_version, token_hash, mail_state, tries, due_at, expires_at,
			created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'QUEUED', 0, $9, $10, transaction_timestamp())
		ON CONFLICT (address_hash) WHERE mail_state = 'QUEUED' DO NOTHING`,
		r.ID, r.Address, r.Email, pg.List(r.Topics), pg.List(r.Areas), r.Format, r.ConsentVersion, r.Token, r.DueAt, r.ExpiresAt)
	return err
}

// RequestByToken reads a wish by the hash of its link's secret. Errors:
// RESOURCE_NOT_FOUND.
func RequestByToken(ctx context.Context, r pg.Reader, hash []byte) (*NewsletterRequest, error) {
	return oneRequest(ctx, r, `token_hash = $1`, hash)
}

// LockRequest is RequestByToken for a change. Errors: RESOURCE_NOT_FOUND.
func LockRequest(ctx context.Context, tx *pg.Tx, hash []byte) (*NewsletterRequest, error) {
	return oneRequest(ctx, tx, `token_hash = $1 FOR UPDATE`, hash)
}

func oneRequest(ctx context.Context, r pg.Reader, where string, hash []byte) (*NewsletterRequest, error) {
	rows, err := r.Query(ctx, `
		SELECT id, topics, areas, format, consent_version, address_hash, email, token_hash, due_at, expires_at, reader_id
		FROM newsletter_request
		WHERE `+where, hash)
	if err != nil {
		return nil, err
	}
	q, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (*NewsletterRequest, error) {
		var q NewsletterRequest
		var reader *string
		err := row.Scan(&q.ID, &q.Topics, &q.Areas, &q.Format, &q.ConsentVersion, &q.Address, &q.Email, &q.Token, &q.DueAt,
			&q.ExpiresAt, &reader)
		q.ReaderID = pg.Or(reader)
		return &q, err
	})
	return q, pg.Found(err)
}

// ConfirmRequest queues that a locked wish became a reader's.
func ConfirmRequest(tx *pg.Tx, q *NewsletterRequest, readerID string) {
	tx.Queue(`
		UPDATE newsletter_request
		SET reader_id = $2
		WHERE id = $1`, q.ID, readerID)
}

// DropRequests queues the deletion of all wishes of an address that has no reader.
func DropRequests(tx *pg.Tx, address []byte, recordID, cause string) {
	tx.Queue(`
		DELETE FROM newsletter_request
		WHERE address_hash = $1`, address)
	tx.Queue(`
		INSERT INTO newsletter_erasure (id, cause, erased_at)
		VALUES ($1, $2, $3)`, recordID, cause, tx.Now)
}

// DueRequest is a wish whose mail is to be sent now.
type DueRequest struct {
	ID    string
	Email []byte // Sealed.
	Tries int    // With this one.
}

// ClaimRequests takes up to limit wishes whose mails are due; each is not due again
// before lease has passed.
func ClaimRequests(ctx context.Context, tx *pg.Tx, limit int, lease time.Duration) ([]DueRequest, error) {
	rows, err := tx.Query(ctx, `
		WITH due AS (
			SELECT id
			FROM newsletter_request
			WHERE mail_state = 'QUEUED' AND due_at <= transaction_timestamp()
			ORDER BY due_at, id
			LIMIT $1
			FOR UPDATE SKIP LOCKED
		)
		UPDATE newsletter_request AS r
		SET tries = r.tries + 1, due_at = transaction_timestamp() + $2::interval
		FROM due
		WHERE r.id = due.id
		RETURNING r.id, r.email, r.tries`, limit, lease)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[DueRequest])
}

// EndRequestMail notes how the mail of a wish ended, and from a mail that was sent on
// how long its link is valid.
func EndRequestMail(ctx context.Context, tx *pg.Tx, id, as string) error {
	_, err := tx.Exec(ctx, `
		UPDATE newsletter_request
		SET mail_state = $2,
			expires_at = CASE WHEN $2 = 'SENT' THEN transaction_timestamp() + $3::interval ELSE transaction_timestamp() END
		WHERE id = $1 AND mail_state = 'QUEUED'`, id, as, newsletter.ConfirmWithin)
	return err
}

// DelayRequestMail notes when the mail of a wish is tried again; its link is valid
// from then on.
func DelayRequestMail(ctx context.Context, tx *pg.Tx, id string, wait time.Duration) error {
	_, err := tx.Exec(ctx, `
		UPDATE newsletter_request
		SET due_at = transaction_timestamp() + $2::interval, expires_at = transaction_timestamp() + $2::interval + $3::interval
		WHERE id = $1 AND mail_state = 'QUEUED'`, id, wait, newsletter.ConfirmWithin)
	return err
}

const readerColumns = `id, state, topics, areas, format, soft_bounces, bounced_on, confirmed_at, ended_at, updated_at, version`

func oneReader(ctx context.Context, r pg.Reader, where string, arg any) (*newsletter.Reader, error) {
	rows, err := r.Query(ctx, `
		SELECT `+readerColumns+`
		FROM newsletter_reader
		WHERE `+where, arg)
	if err != nil {
		return nil, err
	}
	one, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (*newsletter.Reader, error) {
		var (
			n       newsletter.Reader
			bounced *jp.Date
			ended   *time.Time
		)
		err := row.Scan(&n.ID, &n.State, &n.Topics, &n.Areas, &n.Format, &n.SoftBounces, &bounced, &n.ConfirmedAt, &ended, &n.UpdatedAt, &n.Version)
		n.BouncedOn, n.EndedAt = pg.Or(bounced), pg.Or(ended)
		return &n, err
	})
	return one, pg.Found(err)
}

// ReaderByToken reads a reader by the hash of the link's secret. Errors:
// RESOURCE_NOT_FOUND.
func ReaderByToken(ctx context.Context, r pg.Reader, hash []byte) (*newsletter.Reader, error) {
	return oneReader(ctx, r, `token_hash = $1`, hash)
}

// LockReaderByToken is ReaderByToken for a change. Errors: RESOURCE_NOT_FOUND.
func LockReaderByToken(ctx context.Context, tx *pg.Tx, hash []byte) (*newsletter.Reader, error) {
	return oneReader(ctx, tx, `token_hash = $1 FOR UPDATE`, hash)
}

// LockReader reads a reader for a change. Errors: RESOURCE_NOT_FOUND.
func LockReader(ctx context.Context, tx *pg.Tx, id string) (*newsletter.Reader, error) {
	return oneReader(ctx, tx, `id = $1 FOR UPDATE`, id)
}

// GetReader reads a reader. Errors: RESOURCE_NOT_FOUND.
func GetReader(ctx context.Context, r pg.Reader, id string) (*newsletter.Reader, error) {
	return oneReader(ctx, r, `id = $1`, id)
}

// LockReaderByAddress reads the reader with an address for a change. Errors:
// RESOURCE_NOT_FOUND.
func LockReaderByAddress(ctx context.Context, tx *pg.Tx, address []byte) (*newsletter.Reader, error) {
	return oneReader(ctx, tx, `address_hash = $1 FOR UPDATE`, address)
}

// InsertReader adds a reader with the address of the wish; false when the address has
// one by now.
func InsertReader(ctx context.Context, tx *pg.Tx, n *newsletter.Reader, q *NewsletterRequest, token []byte) (bool, error) {
	n.UpdatedAt, n.Version = tx.Now, 1
	tag, err := tx.Exec(ctx, `
		INSERT INTO newsletter_reader (
			id, address_hash, email, token_hash, state, topics, areas, format, soft_bounces, confirmed_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, 1)
		ON CONFLICT ON CONSTRAINT newsletter_reader_address_unique DO NOTHING`,
		n.ID, q.Address, q.Email, token, n.State, pg.List(n.Topics), pg.List(n.Areas), n.Format, tx.Now)
	return tag.RowsAffected() == 1, err
}

// UpdateReader queues a locked reader with the next version.
func UpdateReader(tx *pg.Tx, n *newsletter.Reader) {
	n.UpdatedAt = tx.Now
	n.Version++
	tx.Queue(`
		UPDATE newsletter_reader
		SET state = $2, topics = $3, areas = $4, format = $5, soft_bounces = $6, bounced_on = $7, ended_at = $8,
			updated_at = $9, version = $10
		WHERE id = $1`, n.ID, n.State, pg.List(n.Topics), pg.List(n.Areas), n.Format, n.SoftBounces, pg.Null(n.BouncedOn),
		pg.Null(n.EndedAt), tx.Now, n.Version)
}

// AddConsent queues the record of a consent, which nothing changes but its end.
func AddConsent(tx *pg.Tx, id string, q *NewsletterRequest) {
	tx.Queue(`
		INSERT INTO newsletter_consent (id, address_hash, consent_version, method, given_at)
		VALUES ($1, $2, $3, 'DOUBLE_OPT_IN', $4)`, id, q.Address, q.ConsentVersion, tx.Now)
	tx.Queue(`
		UPDATE newsletter_consent
		SET forget_on = NULL
		WHERE address_hash = $1`, q.Address)
}

// The causes of an erasure.
const (
	ErasedByLink   = "LINK"
	ErasedByPeriod = "RETENTION"
)

// EraseReader queues the deletion of everything about a reader, and the record that it
// happened. The record of the consent goes later.
func EraseReader(tx *pg.Tx, id, recordID, cause string) {
	const address = `(SELECT address_hash FROM newsletter_reader WHERE id = $1)`
	tx.Queue(`
		UPDATE newsletter_consent
		SET forget_on = $2
		WHERE address_hash = `+address, id, jp.DateOf(tx.Now).AddDays(newsletter.KeepDays))
	tx.Queue(`
		DELETE FROM newsletter_request
		WHERE address_hash = `+address, id)
	tx.Queue(`
		DELETE FROM newsletter_reader
		WHERE id = $1`, id)
	tx.Queue(`
		INSERT INTO newsletter_erasure (id, cause, erased_at)
		VALUES ($1, $2, $3)`, recordID, cause, tx.Now)
}

// EndedReaders returns up to 200 readers that ended it long enough ago to be deleted.
func EndedReaders(ctx context.Context, r pg.Reader, now time.Time) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id::text
		FROM newsletter_reader
		WHERE state = 'UNSUBSCRIBED' AND ended_at <= $1
		ORDER BY ended_at
		LIMIT 200`, now.AddDate(0, 0, -newsletter.KeepDays))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// TidyNewsletter removes wishes that were not confirmed, records of consents whose time
// is over, and mails of issues that were sent long ago. It returns how many wishes and
// consents went.
func TidyNewsletter(ctx context.Context, tx *pg.Tx) (requests, consents int64, err error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM newsletter_request
		WHERE expires_at <= transaction_timestamp() AND mail_state <> 'QUEUED'`)
	if err != nil {
		return 0, 0, err
	}
	requests = tag.RowsAffected()
	tag, err = tx.Exec(ctx, `
		DELETE FROM newsletter_consent
		WHERE forget_on <= $1`, jp.DateOf(tx.Now))
	if err != nil {
		return 0, 0, err
	}
	_, err = tx.Exec(ctx, `
		DELETE FROM newsletter_delivery
		WHERE (issue_id, reader_id) IN (
			SELECT d.issue_id, d.reader_id
			FROM newsletter_issue AS i
			JOIN newsletter_delivery AS d ON d.issue_id = i.id
			WHERE i.finished_at < transaction_timestamp() - $1 * interval '1 day'
			LIMIT 20000)`, newsletter.KeepDays)
	return requests, tag.RowsAffected(), err
}
