// Package benchmark measures Kyodo beside a floor: a plain net/http handler on
// pgx that runs the same SQL on the same database in the same run. The figures
// are CPU per request, application and database together, because times are not
// stable from run to run.
package benchmark

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

// program is what the rig builds and measures.
const program = "github.com/chiyoda-kyodo/kyodo/services/cmd/kyodo"

// floorAddress tells a child process that it is the floor, and where to listen.
const floorAddress = "KYODO_BENCH_FLOOR"

const startWait = time.Minute

// Rig is one installation in a process of its own, with the floor beside it.
type Rig struct {
	Origin string           // Of Kyodo's REST.
	Floor  string           // Of the floor, which the first Compare starts.
	GRPC   *grpc.ClientConn // Kyodo's public gRPC listener.
	NATS   string           // Kyodo's broker, for subscribers.
	Admin  string           // Admin's database URL, for filling tables.
	Phases Phases           // Of the last start.
	Data   string           // Folder of the installation.

	b      *testing.B
	binary string
	kyodo  *exec.Cmd
	floor  *exec.Cmd
	db     int // Process id of the postmaster.
	report report
}

// New builds and starts Kyodo with the sample data. What was measured is printed
// when the benchmark ends.
func New(b *testing.B) *Rig {
	b.Helper()
	dir, err := os.MkdirTemp("", "kyodo-bench-")
	must(b, err)
	must(b, os.Chmod(dir, 0o755))
	b.Cleanup(func() { _ = os.RemoveAll(dir) }) // a temporary folder
	r := &Rig{b: b, Data: filepath.Join(dir, "data"), binary: filepath.Join(dir, "kyodo")}
	b.Cleanup(r.report.print)
	if out, err := exec.Command("go", "build", "-o", r.binary, program).CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	r.Floor = "http://" + freePort(b)
	r.Start()
	b.Cleanup(r.Stop)
	return r
}

// Start starts the installation; after Stop it is a start on an initialized
// folder.
func (r *Rig) Start() {
	r.b.Helper()
	rest, public, events := freePort(r.b), freePort(r.b), freePort(r.b)
	r.Origin, r.NATS = "http://"+rest, "nats://"+events
	r.kyodo = exec.Command(r.binary, "all", "--data", r.Data, "--http-addr", rest, "--grpc-addr", public, "--nats-listen", events)
	r.kyodo.Stderr = os.Stderr
	began := time.Now()
	must(r.b, r.kyodo.Start())
	r.Phases = Phases{
		Postgres:  r.until(began, r.postgresIsReady),
		Listening: r.until(began, func() bool { return listens(rest) }),
		Ready:     r.until(began, func() bool { return isOK(r.b, r.Origin+"/readyz") }),
	}
	var err error
	r.GRPC, err = grpc.NewClient(public, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(r.b, err)
	raw, err := os.ReadFile(filepath.Join(r.Data, "postgres.url"))
	must(r.b, err)
	r.Admin = strings.TrimSpace(string(raw))
	r.db = postmaster(r.b, r.kyodo.Process.Pid)
}

// Stop ends the installation; the floor, which keeps nothing, goes on.
func (r *Rig) Stop() {
	if r.kyodo == nil || r.kyodo.ProcessState != nil {
		return
	}
	_ = r.GRPC.Close()                          // fails only when it is closed already
	_ = r.kyodo.Process.Signal(syscall.SIGTERM) // gone already is as good
	_ = r.kyodo.Wait()                          // its exit code is not measured
}

// Token returns a sample person's token.
func (r *Rig) Token(as string) string {
	raw, err := issuer.TokenFromDir(filepath.Join(r.Data, "keys"), r.Origin+"/dev/oidc", as, time.Now())
	must(r.b, err)
	return raw
}

// startFloor runs this test binary again as the floor, once.
func (r *Rig) startFloor() {
	if r.floor != nil {
		return
	}
	r.floor = exec.Command(os.Args[0], "-test.run=^TestFloor$", "-test.timeout=0")
	r.floor.Env = append(os.Environ(), floorAddress+"="+strings.TrimPrefix(r.Floor, "http://"), "KYODO_BENCH_DATABASE="+r.Admin)
	r.floor.Stderr = os.Stderr
	must(r.b, r.floor.Start())
	r.b.Cleanup(func() {
		_ = r.floor.Process.Kill() // it keeps nothing
		_ = r.floor.Wait()
	})
	r.until(time.Now(), func() bool { return isOK(r.b, r.Floor+"/ready") })
}

// ServeFloor is the body of a package's TestFloor: in the child process that
// the rig starts it serves handler on the service's schema and never returns; in
// a normal test run it does nothing.
func ServeFloor(t *testing.T, service string, handler func(*pg.DB) http.Handler) {
	addr := os.Getenv(floorAddress)
	if addr == "" {
		return
	}
	u, err := pg.AsRole(os.Getenv("KYODO_BENCH_DATABASE"), cluster.Runtime(service))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(context.Background(), pg.Config{URL: u, Schema: service})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", handler(db))
	mux.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	t.Fatal(http.ListenAndServe(addr, mux)) //nolint:gosec // a loopback server for one measurement
}

func freePort(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer l.Close()
	return l.Addr().String()
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
