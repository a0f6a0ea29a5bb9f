package service

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

//go:embed platform/*.sql
var platformFS embed.FS

// Running is a started set of modules.
type Running struct {
	host    Host
	server  *rpc.Server
	health  *health.Server
	parts   []*part
	stop    context.CancelFunc
	workers sync.WaitGroup
	failed  chan error
	streams chan struct{} // Closed when the streams are made.
}

// part is one running module.
type part struct {
	Module
	deps  Deps
	nats  *nats.Conn
	peers *peers
	jobs  *job.Client
}

// Migrate brings the schema of a module up to date: the machinery's tables,
// River's and its own. url is of the schema's owner.
func Migrate(ctx context.Context, url string, m Module) error {
	sub, err := fs.Sub(platformFS, "platform")
	if err != nil {
		return err
	}
	if err := pg.Migrate(ctx, url, m.Name, "platform_version", sub); err != nil {
		return err
	}
	if err := job.Migrate(ctx, url, m.Name); err != nil {
		return err
	}
	return pg.Migrate(ctx, url, m.Name, "schema_version", m.Migrations)
}

// Run starts the modules, serves until ctx ends or the server fails, and stops
// them in reverse.
func Run(ctx context.Context, host Host, modules ...Module) error {
	r, err := Start(ctx, host, modules...)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err = <-r.failed:
	}
	return errors.Join(err, r.Stop(context.WithoutCancel(ctx)))
}

// Start migrates, opens pools, registers the modules on one server, loads
// sample data, starts relays, consumers, sealers and jobs, and serves. It
// returns when the server takes calls. The broker may be down: what needs it
// starts when it is there.
func Start(ctx context.Context, host Host, modules ...Module) (*Running, error) {
	server, err := newServer(host, modules)
	if err != nil {
		return nil, err
	}
	r := &Running{host: host, server: server, health: health.NewServer(), failed: make(chan error, 1), streams: make(chan struct{})}
	if err := r.open(ctx, modules); err != nil {
		r.close()
		return nil, err
	}
	log := &audit.Server{Logs: map[string]*pg.DB{}, Pages: pages(host), Now: time.Now}
	dead := &event.DeadLetterServer{Services: map[string]*pg.DB{}, Consumers: map[string][]event.Consumer{}, Pages: pages(host), Log: host.Log}
	duties := &task.Server{Sources: map[string]task.Source{}, Now: time.Now}
	for _, p := range r.parts {
		p.Register(p.deps, server)
		log.Logs[p.Name], dead.Services[p.Name] = p.deps.DB, p.deps.DB
		dead.Consumers[p.Name] = ConsumersOf(p.Module, p.deps)
		if p.Duties != nil {
			duties.Sources[p.Name] = p.Duties(p.deps)
		}
	}
	auditv1.RegisterAuditServiceServer(server, log)
	operationv1.RegisterDeadLetterServiceServer(server, dead)
	taskv1.RegisterTaskServiceServer(server, duties)
	healthv1.RegisterHealthServer(server, r.health)
	reflection.Register(server)
	if err := server.Protect(); err != nil {
		r.close()
		return nil, err
	}
	go func() { r.failed <- server.Serve(host.Listener) }()
	if err := r.sample(ctx); err != nil {
		return nil, errors.Join(err, r.Stop(ctx))
	}
	if err := r.startWorkers(ctx); err != nil {
		return nil, errors.Join(err, r.Stop(ctx))
	}
	return r, nil
}

func newServer(host Host, modules []Module) (*rpc.Server, error) {
	for _, m := range modules {
		if _, err := auth.LoadSigner(host.Keys, m.Name); err != nil {
			return nil, err
		}
	}
	verifier, err := auth.LoadVerifier(host.Keys)
	if err != nil {
		return nil, err
	}
	return rpc.NewServer(rpc.ServerConfig{
		Verifier:  verifier,
		Answers:   host.Secret.Derive("idempotent answers"),
		Translate: pg.Translate,
		Now:       time.Now,
		Log:       host.Log,
		Options:   host.ServerOptions,
	})
}

func pages(host Host) *pg.Pages {
	k := host.Secret.Derive("page tokens")
	return pg.NewPages(k[:])
}

// open migrates and opens every module, side by side.
func (r *Running) open(ctx context.Context, modules []Module) error {
	r.parts = make([]*part, len(modules))
	var g errgroup.Group
	for i, m := range modules {
		r.parts[i] = &part{Module: m}
		g.Go(func() error { return r.openPart(ctx, r.parts[i]) })
	}
	return g.Wait()
}

func (r *Running) openPart(ctx context.Context, p *part) error {
	host := r.host
	if host.Owner != nil {
		if err := Migrate(ctx, host.Owner(p.Name), p.Module); err != nil {
			return err
		}
	}
	db, err := pg.Open(ctx, pg.Config{URL: host.Runtime(p.Name), Schema: p.Name, MaxConns: host.MaxConns})
	if err != nil {
		return err
	}
	signer, err := auth.LoadSigner(host.Keys, p.Name)
	if err != nil {
		return err
	}
	p.peers = &peers{dial: host.Dial, identity: &rpc.Identity{Signer: signer, Name: p.Name, Now: time.Now}, conns: map[string]*grpc.ClientConn{}}
	p.deps = Deps{
		DB:     db,
		Now:    time.Now,
		NewID:  newID,
		Peer:   p.peers.connect,
		Blobs:  host.Blobs,
		Pages:  pages(host),
		Key:    func(purpose string) seal.Key { return host.Secret.Derive(p.Name + "/" + purpose) },
		Mail:   host.Mail,
		Origin: host.Origin,
		Log:    host.Log.With("service", p.Name),
	}
	if p.nats, err = host.Broker(p.Name); err != nil {
		return fmt.Errorf("connect %s to the broker: %w", p.Name, err)
	}
	return nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// peers connects to each other service once.
type peers struct {
	dial     func(service string, opts ...grpc.DialOption) (*grpc.ClientConn, error)
	identity *rpc.Identity

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

func (p *peers) connect(service string) grpc.ClientConnInterface {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.conns[service]; ok {
		return c
	}
	c, err := p.dial(service, grpc.WithUnaryInterceptor(p.identity.Unary))
	if err != nil { // only for a target that cannot be parsed
		panic(fmt.Sprintf("dial %s: %v", service, err))
	}
	p.conns[service] = c
	return c
}

func (p *peers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close() // fails only when it is closed already
	}
}

func (r *Running) sample(ctx context.Context) error {
	if !r.host.Sample {
		return nil
	}
	for _, p := range r.parts {
		if p.Sample == nil {
			continue
		}
		if err := p.Sample(ctx, p.deps); err != nil {
			return fmt.Errorf("sample data of %s: %w", p.Name, err)
		}
	}
	return nil
}

// startWorkers starts everything that runs beside the server.
func (r *Running) startWorkers(ctx context.Context) error {
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.workers.Go(func() { r.makeStreams(ctx) })
	for _, p := range r.parts {
		tasks := []job.Task{forgetAnswers(p.deps.DB), forgetDeliveries(p.deps.DB)}
		if p.Tasks != nil {
			tasks = append(tasks, p.Tasks(p.deps)...)
		}
		err := job.Rescue(ctx, p.deps.DB)
		if err != nil {
			return err
		}
		if p.jobs, err = job.New(job.Config{DB: p.deps.DB, Log: quiet(p.deps.Log), Tasks: tasks}); err != nil {
			return err
		}
		// Not ended with the others: Stop lets a running job finish.
		if err := p.jobs.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("start jobs of %s: %w", p.Name, err)
		}
		r.workers.Go(func() { audit.RunSealer(ctx, p.deps.DB, p.deps.Log) })
		r.workers.Go(func() { r.watchHealth(ctx, p) })
		r.workers.Go(func() { r.runEvents(ctx, p) })
	}
	return nil
}

// quiet lets only warnings of the job library through.
func quiet(l *slog.Logger) *slog.Logger { return slog.New(atLeastWarn{l.Handler()}) }

type atLeastWarn struct{ slog.Handler }

// Enabled reports whether a record of this level is written.
func (atLeastWarn) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// WithAttrs keeps the level for derived loggers.
func (h atLeastWarn) WithAttrs(a []slog.Attr) slog.Handler {
	return atLeastWarn{h.Handler.WithAttrs(a)}
}

// WithGroup keeps the level for derived loggers.
func (h atLeastWarn) WithGroup(n string) slog.Handler { return atLeastWarn{h.Handler.WithGroup(n)} }
