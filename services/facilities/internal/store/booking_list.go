package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

// BookingOrder is the order of a list of bookings.
type BookingOrder int

// The orders.
const (
	ByDate BookingOrder = iota
	ByDateDown
	Newest // Identifiers ascend with the time of booking.
)

var bookingOrders = [...]struct{ by, after string }{
	ByDate:     {`b.use_date, b.id`, `(b.use_date, b.id) > (@after1::date, @after2::uuid)`},
	ByDateDown: {`b.use_date DESC, b.id DESC`, `(b.use_date, b.id) < (@after1::date, @after2::uuid)`},
	Newest:     {`b.id DESC`, `b.id < @after2::uuid`},
}

// BookingFilter selects bookings; an empty value selects any.
type BookingFilter struct {
	OrganizationID string
	FacilityID     string
	RoomID         string
	SeriesID       string
	State          booking.State // As of Now.
	From, To       jp.Date
	Now            time.Time
	Order          BookingOrder
}

// where adds the filter's conditions to those of the scope.
func (f BookingFilter) where(args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(f.OrganizationID != "", `b.holder_id = @organization_id`, "organization_id", f.OrganizationID)
	where.Add(f.FacilityID != "", `b.facility_id = @facility_id`, "facility_id", f.FacilityID)
	where.Add(f.RoomID != "", `b.room_id = @room_id`, "room_id", f.RoomID)
	where.Add(f.SeriesID != "", `b.series_id = @series_id`, "series_id", f.SeriesID)
	where.Add(!f.From.IsZero(), `b.use_date >= @from`, "from", f.From)
	where.Add(!f.To.IsZero(), `b.use_date <= @to`, "to", f.To)
	switch f.State {
	case booking.Tentative:
		where.Add(true, `b.state = 'TENTATIVE' AND (b.expires_at IS NULL OR b.expires_at > @now)`, "now", f.Now)
	case booking.Expired:
		where.Add(true, `(b.state = 'EXPIRED' OR b.state = 'TENTATIVE' AND b.expires_at <= @now)`, "now", f.Now)
	default:
		where.Add(f.State != "", `b.state = @state`, "state", f.State)
	}
	return where.String()
}

// ListBookings reads one more than a page of the bookings that the reader sees.
// Of several holders each is a keyset query of its own, so that each finds its
// index.
func ListBookings(ctx context.Context, r pg.Reader, by booking.Reader, f BookingFilter, page pg.Page) ([]*booking.Booking, error) {
	sql, args, err := listBookings(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanBooking)
}

func listBookings(by booking.Reader, f BookingFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	where := f.where(args)
	if page.After != nil {
		if len(page.After) != 2 {
			return "", nil, fault.ErrInvalidPageToken
		}
		where += " AND " + bookingOrders[f.Order].after
		args["after2"] = page.After[1]
		if f.Order != Newest {
			day, err := jp.ParseDate(page.After[0])
			if err != nil {
				return "", nil, fault.ErrInvalidPageToken.Because(err)
			}
			args["after1"] = day
		}
	}
	tail := `
		ORDER BY ` + bookingOrders[f.Order].by + `
		LIMIT @limit`
	if by.Ward() {
		return `
		SELECT ` + bookingColumns + `
		FROM booking b
		WHERE true` + where + tail, args, nil
	}
	args["holders"] = by.Holders()
	return `
		SELECT ` + bookingColumns + `
		FROM unnest(@holders::text[]) AS own (holder_id)
		CROSS JOIN LATERAL (
			SELECT b.*
			FROM booking b
			WHERE b.holder_id = own.holder_id` + where + tail + `
		) AS b` + tail, args, nil
}

// After are the sort values of a booking, for a page token.
func After(b *booking.Booking) []string { return []string{b.Date.String(), b.ID} }

// OwnBookings reads up to limit bookings of holders with a day of use from a day
// on, in the order of the days.
func OwnBookings(ctx context.Context, r pg.Reader, by booking.Reader, from jp.Date, limit int) ([]*booking.Booking, error) {
	by = booking.Reader{ID: by.ID, Members: by.Members} // The own ones, whatever else the reader sees.
	return ListBookings(ctx, r, by, BookingFilter{From: from}, pg.Page{Size: limit - 1})
}
