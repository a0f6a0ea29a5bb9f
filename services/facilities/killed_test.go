package facilities_test

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities"
)

// What the process that is killed gets from the test: its folder and the
// database's URL of the runtime role.
const (
	killedFolder   = "KYODO_TEST_KILLED_FOLDER"
	killedDatabase = "KYODO_TEST_KILLED_DATABASE"
)

// TestKilledProcess is not a test of its own: it is the service as a process with
// a listener and a broker of its own, which TestBookingsAreLinearizableWhenTheProcessIsKilled
// starts and kills. It prints its address when it serves.
func TestKilledProcess(t *testing.T) {
	dir := os.Getenv(killedFolder)
	if dir == "" {
		t.Skip("runs only as the process of another test")
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	events, err := broker.Start(t.Context(), broker.Config{
		Dir: filepath.Join(dir, "events"), Log: log,
		Services: []broker.Service{{Name: "directory"}, {Name: "facilities", Consumes: facilities.Module.Consumes}},
	})
	must(t, err)
	secret, err := seal.LoadKey(filepath.Join(dir, "secret"))
	must(t, err)
	blobs, err := blob.NewFolder(filepath.Join(dir, "attachments"))
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	directory := rpc.NewInProcess()
	server := grpc.NewServer()
	directoryv1.RegisterOrganizationServiceServer(server, &peer{})
	go func() { _ = server.Serve(directory) }() // it ends with the process
	_, err = service.Start(t.Context(), service.Host{
		Runtime:  func(string) string { return os.Getenv(killedDatabase) },
		MaxConns: 20,
		Broker:   events.Connect,
		Steward:  func() (*nats.Conn, error) { return events.Connect(broker.Steward) },
		Listener: listener,
		Dial:     func(_ string, opts ...grpc.DialOption) (*grpc.ClientConn, error) { return directory.Dial(opts...) },
		Keys:     filepath.Join(dir, "keys"),
		Secret:   secret,
		Origin:   servicetest.Origin,
		Blobs:    blobs,
		Sample:   true,
		Log:      log,
	}, facilities.Module)
	must(t, err)
	_, err = os.Stdout.WriteString(listener.Addr().String() + "\n")
	must(t, err)
	<-t.Context().Done()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mortal is the service in a process that can be killed and started again, on a
// database and a folder that outlive it.
type mortal struct {
	t      *testing.T
	dir    string
	urls   pgtest.URLs
	signer *auth.Signer

	lock    sync.Mutex // Guards the process.
	process *exec.Cmd
	address atomic.Pointer[string]
	deaths  int
}

func newMortal(t *testing.T) *mortal {
	t.Helper()
	m := &mortal{t: t, dir: t.TempDir(), urls: pgtest.Service(t, "facilities", func(ctx context.Context, owner string) error {
		return service.Migrate(ctx, owner, facilities.Module)
	})}
	var err error
	m.signer, err = auth.LoadSigner(filepath.Join(m.dir, "keys"), auth.Gateway)
	must(t, err)
	t.Cleanup(m.kill)
	m.live()
	return m
}

// live starts the process and waits until it serves.
func (m *mortal) live() {
	m.t.Helper()
	m.process = exec.Command(os.Args[0], "-test.run=^TestKilledProcess$", "-test.timeout=5m")
	m.process.Env = append(os.Environ(), killedFolder+"="+m.dir, killedDatabase+"="+m.urls.Runtime)
	m.process.Stderr = m.t.Output()
	out, err := m.process.StdoutPipe()
	must(m.t, err)
	must(m.t, m.process.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(m.t, err)
	address := strings.TrimSpace(line)
	m.address.Store(&address)
}

// kill ends the process by SIGKILL: nothing of it runs on, not even a defer.
func (m *mortal) kill() {
	_ = m.process.Process.Kill() // dead already is as good
	_ = m.process.Wait()         // its exit says only that it was killed
}

// dieAndRise kills the process in the middle of what it does.
func (m *mortal) dieAndRise() {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.kill()
	m.deaths++
	m.live()
}

// as is a connection of p to whatever process lives at the moment.
func (m *mortal) as(p auth.Principal) grpc.ClientConnInterface {
	m.t.Helper()
	conn, err := rpc.Dial("passthrough:///facilities", nil,
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", *m.address.Load())
		}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1.2, MaxDelay: 100 * time.Millisecond}, MinConnectTimeout: time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			if p.Kind != auth.KindAnonymous {
				raw, err := m.signer.Sign(p, time.Now())
				if err != nil {
					return err
				}
				ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+raw)
			}
			return invoke(ctx, method, req, reply, cc, opts...)
		}))
	must(m.t, err)
	m.t.Cleanup(func() { _ = conn.Close() }) // the test is over
	return conn
}

// The histories of 32 clients stay linearizable while the process of the service
// is killed and started again and again: what was answered is kept, and what was
// not is found out by repeating the call with its key.
func TestBookingsAreLinearizableWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	m := newMortal(t)
	db, err := pg.Open(t.Context(), pg.Config{URL: m.urls.Admin, Schema: "facilities"})
	must(t, err)
	defer db.Close()
	_, err = db.Pool().Exec(t.Context(), changeGeneral, `{"maxActive": 0, "maxPerMonth": 0}`)
	must(t, err)
	_, err = db.Pool().Exec(t.Context(), reviseCatalogue)
	must(t, err)
	c := newCrowd(m.as, 0)
	c.every, c.disturb = 64, m.dieAndRise
	c.run(t, 7)
	if m.deaths < 4 {
		t.Errorf("the process was killed %d times only", m.deaths)
	}
	for what, sql := range map[string]string{
		"bookings without all of their places": `
			SELECT count(*)
			FROM booking b
			WHERE state = 'TENTATIVE' AND cardinality(slot_nos) * jsonb_array_length(detail->'place'->'atoms') <> (
				SELECT count(*) FROM booking_atom a WHERE a.holder_id = b.id)`,
		"places of nobody": `
			SELECT count(*)
			FROM booking_atom a
			WHERE holder_kind = 'BOOKING' AND NOT EXISTS (SELECT FROM booking b WHERE b.id = a.holder_id AND state = 'TENTATIVE')`,
		"versions without a step": `
			SELECT count(*)
			FROM booking b
			WHERE version <> (SELECT count(*) FROM booking_transition s WHERE s.booking_id = b.id)`,
		"steps without an audit entry": `
			SELECT (SELECT count(*) FROM booking_transition) - (SELECT count(*) FROM audit_entry WHERE object_type = 'booking')`,
	} {
		var n int
		if err := db.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
