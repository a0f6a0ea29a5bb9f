// Package installation builds the program and runs it as its users do, for the
// stories of packages acceptance and browser.
package installation

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
	"sync"
	"syscall"
	"time"
)

const (
	startWithin = 90 * time.Second
	stopWithin  = 30 * time.Second
)

// Program is a program that stories run.
type Program string

// The programs.
const (
	Kyodo      Program = "kyodo"
	Apart      Program = "apart"
	NATSServer Program = "nats-server"
)

var packages = map[Program]string{
	Kyodo:      "github.com/chiyoda-kyodo/kyodo/services/cmd/kyodo",
	Apart:      "github.com/chiyoda-kyodo/kyodo/services/cmd/apart",
	NATSServer: "github.com/nats-io/nats-server/v2",
}

// Build builds programs into the folder bin of a new temporary folder, whose
// name it returns. Call it in a package of the module services.
func Build(programs ...Program) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "kyodo-stories-"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return dir, err
	}
	for _, p := range programs {
		build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "bin", string(p)), packages[p])
		if out, err := build.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("build %s: %w\n%s", p, err, out)
		}
	}
	return dir, nil
}

// Process is one run of a program that serves at Origin.
type Process struct {
	Path   string // Of the program.
	Args   []string
	Origin string // Where /readyz is asked.
	Log    string // File for what it prints.

	Cmd    *exec.Cmd
	exited chan struct{}
	output *os.File
}

// Run starts the program and waits until it is ready.
func (p *Process) Run() (err error) {
	if p.output == nil {
		if p.output, err = os.Create(p.Log); err != nil {
			return err
		}
	}
	p.Cmd = exec.Command(p.Path, p.Args...)
	p.Cmd.Stdout, p.Cmd.Stderr = p.output, p.output
	p.Cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.Cmd.Start(); err != nil {
		return err
	}
	exited, cmd := make(chan struct{}), p.Cmd
	p.exited = exited
	go func() { _ = cmd.Wait(); close(exited) }() // how it ended stands in its output
	if err := p.waitReady(); err != nil {
		p.Stop()
		return fmt.Errorf("%w\n%s", err, p.Printed())
	}
	return nil
}

// Kill ends the process as a power cut would.
func (p *Process) Kill() error {
	if err := p.Cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.exited
	return nil
}

// Stop asks the process to end and kills it, with its children, after 30 s.
func (p *Process) Stop() {
	if p.Cmd == nil || p.Cmd.Process == nil {
		return
	}
	_ = p.Cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-p.exited:
	case <-time.After(stopWithin):
		_ = syscall.Kill(-p.Cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Printed returns what the process printed.
func (p *Process) Printed() string {
	raw, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func (p *Process) waitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Origin+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close() // nothing of it is read
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("not ready within 90 seconds")
		case <-p.exited:
			return errors.New("it ended before it was ready")
		case <-tick.C:
		}
	}
}

var nextPort = struct {
	sync.Mutex
	port int
}{port: 20000 + rand.IntN(9000)}

// FreePorts returns the first of n ports in a row that nothing listens on, below
// those that the system gives to outgoing connections.
func FreePorts(n int) (int, error) {
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
		_ = l.Close() // it was free, that is all
	}
	return true
}
