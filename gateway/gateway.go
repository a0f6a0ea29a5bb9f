// Package gateway is the edge: REST with problem documents, sign-in, rate
// limits, server-sent events, and the public gRPC listener. It knows no rules
// and cannot reach a database; everything it answers comes from the services by
// gRPC.
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/proxy"
	"github.com/chiyoda-kyodo/kyodo/gateway/signin"
	"github.com/chiyoda-kyodo/kyodo/gateway/watch"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	"github.com/chiyoda-kyodo/kyodo/proto/gen/openapi"
)

// MailsPath is where a development installation shows its mails.
const MailsPath = "/dev/mail"

// Config is what the edge takes from outside.
type Config struct {
	// Backends are the connections to the services by name: "directory",
	// "proposals" and so on. One connection may stand under several names. The
	// routes of a service that is not here answer 503.
	Backends map[string]*grpc.ClientConn
	// Signer makes the internal tokens; it must be the one called auth.Gateway.
	Signer *auth.Signer
	// Verifier checks the tokens that come from outside; nil refuses all.
	Verifier *oidc.Verifier
	// SignIn leads browsers through the sign-in; nil has none. Its redirect URL
	// is Origin + "/auth/callback", its sign-out address Origin + "/".
	SignIn *oidc.SignIn
	// Issuer is the development issuer below IssuerPath, such as "/dev/oidc";
	// nil for none.
	Issuer     http.Handler
	IssuerPath string
	// Mails shows the mails of a development installation at MailsPath; nil for
	// none.
	Mails http.Handler
	// Broker connects to NATS as the user "gateway". It is asked once at a time
	// and again after an error; the connection belongs to the edge. nil for none.
	Broker func() (*nats.Conn, error)
	// Origin is the address by which browsers reach the edge, such as
	// "https://kyodo.example.jp", without a slash at the end.
	Origin string
	// AllowedOrigins are other sites whose pages may call the API (CORS); none
	// when empty. Such calls carry bearer tokens, never cookies.
	AllowedOrigins []string
	// TrustedProxies may say in X-Forwarded-For for whom they ask.
	TrustedProxies []netip.Prefix
	// Limits bound how often a caller may ask; the zero value limits nothing.
	Limits Limits
	// Secret is the edge's own secret: cursors and sign-in state hang on it. All
	// replicas share it.
	Secret seal.Key
	// GRPCOptions are added to those of the public gRPC server, such as
	// grpc.Creds for TLS.
	GRPCOptions []grpc.ServerOption
	// OpenAPI is served at /openapi.json; empty for the document of the contract.
	OpenAPI []byte
	Now     func() time.Time
	Log     *slog.Logger
}

// Limits are the rate limits, by address for callers without a token and by
// person for the others.
type Limits struct {
	AnonymousReads, AnonymousWrites limit.Rate
	Reads, Writes                   limit.Rate
	SignIns                         limit.Rate // By address.
	Codes                           limit.Rate // Calls with an access code.
}

// ProductionLimits are the limits for an installation on the open network.
func ProductionLimits() Limits {
	return Limits{
		AnonymousReads:  limit.Rate{PerMinute: 600, Burst: 100},
		AnonymousWrites: limit.Rate{PerMinute: 60},
		Reads:           limit.Rate{PerMinute: 1200},
		Writes:          limit.Rate{PerMinute: 60},
		SignIns:         limit.Rate{PerMinute: 2, Burst: 30},
		Codes:           limit.Rate{PerMinute: 10, Burst: 20},
	}
}

// Gateway is the edge. Make it with New, serve Handler and GRPC, and keep Run
// running beside them.
type Gateway struct {
	Config
	tree     *tree
	problems *problem.Writer
	exchange *identity.Exchange
	limits   limiters
	audit    auditv1.AuditServiceClient // nil without backends.
	tasks    *joinedTasks
	watch    *watch.Server
	signin   *signin.Server
	portal   *web.Site
	metrics  *metrics
	handler  http.Handler
	grpc     *proxy.Server
	draining atomic.Bool

	brokerMu sync.Mutex
	broker   *nats.Conn
}

// New checks the settings and builds all routes. It connects to nothing.
func New(cfg Config) (*Gateway, error) {
	if cfg.Signer == nil || cfg.Now == nil || cfg.Log == nil {
		return nil, errors.New("gateway: signer, clock or log is missing")
	}
	if len(cfg.OpenAPI) == 0 {
		cfg.OpenAPI = openapi.JSON
	}
	g := &Gateway{Config: cfg, tree: &tree{}, metrics: newMetrics(), limits: newLimiters(cfg.Limits)}
	g.problems = &problem.Writer{Log: cfg.Log, NewIncident: newIncident}
	x := identity.Config{Verifier: cfg.Verifier, Signer: cfg.Signer, Now: cfg.Now}
	if conn := cfg.Backends["directory"]; conn != nil {
		x.Directory = conn
	}
	g.exchange = identity.New(x)
	g.audit, g.tasks = g.newAudit(), g.newTasks()
	if err := g.buildRoutes(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g.signin = signin.New(signin.Config{
		SignIn: cfg.SignIn, Exchange: g.exchange, Secret: cfg.Secret.Derive("sign-in"),
		Origin: cfg.Origin, Now: cfg.Now, Problems: g.problems, Known: g.knownPage,
	})
	var err error
	if g.portal, err = portal.New(g.portalConfig()); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g.problems.Page = g.answerPage
	if err := g.buildHandler(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g.grpc, err = proxy.New(proxy.Config{
		Backends: cfg.Backends, Audit: g.audit, DeadLetters: deadLetters(g.Backends), Tasks: g.tasks, Bearer: g.exchange.Bearer, Forget: g.exchange.Forget, Count: g.countRPC, Options: cfg.GRPCOptions, Log: cfg.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return g, nil
}

// buildRoutes makes the tree of all routes, those of the contract and the few
// that grpc-gateway cannot serve.
func (g *Gateway) buildRoutes() error {
	methods, err := auth.AllMethods()
	if err != nil {
		return err
	}
	var routes []*route
	for _, m := range methods {
		bound, err := bindings(m)
		if err != nil {
			return err
		}
		routes = append(routes, bound...)
	}
	slices.SortFunc(routes, func(a, b *route) int { return strings.Compare(a.method+a.pattern, b.method+b.pattern) })
	if err := g.attach(context.Background(), routes); err != nil {
		return err
	}
	streams, err := g.streamRoutes(methods)
	if err != nil {
		return err
	}
	for _, r := range append(routes, streams...) {
		g.metrics.prepare(r)
		if err := g.tree.add(r); err != nil {
			return err
		}
	}
	return nil
}

// Handler serves REST and the pages.
func (g *Gateway) Handler() http.Handler { return g.handler }

// GRPC is the public gRPC server; the caller serves and stops it.
func (g *Gateway) GRPC() *grpc.Server { return g.grpc.Server }

// Drain makes /readyz and the gRPC health say that the edge is going, so that
// load balancers turn away before it closes its listeners.
func (g *Gateway) Drain() {
	g.draining.Store(true)
	g.grpc.Health.Shutdown()
}

// Run follows the events that change who a caller is, until ctx ends.
func (g *Gateway) Run(ctx context.Context) error {
	if g.Broker != nil {
		g.exchange.Follow(ctx, g.connect, g.Log)
	} else {
		<-ctx.Done()
	}
	return nil
}

// Close ends all event streams and gives the broker's connection back. Call it
// before http.Server.Shutdown, which waits for streams.
func (g *Gateway) Close() {
	g.watch.Close()
	g.brokerMu.Lock()
	defer g.brokerMu.Unlock()
	if g.broker != nil {
		g.broker.Close()
	}
}

// connect returns the one connection to the broker, made when first needed.
func (g *Gateway) connect() (*nats.Conn, error) {
	g.brokerMu.Lock()
	defer g.brokerMu.Unlock()
	if g.broker != nil && !g.broker.IsClosed() {
		return g.broker, nil
	}
	if g.Broker == nil {
		return nil, errors.New("no broker is configured")
	}
	nc, err := g.Broker()
	if err != nil {
		return nil, err
	}
	g.broker = nc
	return nc, nil
}

func newIncident() string {
	raw := make([]byte, 8)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}
