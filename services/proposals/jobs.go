package proposals

import (
	"context"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

func tasks(d service.Deps) []job.Task {
	return []job.Task{
		{Name: "close-calls", Every: time.Minute, Run: (&calls{Deps: d}).closeOverdue},
		{Name: "escalate-unowned", Every: time.Hour, Run: (&meetings{Deps: d}).escalate},
		{Name: "erase-askers", Every: time.Hour, Run: (&consultations{Deps: d}).eraseAskers},
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

// maxErased bounds one transaction of the erasure.
const maxErased = 200

// eraseAskers erases name and contact of who asked after their purpose. The audit
// log says of which consultations, not of whom.
func (s *consultations) eraseAskers(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("proposals"))
	for {
		seen, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (int, error) {
			seen, erased, err := store.EraseAskers(ctx, tx, consultation.AskersUntil(tx.Now), maxErased)
			for _, id := range erased {
				audit.Add(ctx, tx, audit.Entry{
					Action: "proposals.consultation.eraseAsker", ObjectType: "consultation", ObjectID: id,
					Detail: map[string]string{"retentionDays": strconv.Itoa(consultation.AskerRetentionDays)},
				})
			}
			return seen, err
		})
		if err != nil || seen < maxErased {
			return err
		}
	}
}
