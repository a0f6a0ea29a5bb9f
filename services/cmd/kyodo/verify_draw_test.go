package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// publishedLottery is an honest lottery of three tickets for one place.
func publishedLottery() *facilitiesv1.Lottery {
	seed := []byte("an honest seed of thirty-two byte")
	tickets := []draw.Ticket{
		{ID: "a1", Group: "g1", Priority: 1, Slots: 1, Places: []string{"1/2027-06-10/1"}},
		{ID: "b2", Group: "g2", Priority: 1, Slots: 1, Places: []string{"1/2027-06-10/1"}},
		{ID: "c3", Group: "g3", Priority: 2, Slots: 1, Places: []string{"1/2027-06-10/1"}},
	}
	root := draw.Root(tickets)
	key := draw.Key(seed, root, "1234")
	l := &facilitiesv1.Lottery{
		Id: "01980000-0000-7000-8000-000000000001", Commitment: draw.Commitment(seed), Root: root, BallotHash: draw.Ballot(tickets),
		PublicEntropy: "1234", Seed: hex.EncodeToString(seed), Key: hex.EncodeToString(key), CapSlots: 4,
	}
	for i, t := range draw.Walk(draw.Order(key, tickets), 4, nil) {
		result := facilitiesv1.LotteryTicket_LOST_TAKEN
		if t.Outcome == draw.Won {
			result = facilitiesv1.LotteryTicket_WON
		}
		l.Order = append(l.Order, &facilitiesv1.LotteryTicket{
			Id: t.ID, Group: t.Group, Priority: int32(t.Priority), Slots: 1, Places: t.Places, Rank: int32(i + 1), Result: result,
		})
	}
	return l
}

// TestVerifyDraw: an honest lottery holds, a changed one does not, whatever the
// installation says of itself.
func TestVerifyDraw(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*facilitiesv1.Lottery)
		holds  bool
	}{
		"honest":            {func(*facilitiesv1.Lottery) {}, true},
		"still open":        {func(l *facilitiesv1.Lottery) { l.Root, l.Seed, l.Key, l.Order = "", "", "", nil }, true},
		"closed":            {func(l *facilitiesv1.Lottery) { l.Seed, l.Key = "", "" }, true},
		"a hidden seed":     {func(l *facilitiesv1.Lottery) { l.Seed = "" }, false},
		"another winner":    {func(l *facilitiesv1.Lottery) { l.Order[1].Result = facilitiesv1.LotteryTicket_WON }, false},
		"an entry dropped":  {func(l *facilitiesv1.Lottery) { l.Order = l.Order[:2] }, false},
		"a priority raised": {func(l *facilitiesv1.Lottery) { l.Order[2].Priority = 1 }, false},
	} {
		l := publishedLottery()
		c.change(l)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v1/lotteries/"+l.GetId() {
				http.NotFound(w, r)
				return
			}
			body, err := protojson.Marshal(l)
			if err != nil {
				t.Error(err)
			}
			_, _ = w.Write(body) // The command reads it or fails.
		}))
		err := (&verifyDraw{ID: l.GetId(), Origin: server.URL}).Run(t.Context())
		if holds := err == nil; holds != c.holds {
			t.Errorf("%s: %v", name, err)
		}
		if err := (&verifyDraw{ID: "none", Origin: server.URL}).Run(t.Context()); err == nil {
			t.Error("a lottery that is not there was verified")
		}
		server.Close()
	}
}

// publishedDraw is an honest draw of the five places of an event, with its tickets
// in the published order.
func publishedDraw() (*outreachv1.EventDraw, []*outreachv1.EventDrawTicket) {
	seed := []byte("an honest seed of thirty-two byte")
	var ballot []draw.Ticket
	for i, people := range []int{3, 2, 2, 1, 1} {
		ballot = append(ballot, draw.Ticket{ID: fmt.Sprintf("%032x", i), Group: "event", Slots: people})
	}
	root := draw.Root(ballot)
	key := draw.Key(seed, root, "")
	d := &outreachv1.EventDraw{
		EventId: "01980000-0000-7000-8000-000000000002", Commitment: draw.Commitment(seed), Root: root, BallotHash: draw.Ballot(ballot),
		Seed: hex.EncodeToString(seed), Key: hex.EncodeToString(key), Capacity: 5, Tickets: int32(len(ballot)), Drawn: true,
	}
	var tickets []*outreachv1.EventDrawTicket
	for i, t := range draw.Walk(draw.Order(key, ballot), 5, nil) {
		outcome := outreachv1.EventDrawTicket_LOST
		if t.Outcome == draw.Won {
			outcome = outreachv1.EventDrawTicket_WON
		}
		tickets = append(tickets, &outreachv1.EventDrawTicket{Id: t.ID, HeadCount: int32(t.Slots), Rank: int32(i + 1), Outcome: outcome})
	}
	return d, tickets
}

// serveDraw answers as the edge does, two tickets a page.
func serveDraw(t *testing.T, d *outreachv1.EventDraw, tickets []*outreachv1.EventDrawTicket) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer proto.Message
		switch r.URL.Path {
		case "/v1/events/" + d.GetEventId() + "/draw":
			answer = d
		case "/v1/events/" + d.GetEventId() + "/draw/tickets":
			from, _ := strconv.Atoi(r.URL.Query().Get("pageToken")) // none is the first page
			to := min(from+2, len(tickets))
			page := &outreachv1.ListEventDrawTicketsResponse{Tickets: tickets[from:to]}
			if to < len(tickets) {
				page.NextPageToken = strconv.Itoa(to)
			}
			answer = page
		default:
			http.NotFound(w, r)
			return
		}
		body, err := protojson.Marshal(answer)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(body) // The command reads it or fails.
	}))
	t.Cleanup(server.Close)
	return server
}

// TestVerifyEventDraw: the same for the draw of an event's places.
func TestVerifyEventDraw(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*outreachv1.EventDraw, []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket
		holds  bool
	}{
		"honest": {nil, true},
		"still open": {func(d *outreachv1.EventDraw, _ []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			d.Root, d.BallotHash, d.Seed, d.Key = "", "", "", ""
			return nil
		}, true},
		"closed": {func(d *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			d.Seed, d.Key = "", ""
			return all
		}, true},
		"a hidden seed": {func(d *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			d.Seed = ""
			return all
		}, false},
		"another seed": {func(d *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			d.Seed = hex.EncodeToString([]byte("another"))
			return all
		}, false},
		"another winner": {func(_ *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			all[len(all)-1].Outcome = 3 - all[len(all)-1].GetOutcome()
			return all
		}, false},
		"a place more": {func(d *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			d.Capacity += 4
			return all
		}, false},
		"a ticket dropped": {func(_ *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			return all[:4]
		}, false},
		"people added": {func(_ *outreachv1.EventDraw, all []*outreachv1.EventDrawTicket) []*outreachv1.EventDrawTicket {
			all[4].HeadCount++
			return all
		}, false},
	} {
		d, tickets := publishedDraw()
		if c.change != nil {
			tickets = c.change(d, tickets)
		}
		err := (&verifyDraw{ID: d.GetEventId(), Origin: serveDraw(t, d, tickets).URL}).Run(t.Context())
		if holds := err == nil; holds != c.holds {
			t.Errorf("%s: %v", name, err)
		}
	}
}
