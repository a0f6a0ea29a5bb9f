// Package acceptance runs the user stories through REST and gRPC, against Kyodo
// in one process and as separate processes, with the same results.
package acceptance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/chiyoda-kyodo/kyodo/services/acceptance/installation"
)

// world is one installation.
type world struct {
	name     string // "one process" or "apart" for those that stories share.
	data     string
	origin   string
	grpcAddr string
	natsURL  string // Where the read-only account is served.
	grpc     *grpc.ClientConn

	installation.Process

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
	worlds.dir, err = installation.Build(installation.Kyodo, installation.Apart, installation.NATSServer)
	return err
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
	port, err := installation.FreePorts(3)
	if err != nil {
		return nil, err
	}
	w := describe(name, "kyodo", port)
	w.natsURL = fmt.Sprintf("nats://127.0.0.1:%d", port+2)
	w.Args = append([]string{"all", "--log-level", "debug", "--nats-listen", fmt.Sprintf("127.0.0.1:%d", port+2)}, w.Args...)
	return w, os.MkdirAll(w.data, 0o755)
}

// newApart describes an installation of separate processes.
func newApart(name string) (*world, error) {
	port, err := installation.FreePorts(24)
	if err != nil {
		return nil, err
	}
	w := describe(name, "apart", port)
	base := port + 2
	w.natsURL = fmt.Sprintf("nats://127.0.0.1:%d", base+20)
	w.Args = append([]string{
		"--kyodo", filepath.Join(worlds.dir, "bin", "kyodo"), "--nats-server", filepath.Join(worlds.dir, "bin", "nats-server"),
		"--base", fmt.Sprint(base),
	}, w.Args...)
	return w, os.MkdirAll(w.data, 0o755)
}

func describe(name, program string, port int) *world {
	w := &world{
		name: name, tokens: map[string]string{}, staff: map[string]string{},
		data:     filepath.Join(worlds.dir, strings.ReplaceAll(name, " ", "-")),
		origin:   fmt.Sprintf("http://127.0.0.1:%d", port),
		grpcAddr: fmt.Sprintf("127.0.0.1:%d", port+1),
	}
	w.Process = installation.Process{Path: filepath.Join(worlds.dir, "bin", program), Origin: w.origin, Log: w.data + ".log"}
	w.Args = []string{"--data", w.data, "--http-addr", strings.TrimPrefix(w.origin, "http://"), "--grpc-addr", w.grpcAddr}
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
	if w.grpc == nil {
		w.grpc, err = grpc.NewClient(w.grpcAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
	}
	if err := w.Run(); err != nil {
		w.stop()
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}

// kill ends the process as a power cut would, children of its own included.
func (w *world) kill(t testing.TB) {
	t.Helper()
	if err := w.Kill(); err != nil {
		t.Fatal(err)
	}
}

// stop asks the process to end and kills it after 30 s.
func (w *world) stop() {
	if w.grpc != nil {
		w.grpc.Close()
	}
	w.Stop()
}

func (w *world) log() string { return w.Printed() }

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
