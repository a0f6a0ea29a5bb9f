// Package event has the public pages of events: what comes, a month of it, an
// event with who stands behind it, and the registration without an account.
package event

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/events", list),
		web.Public(http.MethodGet, "/events/calendar", calendar),
		web.Public(http.MethodGet, "/events/{id}", show),
		web.Public(http.MethodGet, "/events/{id}/register", begin),
		web.Public(http.MethodPost, "/events/{id}/register", register),
		web.Public(http.MethodGet, "/events/{id}/draw", draw),
		web.SignedIn(http.MethodGet, "/events/{id}/registrations", askGuests),
		web.SignedIn(http.MethodPost, "/events/{id}/registrations", listGuests),
		web.SignedIn(http.MethodPost, "/events/{id}/registrations/{registration}/{step}", decide),
		// Who has the secret of the link may use it, from wherever: it needs no other proof.
		web.Public(http.MethodGet, "/registrations/{token}", showTicket),
		web.Public(http.MethodPost, "/registrations/{token}/confirm", confirmTicket).WithoutToken(),
		web.Public(http.MethodPost, "/registrations/{token}/cancel", cancelTicket).WithoutToken(),
	}
}

func events(q *web.Request) outreachv1.EventServiceClient {
	return outreachv1.NewEventServiceClient(q.Site.Service("outreach"))
}

// search is the list of what comes and what it was asked for.
type search struct {
	form        *ui.Form
	found       []*outreachv1.Event
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	s.form.Values.Set("from", q.Day("from").String())
	resp, err := events(q).ListEvents(q.Context(), &outreachv1.ListEventsRequest{
		State: outreachv1.Event_PUBLISHED, From: s.form.Get("from"), Q: strings.TrimSpace(q.Query("q")), PageSize: 20, PageToken: q.Query("page"),
	})
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = s.form.Values
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetEvents()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// month is a month of events.
type month struct {
	first, last jp.Date
	found       []*outreachv1.Event
	more        bool
}

func calendar(q *web.Request) error {
	m := month{first: q.Day("month").FirstOfMonth()}
	m.last = m.move(1).AddDays(-1)
	resp, err := events(q).ListEvents(q.Context(), &outreachv1.ListEventsRequest{From: m.first.String(), To: m.last.String(), PageSize: 200})
	if err != nil {
		return err
	}
	for _, e := range resp.GetEvents() {
		if public(e) {
			m.found = append(m.found, e)
		}
	}
	m.more = resp.GetNextPageToken() != ""
	return q.Render(monthPage(&m))
}

// public reports whether an event is one that everybody sees: editors see their
// drafts in lists too.
func public(e *outreachv1.Event) bool {
	switch e.GetState() {
	case outreachv1.Event_PUBLISHED, outreachv1.Event_ENDED, outreachv1.Event_CANCELLED:
		return true
	default:
		return false
	}
}

// move returns the first day of another month.
func (m *month) move(months int) jp.Date { return m.first.AddMonths(months) }

func monthPath(day jp.Date) string { return "/events/calendar?month=" + day.String() }

// grid has a row a day.
func (m *month) grid(ctx context.Context) ui.Grid {
	g := ui.Grid{Caption: text.S(ctx, "event.span", ui.LongDate(ctx, m.first.String()), ui.LongDate(ctx, m.last.String()))}
	for d := m.first; d.Month == m.first.Month; d = d.AddDays(1) {
		row := ui.Row{Title: ui.ShortDate(ctx, d.String())}
		if name, holiday := jp.Holiday(d); holiday && text.Of(ctx) != text.English {
			row.Note = name
		}
		var marks []ui.Mark
		for _, e := range m.found {
			if on(e, d.String()) {
				marks = append(marks, mark(ctx, e))
			}
		}
		row.Cells = []ui.Slots{{Marks: marks}}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func mark(ctx context.Context, e *outreachv1.Event) ui.Mark {
	m := ui.Mark{Name: strings.TrimPrefix(e.GetStartTime(), "0"), Words: title(ctx, e), Path: "/events/" + e.GetId()}
	if e.GetState() == outreachv1.Event_CANCELLED {
		m.Letter, m.Words = "N", text.S(ctx, "event.calledoff", m.Words)
	}
	return m
}

// on reports whether an event goes on on a day. One without repetition goes on
// from its first day to its last.
func on(e *outreachv1.Event, day string) bool {
	if slices.Contains(e.GetOccursOn(), day) {
		return true
	}
	return e.GetRecurrence() == "" && e.GetStartsOn() <= day && day <= max(e.GetStartsOn(), e.GetEndsOn())
}

// title is the English title for who reads English, where there is one.
func title(ctx context.Context, e *outreachv1.Event) string {
	if text.Of(ctx) == text.English && e.GetTitleEn() != "" {
		return e.GetTitleEn()
	}
	return e.GetTitle()
}

// body is the text as safe HTML: in plain Japanese where there is one and it is
// asked for. The service has taken out whatever is not text.
func body(ctx context.Context, e *outreachv1.Event) string {
	if text.Of(ctx) == text.Plain && e.GetPlainJaHtml() != "" {
		return e.GetPlainJaHtml()
	}
	return e.GetBodyHtml()
}

func get(q *web.Request) (*outreachv1.Event, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := events(q).GetEvent(q.Context(), &outreachv1.GetEventRequest{Id: id})
	return resp.GetEvent(), err
}

func show(q *web.Request) error {
	e, err := get(q)
	if err != nil {
		return err
	}
	return q.Render(showPage(e))
}

// labels name the fields of the registration in what is refused.
var labels = ui.Labels{
	"registration.name": "event.name", "registration.nameKana": "event.namekana", "registration.email": "event.email",
	"registration.phoneNumber": "event.phone", "registration.note": "event.remark", "registration.headCount": "event.heads",
}

func begin(q *web.Request) error {
	e, err := get(q)
	if err != nil {
		return err
	}
	return q.Render(registerPage(e, ui.NewForm(url.Values{})))
}

// register holds a place. The answer is the same whoever it is, so that nobody
// learns here who is registered already.
func register(q *web.Request) error {
	e, err := get(q)
	if err != nil {
		return err
	}
	req := &outreachv1.CreateRegistrationRequest{}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.EventId = e.GetId()
		_, err = outreachv1.NewRegistrationServiceClient(q.Site.Service("outreach")).CreateRegistration(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, registerPage(e, form))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/events/"+e.GetId(), "registered")
}
