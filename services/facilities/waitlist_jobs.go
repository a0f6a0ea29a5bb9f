package facilities

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

func waitlistTasks(d service.Deps, rules *store.Rules) []job.Task {
	s := &waitlists{Deps: d, rules: rules}
	return []job.Task{{Name: "pass-on-offers", Every: 30 * time.Second, Run: s.passOn}}
}

// passOn gives what was offered and not taken to the next in line. That an offer
// has ended never waits for it: accepting compares the times itself.
func (s *waitlists) passOn(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("facilities"))
	ids, err := store.EndedOffers(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			catalogue, err := s.rules.Hold(ctx, tx)
			if err != nil {
				return struct{}{}, err
			}
			p, err := store.LockAnyPlace(ctx, tx, id)
			if err != nil || !p.Expire(tx.Now) { // Somebody took it or left.
				return struct{}{}, err
			}
			store.UpdatePlace(tx, p)
			return struct{}{}, release(ctx, tx, s.Deps, catalogue, givenPlace(p))
		})
		if err != nil {
			return err
		}
	}
	_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, store.EndPassed(ctx, tx)
	})
	return err
}

func mergeWaitlist(ctx context.Context, tx *pg.Tx, from, to string) error {
	return store.MergePlaces(ctx, tx, from, to)
}
