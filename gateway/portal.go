package gateway

import (
	"context"
	"net/http"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
)

// portalConfig gives the pages what REST has: the same connections, the same
// caller, the same limits.
func (g *Gateway) portalConfig() web.Config {
	return web.Config{
		Backends: g.Backends,
		Tasks:    g.tasks,
		Audit:    g.audit,

		DeadLetters: deadLetters(g.Backends),
		Ready: func(ctx context.Context) (status string, parts map[string]string) {
			r := g.ready(ctx)
			return r.Status, r.Dependencies
		},
		Identify: func(w http.ResponseWriter, r *http.Request) (identity.Caller, error) { return g.identify(w, r, true) },
		Count:    g.count,
		Metadata: outgoing,
		Forget:   g.exchange.Forget,
		Secret:   g.Secret.Derive("portal"),

		CanSignIn: g.SignIn != nil, Sample: g.Issuer != nil,
		NewIncident: newIncident, Now: g.Now, Log: g.Log,
	}
}

// notFound answers an address that is none: browsers with a page, programs with
// a problem.
func (g *Gateway) notFound(w http.ResponseWriter, r *http.Request) {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		g.portal.ServeHTTP(w, r)
		return
	}
	g.problems.Write(w, r, problem.ErrRouteNotFound)
}
