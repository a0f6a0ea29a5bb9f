package directory

import (
	"context"
	"errors"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// expireListings ends published listings on the day after their last day, in
// transactions of one listing each.
func expireListings(ctx context.Context, d service.Deps) error {
	ctx = auth.With(ctx, auth.Service("directory"))
	for done := 1; done > 0; {
		due, err := store.ExpiredListings(ctx, d.DB, jp.DateOf(d.Now()), 100)
		if err != nil {
			return err
		}
		done = 0
		for _, id := range due {
			expired, err := expireListing(ctx, d, id)
			if err != nil && !errors.Is(err, fault.ErrNotFound) {
				return err
			}
			if expired {
				done++
			}
		}
	}
	return nil
}

// expireListing reports false when the listing was prolonged or closed meanwhile.
func expireListing(ctx context.Context, d service.Deps, id string) (bool, error) {
	return pg.InTx(ctx, d.DB, func(ctx context.Context, tx *pg.Tx) (bool, error) {
		l, err := store.LockListing(ctx, tx, id, store.Partner{Viewer: store.Viewer{Desk: true}})
		if err != nil || !l.Expire(tx.Now) {
			return false, err
		}
		store.DeclineUnanswered(tx, l.ID, closedReason)
		return true, saveListing(ctx, tx, l, "expire")
	})
}
