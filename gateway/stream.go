package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/watch"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// stream is how a route is served that grpc-gateway cannot: files, events, and
// what the edge knows itself.
type stream struct {
	public bool   // Whether anybody may come; an RPC's own permission counts too.
	accept string // Media type of the answer, or "" for any.
	media  string // Media type of the body, or "" for no body.
	limit  int64  // Of the body, in bytes.
	serve  func(w http.ResponseWriter, r *http.Request, values []string, c *call) error
}

func (r *route) public() bool {
	return r.stream != nil && r.stream.public || r.rpc.Public()
}

// streamRoutes returns the routes that have no handler of grpc-gateway.
func (g *Gateway) streamRoutes(methods map[string]auth.Method) ([]*route, error) {
	g.watch = watch.New(watch.Config{Connect: g.connect, Secret: g.Secret.Derive("watch"), Now: g.Now})
	routes, err := g.fileRoutes(methods)
	return append(
		routes,
		&route{method: http.MethodGet, pattern: "/v1/domainEvents:watch", stream: &stream{public: true, accept: watch.MediaType, serve: g.watchEvents}},
		&route{method: http.MethodGet, pattern: "/v1/me", stream: &stream{accept: "application/json", serve: g.me}},
	), err
}

// serveStream admits a request as serveRoute does and hands it on.
func (g *Gateway) serveStream(w http.ResponseWriter, r *http.Request, rt *route, values []string) error {
	s := rt.stream
	if r.ContentLength > s.limit {
		return tooLarge(s.limit)
	}
	if err := checkEncoding(r.Header); err != nil {
		return err
	}
	if s.media != "" && !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), s.media+";") {
		return problem.ErrUnsupportedMediaType.With("accepted", s.media)
	}
	if s.accept != "" && !accepts(r.Header["Accept"], s.accept) {
		return problem.ErrNotAcceptable
	}
	c, err := g.admit(w, r, rt)
	if err != nil {
		return err
	}
	for i, name := range variableNames(rt.pattern) {
		if err := checkWord(name, values[i]); err != nil {
			return err
		}
	}
	if r.URL.RawQuery != "" && s.accept != watch.MediaType {
		return problem.ErrUnknownParameter
	}
	if rt.service != "" && g.Backends[rt.service] == nil {
		return fault.ErrDependencyUnavailable.With("dependency", rt.service)
	}
	return s.serve(w, r, values, c)
}

// tooLarge refuses a body over limit; a route without a body has none.
func tooLarge(limit int64) error {
	if limit == 0 {
		return problem.ErrTrailingData
	}
	return fault.ErrPayloadTooLarge.With("limit", fmt.Sprint(limit))
}

// watchEvents streams domain events.
func (g *Gateway) watchEvents(w http.ResponseWriter, r *http.Request, _ []string, _ *call) error {
	filter, err := watch.ParseFilter(r.URL.Query())
	if err != nil {
		return err
	}
	cursor := r.Header.Get("Last-Event-ID")
	if cursor == "" {
		cursor = r.URL.Query().Get("lastEventId")
	}
	return g.watch.Serve(w, r, watch.Request{
		Filter: filter, Cursor: cursor,
		Address: network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies)),
		Who: func(ctx context.Context) (auth.Principal, error) {
			caller, err := g.identify(discard{}, r.WithContext(ctx), true)
			if err == nil && !caller.Until.IsZero() && g.Now().After(caller.Until) {
				err = fault.ErrTokenExpired
			}
			return caller.Principal, err
		},
	})
}

// outgoingContext is the context of an RPC that a stream makes.
func outgoingContext(ctx context.Context, c *call) (context.Context, context.CancelFunc) {
	return context.WithTimeout(metadata.NewOutgoingContext(ctx, c.out), transferTime)
}

// discard is the answer of nobody.
type discard struct{}

// Header returns a header that goes nowhere.
func (discard) Header() http.Header { return http.Header{} }

// Write drops b.
func (discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader drops the status.
func (discard) WriteHeader(int) {}
