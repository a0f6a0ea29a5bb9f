package facilities

import (
	"context"
	"errors"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

func lotteryTasks(d service.Deps, rules *store.Rules) []job.Task {
	s := &lotteries{Deps: d, rules: rules}
	return []job.Task{
		{Name: "run-lotteries", Every: 15 * time.Second, Run: s.runDue},
		{Name: "end-confirmations", Every: time.Minute, Run: s.endConfirmations},
	}
}

// runDue closes lotteries whose entries have ended, and draws those whose hour
// has come. One that cannot be drawn does not keep the others waiting.
func (s *lotteries) runDue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("facilities"))
	ids, err := store.LotteriesDue(ctx, s.DB)
	if err != nil {
		return err
	}
	var all error
	for _, id := range ids {
		err := s.closeEnded(ctx, id)
		if err == nil {
			err = s.drawDue(ctx, id)
		}
		all = errors.Join(all, err)
	}
	return all
}

func (s *lotteries) drawDue(ctx context.Context, id string) error {
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) ([]draw.Drawn, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		l, err := store.LockLottery(ctx, tx, id)
		if err != nil || l.Draw != nil || l.ToDraw(tx.Now) != nil { // Somebody drew it, or it is only closed.
			return nil, err
		}
		tickets, err := store.ListTickets(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		return s.draw(ctx, tx, catalogue, l, tickets)
	})
	return err
}

// endConfirmations releases what was won and not confirmed in time. That the time
// is over never waits for it: confirming compares the times itself.
func (s *lotteries) endConfirmations(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("facilities"))
	wins, err := store.UnconfirmedWins(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, w := range wins {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			catalogue, err := s.rules.Hold(ctx, tx)
			if err != nil {
				return struct{}{}, err
			}
			e, err := store.LockEntry(ctx, tx, w.LotteryID, w.EntryID, store.EntryScope{Any: true})
			if err != nil || e.State != lottery.Won { // Somebody confirmed or withdrew it.
				return struct{}{}, err
			}
			e.State = lottery.NotConfirmed
			return struct{}{}, s.giveUp(ctx, tx, catalogue, e, true)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func mergeLotteries(ctx context.Context, tx *pg.Tx, from, to string) error {
	return store.MergeEntries(ctx, tx, from, to)
}
