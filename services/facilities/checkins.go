package facilities

import (
	"context"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/penalty"
)

// CheckInBooking records that the users have come.
func (s *bookings) CheckInBooking(ctx context.Context, req *facilitiesv1.CheckInBookingRequest) (*facilitiesv1.CheckInBookingResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.CheckIn(b.by, int(req.GetAttendance()), b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.CheckInBookingResponse {
		return &facilitiesv1.CheckInBookingResponse{Booking: b}
	})
}

// RecordNoShow records that nobody came, and the penalty for it.
func (s *bookings) RecordNoShow(ctx context.Context, req *facilitiesv1.RecordNoShowRequest) (*facilitiesv1.RecordNoShowResponse, error) {
	return bookingStep(ctx, s, req, func(ctx context.Context, b lockedBooking) (booking.Move, error) {
		m, err := b.Miss(b.by, req.GetNote(), b.tx.Now)
		if err == nil {
			err = penalize(ctx, s.Deps, b, penalty.NoShow)
		}
		return m, err
	}, func(b *facilitiesv1.Booking) *facilitiesv1.RecordNoShowResponse {
		return &facilitiesv1.RecordNoShowResponse{Booking: b}
	})
}
