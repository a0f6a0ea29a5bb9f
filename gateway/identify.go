package gateway

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/proxy"
	"github.com/chiyoda-kyodo/kyodo/gateway/signin"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// identify returns the caller of a request: by the bearer token, else by the
// cookie of the session, else anonymous. The cookie of a session that ended is
// taken away; the caller is then anonymous. A route that is not public refuses
// who has neither. Errors: DEPENDENCY_UNAVAILABLE, TOKEN_EXPIRED,
// TOKEN_INVALID, UNAUTHENTICATED.
func (g *Gateway) identify(w http.ResponseWriter, r *http.Request, public bool) (identity.Caller, error) {
	switch header := r.Header["Authorization"]; {
	case len(header) > 1:
		return identity.Caller{}, fault.ErrTokenInvalid
	case len(header) == 1:
		return g.exchange.Bearer(r.Context(), header[0])
	}
	if r.Header["Cookie"] != nil {
		if secret := signin.Cookie(r); secret != "" {
			caller, err := g.exchange.Session(r.Context(), secret)
			if err == nil {
				return caller, nil
			}
			if problem.Fault(err).Kind != fault.Unauthenticated && problem.Fault(err).Kind != fault.Invalid {
				return caller, err
			}
			signin.Clear(w)
		}
	}
	if !public {
		return identity.Caller{}, fault.ErrUnauthenticated
	}
	return identity.Caller{}, nil
}

type limiters struct{ anonymousReads, anonymousWrites, reads, writes, codes *limit.Limiter }

func newLimiters(l Limits) limiters {
	return limiters{
		anonymousReads:  limit.New("anonymous-reads", l.AnonymousReads),
		anonymousWrites: limit.New("anonymous-writes", l.AnonymousWrites),
		reads:           limit.New("reads", l.Reads),
		writes:          limit.New("writes", l.Writes),
		codes:           limit.New("access-codes", l.Codes),
	}
}

// count counts a request of the caller. Errors: RATE_LIMITED.
func (g *Gateway) count(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	l, key := g.limits.of(caller, read), caller.ID
	if caller.Kind == auth.KindAnonymous {
		key = network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies))
	}
	if ok, wait := l.Take(key, g.Now(), w.Header()); !ok {
		return fault.ErrRateLimited.After(wait)
	}
	if r.Header.Get("Kyodo-Access-Code") == "" {
		return nil
	}
	if ok, wait := g.limits.codes.Take(key, g.Now(), nil); !ok {
		return fault.ErrRateLimited.After(wait)
	}
	return nil
}

// countRPC counts a call of the public gRPC listener. Errors: RATE_LIMITED.
func (g *Gateway) countRPC(c proxy.Call) error {
	key := c.Caller.ID
	if c.Caller.Kind == auth.KindAnonymous {
		key = network(address(c.Remote, nil, nil))
	}
	ok, wait := g.limits.of(c.Caller, c.Read).Take(key, g.Now(), nil)
	if ok && c.Code {
		ok, wait = g.limits.codes.Take(key, g.Now(), nil)
	}
	if !ok {
		return fault.ErrRateLimited.After(wait)
	}
	return nil
}

func (l limiters) of(caller identity.Caller, read bool) *limit.Limiter {
	switch anonymous := caller.Kind == auth.KindAnonymous; {
	case anonymous && read:
		return l.anonymousReads
	case anonymous:
		return l.anonymousWrites
	case read:
		return l.reads
	default:
		return l.writes
	}
}

// address returns who is on the other side: the peer, or for a trusted proxy
// the last address in X-Forwarded-For that is not one itself.
func address(remote string, forwarded []string, trusted []netip.Prefix) netip.Addr {
	peer := netip.Addr{}
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		peer = ap.Addr().Unmap()
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && within(peer, trusted); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = next.Unmap()
	}
	return peer
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// network is the key of an address: an IPv6 caller owns its whole /64.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
