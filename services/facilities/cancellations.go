package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/penalty"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// CancelBooking ends a booking for the user or by the ward.
func (s *bookings) CancelBooking(ctx context.Context, req *facilitiesv1.CancelBookingRequest) (*facilitiesv1.CancelBookingResponse, error) {
	cause := booking.ByUser
	if req.GetCause() == facilitiesv1.Booking_WARD {
		cause = booking.ByWard
	}
	return bookingStep(ctx, s, req, func(ctx context.Context, b lockedBooking) (booking.Move, error) {
		return s.cancel(ctx, b, cause, req.GetReason())
	}, func(b *facilitiesv1.Booking) *facilitiesv1.CancelBookingResponse {
		return &facilitiesv1.CancelBookingResponse{Booking: b}
	})
}

// cancel ends a locked booking by the fee table of its day of use.
func (s *bookings) cancel(ctx context.Context, b lockedBooking, cause booking.Cause, reason string) (booking.Move, error) {
	m, err := b.Cancel(b.by, booking.Cancellation{Cause: cause, Reason: reason, Fees: feesOf(b)}, b.tx.Now)
	if err == nil && m.Late {
		err = penalize(ctx, s.Deps, b, penalty.LateCancel)
	}
	return m, err
}

// feesOf is the fee table of the day of use; nil where it is free.
func feesOf(b lockedBooking) *rule.FeeTable {
	if t, ok := b.rules.Terms(b.RoomID, b.UserClass, b.Date); ok {
		return t.Fees
	}
	return nil
}

// mergeBookings hands the bookings, the quota and the suspension of an
// organization to the one that it became part of. Both quotas are locked, in one
// order everywhere.
func mergeBookings(ctx context.Context, tx *pg.Tx, from, to string) error {
	for _, id := range []string{min(from, to), max(from, to)} {
		if _, err := store.LockQuota(ctx, tx, id); err != nil {
			return err
		}
	}
	store.MergeBookings(tx, from, to)
	store.MergeQuota(tx, from, to)
	return nil
}
