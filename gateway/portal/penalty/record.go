package penalty

import (
	"context"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// writing is a penalty that is recorded by hand: for a booking, or before that the
// bookings among which it is chosen.
type writing struct {
	form        *ui.Form
	booking     *facilitiesv1.Booking // nil while it is chosen.
	state       facilitiesv1.Booking_State
	bookings    []*facilitiesv1.BookingSummary
	first, next string
}

// offences are the states of bookings for which there are penalties.
var offences = []facilitiesv1.Booking_State{facilitiesv1.Booking_NO_SHOW, facilitiesv1.Booking_CANCELLED}

func bookings(q *web.Request) facilitiesv1.BookingServiceClient {
	return facilitiesv1.NewBookingServiceClient(q.Site.Service("facilities"))
}

func begin(q *web.Request) error {
	if id := q.Query("bookingId"); id != "" {
		return (&writing{form: ui.NewForm(url.Values{"penalty.bookingId": {id}})}).answer(q, http.StatusOK)
	}
	w := &writing{form: ui.NewForm(q.URL.Query()), state: offences[0]}
	if q.Query("state") == offences[1].String() {
		w.state = offences[1]
	}
	resp, err := bookings(q).ListBookings(q.Context(), &facilitiesv1.ListBookingsRequest{State: w.state, OrderBy: "date desc", PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	w.bookings = resp.GetBookings()
	w.first, w.next = q.Pages(resp.GetNextPageToken())
	return q.Render(choosePage(w))
}

// answer shows the form for the booking that it names.
func (w *writing) answer(q *web.Request, status int) error {
	got, err := bookings(q).GetBooking(q.Context(), &facilitiesv1.GetBookingRequest{Id: w.form.Get("penalty.bookingId")})
	if err != nil {
		return err
	}
	w.booking = got.GetBooking()
	if w.form.Get("penalty.kind") == "" {
		w.form.Values.Set("penalty.kind", kindOf(w.booking).String())
	}
	w.form.Labels = ui.Labels{"penalty.bookingId": "penalty.bookingId", "penalty.kind": "penalty.kindname", "penalty.note": "penalty.note"}
	return q.RenderAs(status, recordPage(w))
}

// kindOf is what the booking suggests.
func kindOf(b *facilitiesv1.Booking) facilitiesv1.Penalty_Kind {
	if b.GetCancelledLate() {
		return facilitiesv1.Penalty_LATE_CANCEL
	}
	return facilitiesv1.Penalty_NO_SHOW
}

func record(q *web.Request) error {
	req := &facilitiesv1.RecordPenaltyRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *facilitiesv1.RecordPenaltyResponse
	if err == nil {
		resp, err = penalties(q).RecordPenalty(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return (&writing{form: form}).answer(q, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/penalties/"+resp.GetPenalty().GetId(), "penaltyrecorded")
}

func offenceOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range offences {
		out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "booking.state", s)})
	}
	return out
}

func kindOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for n := facilitiesv1.Penalty_NO_SHOW; n <= facilitiesv1.Penalty_LATE_CANCEL; n++ {
		out = append(out, ui.Option{Value: n.String(), Text: text.Enum(ctx, "penalty.kind", n)})
	}
	return out
}

// recorded reports whether the refusal says that the penalty is there already.
func (w *writing) recorded() bool {
	return w.form.Refusal != nil && w.form.Refusal.Reason == "PENALTY_RECORDED"
}
