package rule

import (
	"context"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// trial tries a sample booking under the rules in force and under the draft.
type trial struct {
	form    *ui.Form
	outcome *facilitiesv1.SimulateBookingResponse // nil before anything was asked.
	classes []*facilitiesv1.Rule
}

// try reads the sample booking from the query and asks what would become of it.
func (f *file) try(q *web.Request, id string) error {
	if f.draft == nil || !q.View.May(facilitiesv1.BookingService_SimulateBooking_FullMethodName) {
		return nil
	}
	t := &trial{form: ui.NewForm(q.URL.Query())}
	f.trial = t
	resp, err := ruleService(q).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{PageSize: 200})
	if err != nil {
		return err
	}
	t.classes = resp.GetUserClasses()
	if t.form.Get("roomId") == "" {
		t.form.Values = f.suggested(q)
		return nil
	}
	req, err := sampleBooking(t.form)
	if err == nil {
		req.DraftIds = []string{id}
		t.outcome, err = facilitiesv1.NewBookingServiceClient(q.Site.Service("facilities")).SimulateBooking(q.Context(), req)
	}
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values, form.Labels = t.form.Values, trialLabels
		t.form = form.Trim("booking.")
		return nil
	}
	return err
}

var trialLabels = ui.Labels{"roomId": "hall.room", "date": "booking.date", "slotCodes": "booking.slots", "purpose": "hall.purposename", "headcount": "booking.headcount"}

// suggested is a booking on the first day of the draft, of a room that it is
// about where it is about one.
func (f *file) suggested(q *web.Request) url.Values {
	out := url.Values{"date": {max(f.draft.GetValidFrom(), q.Today().AddDays(1).String())}, "headcount": {"10"}, "purpose": {"MEETING"}, "channel": {"ONLINE"}}
	for _, r := range f.names.Sorted() {
		of, ok := f.item.(interface{ GetFacilityId() string })
		if !ok || of.GetFacilityId() == r.GetFacilityId() || r.GetRoomId() == f.item.GetId() {
			out.Set("roomId", r.GetRoomId())
			break
		}
	}
	if c, ok := f.draft.(*facilitiesv1.Rule); ok && c.GetUserClass() != nil {
		out.Set("userClass", c.GetCode())
		if kinds := c.GetUserClass().GetOrganizationKinds(); len(kinds) > 0 {
			out.Set("organizationKind", kinds[0])
		}
	}
	return out
}

// sampleBooking reads the form. Errors: INVALID_FIELD.
func sampleBooking(f *ui.Form) (*facilitiesv1.SimulateBookingRequest, error) {
	req := &facilitiesv1.SimulateBookingRequest{OrganizationKind: f.Get("organizationKind"), Booking: &facilitiesv1.CreateBookingRequest{}}
	values := url.Values{}
	for _, name := range []string{"roomId", "date", "slotCodes", "userClass", "purpose", "headcount", "channel"} {
		if f.Values.Has(name) {
			values[name] = f.Values[name]
		}
	}
	return req, web.Bind(values, req.GetBooking())
}

func (f *file) roomOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range f.names.Sorted() {
		out = append(out, ui.Option{Value: r.GetRoomId(), Text: f.names.Name(ctx, r.GetRoomId())})
	}
	return out
}

// slotOptions are the slots of all patterns, each code once.
func (f *file) slotOptions() []ui.Option {
	var out []ui.Option
	known := map[string]bool{}
	for _, r := range f.names.Sorted() {
		for _, s := range r.GetSlots() {
			if !known[s.GetCode()] {
				known[s.GetCode()] = true
				out = append(out, ui.Option{Value: s.GetCode(), Text: s.GetName()})
			}
		}
	}
	return out
}

func (t *trial) classOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "booking.class.auto")}}
	for _, c := range t.classes {
		out = append(out, ui.Option{Value: c.GetCode(), Text: c.GetName()})
	}
	return out
}

// outcome is what would become of the booking, in words.
func outcome(ctx context.Context, o *facilitiesv1.SimulateBookingResponse_Outcome) string {
	switch {
	case o.GetReason() != "" && text.Of(ctx) == text.English:
		return text.S(ctx, "rule.trial.refused", o.GetMessageEn())
	case o.GetReason() != "":
		return text.S(ctx, "rule.trial.refused", o.GetMessage())
	default:
		return text.S(ctx, "rule.trial.booked", ui.Yen(ctx, o.GetFee().GetAmount()))
	}
}

// basis is what a fee was computed from.
func basis(ctx context.Context, fee *facilitiesv1.BookingFee) string {
	if fee == nil {
		return text.S(ctx, "rule.nothing")
	}
	return ui.Yen(ctx, fee.GetBase()) + " × " + strconv.Itoa(int(fee.GetMultiplierNumerator())) + "/" + strconv.Itoa(int(fee.GetMultiplierDenominator()))
}
