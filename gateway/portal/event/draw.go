package event

import (
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// lots is the draw of an event as everybody sees it.
type lots struct {
	*outreachv1.EventDraw
	event       *outreachv1.Event
	tickets     []*outreachv1.EventDrawTicket
	checks      []*outreachv1.EventDrawCheck
	valid       bool
	first, next string
}

func draw(q *web.Request) error {
	e, err := get(q)
	if err != nil {
		return err
	}
	draws := outreachv1.NewEventDrawServiceClient(q.Site.Service("outreach"))
	got, err := draws.GetEventDraw(q.Context(), &outreachv1.GetEventDrawRequest{EventId: e.GetId()})
	if err != nil {
		return err
	}
	l := &lots{EventDraw: got.GetDraw(), event: e}
	tickets, err := draws.ListEventDrawTickets(q.Context(), &outreachv1.ListEventDrawTicketsRequest{EventId: e.GetId(), PageSize: 50, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	l.tickets = tickets.GetTickets()
	l.first, l.next = q.Pages(tickets.GetNextPageToken())
	if l.GetDrawn() {
		check, err := draws.VerifyEventDraw(q.Context(), &outreachv1.VerifyEventDrawRequest{EventId: e.GetId()})
		if err != nil {
			return err
		}
		l.checks, l.valid = check.GetChecks(), check.GetValid()
	}
	return q.Render(drawPage(l))
}
