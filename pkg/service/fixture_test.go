package service_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// office is a small service: it adds departments as a real one would.
type office struct {
	directoryv1.UnimplementedDepartmentServiceServer
	deps service.Deps

	// inside is called in the transaction, before anything is written; may be nil.
	inside  func(ctx context.Context, name string) error
	samples atomic.Int32
	seen    chan event.Message // What its consumer took; nil for no consumer.
	tasks   []job.Task
}

func (o *office) CreateDepartment(ctx context.Context, req *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error) {
	return pg.InTx(ctx, o.deps.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateDepartmentResponse, error) {
		if o.inside != nil {
			if err := o.inside(ctx, req.GetName()); err != nil {
				return nil, err
			}
		}
		d := &directoryv1.Department{Id: o.deps.NewID(), Name: req.GetName()}
		if _, err := tx.Exec(ctx, `INSERT INTO department (id, name) VALUES ($1, $2)`, d.GetId(), d.GetName()); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "directory.department.create", ObjectType: "department", ObjectID: d.GetId()})
		return &directoryv1.CreateDepartmentResponse{Department: d}, event.Add(ctx, tx, event.Event{
			Aggregate: "department", ID: d.GetId(), Visibility: event.Public,
			Message: &directoryv1.DepartmentChanged{Department: d},
		})
	})
}

// BatchGetDepartments panics: a handler may be wrong.
func (o *office) BatchGetDepartments(context.Context, *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	panic("a handler is wrong")
}

// ListDepartments asks another service, itself, in its own name: the answer is
// the refusal of an RPC for others.
func (o *office) ListDepartments(ctx context.Context, _ *directoryv1.ListDepartmentsRequest) (*directoryv1.ListDepartmentsResponse, error) {
	peer := directoryv1.NewDepartmentServiceClient(o.deps.Peer("directory"))
	_, err := peer.CreateDepartment(ctx, &directoryv1.CreateDepartmentRequest{Name: "x", Kind: directoryv1.Department_SECTION})
	return nil, err
}

func (o *office) module() service.Module {
	m := service.Module{
		Name: "directory",
		Migrations: fstest.MapFS{"00001_department.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE department (
  id   uuid NOT NULL,
  name text NOT NULL,
  CONSTRAINT department_pkey PRIMARY KEY (id)
);`)}},
		Register: func(deps service.Deps, r grpc.ServiceRegistrar) {
			o.deps = deps
			directoryv1.RegisterDepartmentServiceServer(r, o)
		},
		Tasks: func(service.Deps) []job.Task { return o.tasks },
		Sample: func(context.Context, service.Deps) error {
			o.samples.Add(1)
			return nil
		},
	}
	if o.seen != nil {
		m.Consumes = []string{"directory"}
		m.Consumers = func(service.Deps) []event.Consumer {
			return []event.Consumer{{Stream: "directory", Subjects: []string{"kyodo.directory.public.>"}, Handle: func(_ context.Context, _ *pg.Tx, m event.Message) error {
				o.seen <- m
				return nil
			}}}
		}
	}
	return m
}

var administrator = servicetest.Staff("admin", "d", optionsv1.Role_ROLE_ADMINISTRATOR)

// site is an installation that a test starts and stops itself.
type site struct {
	service.Host
	t        *testing.T
	urls     pgtest.URLs
	listener *rpc.InProcess
	signer   *auth.Signer
}

// newSite prepares a host with a database of its own; connect is the way to the
// broker.
func newSite(t *testing.T, connect func(user string) (*nats.Conn, error)) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, urls: pgtest.Service(t, "directory", func(context.Context, string) error { return nil })}
	var err error
	s.signer, err = auth.LoadSigner(filepath.Join(dir, "keys"), auth.Gateway)
	must(t, err)
	s.Host = service.Host{
		Owner:   func(string) string { return s.urls.Owner },
		Runtime: func(string) string { return s.urls.Runtime },
		Broker:  connect,
		Steward: func() (*nats.Conn, error) { return connect(broker.Steward) },
		Dial:    func(_ string, opts ...grpc.DialOption) (*grpc.ClientConn, error) { return s.listener.Dial(opts...) },
		Keys:    filepath.Join(dir, "keys"),
		Secret:  seal.Key{1},
		Log:     slog.New(slog.DiscardHandler),
	}
	return s
}

// start starts the office on the site's database.
func (s *site) start(o *office) *service.Running {
	s.t.Helper()
	s.listener = rpc.NewInProcess()
	s.Listener = s.listener
	r, err := service.Start(s.t.Context(), s.Host, o.module())
	must(s.t, err)
	return r
}

// dial connects to the running site; the caller closes.
func (s *site) dial() *grpc.ClientConn {
	s.t.Helper()
	conn, err := s.listener.Dial()
	must(s.t, err)
	return conn
}

// create adds a department as the administrator.
func (s *site) create(conn *grpc.ClientConn, name string) error {
	s.t.Helper()
	raw, err := s.signer.Sign(administrator, time.Now())
	must(s.t, err)
	ctx := metadata.AppendToOutgoingContext(s.t.Context(), rpc.MetaAuthorization, "Bearer "+raw)
	_, err = directoryv1.NewDepartmentServiceClient(conn).CreateDepartment(ctx, request(name))
	return err
}

func request(name string) *directoryv1.CreateDepartmentRequest {
	return &directoryv1.CreateDepartmentRequest{Name: name, Kind: directoryv1.Department_SECTION}
}

// newBroker starts a broker of the test's own.
func newBroker(t *testing.T) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), brokerConfig(t.TempDir()))
	must(t, err)
	t.Cleanup(b.Shutdown)
	return b
}

func brokerConfig(dir string) broker.Config {
	return broker.Config{
		Dir: dir, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Services: []broker.Service{{Name: "directory", Consumes: []string{"directory"}}},
	}
}

func column[T any](t *testing.T, db *pg.DB, sql string) []T {
	t.Helper()
	rows, err := db.Query(t.Context(), sql)
	must(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[T])
	must(t, err)
	return all
}

func wantReason(t *testing.T, err error, want *fault.Error) {
	t.Helper()
	f, ok := rpc.FromStatus(status.Convert(err))
	if !ok || f.Reason != want.Reason || f.Kind != want.Kind {
		t.Errorf("answered %v instead of %s", err, want.Reason)
	}
}

func wantEqual[T any](t *testing.T, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("did not happen: %s", what)
		case <-tick.C:
		}
	}
}
