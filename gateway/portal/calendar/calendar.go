// Package calendar is the page of the secret address at which calendar programs read
// the caller's bookings of halls.
package calendar

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// page is the address of the page.
const page = "/bookings/calendar"

// Routes are the pages of this package.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, page, show).For(facilitiesv1.CalendarService_GetCalendarLink_FullMethodName),
		web.SignedIn(http.MethodPost, page+"/steps/{step}", func(q *web.Request) error { return steps.Take(q, page, answer) }),
	}
}

// standing is whether there is an address.
type standing bool

var steps = &step.Table[standing]{
	Texts: "calendar",
	Steps: []step.Step[standing]{
		{
			Name: "make", Method: facilitiesv1.CalendarService_RenewCalendarLink_FullMethodName, Done: "calendarmade",
			From: step.In[standing](false), Take: renew,
		},
		{
			Name: "renew", Method: facilitiesv1.CalendarService_RenewCalendarLink_FullMethodName, Done: "calendarmade", Sure: true,
			From: step.In[standing](true), Take: renew,
		},
		{
			Name: "remove", Method: facilitiesv1.CalendarService_DeleteCalendarLink_FullMethodName, Done: "calendarremoved", Sure: true, Grave: true,
			From: step.In[standing](true), Take: remove,
		},
	},
}

func calendars(q *web.Request) facilitiesv1.CalendarServiceClient {
	return facilitiesv1.NewCalendarServiceClient(q.Site.Service("facilities"))
}

func renew(ctx context.Context, q *web.Request, _ url.Values) error {
	_, err := calendars(q).RenewCalendarLink(ctx, &facilitiesv1.RenewCalendarLinkRequest{})
	return err
}

func remove(ctx context.Context, q *web.Request, _ url.Values) error {
	_, err := calendars(q).DeleteCalendarLink(ctx, &facilitiesv1.DeleteCalendarLinkRequest{})
	if errors.Is(problem.Fault(err), fault.ErrNotFound) { // It is gone already.
		return nil
	}
	return err
}

// address is what the page shows; no URL where there is none.
type address struct {
	url  string
	form *ui.Form
}

func (a *address) thing() *step.Thing[standing] {
	return &step.Thing[standing]{State: a.url != "", Path: page, Form: a.form}
}

func show(q *web.Request) error { return answer(q, nil, http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	got, err := calendars(q).GetCalendarLink(q.Context(), &facilitiesv1.GetCalendarLinkRequest{})
	if err != nil && !errors.Is(problem.Fault(err), fault.ErrNotFound) {
		return err
	}
	return q.RenderAs(status, linkPage(&address{url: got.GetLink().GetUrl(), form: form}))
}
