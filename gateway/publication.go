package gateway

import (
	"context"
	"net/http"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// shower shows what an address names.
type shower = func(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error

// asVisitor counts the request and calls outreach without an identity: these
// pages show what a link opens.
func (g *Gateway) asVisitor(w http.ResponseWriter, r *http.Request, show shower, id string) error {
	limiter := g.limits.anonymousReads
	if r.Method == http.MethodPost {
		limiter = g.limits.anonymousWrites
	}
	return g.visit(limiter, w, r, func(ctx context.Context) error { return show(ctx, w, r, id) })
}

// visit is asVisitor with the limit that counts.
func (g *Gateway) visit(limiter *limit.Limiter, w http.ResponseWriter, r *http.Request, show func(context.Context) error) error {
	key := network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies))
	if ok, wait := limiter.Take(key, g.Now(), w.Header()); !ok {
		return fault.ErrRateLimited.After(wait)
	}
	if g.Backends["outreach"] == nil {
		return fault.ErrDependencyUnavailable.With("dependency", "outreach")
	}
	out, err := outgoing(http.Header{"Accept-Language": r.Header["Accept-Language"], "Traceparent": r.Header["Traceparent"]}, "")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(r.Context(), out), callTime)
	defer cancel()
	return show(ctx)
}

// hiddenForm answers an id that is none as one that is not there: these
// addresses are read by people.
func hiddenForm(err error) error {
	if problem.Fault(err).Kind == fault.Invalid {
		return fault.ErrNotFound
	}
	return err
}
