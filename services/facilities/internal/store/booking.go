package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

const bookingColumns = `
	b.id, b.number, b.fiscal_year, b.state, b.holder_id, b.organization_id, b.facility_id, b.room_id, b.use_date, b.slot_nos,
	b.starts_at, b.ends_at, b.expires_at, b.series_id, b.detail, b.created_by, b.created_at, b.updated_at, b.version,
	(SELECT o.name FROM organization_ref o WHERE o.id = b.organization_id)`

func scanBooking(row pgx.CollectableRow) (*booking.Booking, error) {
	var (
		b                          booking.Booking
		organization, series, name *string
		expires                    *time.Time
	)
	err := row.Scan(&b.ID, &b.Number, &b.FiscalYear, &b.State, &b.HolderID, &organization, &b.FacilityID, &b.RoomID, &b.Date, &b.SlotNos,
		&b.StartsAt, &b.EndsAt, &expires, &series, &b.Detail, &b.CreatedBy, &b.CreatedAt, &b.UpdatedAt, &b.Version, &name)
	b.OrganizationID, b.SeriesID, b.OrganizationName, b.ExpiresAt = pg.Or(organization), pg.Or(series), pg.Or(name), pg.Or(expires)
	return &b, err
}

// InsertBooking queues a new booking.
func InsertBooking(tx *pg.Tx, b *booking.Booking) {
	tx.Queue(`
		INSERT INTO booking (
			id, number, fiscal_year, state, holder_id, organization_id, facility_id, room_id, use_date, slot_nos, starts_at,
			ends_at, expires_at, series_id, amount, payment_state, detail, created_by, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		b.ID, b.Number, b.FiscalYear, b.State, b.HolderID, pg.Null(b.OrganizationID), b.FacilityID, b.RoomID, b.Date, b.SlotNos, b.StartsAt,
		b.EndsAt, pg.Null(b.ExpiresAt), pg.Null(b.SeriesID), b.Fee.Amount, b.Payment.State, &b.Detail, b.CreatedBy, b.CreatedAt, b.UpdatedAt,
		b.Version)
}

// UpdateBooking queues the locked booking as it is now, one version on.
func UpdateBooking(tx *pg.Tx, b *booking.Booking) {
	b.Version++
	b.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE booking
		SET state = $2, facility_id = $3, room_id = $4, use_date = $5, slot_nos = $6, starts_at = $7, ends_at = $8, expires_at = $9,
			amount = $10, payment_state = $11, detail = $12, updated_at = $13, version = $14
		WHERE id = $1`,
		b.ID, b.State, b.FacilityID, b.RoomID, b.Date, b.SlotNos, b.StartsAt, b.EndsAt, pg.Null(b.ExpiresAt),
		b.Fee.Amount, b.Payment.State, &b.Detail, b.UpdatedAt, b.Version)
}

// AddBookingStep queues the history row of a step, after the booking itself.
func AddBookingStep(tx *pg.Tx, b *booking.Booking, m booking.Move, by auth.Principal) {
	tx.Queue(`
		INSERT INTO booking_transition (booking_id, version, action, from_state, to_state, actor, department, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		b.ID, b.Version, m.Action, m.From, m.To, by.Actor(), by.DepartmentID, m.Reason, tx.Now)
}

// seen is the scope of a reader: the ward sees all, others their own.
const seen = `(@ward OR b.holder_id = ANY(@holders::text[]))`

func scopeArgs(by booking.Reader, more pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	more["ward"], more["holders"] = by.Ward(), by.Holders()
	return more
}

// GetBooking reads a booking that the reader sees. Errors: RESOURCE_NOT_FOUND.
func GetBooking(ctx context.Context, r pg.Reader, id string, by booking.Reader) (*booking.Booking, error) {
	rows, err := r.Query(ctx, `
		SELECT `+bookingColumns+`
		FROM booking b
		WHERE b.id = @id AND `+seen, scopeArgs(by, pgx.StrictNamedArgs{"id": id}))
	if err != nil {
		return nil, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, scanBooking)
	return b, pg.Found(err)
}

// LockBooking locks the quota of a booking's holder and then the booking, if the
// reader sees it; first comes before both in the one round trip. Errors:
// RESOURCE_NOT_FOUND.
func LockBooking(ctx context.Context, tx *pg.Tx, id string, by booking.Reader, first ...func(*pgx.Batch)) (b *booking.Booking, err error) {
	var batch pgx.Batch
	for _, queue := range first {
		queue(&batch)
	}
	batch.Queue(`
		SELECT FROM organization_quota
		WHERE holder_id = (SELECT holder_id FROM booking WHERE id = $1)
		FOR UPDATE`, id)
	batch.Queue(`
		SELECT `+bookingColumns+`
		FROM booking b
		WHERE b.id = @id AND `+seen+`
		FOR UPDATE OF b`, scopeArgs(by, pgx.StrictNamedArgs{"id": id}),
	).Query(func(rows pgx.Rows) error {
		b, err = pgx.CollectExactlyOneRow(rows, scanBooking)
		return pg.Found(err)
	})
	err = tx.SendBatch(ctx, &batch).Close()
	return b, err
}

// HoldQuota locks the quota of a holder and counts its use for a day, in one
// round trip; first comes before both.
func HoldQuota(ctx context.Context, tx *pg.Tx, holderID string, day jp.Date, first ...func(*pgx.Batch)) (Standing, booking.Use, error) {
	var batch pgx.Batch
	for _, queue := range first {
		queue(&batch)
	}
	lock := queueQuota(&batch, holderID)
	use := queueUse(&batch, holderID, day, jp.DateOf(tx.Now), "")
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return Standing{}, booking.Use{}, err
	}
	if lock.there {
		return Standing{SuspendedUntil: pg.Or(lock.until)}, *use, nil
	}
	// The first use of the holder makes the row; what was counted before it was
	// locked is counted again.
	standing, err := lock.standing(ctx, tx)
	if err != nil {
		return Standing{}, booking.Use{}, err
	}
	again, err := QuotaUse(ctx, tx, holderID, day, "")
	return standing, again, err
}

// ExpiredBookings reads up to limit bookings whose hold has run out, oldest
// first.
func ExpiredBookings(ctx context.Context, r pg.Reader, now time.Time, limit int) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id
		FROM booking
		WHERE state = 'TENTATIVE' AND expires_at <= $1
		ORDER BY expires_at
		LIMIT $2`, now, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// MergeBookings queues that the bookings of one organization belong to another
// from now on.
func MergeBookings(tx *pg.Tx, from, to string) {
	tx.Queue(`
		UPDATE booking
		SET holder_id = $2::text, organization_id = $2::text::uuid
		WHERE holder_id = $1 AND organization_id IS NOT NULL`, from, to)
}
