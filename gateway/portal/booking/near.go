package booking

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

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
		FacilityId: w.Facility.GetId(), From: day.String(), To: day.AddDays(nearDays - 1).String(),
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
		if r.GetRoomId() != w.Room.GetId() {
			o.distance += 3
		}
		if !slices.Contains(w.form.Values[fieldSlots], s.GetCode()) {
			o.distance += 2
		}
		out = append(out, o)
	}
	return out
}

// waitPath is where the caller waits for the first of the chosen slots that is
// taken; "" where none is, or the caller cannot wait.
func (w *wish) waitPath(ctx context.Context) string {
	if !ui.Can(ctx, facilitiesv1.WaitlistService_JoinWaitlist_FullMethodName) {
		return ""
	}
	for _, s := range w.Slots {
		if s.Letter == "T" && w.form.Has(fieldSlots, s.GetCode()) {
			return hall.WaitPath(w.Room.GetId(), w.form.Get(fieldDate), s.GetCode())
		}
	}
	return ""
}

func (w *wish) chosenSlots(ctx context.Context) []ui.Option {
	return slices.DeleteFunc(w.SlotOptions(ctx), func(o ui.Option) bool { return !w.form.Has(fieldSlots, o.Value) })
}

// equipped names the equipment that is wanted.
func (w *wish) equipped() string {
	var out []string
	for _, e := range equipment(w.form) {
		out = append(out, fmt.Sprintf("%s × %d", equipmentName(w.Room, e.GetCode()), e.GetCount()))
	}
	return strings.Join(out, "、")
}

func equipmentName(room *facilitiesv1.Room, code string) string {
	for _, e := range room.GetEquipment() {
		if e.GetCode() == code {
			return e.GetName()
		}
	}
	return code
}

// classOptions let the service choose the user class, or the person.
func (w *wish) classOptions(ctx context.Context) []ui.Option {
	return append([]ui.Option{{Text: text.S(ctx, "booking.class.auto")}}, w.ClassOptions()...)
}

func frequencies(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "booking.frequency.ONCE")}}
	for _, f := range []facilitiesv1.Repetition_Frequency{facilitiesv1.Repetition_WEEKLY, facilitiesv1.Repetition_MONTHLY_BY_WEEKDAY, facilitiesv1.Repetition_DAILY} {
		out = append(out, ui.Option{Value: f.String(), Text: text.Enum(ctx, "booking.frequency", f)})
	}
	return out
}

func channels(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, c := range []facilitiesv1.Booking_Channel{facilitiesv1.Booking_DESK, facilitiesv1.Booking_PHONE} {
		out = append(out, ui.Option{Value: c.String(), Text: text.Enum(ctx, "booking.channel", c)})
	}
	return out
}
