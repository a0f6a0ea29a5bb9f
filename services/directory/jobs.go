package directory

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// sessionDays is how long sessions are kept after their last use; none is live
// for longer.
const sessionDays = 30

func tasks(d service.Deps) []job.Task {
	return []job.Task{
		{Name: "expire-organizations", Every: time.Hour, Run: func(ctx context.Context) error { return expireOrganizations(ctx, d) }},
		{Name: "expire-listings", Every: time.Hour, Run: func(ctx context.Context) error { return expireListings(ctx, d) }},
		{Name: "drop-sessions", Every: 24 * time.Hour, Run: func(ctx context.Context) error { return dropSessions(ctx, d) }},
	}
}

// expireOrganizations makes verified organizations EXPIRED on the day after
// their last day of validity, in transactions of one organization each.
func expireOrganizations(ctx context.Context, d service.Deps) error {
	ctx = auth.With(ctx, auth.Service("directory"))
	for done := 1; done > 0; {
		due, err := store.ExpiredOrganizations(ctx, d.DB, jp.DateOf(d.Now()), 100)
		if err != nil {
			return err
		}
		done = 0
		for _, id := range due {
			expired, err := expire(ctx, d, id)
			if err != nil {
				return err
			}
			if expired {
				done++
			}
		}
	}
	return nil
}

// expire reports false when the organization was renewed or taken out meanwhile.
func expire(ctx context.Context, d service.Deps, id string) (bool, error) {
	return pg.InTx(ctx, d.DB, func(ctx context.Context, tx *pg.Tx) (bool, error) {
		o, err := store.LockOrganization(ctx, tx, id, store.Viewer{Desk: true})
		if err != nil {
			return false, err
		}
		if o.State != organization.Verified || !o.ValidUntil.Before(jp.DateOf(tx.Now)) {
			return false, nil
		}
		c := change{action: "expire", from: o.State}
		if err := o.Expire(); err != nil {
			return false, err
		}
		return true, save(ctx, tx, &o.Organization, c)
	})
}

func dropSessions(ctx context.Context, d service.Deps) error {
	_, err := pg.InTx(ctx, d.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, store.DropSessions(ctx, tx, sessionDays)
	})
	return err
}
