package store

import (
	"context"
	"errors"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// MailsPerMinute bounds the mails that strangers can cause to all addresses together;
// the constraint of mail_minute says the same.
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

// takeMinute takes a place in the first minute with one from due on and returns when
// the mail may go. The row of the minute decides between callers. Errors:
// RATE_LIMITED when all places of the next hour are taken.
func takeMinute(ctx context.Context, tx *pg.Tx, due time.Time) (time.Time, error) {
	for range int(mailQueue / time.Minute) {
		var minute time.Time
		err := tx.QueryRow(ctx, `
			INSERT INTO mail_minute AS m (minute, used)
			SELECT s.minute, 1
			FROM generate_series(date_trunc('minute', $1::timestamptz), $1::timestamptz + $2::interval, interval '1 minute') AS s (minute)
			LEFT JOIN mail_minute AS u USING (minute)
			WHERE coalesce(u.used, 0) < $3
			ORDER BY s.minute
			LIMIT 1
			ON CONFLICT ON CONSTRAINT mail_minute_pkey
			DO UPDATE SET used = m.used + 1
			WHERE m.used < $3
			RETURNING minute`, due, mailQueue, MailsPerMinute).Scan(&minute)
		switch {
		case err == nil && minute.After(due):
			return minute, nil
		case err == nil:
			return due, nil
		case !pg.IsNoRows(err):
			return time.Time{}, err
		}
		// Others took the last place of the minute while this waited: the next one.
	}
	return time.Time{}, fault.ErrRateLimited.After(mailQueue)
}

// forgetMinutes removes the minutes that are over.
func forgetMinutes(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM mail_minute
		WHERE minute < transaction_timestamp() - interval '1 hour'`)
	return err
}
