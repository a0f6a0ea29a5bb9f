package main

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
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
		err := (&verifyDraw{Lottery: l.GetId(), Origin: server.URL}).Run(t.Context())
		if holds := err == nil; holds != c.holds {
			t.Errorf("%s: %v", name, err)
		}
		if err := (&verifyDraw{Lottery: "none", Origin: server.URL}).Run(t.Context()); err == nil {
			t.Error("a lottery that is not there was verified")
		}
		server.Close()
	}
}
