package facilities

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

// errBallotChanged stops a draw whose ballot is not the one that was published.
var errBallotChanged = errors.New("the ballot of the lottery is not the one that was published at its closing")

// RecordEntropy records the public value.
func (s *lotteries) RecordEntropy(ctx context.Context, req *facilitiesv1.RecordEntropyRequest) (*facilitiesv1.RecordEntropyResponse, error) {
	if err := s.closeEnded(ctx, req.GetId()); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.RecordEntropyResponse, error) {
		l, err := store.LockLottery(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := l.RecordEntropy(req.GetPublicEntropy()); err != nil {
			return nil, err
		}
		store.AddEntropy(tx, l.ID, l.Entropy, auth.From(ctx).Actor())
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.lottery.recordEntropy", ObjectType: "lottery", ObjectID: l.ID})
		tickets, err := store.ListTickets(ctx, tx, l.ID)
		return &facilitiesv1.RecordEntropyResponse{Lottery: lotteryToProto(l, tickets, tx.Now)}, err
	})
}

// closeEnded fixes and publishes the ballot of a lottery whose entries have
// ended, in a transaction of its own: it is public before the draw begins.
func (s *lotteries) closeEnded(ctx context.Context, id string) error {
	ctx = idempotency.With(ctx, nil) // The key of the call belongs to the step itself.
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		l, err := store.LockLottery(ctx, tx, id)
		if err != nil || !l.ToClose(tx.Now) {
			return struct{}{}, err
		}
		return struct{}{}, s.close(ctx, tx, l)
	})
	return err
}

// close gives every entry of a locked lottery its random id.
func (s *lotteries) close(ctx context.Context, tx *pg.Tx, l *lottery.Lottery) error {
	entries, err := store.EnteredEntries(ctx, tx, l.ID)
	if err != nil {
		return err
	}
	var (
		tickets []store.Ticket
		ballot  []draw.Ticket
		groups  = map[string]string{}
	)
	for _, e := range entries {
		if groups[e.HolderID] == "" {
			groups[e.HolderID] = random(8)
		}
		t := draw.Ticket{ID: random(16), Group: groups[e.HolderID], Priority: e.Priority, Slots: e.Slots(), Places: e.Places()}
		ballot, tickets = append(ballot, t), append(tickets, store.Ticket{Ticket: t, EntryID: e.ID})
	}
	l.Closing = &lottery.Closing{Root: draw.Root(ballot), Ballot: draw.Ballot(ballot), Entries: len(ballot), At: tx.Now}
	store.AddClosing(tx, l, tickets)
	audit.Add(ctx, tx, audit.Entry{
		Action: "facilities.lottery.close", ObjectType: "lottery", ObjectID: l.ID, Detail: map[string]string{"root": l.Closing.Root},
	})
	return tellLottery(ctx, tx, l.ID, &facilitiesv1.LotteryClosed{
		LotteryId: l.ID, Root: l.Closing.Root, BallotHash: l.Closing.Ballot, Entries: int32(l.Closing.Entries),
	})
}

// random returns n random bytes in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // It never fails.
	return hex.EncodeToString(b)
}

// DrawLottery draws. It publishes the ballot first where nobody has done so.
func (s *lotteries) DrawLottery(ctx context.Context, req *facilitiesv1.DrawLotteryRequest) (*facilitiesv1.DrawLotteryResponse, error) {
	if err := s.closeEnded(ctx, req.GetId()); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.DrawLotteryResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		l, err := store.LockLottery(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		tickets, err := store.ListTickets(ctx, tx, l.ID)
		if err != nil {
			return nil, err
		}
		if l.Draw == nil {
			if tickets, err = s.draw(ctx, tx, catalogue, l, tickets); err != nil {
				return nil, err
			}
		}
		return &facilitiesv1.DrawLotteryResponse{Lottery: lotteryToProto(l, tickets, tx.Now)}, nil
	})
}

// draw draws a locked lottery that was not drawn: winners hold their places until
// they confirm, the rest is free. Errors: DRAW_NOT_DUE, ENTROPY_MISSING.
func (s *lotteries) draw(ctx context.Context, tx *pg.Tx, c *facility.Catalogue, l *lottery.Lottery, tickets []draw.Drawn) ([]draw.Drawn, error) {
	if err := l.ToDraw(tx.Now); err != nil {
		return nil, err
	}
	ballot := convert.List(tickets, func(d draw.Drawn) draw.Ticket { return d.Ticket })
	if draw.Root(ballot) != l.Closing.Root || draw.Ballot(ballot) != l.Closing.Ballot {
		return nil, errBallotChanged
	}
	seed, err := s.Key("lottery seed").Open(l.SealedSeed, seedBound(l))
	if err != nil {
		return nil, err
	}
	taken, err := s.takenPlaces(ctx, tx, c, l)
	if err != nil {
		return nil, err
	}
	key := draw.Key(seed, l.Closing.Root, l.Entropy)
	results := draw.Walk(draw.Order(key, ballot), l.Cap, taken)
	l.Draw = &lottery.Draw{Seed: hex.EncodeToString(seed), Key: hex.EncodeToString(key), Taken: taken, At: tx.Now}
	won, err := s.handOut(ctx, tx, l, results)
	if err != nil {
		return nil, err
	}
	store.AddDraw(tx, l, results, auth.From(ctx).Actor())
	audit.Add(ctx, tx, audit.Entry{
		Action: "facilities.lottery.draw", ObjectType: "lottery", ObjectID: l.ID,
		Detail: map[string]string{"entries": strconv.Itoa(len(results)), "won": strconv.Itoa(won)},
	})
	return results, tellLottery(ctx, tx, l.ID, &facilitiesv1.LotteryDrawn{
		LotteryId: l.ID, Commitment: l.Commitment, Root: l.Closing.Root, Won: int32(won), Lost: int32(len(results) - won),
	})
}

// takenPlaces are the places that the lottery cannot give: held by somebody, or
// closed since it opened. Those that became free in the meantime it takes first.
func (s *lotteries) takenPlaces(ctx context.Context, tx *pg.Tx, c *facility.Catalogue, l *lottery.Lottery) ([]string, error) {
	spans, err := store.LotterySpans(ctx, tx, l.ID)
	if err != nil {
		return nil, err
	}
	if err := store.TakeFree(ctx, tx, store.Holder{Kind: store.Held, ID: l.ID}, spans); err != nil {
		return nil, err
	}
	taken, err := store.TakenPlaces(ctx, tx, l.ID)
	for _, place := range spans {
		if atom := place.AtomIDs[0]; c.AtomClosed(atom, place.Date) {
			taken = append(taken, lottery.PlaceName(atom, place.Date, place.SlotNos[0]))
		}
	}
	slices.Sort(taken)
	return slices.Compact(taken), err
}

// handOut queues that winners get their places and all others become free, and
// returns the number of winners. What an entry has won that was withdrawn after
// the closing opens to all later, like everything that is freed after a draw.
func (s *lotteries) handOut(ctx context.Context, tx *pg.Tx, l *lottery.Lottery, results []draw.Drawn) (won int, err error) {
	entries, err := store.TicketedEntries(ctx, tx, l.ID)
	if err != nil {
		return 0, err
	}
	var hands []store.Hand
	for _, r := range results {
		e := entries[r.ID]
		if err := tellEntry(ctx, tx, l, e, r.Outcome == draw.Won); err != nil {
			return 0, err
		}
		if r.Outcome != draw.Won {
			continue
		}
		won++
		for _, u := range e.Uses {
			if e.State == lottery.Withdrawn {
				if err := reopen(ctx, tx, s.Deps, givenUse(l.ID, u)); err != nil {
					return 0, err
				}
				continue
			}
			hands = append(hands, store.Hand{To: winnerOf(l, u), Spans: []store.Span{store.SpanOfUse(u)}})
		}
	}
	store.HandSpans(tx, store.Holder{Kind: store.Held, ID: l.ID}, hands)
	store.FreeAtoms(tx, l.ID)
	return won, nil
}

// tellEntry tells what the draw decided about an entry that is still there.
func tellEntry(ctx context.Context, tx *pg.Tx, l *lottery.Lottery, e *lottery.Entry, won bool) error {
	if e.State == lottery.Withdrawn {
		return nil
	}
	m := &facilitiesv1.LotteryEntryDecided{EntryId: e.ID, LotteryId: l.ID, OrganizationId: e.OrganizationID, Won: won}
	if won {
		m.ConfirmBefore = convert.Instant(l.ConfirmBy)
	}
	return holding{aggregate: "lotteryEntry", id: e.ID, holder: e.HolderID, organizationID: e.OrganizationID}.tell(ctx, tx, m)
}

// winnerOf is how a win holds its places until it is confirmed.
func winnerOf(l *lottery.Lottery, u lottery.Use) store.Holder {
	return store.Holder{Kind: store.Held, ID: u.ID, Expires: l.ConfirmBy.Add(waitlist.PassOnTime)}
}
