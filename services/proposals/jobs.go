package proposals

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

func tasks(d service.Deps) []job.Task {
	return []job.Task{
		{Name: "close-calls", Every: time.Minute, Run: (&calls{Deps: d}).closeOverdue},
		{Name: "escalate-unowned", Every: time.Hour, Run: (&meetings{Deps: d}).escalate},
	}
}

// closeOverdue closes the calls whose last day has ended. Whether a proposal is
// in time never waits for it: submitting compares the days itself.
func (s *calls) closeOverdue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("proposals"))
	ids, err := store.OverdueCalls(ctx, s.DB, jp.DateOf(s.Now()))
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			c, err := store.LockCall(ctx, tx, id)
			if err != nil || !c.Overdue(tx.Now) { // Somebody closed or extended it.
				return struct{}{}, err
			}
			return struct{}{}, s.end(ctx, tx, c, "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}
