package outreach

import (
	"context"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// draws answers EventDrawService.
type draws struct {
	outreachv1.UnimplementedEventDrawServiceServer
	publications
}

// GetEventDraw shows a draw as far as it has come.
func (s *draws) GetEventDraw(ctx context.Context, req *outreachv1.GetEventDrawRequest) (*outreachv1.GetEventDrawResponse, error) {
	d, seats, err := s.drawOf(ctx, req.GetEventId())
	if err != nil {
		return nil, err
	}
	out := &outreachv1.EventDraw{
		EventId: d.EventID, Commitment: d.Commitment, Root: d.Root, BallotHash: d.Ballot, Seed: d.Seed, Key: d.Key,
		Capacity: int32(d.Capacity), Tickets: int32(d.Tickets), FixTime: convert.Instant(d.FixedAt), DrawTime: convert.Instant(d.DrawnAt), Drawn: !d.DrawnAt.IsZero(),
	}
	if !out.GetDrawn() {
		out.DrawTime = convert.Instant(seats.DrawsAt)
	}
	return &outreachv1.GetEventDrawResponse{Draw: out}, nil
}

// drawOf reads the draw of an event that everybody sees. Errors:
// RESOURCE_NOT_FOUND.
func (s *draws) drawOf(ctx context.Context, eventID string) (*registration.Draw, *registration.Seats, error) {
	if _, err := store.GetPublication(ctx, s.DB, eventRef(eventID), publication.Reader{}); err != nil {
		return nil, nil, err
	}
	d, err := store.GetDraw(ctx, s.DB, eventID)
	if err != nil {
		return nil, nil, err
	}
	seats, err := store.SeatsOf(ctx, s.DB, []string{eventID})
	return d, seats[eventID], err
}

// ListEventDrawTickets shows the ballot.
func (s *draws) ListEventDrawTickets(ctx context.Context, req *outreachv1.ListEventDrawTicketsRequest) (*outreachv1.ListEventDrawTicketsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	d, _, err := s.drawOf(ctx, req.GetEventId())
	if err != nil {
		return nil, err
	}
	drawn := !d.DrawnAt.IsZero()
	rows, err := store.ListTickets(ctx, s.DB, d.EventID, drawn, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(t store.DrawnTicket) []string {
		if drawn {
			return []string{strconv.Itoa(t.Rank)}
		}
		return []string{t.ID}
	})

	resp := &outreachv1.ListEventDrawTicketsResponse{Tickets: convert.List(rows, ticketToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func ticketToProto(t store.DrawnTicket) *outreachv1.EventDrawTicket {
	out := &outreachv1.EventDrawTicket{Id: t.ID, HeadCount: int32(t.Party), Rank: int32(t.Rank)}
	switch {
	case t.Won:
		out.Outcome = outreachv1.EventDrawTicket_WON
	case t.Rank > 0:
		out.Outcome = outreachv1.EventDrawTicket_LOST
	}
	return out
}

// verifyPage is how many tickets are read at once for a recomputation.
const verifyPage = 1000

// VerifyEventDraw recomputes a draw of what is public.
func (s *draws) VerifyEventDraw(ctx context.Context, req *outreachv1.VerifyEventDrawRequest) (*outreachv1.VerifyEventDrawResponse, error) {
	d, _, err := s.drawOf(ctx, req.GetEventId())
	if err != nil {
		return nil, err
	}
	record := draw.Record{Commitment: d.Commitment, Root: d.Root, Ballot: d.Ballot, Seed: d.Seed, Key: d.Key, Cap: d.Capacity}
	page := pg.Page{Size: verifyPage}
	for more := d.Root != ""; more; {
		rows, err := store.ListTickets(ctx, s.DB, d.EventID, d.Seed != "", page)
		if err != nil {
			return nil, err
		}
		if more = len(rows) > verifyPage; more {
			rows = rows[:verifyPage]
			page.After = []string{rows[verifyPage-1].ID}
			if d.Seed != "" {
				page.After[0] = strconv.Itoa(rows[verifyPage-1].Rank)
			}
		}
		record.Tickets = append(record.Tickets, convert.List(rows, drawnTicket)...)
	}
	checks := draw.Verify(record)
	resp := &outreachv1.VerifyEventDrawResponse{Valid: draw.Valid(checks)}
	for _, c := range checks {
		resp.Checks = append(resp.Checks, &outreachv1.EventDrawCheck{Step: c.Step.String(), Published: c.Published, Computed: c.Computed, Valid: c.Valid})
	}
	return resp, nil
}

// drawnTicket is a ticket as package draw has it.
func drawnTicket(t store.DrawnTicket) draw.Drawn {
	out := draw.Drawn{Ticket: draw.Ticket{ID: t.ID, Group: registration.TicketGroup, Slots: t.Party}}
	switch {
	case t.Won:
		out.Outcome = draw.Won
	case t.Rank > 0:
		out.Outcome = draw.LostCap
	}
	return out
}
