package outreach

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// The sizes of what is random in a draw.
const (
	seedBytes   = 32
	ticketBytes = 16
)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // It never fails.
	return b
}

// newTicket is the identifier of a registration in the draw. It is given at the
// registration, so that nobody can choose it later.
func newTicket() string { return hex.EncodeToString(random(ticketBytes)) }

// drawBound binds a sealed seed to its event.
func drawBound(eventID, commitment string) []byte { return []byte(eventID + " " + commitment) }

// commit makes the seed of a draw, once, and publishes the commitment to it before
// anybody registers.
func (s *publications) commit(tx *pg.Tx, eventID string) {
	seed := random(seedBytes)
	d := registration.Draw{EventID: eventID, Commitment: draw.Commitment(seed)}
	d.SealedSeed = s.Key("event draw").Seal(seed, drawBound(eventID, d.Commitment))
	store.AddDraw(tx, d)
}

// drawDue fixes the ballots and draws the draws whose time has come. One that cannot
// be drawn does not keep the others waiting.
func (s *registrations) drawDue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	ids, err := store.DueDraws(ctx, s.DB, s.Now())
	if err != nil {
		return err
	}
	var all error
	for _, id := range ids {
		err := s.advance(ctx, id, s.fixBallot)
		if err == nil {
			err = s.advance(ctx, id, s.draw)
		}
		all = errors.Join(all, err)
	}
	return all
}

// drawStep is a step of a draw whose event's places are locked.
type drawStep func(context.Context, *pg.Tx, *registration.Seats, *registration.Draw) error

// advance takes one step of a draw in a transaction of its own, so that the ballot is
// public before the draw.
func (s *registrations) advance(ctx context.Context, eventID string, take drawStep) error {
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		seats, err := store.LockSeats(ctx, tx, eventID)
		if err != nil {
			return struct{}{}, err
		}
		d, err := store.GetDraw(ctx, tx, eventID)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, take(ctx, tx, seats, d)
	})
	return err
}

// fixBallot publishes who takes part in the draw: everybody whose address is
// confirmed.
func (s *registrations) fixBallot(ctx context.Context, tx *pg.Tx, seats *registration.Seats, d *registration.Draw) error {
	if !seats.Fixes(d, tx.Now) {
		return nil
	}
	tickets, err := store.FixBallot(ctx, tx, d.EventID)
	if err != nil {
		return err
	}
	d.Root, d.Ballot, d.Tickets = draw.Root(tickets), draw.Ballot(tickets), len(tickets)
	store.PutBallot(tx, d)
	audit.Add(ctx, tx, audit.Entry{
		Action: "outreach.event.fixBallot", ObjectType: "event", ObjectID: d.EventID,
		Detail: map[string]string{"root": d.Root, "tickets": strconv.Itoa(d.Tickets)},
	})
	return nil
}

// errBallotChanged stops a draw whose ballot is not the one that was published.
var errBallotChanged = errors.New("the ballot of the draw is not the one that was published")

// draw draws: along the order each ticket gets its places while all of them are
// left, and who gets none waits in that order.
func (s *registrations) draw(ctx context.Context, tx *pg.Tx, seats *registration.Seats, d *registration.Draw) error {
	if !seats.Draws(d, tx.Now) {
		return nil
	}
	entries, err := store.Balloted(ctx, tx, d.EventID)
	if err != nil {
		return err
	}
	ballot := make([]draw.Ticket, 0, len(entries))
	for _, r := range entries {
		ballot = append(ballot, draw.Ticket{ID: r.Ticket, Group: registration.TicketGroup, Slots: r.Party})
	}
	if draw.Root(ballot) != d.Root || draw.Ballot(ballot) != d.Ballot {
		return errBallotChanged
	}
	seed, err := s.Key("event draw").Open(d.SealedSeed, drawBound(d.EventID, d.Commitment))
	if err != nil {
		return err
	}
	key := draw.Key(seed, d.Root, "")
	d.Seed, d.Key, d.Capacity = hex.EncodeToString(seed), hex.EncodeToString(key), seats.Capacity
	order, won := []*registration.Registration{}, []bool{}
	for _, t := range draw.Walk(draw.Order(key, ballot), d.Capacity, nil) {
		r := entries[t.ID]
		seats.Result(r, t.Outcome == draw.Won)
		order, won = append(order, r), append(won, t.Outcome == draw.Won)
		switch r.State {
		case registration.Admitted:
			queueMail(tx, s.NewID(), mailAdmitted, r)
		case registration.Waitlisted:
			queueMail(tx, s.NewID(), mailLost, r)
		}
	}
	seats.Drawn = true
	if err := store.PutDraw(ctx, tx, d, order, won); err != nil {
		return err
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "outreach.event.draw", ObjectType: "event", ObjectID: d.EventID, Detail: map[string]string{"tickets": strconv.Itoa(len(order))},
	})
	return fill(ctx, tx, seats, s.NewID) // What a winner has given up since.
}
