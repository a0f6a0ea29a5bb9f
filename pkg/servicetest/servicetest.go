// Package servicetest runs modules for a test as they run in production: real
// Postgres, real NATS, real gRPC through all interceptors.
package servicetest

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
)

// Origin is the public origin of every world.
const Origin = "https://kyodo.example"

// World is a running set of modules with a database and a broker of its own.
type World struct {
	Broker *broker.Broker
	Mails  *sink.Sink // Takes what the modules send.

	t        testing.TB
	url      string
	listener *rpc.InProcess
	signer   *auth.Signer
	dbs      map[string]*pg.DB
}

// Options are what a test may ask for beyond the modules.
type Options struct {
	Sample bool      // Load the sample data.
	Log    io.Writer // Gets every line of the log, from debug on; nil for none.
}

// Start runs modules until the test ends.
func Start(t testing.TB, modules ...service.Module) *World {
	t.Helper()
	return StartWith(t, Options{}, modules...)
}

// StartWith is Start with options.
func StartWith(t testing.TB, o Options, modules ...service.Module) *World {
	t.Helper()
	dir := t.TempDir()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	if o.Log != nil {
		log = slog.New(slog.NewTextHandler(o.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	w := &World{t: t, listener: rpc.NewInProcess(), dbs: map[string]*pg.DB{}}
	w.url = pgtest.Database(t, strings.Join(names(modules), "_"), func(ctx context.Context, admin string) error {
		return migrate(ctx, admin, modules)
	})
	var err error
	w.Broker, err = broker.Start(t.Context(), broker.Config{Dir: filepath.Join(dir, "events"), Services: participants(modules), Log: log})
	must(t, err)
	t.Cleanup(w.Broker.Shutdown)
	w.signer, err = auth.LoadSigner(filepath.Join(dir, "keys"), auth.Gateway)
	must(t, err)
	secret, err := seal.LoadKey(filepath.Join(dir, "secret"))
	must(t, err)
	blobs, err := blob.NewFolder(filepath.Join(dir, "attachments"))
	must(t, err)
	w.Mails, err = sink.Start(filepath.Join(dir, "mail"))
	must(t, err)
	t.Cleanup(func() { _ = w.Mails.Close() }) // nobody writes to it any more
	sender, err := mail.New(mail.Config{Address: w.Mails.Address, From: "kyodo@city.example.jp", Name: "千代田区 協働ポータル"})
	must(t, err)
	t.Cleanup(sender.Close)
	running, err := service.Start(context.WithoutCancel(t.Context()), service.Host{
		Runtime:  w.runtime,
		MaxConns: 20,
		Broker:   w.Broker.Connect,
		Steward:  func() (*nats.Conn, error) { return w.Broker.Connect(broker.Steward) },
		Listener: w.listener,
		Dial: func(_ string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
			return w.listener.Dial(opts...)
		},
		Keys:   filepath.Join(dir, "keys"),
		Secret: secret,
		Origin: Origin,
		Mail:   sender,
		Blobs:  blobs,
		Sample: o.Sample,
		Log:    log,
	}, modules...)
	must(t, err)
	t.Cleanup(func() {
		if err := running.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return w
}

// participants says who publishes and consumes at the broker.
func participants(modules []service.Module) []broker.Service {
	var out []broker.Service
	for _, m := range modules {
		out = append(out, broker.Service{Name: m.Name, Consumes: m.Consumes})
	}
	return out
}

func names(modules []service.Module) []string {
	var out []string
	for _, m := range modules {
		out = append(out, m.Name)
	}
	slices.Sort(out)
	return out
}

// migrate prepares the template as an installation does: with an owner and a
// runtime role a service.
func migrate(ctx context.Context, admin string, modules []service.Module) error {
	u, err := url.Parse(admin)
	if err != nil {
		return err
	}
	if err := cluster.Grant(ctx, admin, strings.TrimPrefix(u.Path, "/"), names(modules)); err != nil {
		return err
	}
	for _, m := range modules {
		owner, err := pg.AsRole(admin, cluster.Owner(m.Name))
		if err != nil {
			return err
		}
		if err := service.Migrate(ctx, owner, m); err != nil {
			return err
		}
	}
	return nil
}

// runtime returns the URL with which a service serves.
func (w *World) runtime(name string) string {
	w.t.Helper()
	u, err := pg.AsRole(w.url, cluster.Runtime(name))
	must(w.t, err)
	return u
}

// Bare returns a connection on which every call is made by p, as the test sends it.
func (w *World) Bare(p auth.Principal) grpc.ClientConnInterface {
	w.t.Helper()
	conn, err := w.listener.Dial(grpc.WithChainUnaryInterceptor(w.unary(p)), grpc.WithChainStreamInterceptor(w.stream(p)))
	must(w.t, err)
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// As is Bare with an idempotency key of its own for every call that has none, as
// people's programs send it: every RPC must be right with one. Services send none.
func (w *World) As(p auth.Principal) grpc.ClientConnInterface {
	if p.Kind == auth.KindService {
		return w.Bare(p)
	}
	return keyedConn{w.Bare(p)}
}

// keyedConn gives every call a key of its own where it has none.
type keyedConn struct{ grpc.ClientConnInterface }

// Invoke makes the call.
func (c keyedConn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	if sent, _ := metadata.FromOutgoingContext(ctx); sent[rpc.MetaIdempotencyKey] == nil {
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaIdempotencyKey, rand.Text())
	}
	return c.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
}

func (w *World) unary(p auth.Principal) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx, err := w.signed(ctx, p)
		if err != nil {
			return err
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

func (w *World) stream(p auth.Principal) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		ctx, err := w.signed(ctx, p)
		if err != nil {
			return nil, err
		}
		return streamer(ctx, desc, cc, method, opts...)
	}
}

// signed attaches the token of p as the edge would.
func (w *World) signed(ctx context.Context, p auth.Principal) (context.Context, error) {
	if p.Kind == auth.KindAnonymous {
		return ctx, nil
	}
	raw, err := w.signer.Sign(p, time.Now())
	if err != nil {
		return ctx, err
	}
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+raw), nil
}

// DB returns a pool on a service's schema, to look at rows.
func (w *World) DB(name string) *pg.DB {
	w.t.Helper()
	if db, ok := w.dbs[name]; ok {
		return db
	}
	db, err := pg.Open(w.t.Context(), pg.Config{URL: w.url, Schema: name})
	must(w.t, err)
	w.t.Cleanup(db.Close)
	w.dbs[name] = db
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
