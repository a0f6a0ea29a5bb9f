package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Mail is a mail to one person on one occasion.
type Mail struct {
	ID string
	// Occasion names person and occasion, such as admitted:<registration>; a second
	// mail with it is not written.
	Occasion  string
	PersonID  string // In the vault.
	Template  string
	Version   int    // Of the template.
	SubjectID string // What it tells of: a registration.
	DueAt     time.Time
}

// QueueMail queues a mail in the transaction of what it tells of. A repeated
// occasion writes none.
func QueueMail(tx *pg.Tx, m Mail) {
	tx.Queue(`
		INSERT INTO mail (id, occasion, person_id, template, version, subject_id, state, tries, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'QUEUED', 0, $7, transaction_timestamp())
		ON CONFLICT ON CONSTRAINT mail_occasion_unique DO NOTHING`,
		m.ID, m.Occasion, m.PersonID, m.Template, m.Version, m.SubjectID, m.DueAt)
}

// MailEverybody queues a mail to each person with a live registration for an
// event; the occasion is the template's and the registration's.
func MailEverybody(tx *pg.Tx, eventID, template string, version int) {
	tx.Queue(`
		INSERT INTO mail (id, occasion, person_id, template, version, subject_id, state, tries, due_at, created_at)
		SELECT gen_random_uuid(), $2 || ':' || id, person_id, $2, $3, id, 'QUEUED', 0, transaction_timestamp(),
			transaction_timestamp()
		FROM registration
		WHERE event_id = $1 AND state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED') AND person_id IS NOT NULL
		ON CONFLICT ON CONSTRAINT mail_occasion_unique DO NOTHING`, eventID, template, version)
}

// The limits of mails that a stranger can cause.
const (
	MailInterval = 15 * time.Minute
	MailsPerDay  = 3
)

// TakeMailQuota takes one of the mails that strangers can cause to an address and
// returns when it may go: at once, or 15 minutes after the one before, in a minute
// with less than 20 to all addresses. The rows decide, so that no two callers take the
// same. Errors: RATE_LIMITED when the day's are taken, or everybody's of the next hour.
func TakeMailQuota(ctx context.Context, tx *pg.Tx, address []byte) (time.Time, error) {
	at, err := takeAddress(ctx, tx, address)
	if err != nil {
		return time.Time{}, err
	}
	return takeMinute(ctx, tx, at)
}

// takeAddress takes one of an address's mails. Errors: RATE_LIMITED when the day's are
// taken.
func takeAddress(ctx context.Context, tx *pg.Tx, address []byte) (time.Time, error) {
	today := jp.DateOf(tx.Now)
	var at time.Time
	err := tx.QueryRow(ctx, `
		INSERT INTO mail_quota AS q (address_hash, day, used, next_at)
		VALUES ($1, $2, 1, $3::timestamptz + $4::interval)
		ON CONFLICT ON CONSTRAINT mail_quota_pkey
		DO UPDATE SET day = $2, used = CASE WHEN q.day = $2 THEN q.used + 1 ELSE 1 END,
			next_at = greatest(q.next_at, $3::timestamptz) + $4::interval
		WHERE q.day <> $2 OR q.used < $5
		RETURNING next_at - $4::interval`, address, today, tx.Now, MailInterval, MailsPerDay).Scan(&at)
	if pg.IsNoRows(err) {
		return time.Time{}, fault.ErrRateLimited.After(today.NextMidnight().Sub(tx.Now))
	}
	return at, err
}

// ForgetMailQuotas removes quotas of earlier days.
func ForgetMailQuotas(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM mail_quota
		WHERE day < $1`, jp.DateOf(tx.Now).AddDays(-1))
	if err != nil {
		return err
	}
	return forgetMinutes(ctx, tx)
}

// DueMail is a mail to be sent now.
type DueMail struct {
	ID        string
	Template  string
	Version   int
	SubjectID string
	Tries     int // With this one.
	Email     string
	Name      string
}

// ClaimMails takes up to limit mails that are due for sending: each counts a try
// and is not due again before lease has passed, so that nobody else sends it now
// and a process that dies does not lose it.
func ClaimMails(ctx context.Context, tx *pg.Tx, limit int, lease time.Duration) ([]DueMail, error) {
	rows, err := tx.Query(ctx, `
		WITH due AS (
			SELECT id
			FROM mail
			WHERE state = 'QUEUED' AND due_at <= transaction_timestamp()
			ORDER BY due_at, id
			LIMIT $1
			FOR UPDATE SKIP LOCKED
		)
		UPDATE mail m
		SET tries = m.tries + 1, due_at = transaction_timestamp() + $2::interval
		FROM due, person p
		WHERE m.id = due.id AND p.id = m.person_id
		RETURNING m.id, m.template, m.version, m.subject_id, m.tries, p.email, p.name`, limit, lease)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[DueMail])
}

// The ends of a mail.
const (
	MailSent    = "SENT"
	MailRefused = "REFUSED"
	MailFailed  = "FAILED"
	MailDropped = "DROPPED"
)

// EndMail notes how a mail ended.
func EndMail(ctx context.Context, tx *pg.Tx, id, as string) error {
	_, err := tx.Exec(ctx, `
		UPDATE mail
		SET state = $2, sent_at = CASE WHEN $2 = 'SENT' THEN transaction_timestamp() END
		WHERE id = $1 AND state = 'QUEUED'`, id, as)
	return err
}

// DelayMail notes when a mail is tried again.
func DelayMail(ctx context.Context, tx *pg.Tx, id string, wait time.Duration) error {
	_, err := tx.Exec(ctx, `
		UPDATE mail
		SET due_at = transaction_timestamp() + $2::interval
		WHERE id = $1 AND state = 'QUEUED'`, id, wait)
	return err
}
