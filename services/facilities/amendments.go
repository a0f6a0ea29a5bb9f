package facilities

import (
	"context"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// AmendBooking changes a booking. A move takes the new atoms before it frees the
// old ones, so that whoever waits for a move never holds what the other wants.
func (s *bookings) AmendBooking(ctx context.Context, req *facilitiesv1.AmendBookingRequest) (*facilitiesv1.AmendBookingResponse, error) {
	a, err := amendmentFromProto(req)
	if err != nil {
		return nil, err
	}
	return bookingStep(ctx, s, req, func(ctx context.Context, b lockedBooking) (booking.Move, error) {
		if err := b.MayAmend(b.by, a, b.tx.Now); err != nil {
			return booking.Move{}, err
		}
		to, err := s.amended(ctx, b, a)
		if err != nil {
			return booking.Move{}, err
		}
		before := *b.Booking
		m, err := b.Amend(b.by, to, b.tx.Now)
		if err != nil {
			return m, err
		}
		return m, s.exchange(ctx, b, &before)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.AmendBookingResponse {
		return &facilitiesv1.AmendBookingResponse{Booking: b}
	})
}

// amended is what the booking would be if it were made now as the amendment
// wants it.
func (s *bookings) amended(ctx context.Context, b lockedBooking, a *booking.Amendment) (*booking.Booking, error) {
	w := a.Wish(b.Booking)
	if err := w.CheckCalls(); err != nil {
		return nil, err
	}
	terms, err := termsFor(b.rules, w, b.tx.Now)
	if err != nil {
		return nil, err
	}
	setting := booking.Setting{Now: b.tx.Now, By: b.by, ID: b.ID, Terms: terms, Settled: !a.Takes(b.Booking)}
	if !setting.Settled {
		w.Channel = booking.AskedBy(b.by, b.Channel)
		standing, err := store.LockQuota(ctx, b.tx, b.HolderID)
		if err != nil {
			return nil, err
		}
		setting.SuspendedUntil = standing.SuspendedUntil
		if setting.Use, err = store.QuotaUse(ctx, b.tx, b.HolderID, w.Date, b.ID); err != nil {
			return nil, err
		}
	}
	return w.Book(setting)
}

// exchange takes the atoms that are new and then gives up those that are not
// wanted any more. Errors: SLOT_TAKEN, LOTTERY_ONLY.
func (s *bookings) exchange(ctx context.Context, b lockedBooking, before *booking.Booking) error {
	var spans []store.Span
	for _, part := range b.Beyond(before) {
		spans = append(spans, store.SpanOf(part))
	}
	if len(spans) > 0 {
		if err := store.TakeAtoms(ctx, b.tx, holderOf(b.Booking), spans); err != nil {
			return whyTaken(ctx, b.tx, err, spans...)
		}
	}
	for _, part := range before.Beyond(b.Booking) {
		if err := b.freed(ctx, s.Deps, before, part); err != nil {
			return err
		}
	}
	return nil
}
