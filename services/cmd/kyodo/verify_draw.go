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

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// verifyDraw recomputes a lottery from what everybody may read over REST. It
// trusts nothing that the installation says of its own arithmetic.
type verifyDraw struct {
	Lottery string `arg:"" help:"Identifier of the lottery." placeholder:"LOTTERY"`
	Data    string `help:"Folder of the installation, for its origin." default:".data" env:"KYODO_DATA" type:"path"`
	Origin  string `help:"Origin of the installation; the one it last ran with when empty." env:"KYODO_ORIGIN"`
}

// fetchTime and fetchBytes bound the one answer that is read.
const (
	fetchTime  = 30 * time.Second
	fetchBytes = 16 << 20
)

// Run prints one line a step and fails when a step does not hold.
func (c *verifyDraw) Run(ctx context.Context) error {
	l, err := c.fetch(ctx)
	if err != nil {
		return err
	}
	checks := draw.Verify(recordOf(l))
	if len(checks) == 0 {
		fmt.Printf("%s: entries are taken until %s; commitment %s\n", l.GetId(), l.GetApplyToTime().AsTime().Format(time.RFC3339), l.GetCommitment())
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
		return errors.New("the published lottery does not agree with its recomputation")
	}
	if l.GetSeed() == "" {
		fmt.Printf("%s: closed with %d tickets, not drawn yet\n", l.GetId(), len(l.GetOrder()))
		return nil
	}
	fmt.Printf("%s: %d tickets, the draw is recomputed\n", l.GetId(), len(l.GetOrder()))
	return nil
}

// fetch reads the lottery as everybody does.
func (c *verifyDraw) fetch(ctx context.Context) (*facilitiesv1.Lottery, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, originOf(c.Data, c.Origin)+"/v1/lotteries/"+url.PathEscape(c.Lottery), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, fetchBytes))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", req.URL, resp.Status)
	}
	l := &facilitiesv1.Lottery{}
	return l, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, l)
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
