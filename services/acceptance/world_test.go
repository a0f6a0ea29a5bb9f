// Package acceptance runs the user stories through REST and gRPC, against Kyodo
// in one process and as separate processes, with the same results.
package acceptance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// world is one installation.
type world struct {
	name     string // "one process" or "apart" for those that stories share.
	data     string
	origin   string
	grpcAddr string
	natsURL  string // Where the read-only account is served.
	grpc     *grpc.ClientConn

	program string // In the folder of the built programs.
	args    []string
	cmd     *exec.Cmd
	exited  chan struct{}
	output  *os.File

	mu     sync.Mutex
	tokens map[string]string
	staff  map[string]string // Department by staff person.
}

// worlds are started by the first test that asks and end with the process.
var worlds = struct {
	once, built sync.Once
	all         []*world
	err         error
	buildErr    error
	dir         string
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, w := range worlds.all {
		w.stop()
	}
	if worlds.dir != "" {
		os.RemoveAll(worlds.dir)
	}
	os.Exit(code)
}

// inEveryWorld runs a story in both topologies and over both transports.
func inEveryWorld(t *testing.T, story func(t *testing.T, c *client)) {
	t.Helper()
	t.Parallel()
	for _, w := range start(t) {
		for _, tr := range []transport{restTransport{w}, grpcTransport{w}} {
			t.Run(w.name+"/"+tr.String(), func(t *testing.T) {
				t.Parallel()
				story(t, &client{t: t, world: w, transport: tr})
			})
		}
	}
}

// start builds the programs and starts both installations once.
func start(t *testing.T) []*world {
	t.Helper()
	build(t)
	worlds.once.Do(func() { worlds.err = startWorlds() })
	if worlds.err != nil {
		t.Fatal(worlds.err)
	}
	return worlds.all
}

// build builds the programs once.
func build(t *testing.T) {
	t.Helper()
	worlds.built.Do(func() { worlds.buildErr = buildPrograms() })
	if worlds.buildErr != nil {
		t.Fatal(worlds.buildErr)
	}
}

func buildPrograms() (err error) {
	if worlds.dir, err = os.MkdirTemp("", "kyodo-acceptance-"); err != nil {
		return err
	}
	if err := os.Chmod(worlds.dir, 0o755); err != nil { // Postgres runs as another user.
		return err
	}
	for program, pkg := range map[string]string{
		"kyodo":       "github.com/chiyoda-kyodo/kyodo/services/cmd/kyodo",
		"apart":       "github.com/chiyoda-kyodo/kyodo/services/cmd/apart",
		"nats-server": "github.com/nats-io/nats-server/v2",
	} {
		build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(worlds.dir, "bin", program), pkg)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", program, err, out)
		}
	}
	return nil
}

func startWorlds() error {
	one, err := newWorld("one process")
	if err != nil {
		return err
	}
	apart, err := newApart("apart")
	if err != nil {
		return err
	}
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i, w := range []*world{one, apart} {
		worlds.all = append(worlds.all, w)
		both.Go(func() { errs[i] = w.run() })
	}
	both.Wait()
	return errors.Join(errs...)
}

// newWorld describes an installation in one process.
func newWorld(name string) (*world, error) {
	port, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	w := describe(name, "kyodo", port)
	w.natsURL = fmt.Sprintf("nats://127.0.0.1:%d", port+2)
	w.args = append([]string{"all", "--log-level", "debug", "--nats-listen", fmt.Sprintf("127.0.0.1:%d", port+2)}, w.args...)
	return w, os.MkdirAll(w.data, 0o755)
}

// newApart describes an installation of separate processes.
func newApart(name string) (*world, error) {
	port, err := freePorts(24)
	if err != nil {
		return nil, err
	}
	w := describe(name, "apart", port)
	base := port + 2
	w.natsURL = fmt.Sprintf("nats://127.0.0.1:%d", base+20)
	w.args = append([]string{
		"--kyodo", filepath.Join(worlds.dir, "bin", "kyodo"), "--nats-server", filepath.Join(worlds.dir, "bin", "nats-server"),
		"--base", fmt.Sprint(base),
	}, w.args...)
	return w, os.MkdirAll(w.data, 0o755)
}

func describe(name, program string, port int) *world {
	w := &world{
		name: name, program: program, tokens: map[string]string{}, staff: map[string]string{},
		data:     filepath.Join(worlds.dir, strings.ReplaceAll(name, " ", "-")),
		origin:   fmt.Sprintf("http://127.0.0.1:%d", port),
		grpcAddr: fmt.Sprintf("127.0.0.1:%d", port+1),
	}
	w.args = []string{"--data", w.data, "--http-addr", strings.TrimPrefix(w.origin, "http://"), "--grpc-addr", w.grpcAddr}
	return w
}

// own starts an installation in one process for one test alone.
func own(t *testing.T, name string) *world {
	t.Helper()
	build(t)
	w, err := newWorld(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.stop)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	return w
}

// over returns a client of the world.
func (w *world) over(t testing.TB, tr transport) *client {
	return &client{t: t, world: w, transport: tr}
}

// run starts the program and waits until it is ready.
func (w *world) run() (err error) {
	if w.output == nil {
		if w.output, err = os.Create(w.data + ".log"); err != nil {
			return err
		}
	}
	w.cmd = exec.Command(filepath.Join(worlds.dir, "bin", w.program), w.args...)
	w.cmd.Stdout, w.cmd.Stderr = w.output, w.output
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := w.cmd.Start(); err != nil {
		return err
	}
	exited, cmd := make(chan struct{}), w.cmd
	w.exited = exited
	go func() { _ = cmd.Wait(); close(exited) }() // how it ended stands in its output
	if w.grpc == nil {
		w.grpc, err = grpc.NewClient(w.grpcAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
	}
	if err := w.waitReady(); err != nil {
		w.stop()
		return fmt.Errorf("%s: %w\n%s", w.name, err, w.log())
	}
	return nil
}

// kill ends the process as a power cut would, children of its own included.
func (w *world) kill(t testing.TB) {
	t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-w.exited
}

// stop asks the process to end and kills it after 30 s.
func (w *world) stop() {
	if w.grpc != nil {
		w.grpc.Close()
	}
	if w.cmd == nil || w.cmd.Process == nil {
		return
	}
	_ = w.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-w.exited:
	case <-time.After(30 * time.Second):
		_ = syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL)
	}
}

func (w *world) log() string {
	raw, err := os.ReadFile(w.output.Name())
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func (w *world) waitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.origin+"/readyz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("not ready within 90 seconds")
		case <-w.exited:
			return errors.New("it ended before it was ready")
		case <-tick.C:
		}
	}
}

var nextPort = struct {
	sync.Mutex
	port int
}{port: 20000 + rand.IntN(9000)}

// freePorts returns the first of n ports in a row that nothing listens on,
// below those that the system gives to outgoing connections.
func freePorts(n int) (int, error) {
	nextPort.Lock()
	defer nextPort.Unlock()
	for range 1000 {
		first := nextPort.port
		nextPort.port += n
		if allFree(first, n) {
			return first, nil
		}
	}
	return 0, errors.New("no free ports")
}

func allFree(first, n int) bool {
	for i := range n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+i))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

// eventually polls until what is asked for holds.
func eventually(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	end := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-end:
			t.Fatalf("not within %s: %s", within, what)
		case <-tick.C:
		}
	}
}
