// Package web is what the pages of the portal stand on: a request with its
// caller, calls to the services on the caller's behalf, forms, and refusals as
// pages. It knows no page and holds no rule; what is allowed, the services say.
package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/url"
	pathpkg "path"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// Config is what the edge gives to the portal.
type Config struct {
	// Backends are the connections to the services by name.
	Backends map[string]*grpc.ClientConn
	// Tasks asks all services what waits for the caller.
	Tasks taskv1.TaskServiceClient
	// Audit reads the audit logs of all services as one.
	Audit auditv1.AuditServiceClient
	// DeadLetters lists the events that a service gave up.
	DeadLetters operationv1.DeadLetterServiceClient
	// Ready says how the installation is, and how each of its parts, as /readyz does.
	Ready func(ctx context.Context) (status string, parts map[string]string)
	// Identify returns the caller of a request, anonymous without a session.
	Identify func(w http.ResponseWriter, r *http.Request) (identity.Caller, error)
	// Count counts a request of the caller. Errors: RATE_LIMITED.
	Count func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error
	// Metadata makes the metadata of RPCs from headers and the internal token.
	Metadata func(h http.Header, token string) (metadata.MD, error)
	// Forget drops what is remembered of a person whose roles may have changed.
	Forget func(personID string)
	// Secret makes the tokens of forms.
	Secret seal.Key
	// CanSignIn tells whether browsers can sign in; Sample, whether by choosing a
	// sample person.
	CanSignIn, Sample bool
	NewIncident       func() string // Makes the number that a person quotes for an error of ours.
	Now               func() time.Time
	Log               *slog.Logger
}

// Site serves routes.
type Site struct {
	Config
	methods map[string]auth.Method
	mux     *http.ServeMux
	routes  map[string]map[string]Route // By pattern, then method.
}

// Handler answers one request. What it returns as an error becomes a page.
type Handler func(*Request) error

// Route is one address of the portal.
type Route struct {
	Method  string // GET stands for HEAD too.
	Pattern string // Of net/http, such as "/rooms/{id}".
	Serve   Handler
	signed  bool
	bare    bool
	needs   string // RPC that the caller's roles must admit; "" for none.
}

// For keeps a page for people whose roles admit an RPC, by its full name; others
// are told that it is not for them. What an RPC itself refuses needs no such mark:
// it is for pages that would otherwise show a form or an empty list to anybody.
func (r Route) For(method string) Route {
	r.needs = method
	return r
}

// WithoutToken takes forms without the proof that they are ours: for what harms
// nobody, such as the choice of a language.
func (r Route) WithoutToken() Route {
	r.bare = true
	return r
}

// Public is a route for everybody.
func Public(method, pattern string, serve Handler) Route {
	return Route{Method: method, Pattern: pattern, Serve: serve}
}

// SignedIn is a route for people who are signed in; others are led to the
// sign-in and back.
func SignedIn(method, pattern string, serve Handler) Route {
	return Route{Method: method, Pattern: pattern, Serve: serve, signed: true}
}

// NewSite returns a site with its routes.
func NewSite(cfg Config, routes []Route) (*Site, error) {
	methods, err := auth.AllMethods()
	if err != nil {
		return nil, err
	}
	s := &Site{Config: cfg, methods: methods, mux: http.NewServeMux(), routes: map[string]map[string]Route{}}
	for _, r := range routes {
		if s.routes[r.Pattern] == nil {
			s.routes[r.Pattern] = map[string]Route{}
			s.mux.Handle(r.Pattern, http.NotFoundHandler())
		}
		s.routes[r.Pattern][r.Method] = r
	}
	return s, nil
}

// Find returns the routes of a path by method; nil for a path that is none of
// the portal's.
func (s *Site) Find(path string) map[string]Route {
	_, methods := s.find(path)
	return methods
}

// Reads reports whether a path is a page of the portal that a browser may be
// sent to.
func (s *Site) Reads(path string) bool { return s.Find(path)[http.MethodGet].Serve != nil }

func (s *Site) find(path string) (pattern string, methods map[string]Route) {
	if len(path) > 1 && pathpkg.Clean(path) != path {
		return "", nil
	}
	_, pattern = s.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
	return pattern, s.routes[pattern]
}

// Service returns the connection to a service. One that is not there answers
// DEPENDENCY_UNAVAILABLE.
func (s *Site) Service(name string) grpc.ClientConnInterface {
	if conn := s.Backends[name]; conn != nil {
		return conn
	}
	return absent(name)
}

// absent stands for a service that is not connected.
type absent string

// Invoke refuses. Errors: DEPENDENCY_UNAVAILABLE.
func (a absent) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	return fault.ErrDependencyUnavailable.With("dependency", string(a))
}

// NewStream refuses. Errors: DEPENDENCY_UNAVAILABLE.
func (a absent) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, fault.ErrDependencyUnavailable.With("dependency", string(a))
}

// today is the day in Tokyo.
func (s *Site) today() jp.Date { return jp.DateOf(s.Now()) }

// may reports whether a caller's roles admit an RPC.
func (s *Site) may(p auth.Principal, method string) bool {
	m, ok := s.methods[method]
	return ok && m.Allow(p) == nil
}

func newKey() string { return rand.Text() }
