package gateway

import (
	"context"
	"net/http"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
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
		Count:    g.countPage,
		Metadata: outgoing,
		Forget:   g.exchange.Forget,
		Secret:   g.Secret.Derive("portal"),

		CanSignIn: g.SignIn != nil, Sample: g.Issuer != nil,
		NewIncident: newIncident, Now: g.Now, Log: g.Log,
	}
}

// countPage counts a request for a page of the portal. What a mail program does
// with one click counts as reading: mail providers ask for many readers from one
// address. Errors: RATE_LIMITED.
func (g *Gateway) countPage(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
	if caller.Kind != auth.KindAnonymous || !newsletter.OneClick.MatchString(r.URL.Path) {
		return g.count(w, r, caller)
	}
	key := network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies))
	if ok, wait := g.limits.anonymousReads.Take(key, g.Now(), w.Header()); !ok {
		return fault.ErrRateLimited.After(wait)
	}
	return nil
}

// answerPage answers a refusal that no page of the portal met, such as an address
// that is too long, a form from another site or a panic, with a page in the
// portal's look where a person reads it. Programs get the problem.
func (g *Gateway) answerPage(w http.ResponseWriter, r *http.Request, f *fault.Error) bool {
	if !readsPage(r) {
		return false
	}
	g.portal.Fail(w, r, f)
	return true
}

// readsPage reports whether a person waits for the answer before a browser. What
// the contract serves is a page only where a browser goes to it, such as a
// document that a link leads to.
func readsPage(r *http.Request) bool {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	if servedByContract(r.URL.Path) {
		return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	}
	return true
}

// notFound answers an address that is none: browsers with a page, programs with
// a problem.
func (g *Gateway) notFound(w http.ResponseWriter, r *http.Request) {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && readsPage(r) {
		g.portal.ServeHTTP(w, r)
		return
	}
	g.problems.Write(w, r, problem.ErrRouteNotFound)
}
