package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// verifyDraw recomputes a lottery for halls, or the draw of an event's places, from
// what everybody may read over REST. It trusts nothing that the installation says of
// its own arithmetic.
type verifyDraw struct {
	ID     string `arg:"" name:"lottery" help:"Identifier of the lottery, or of the event whose places are drawn." placeholder:"LOTTERY"`
	Data   string `help:"Folder of the installation, for its origin." default:".data" env:"KYODO_DATA" type:"path"`
	Origin string `help:"Origin of the installation; the one it last ran with when empty." env:"KYODO_ORIGIN"`
}

// fetchTime and fetchBytes bound each answer that is read.
const (
	fetchTime  = 30 * time.Second
	fetchBytes = 16 << 20
)

// published is a draw as everybody reads it.
type published struct {
	draw.Record
	next *timestamppb.Timestamp // End of the entries of a lottery, day of the draw of an event.
}

// Run prints one line a step and fails when a step does not hold.
func (c *verifyDraw) Run(ctx context.Context) error {
	p, err := c.lottery(ctx)
	if errors.Is(err, errNotThere) {
		p, err = c.event(ctx)
	}
	if err != nil {
		return err
	}
	checks := draw.Verify(p.Record)
	if len(checks) == 0 {
		fmt.Printf("%s: entries are taken, next step %s; commitment %s\n", c.ID, p.next.AsTime().Format(time.RFC3339), p.Commitment)
		return nil
	}
	for _, check := range checks {
		if check.Valid {
			fmt.Printf("%s: holds %s\n", check.Step, check.Computed)
			continue
		}
		fmt.Printf("%s: DOES NOT HOLD: published %q, computed %q\n", check.Step, check.Published, check.Computed)
	}
	if !draw.Valid(checks) {
		return errors.New("the published draw does not agree with its recomputation")
	}
	if p.Seed == "" {
		fmt.Printf("%s: closed with %d tickets, not drawn yet\n", c.ID, len(p.Tickets))
		return nil
	}
	fmt.Printf("%s: %d tickets, the draw is recomputed\n", c.ID, len(p.Tickets))
	return nil
}

// errNotThere says that the installation knows no such thing.
var errNotThere = errors.New("there is no such lottery and no such draw of an event")

// fetch reads an answer as everybody does.
func (c *verifyDraw) fetch(ctx context.Context, path string, into proto.Message) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, originOf(c.Data, c.Origin)+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, fetchBytes))
	if err != nil {
		return err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, into)
	case http.StatusNotFound:
		return errNotThere
	}
	return fmt.Errorf("%s answers %s", req.URL, resp.Status)
}

// lottery reads a lottery for halls.
func (c *verifyDraw) lottery(ctx context.Context) (published, error) {
	l := &facilitiesv1.Lottery{}
	err := c.fetch(ctx, "/v1/lotteries/"+url.PathEscape(c.ID), l)
	return published{recordOf(l), l.GetApplyToTime()}, err
}

// event reads the draw of an event with all its tickets.
func (c *verifyDraw) event(ctx context.Context) (published, error) {
	path := "/v1/events/" + url.PathEscape(c.ID) + "/draw"
	d := &outreachv1.EventDraw{}
	if err := c.fetch(ctx, path, d); err != nil {
		return published{}, err
	}
	p := published{draw.Record{
		Commitment: d.GetCommitment(), Root: d.GetRoot(), Ballot: d.GetBallotHash(), Seed: d.GetSeed(), Key: d.GetKey(), Cap: int(d.GetCapacity()),
	}, d.GetDrawTime()}
	query := url.Values{"pageSize": {"200"}}
	for {
		page := &outreachv1.ListEventDrawTicketsResponse{}
		if err := c.fetch(ctx, path+"/tickets?"+query.Encode(), page); err != nil {
			return published{}, err
		}
		for _, t := range page.GetTickets() {
			p.Tickets = append(p.Tickets, ticketOf(t))
		}
		next := page.GetNextPageToken()
		if next == "" || len(page.GetTickets()) == 0 {
			return p, nil
		}
		query.Set("pageToken", next)
	}
}

// ticketOf reads a ticket of an event: all are of the one group "event", whose cap
// are the places.
func ticketOf(t *outreachv1.EventDrawTicket) draw.Drawn {
	out := draw.Drawn{Ticket: draw.Ticket{ID: t.GetId(), Group: "event", Slots: int(t.GetHeadCount())}}
	switch t.GetOutcome() {
	case outreachv1.EventDrawTicket_WON:
		out.Outcome = draw.Won
	case outreachv1.EventDrawTicket_LOST:
		out.Outcome = draw.LostCap
	}
	return out
}

var outcomes = map[facilitiesv1.LotteryTicket_Result]draw.Outcome{
	facilitiesv1.LotteryTicket_WON: draw.Won, facilitiesv1.LotteryTicket_LOST_CAP: draw.LostCap,
	facilitiesv1.LotteryTicket_LOST_TAKEN: draw.LostTaken,
}

func recordOf(l *facilitiesv1.Lottery) draw.Record {
	r := draw.Record{
		Commitment: l.GetCommitment(), Root: l.GetRoot(), Ballot: l.GetBallotHash(), Seed: l.GetSeed(), Entropy: l.GetPublicEntropy(),
		Key: l.GetKey(), Cap: int(l.GetCapSlots()), Taken: l.GetTakenPlaces(),
	}
	for _, t := range l.GetOrder() {
		r.Tickets = append(r.Tickets, draw.Drawn{
			Ticket: draw.Ticket{
				ID: t.GetId(), Group: t.GetGroup(), Priority: int(t.GetPriority()), Slots: int(t.GetSlots()), Places: t.GetPlaces(),
			},
			Outcome: outcomes[t.GetResult()],
		})
	}
	return r
}
