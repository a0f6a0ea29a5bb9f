package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

// Standing is what a locked holder may do.
type Standing struct {
	SuspendedUntil time.Time // Exclusive; zero for not suspended.
}

// LockQuota locks the row of a holder: from now to COMMIT nobody else books,
// enters or is penalized in its name. It comes before atoms and bookings.
func LockQuota(ctx context.Context, tx *pg.Tx, holderID string) (Standing, error) {
	var b pgx.Batch
	s := queueQuota(&b, holderID)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return Standing{}, err
	}
	return s.standing(ctx, tx)
}

// lockedQuota is the answer of a queued lock.
type lockedQuota struct {
	holderID string
	there    bool
	until    *time.Time
}

func queueQuota(b *pgx.Batch, holderID string) *lockedQuota {
	l := &lockedQuota{holderID: holderID}
	b.Queue(`
		SELECT suspended_until
		FROM organization_quota
		WHERE holder_id = $1
		FOR UPDATE`, holderID,
	).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			l.there = true
			if err := rows.Scan(&l.until); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return l
}

// standing is the row, which the first use of a holder makes.
func (l *lockedQuota) standing(ctx context.Context, tx *pg.Tx) (Standing, error) {
	if !l.there {
		err := tx.QueryRow(ctx, `
			INSERT INTO organization_quota (holder_id)
			VALUES ($1)
			ON CONFLICT ON CONSTRAINT organization_quota_pkey
			DO UPDATE SET holder_id = EXCLUDED.holder_id
			RETURNING suspended_until`, l.holderID).Scan(&l.until)
		if err != nil {
			return Standing{}, err
		}
		l.there = true
	}
	return Standing{SuspendedUntil: pg.Or(l.until)}, nil
}

// SetSuspension queues until when a locked holder is suspended; the zero time
// ends it.
func SetSuspension(tx *pg.Tx, holderID string, until time.Time) {
	tx.Queue(`
		UPDATE organization_quota
		SET suspended_until = $2
		WHERE holder_id = $1`, holderID, pg.Null(until))
}

const quotaUse = `
	SELECT (
		SELECT count(*)
		FROM booking
		WHERE holder_id = $1 AND id <> $5 AND use_date >= $2 AND state IN ('TENTATIVE', 'APPROVED')
			AND (expires_at IS NULL OR expires_at > transaction_timestamp())
	), (
		SELECT coalesce(sum(cardinality(slot_nos)), 0)
		FROM booking
		WHERE holder_id = $1 AND id <> $5 AND use_date >= $3 AND use_date < $4 AND state IN ('TENTATIVE', 'APPROVED', 'USED', 'NO_SHOW')
			AND (expires_at IS NULL OR expires_at > transaction_timestamp())
	) + (
		SELECT coalesce(sum(slots), 0)
		FROM quota_pending
		WHERE holder_id = $1 AND use_date >= $3 AND use_date < $4
	)`

func queueUse(b *pgx.Batch, holderID string, day, today jp.Date, except string) *booking.Use {
	use := &booking.Use{}
	if except == "" {
		except = pg.NilID
	}
	month := day.FirstOfMonth()
	b.Queue(quotaUse, holderID, today, month, month.AddMonths(1), except).QueryRow(func(row pgx.Row) error {
		return row.Scan(&use.Active, &use.MonthSlots)
	})
	return use
}

// QuotaUse counts what a locked holder has: bookings ahead of today, and the
// slots in the month of the day, with those of open lottery entries. A booking
// can be left out.
func QuotaUse(ctx context.Context, tx *pg.Tx, holderID string, day jp.Date, except string) (booking.Use, error) {
	var b pgx.Batch
	use := queueUse(&b, holderID, day, jp.DateOf(tx.Now), except)
	err := tx.SendBatch(ctx, &b).Close()
	return *use, err
}

// Pending is what an open lottery entry counts on one day.
type Pending struct {
	EntryID  string
	HolderID string
	Date     jp.Date
	Slots    int
}

// AddPending queues that an entry counts from now on.
func AddPending(tx *pg.Tx, p Pending) {
	tx.Queue(`
		INSERT INTO quota_pending (entry_id, holder_id, use_date, slots)
		VALUES ($1, $2, $3, $4)`, p.EntryID, p.HolderID, p.Date, p.Slots)
}

// DropPending queues that an entry counts no more.
func DropPending(tx *pg.Tx, entryID string) {
	tx.Queue(`
		DELETE FROM quota_pending
		WHERE entry_id = $1`, entryID)
}

// MergeQuota queues that what one holder has and may do belongs to another from
// now on; the longer suspension stays.
func MergeQuota(tx *pg.Tx, from, to string) {
	tx.Queue(`
		INSERT INTO organization_quota (holder_id, suspended_until)
		SELECT $2, suspended_until
		FROM organization_quota
		WHERE holder_id = $1
		ON CONFLICT ON CONSTRAINT organization_quota_pkey
		DO UPDATE SET suspended_until = greatest(organization_quota.suspended_until, EXCLUDED.suspended_until)`, from, to)
	tx.Queue(`
		UPDATE quota_pending
		SET holder_id = $2
		WHERE holder_id = $1`, from, to)
}
