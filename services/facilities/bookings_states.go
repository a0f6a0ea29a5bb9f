package facilities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// bookingRequest is what the requests of all verbs have.
type bookingRequest interface {
	GetId() string
	GetEtag() string
}

// lockedBooking is a booking in the hands of a verb; the rules are held, the
// quota of its holder is locked.
type lockedBooking struct {
	*booking.Booking
	tx    *pg.Tx
	by    booking.Reader
	rules *facility.Catalogue
}

// bookingStep runs one verb of the state graph on a locked booking and records
// what happened: lock, decide, write, tell. Two callers at once: one waits, and
// finds another version or state.
func bookingStep[R any](ctx context.Context, s *bookings, req bookingRequest, verb func(context.Context, lockedBooking) (booking.Move, error), answer func(*facilitiesv1.Booking) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx)
		b, err := s.lock(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), b.Version); err != nil {
			return none, err
		}
		if err := s.take(ctx, b, verb); err != nil {
			return none, err
		}
		return answer(bookingToProto(b.Booking, by, tx.Now)), nil
	})
}

// lock locks a booking that the reader sees, after the rules and the quota of its
// holder. Errors: RESOURCE_NOT_FOUND.
func (s *bookings) lock(ctx context.Context, tx *pg.Tx, id string, by booking.Reader) (lockedBooking, error) {
	var read func() (*facility.Catalogue, error)
	b, err := store.LockBooking(ctx, tx, id, by, func(batch *pgx.Batch) { read = s.rules.Queue(ctx, batch, tx) })
	if err != nil {
		return lockedBooking{}, err
	}
	rules, err := read()
	return lockedBooking{Booking: b, tx: tx, by: by, rules: rules}, err
}

// take takes a step and writes all that belongs to it.
func (s *bookings) take(ctx context.Context, b lockedBooking, verb func(context.Context, lockedBooking) (booking.Move, error)) error {
	before := *b.Booking
	m, err := verb(ctx, b)
	if err != nil {
		return err
	}
	if b.State.Holds() && !b.ExpiresAt.Equal(before.ExpiresAt) {
		if err := keepAtoms(ctx, b.tx, b.Booking); err != nil {
			return err
		}
	}
	store.UpdateBooking(b.tx, b.Booking)
	if m.Freed {
		if err := b.freed(ctx, s.Deps, &before, &before); err != nil {
			return err
		}
	}
	return recordBooking(ctx, b.tx, b.Booking, m)
}

// keepAtoms gives the atoms the booking's new end. They are gone where the hold
// had run out for somebody who came first. Errors: BOOKING_EXPIRED.
func keepAtoms(ctx context.Context, tx *pg.Tx, b *booking.Booking) error {
	n, err := store.KeepAtoms(ctx, tx, holderOf(b))
	if err == nil && n < len(b.Place.Atoms)*len(b.SlotNos) {
		return booking.ErrExpired
	}
	return err
}

// recordBooking writes a step's history, events and audit entry.
func recordBooking(ctx context.Context, tx *pg.Tx, b *booking.Booking, m booking.Move) error {
	store.AddBookingStep(tx, b, m, auth.From(ctx))
	of := holding{aggregate: "booking", id: b.ID, holder: b.HolderID, organizationID: b.OrganizationID}
	for _, e := range bookingEvents(b, m) {
		if err := of.tell(ctx, tx, e); err != nil {
			return err
		}
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "facilities.booking." + string(m.Action), ObjectType: "booking", ObjectID: b.ID,
		Detail: map[string]string{"from": string(m.From), "to": string(m.To)},
	})
	return nil
}

// ApproveBooking approves the use.
func (s *bookings) ApproveBooking(ctx context.Context, req *facilitiesv1.ApproveBookingRequest) (*facilitiesv1.ApproveBookingResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Approve(b.by, req.GetConditions(), b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.ApproveBookingResponse {
		return &facilitiesv1.ApproveBookingResponse{Booking: b}
	})
}

// RequestInformation asks whose booking it is.
func (s *bookings) RequestInformation(ctx context.Context, req *facilitiesv1.RequestInformationRequest) (*facilitiesv1.RequestInformationResponse, error) {
	due, err := convert.Day("dueOn", req.GetDueOn())
	if err != nil {
		return nil, err
	}
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Ask(b.by, req.GetMessage(), due, b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.RequestInformationResponse {
		return &facilitiesv1.RequestInformationResponse{Booking: b}
	})
}

// AnswerInformation answers what was asked.
func (s *bookings) AnswerInformation(ctx context.Context, req *facilitiesv1.AnswerInformationRequest) (*facilitiesv1.AnswerInformationResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Answer(b.by, req.GetAnswer(), b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.AnswerInformationResponse {
		return &facilitiesv1.AnswerInformationResponse{Booking: b}
	})
}

// RejectBooking refuses the use.
func (s *bookings) RejectBooking(ctx context.Context, req *facilitiesv1.RejectBookingRequest) (*facilitiesv1.RejectBookingResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Reject(b.by, req.GetReason(), b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.RejectBookingResponse {
		return &facilitiesv1.RejectBookingResponse{Booking: b}
	})
}
