package facilities

import (
	"context"
	"errors"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// bookingBatch is how many bookings a job reads at once.
const bookingBatch = 200

func bookingTasks(d service.Deps, rules *store.Rules) []job.Task {
	s := &bookings{Deps: d, rules: rules}
	return []job.Task{
		{Name: "expire-bookings", Every: time.Minute, Run: s.expireOverdue},
		{Name: "cancel-for-closures", Every: time.Minute, Run: s.cancelForClosures},
	}
}

// expireOverdue ends the holds that have run out. Nobody waits for it: their
// slots can be booked from that moment on.
func (s *bookings) expireOverdue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("facilities"))
	for {
		ids, err := store.ExpiredBookings(ctx, s.DB, s.Now(), bookingBatch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.alone(ctx, id, func(_ context.Context, b lockedBooking) (booking.Move, error) {
				m, ok := b.Expire(b.tx.Now)
				if !ok { // Somebody paid or approved it.
					return m, errUnchanged
				}
				return m, nil
			}); err != nil {
				return err
			}
		}
		if len(ids) < bookingBatch {
			return nil
		}
	}
}

// errUnchanged ends a step of a job that has nothing to do.
var errUnchanged = errors.New("nothing to do")

// alone takes one step in a transaction of its own, without an etag.
func (s *bookings) alone(ctx context.Context, id string, verb func(context.Context, lockedBooking) (booking.Move, error)) error {
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		b, err := s.lock(ctx, tx, id, readerOf(ctx))
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.take(ctx, b, verb)
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// cancelForClosures cancels the bookings that fall into approved closures, by
// the ward's cause and with the full refund. A closure is done when no booking
// is left in it; no new one comes, because bookings hold the catalogue.
func (s *bookings) cancelForClosures(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("facilities"))
	cascades, err := store.OpenCascades(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, c := range cascades {
		for {
			more, err := s.cancelClosed(ctx, c.ClosureID)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// cancelClosed cancels one batch and reports whether there was any.
func (s *bookings) cancelClosed(ctx context.Context, closureID string) (more bool, err error) {
	catalogue, err := s.rules.Read(ctx, s.DB)
	if err != nil {
		return false, err
	}
	today := jp.DateOf(s.Now())
	atoms, days := catalogue.ClosedDays(closureID, today)
	ids, err := store.BookingsOn(ctx, s.DB, atoms, days, bookingBatch)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		err := s.alone(ctx, id, func(ctx context.Context, b lockedBooking) (booking.Move, error) {
			if b.State != booking.Tentative && b.State != booking.Approved || b.rules.Usable(b.RoomID, b.Date) {
				return booking.Move{}, errUnchanged // It ended, or moved, or the closure was withdrawn since it was listed.
			}
			return s.cancel(ctx, b, booking.ByWard, closureReason(b))
		})
		if err != nil && !errors.Is(err, fault.ErrNotFound) && !errors.Is(err, booking.ErrExpired) {
			return false, err
		}
	}
	if len(ids) == bookingBatch {
		return true, nil
	}
	_, err = pg.InTx(ctx, s.DB, func(_ context.Context, tx *pg.Tx) (struct{}, error) {
		store.EndCascade(tx, closureID)
		return struct{}{}, nil
	})
	return false, err
}

// closureReason is what the users read.
func closureReason(b lockedBooking) string {
	if t, ok := b.rules.Terms(b.RoomID, b.UserClass, b.Date); ok && t.Closure != nil && t.Closure.Reason != "" {
		return "休館のため: " + t.Closure.Reason
	}
	return "休館のため"
}
