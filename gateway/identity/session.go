package identity

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Begin starts a browser session of the person whom an issuer vouches for, and
// returns its secret and its end. Errors: DEPENDENCY_UNAVAILABLE.
func (x *Exchange) Begin(ctx context.Context, id oidc.Identity) (secret string, until time.Time, err error) {
	caller, err := x.Identity(ctx, id)
	if err != nil {
		return "", time.Time{}, err
	}
	resp, err := x.principals.CreateSession(ctx, &directoryv1.CreateSessionRequest{PersonId: caller.ID})
	if err != nil {
		return "", time.Time{}, err
	}
	return resp.GetToken(), resp.GetExpireTime().AsTime(), nil
}

// End ends a session; one that is not known is no error. Errors:
// DEPENDENCY_UNAVAILABLE.
func (x *Exchange) End(ctx context.Context, secret string) error {
	if x.principals == nil {
		return fault.ErrDependencyUnavailable.With("dependency", "directory")
	}
	_, err := x.principals.RevokeSession(ctx, &directoryv1.RevokeSessionRequest{Token: secret})
	k := sessionOf(secret)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.generation++
	delete(x.known, k)
	return err
}
