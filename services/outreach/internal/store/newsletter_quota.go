package store

import (
	"context"
	"errors"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// MailsPerMinute bounds the mails that strangers can cause to all addresses together;
// the constraint of mail_place says the same.
const MailsPerMinute = 20

// mailQueue is how far ahead such mails may wait.
const mailQueue = 60 * time.Minute

// TakeQuietQuota is TakeMailQuota for a caller who is not to learn what is sent to the
// address: false when the day's mails are taken. Errors: RATE_LIMITED when everybody's of
// the next hour are taken.
func TakeQuietQuota(ctx context.Context, tx *pg.Tx, address []byte) (due time.Time, ok bool, err error) {
	at, err := takeAddress(ctx, tx, address)
	if errors.Is(err, fault.ErrRateLimited) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	due, err = takeMinute(ctx, tx, at)
	return due, err == nil, err
}

// takePlace takes a place of the first minute from $1 on, within $2, with one that
// nobody has or is about to take; $3 are the places of a minute. The advisory lock,
// held until the transaction ends, tells who is about to: others pass it by and wait
// for nobody. No row when there is no such place, no minute when another transaction
// took it and committed meanwhile.
const takePlace = `
	WITH free AS MATERIALIZED (
		SELECT m.minute, p.place
		FROM generate_series(date_trunc('minute', $1::timestamptz), $1::timestamptz + $2::interval, interval '1 minute') AS m (minute)
		CROSS JOIN generate_series(1, $3::integer) AS p (place)
		WHERE NOT EXISTS (
			SELECT
			FROM mail_place AS u
			WHERE u.minute = m.minute AND u.place = p.place
				AND u.minute BETWEEN date_trunc('minute', $1::timestamptz) AND $1::timestamptz + $2::interval)
		ORDER BY m.minute, p.place
	), picked AS MATERIALIZED (
		SELECT minute, place
		FROM free
		WHERE pg_try_advisory_xact_lock(hashtextextended('mail_place/' || extract(epoch FROM minute) || '/' || place, 0))
		LIMIT 1
	), taken AS (
		INSERT INTO mail_place (minute, place)
		SELECT minute, place
		FROM picked
		ON CONFLICT ON CONSTRAINT mail_place_pkey DO NOTHING
		RETURNING minute
	)
	SELECT (SELECT minute FROM taken)
	FROM picked`

// takeMinute takes a place in the first minute with one from due on and returns when
// the mail may go. The rows and their locks decide between callers. Errors:
// RATE_LIMITED when all places of the next hour are taken.
func takeMinute(ctx context.Context, tx *pg.Tx, due time.Time) (time.Time, error) {
	for {
		var minute *time.Time
		err := tx.QueryRow(ctx, takePlace, due, mailQueue, MailsPerMinute).Scan(&minute)
		switch {
		case pg.IsNoRows(err):
			return time.Time{}, fault.ErrRateLimited.After(mailQueue)
		case err != nil:
			return time.Time{}, err
		case minute == nil: // Others committed while this looked: each time at least one of them.
			continue
		case minute.After(due):
			return *minute, nil
		}
		return due, nil
	}
}

// forgetMinutes removes the minutes that are over.
func forgetMinutes(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM mail_place
		WHERE minute < transaction_timestamp() - interval '1 hour'`)
	return err
}
