package booking

import (
	"cmp"
	"context"
	"slices"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

type templComponent = templ.Component

const (
	nearDays  = 7 // Days within which another slot counts as near.
	nearShown = 6
)

// offer is a slot that is still free near one that is taken.
type offer struct {
	room, date, slot, path string
	distance               int // Less is nearer.
}

// near returns what is free near a wish: the same room on that day, other rooms
// of the hall at that time, then the same time on the next days.
func near(q *web.Request, w *wish) []offer {
	day, err := jp.ParseDate(w.form.Get(fieldDate))
	if err != nil {
		return nil
	}
	found, err := facilitiesv1.NewAvailabilityServiceClient(q.Site.Service("facilities")).GetAvailability(q.Context(), &facilitiesv1.GetAvailabilityRequest{
		FacilityId: w.facility.GetId(), From: day.String(), To: day.AddDays(nearDays - 1).String(),
	})
	if err != nil {
		return nil // the refusal stands without it
	}
	var out []offer
	for _, d := range found.GetDays() {
		for i, r := range found.GetRooms() {
			if i < len(d.GetRooms()) {
				out = append(out, w.offers(r, d, d.GetRooms()[i].GetSlots(), day)...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b offer) int { return cmp.Compare(a.distance, b.distance) })
	return out[:min(len(out), nearShown)]
}

func (w *wish) offers(r *facilitiesv1.GetAvailabilityResponse_Row, d *facilitiesv1.GetAvailabilityResponse_Day, letters string, wanted jp.Date) []offer {
	date, err := jp.ParseDate(d.GetDate())
	if err != nil {
		return nil
	}
	var out []offer
	for i, s := range r.GetSlots() {
		if i >= len(letters) || letters[i] != 'F' {
			continue
		}
		o := offer{room: r.GetName(), date: d.GetDate(), slot: s.GetName(), path: hall.BookingPath(r.GetRoomId(), d.GetDate(), s.GetCode())}
		o.distance = 10 * wanted.DaysUntil(date)
		if r.GetRoomId() != w.room.GetId() {
			o.distance += 3
		}
		if !slices.Contains(w.form.Values[fieldSlots], s.GetCode()) {
			o.distance += 2
		}
		out = append(out, o)
	}
	return out
}

// organizations are the caller's as choices, and the caller in person.
func (w *wish) organizationOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range w.organizations {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	return append(out, ui.Option{Text: text.S(ctx, "booking.person")})
}

func (w *wish) organizationName(ctx context.Context) string {
	for _, o := range w.organizationOptions(ctx) {
		if o.Value == w.form.Get(fieldOrganization) {
			return o.Text
		}
	}
	return ""
}

func (w *wish) purposes(ctx context.Context) []ui.Option {
	return hall.Purposes(ctx, w.room.GetPurposes()...)
}

func (w *wish) purposeName(ctx context.Context) string {
	for _, o := range w.purposes(ctx) {
		if o.Value == w.form.Get(fieldPurpose) {
			return o.Text
		}
	}
	return ""
}

// slotOptions are the slots of the day; one that is not free says so.
func (w *wish) slotOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range w.slots {
		words := s.GetName() + " " + ui.Hours(ctx, s.GetStart(), s.GetEnd())
		if s.letter != "F" {
			words += "（" + text.S(ctx, "hall.letter."+s.letter) + "）"
		}
		out = append(out, ui.Option{Value: s.GetCode(), Text: words})
	}
	return out
}

func (w *wish) chosenSlots(ctx context.Context) []ui.Option {
	return slices.DeleteFunc(w.slotOptions(ctx), func(o ui.Option) bool { return !w.form.Has(fieldSlots, o.Value) })
}

// tone is how a state looks.
func tone(s facilitiesv1.Booking_State) ui.Tone {
	switch s {
	case facilitiesv1.Booking_APPROVED, facilitiesv1.Booking_USED:
		return ui.Good
	case facilitiesv1.Booking_TENTATIVE:
		return ui.Calm
	default:
		return ui.Ended
	}
}

// ahead reports whether a booking can still be cancelled as far as its state
// goes; whether it is in time, the service says.
func (f *file) ahead() bool {
	return f.GetState() == facilitiesv1.Booking_TENTATIVE || f.GetState() == facilitiesv1.Booking_APPROVED
}

// documented reports whether there is an approval document.
func (f *file) documented() bool {
	return f.GetState() == facilitiesv1.Booking_APPROVED || f.GetState() == facilitiesv1.Booking_USED
}

// course is what is dated about the booking.
func (f *file) course(ctx context.Context) []ui.Step {
	out := []ui.Step{{Date: ui.Day(f.GetCreateTime()), Title: text.S(ctx, "booking.course.created")}}
	if f.GetPayment().GetPaidOn() != "" {
		out = append(out, ui.Step{Date: f.GetPayment().GetPaidOn(), Title: text.S(ctx, "booking.course.paid")})
	}
	if f.GetApprovedOn() != "" {
		out = append(out, ui.Step{Date: f.GetApprovedOn(), Title: text.S(ctx, "booking.course.approved")})
	}
	switch f.GetState() {
	case facilitiesv1.Booking_CANCELLED, facilitiesv1.Booking_REJECTED, facilitiesv1.Booking_EXPIRED:
		out = append(out, ui.Step{Date: ui.Day(f.GetUpdateTime()), Title: text.Enum(ctx, "booking.state", f.GetState()), Body: f.GetEndReason()})
	default:
		out = append(out, ui.Step{Date: f.GetDate(), Title: text.S(ctx, "booking.course.use")})
	}
	return out
}
