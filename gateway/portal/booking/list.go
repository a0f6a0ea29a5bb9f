package booking

import (
	"context"
	"net/http"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

const rowsShown = 30

// found is a list of bookings and what it was asked for.
type found struct {
	form          *ui.Form
	bookings      []*facilitiesv1.BookingSummary
	organizations []*directoryv1.Organization // The caller's own.
	halls         []*facilitiesv1.Facility    // For the ward.
	first, next   string
}

// request reads the filters of a list.
func (l *found) request(q *web.Request) *facilitiesv1.ListBookingsRequest {
	return &facilitiesv1.ListBookingsRequest{
		PageToken: q.Query("page"), PageSize: rowsShown, OrganizationId: q.Query("organizationId"), FacilityId: q.Query("facilityId"),
		State: facilitiesv1.Booking_State(facilitiesv1.Booking_State_value[q.Query("state")]),
		From:  q.Query("from"), To: q.Query("to"), SeriesId: q.Query("seriesId"),
	}
}

// read reads the list. What is wrong with its filters stands in its form.
func (l *found) read(q *web.Request, req *facilitiesv1.ListBookingsRequest) error {
	resp, err := bookings(q).ListBookings(q.Context(), req)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = l.form.Values
		l.form = form
		return nil
	}
	l.bookings = resp.GetBookings()
	l.first, l.next = q.Pages(resp.GetNextPageToken())
	return err
}

// status is that of the answer.
func (l *found) status() int {
	if l.form.Refusal != nil {
		return l.form.Status
	}
	return http.StatusOK
}

func (l *found) past() bool { return l.form.Get("past") == "1" }

func (l *found) series() bool { return l.form.Get("seriesId") != "" }

// list shows the caller's own bookings.
func list(q *web.Request) error {
	l := &found{form: ui.NewForm(q.URL.Query())}
	req := l.request(q)
	switch {
	case l.past():
		req.To, req.OrderBy = q.Today().AddDays(-1).String(), "date desc"
	case req.GetFrom() == "" && req.GetTo() == "" && !l.series():
		req.From = q.Today().String()
	}
	err := hall.Together(
		func() error { return l.read(q, req) },
		func() error {
			own, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
			l.organizations = own.GetOrganizations()
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.RenderAs(l.status(), listPage(l))
}

// listForWard is every booking: those that wait for a decision, when nothing else
// is asked for.
func listForWard(q *web.Request) error {
	l := &found{form: ui.NewForm(q.URL.Query())}
	req := l.request(q)
	if !q.URL.Query().Has("state") {
		req.State = facilitiesv1.Booking_TENTATIVE
		l.form.Values.Set("state", req.GetState().String())
	}
	if req.GetFrom() == "" && req.GetTo() == "" {
		req.From = q.Today().String()
		l.form.Values.Set("from", req.GetFrom())
	}
	if err := l.readForWard(q, req); err != nil {
		return err
	}
	return q.RenderAs(l.status(), wardPage(l))
}

func (l *found) readForWard(q *web.Request, req *facilitiesv1.ListBookingsRequest) error {
	return hall.Together(
		func() error { return l.read(q, req) },
		func() error {
			halls, err := facilitiesv1.NewFacilityServiceClient(q.Site.Service("facilities")).ListFacilities(q.Context(), &facilitiesv1.ListFacilitiesRequest{PageSize: 200})
			l.halls = halls.GetFacilities()
			return err
		},
	)
}

// listToday is what takes place today, in the order of the day, to check in.
func listToday(q *web.Request) error {
	l := &found{form: ui.NewForm(q.URL.Query())}
	req := l.request(q)
	req.From, req.To = q.Today().String(), q.Today().String()
	if err := l.readForWard(q, req); err != nil {
		return err
	}
	return q.RenderAs(l.status(), todayPage(l))
}

func states(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "hall.any")}}
	for n := facilitiesv1.Booking_TENTATIVE; n <= facilitiesv1.Booking_CANCELLED; n++ {
		out = append(out, ui.Option{Value: n.String(), Text: text.Enum(ctx, "booking.state", n)})
	}
	return out
}

func (l *found) hallOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "hall.all")}}
	for _, f := range l.halls {
		out = append(out, ui.Option{Value: f.GetId(), Text: f.GetName()})
	}
	return out
}

func (l *found) organizationOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "hall.any")}}
	for _, o := range l.organizations {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	return out
}
