package facilities

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// simulated stands for the organization that would book.
const simulated = "simulated"

// SimulateBooking decides about a booking that nobody makes, twice.
func (s *bookings) SimulateBooking(ctx context.Context, req *facilitiesv1.SimulateBookingRequest) (*facilitiesv1.SimulateBookingResponse, error) {
	w, err := wishFromProto(req.GetBooking())
	if err != nil {
		return nil, err
	}
	w.OrganizationID, w.OrganizationKind = "", req.GetOrganizationKind()
	if w.OrganizationKind != "" {
		w.OrganizationID = simulated
	}
	inForce, err := s.rules.Read(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	var drafts []*facility.Item
	for _, id := range req.GetDraftIds() {
		i, err := store.GetItem(ctx, s.DB, id, store.ItemFilter{Kinds: itemKinds, On: w.Date, Draft: true})
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, i)
	}
	out, now := &facilitiesv1.SimulateBookingResponse{}, s.Now()
	if out.InForce, err = simulate(inForce, *w, now); err != nil {
		return nil, err
	}
	out.Drafted, err = simulate(inForce.With(drafts...), *w, now)
	return out, err
}

// itemKinds are all kinds of items.
var itemKinds = append([]facility.Kind{facility.KindFacility, facility.KindRoom, facility.KindClosure}, ruleKinds...)

// simulate books by a catalogue and keeps nothing. A refusal is an outcome; only
// errors of ours are errors.
func simulate(c *facility.Catalogue, w booking.Wish, now time.Time) (*facilitiesv1.SimulateBookingResponse_Outcome, error) {
	out := &facilitiesv1.SimulateBookingResponse_Outcome{}
	terms, err := termsFor(c, &w, now)
	if err == nil {
		out.UserClass = w.UserClass
		if at, ok := terms.OpensAt(rule.Purpose(w.Purpose), rule.Channel(w.Channel)); ok {
			out.OpenTime = convert.Instant(at)
		}
		var b *booking.Booking
		if b, err = w.Book(booking.Setting{Now: now, Terms: terms}); err == nil {
			out.Fee = feeToProto(b.Fee)
			return out, nil
		}
	}
	refusal, ok := fault.As(err)
	if !ok || refusal.Kind == fault.Internal {
		return nil, err
	}
	out.Reason, out.Message, out.MessageEn = refusal.Reason, refusal.Ja, refusal.En
	return out, nil
}
