package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// postmaster is one run of the server process, or of initdb.
type postmaster struct {
	pid     int
	process *os.Process
	done    chan struct{}
	err     error // valid once done is closed
}

// launch starts the command and waits for its end in the background. The goroutine keeps its thread for as long as the
// child lives, because the death signal of the child follows the thread that made it, not the process.
func launch(cmd *exec.Cmd) (*postmaster, error) {
	started := make(chan error, 1)
	p := &postmaster{done: make(chan struct{})}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid, p.process = cmd.Process.Pid, cmd.Process
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cluster: run %s: %w", cmd.Path, err)
	}
	return p, nil
}

func (p *postmaster) ended() error {
	if p.err == nil {
		return fmt.Errorf("cluster: postgres (process %d) was shut down by somebody else", p.pid)
	}
	return fmt.Errorf("cluster: postgres (process %d) ended: %w", p.pid, p.err)
}

// stop asks for a fast shutdown; when ctx ends first, for an immediate one, and kills after five seconds more.
func (p *postmaster) stop(ctx context.Context) error {
	if p.signal(syscall.SIGINT, ctx.Done()) {
		return nil
	}
	late := fmt.Errorf("cluster: postgres did not shut down in time: %w", context.Cause(ctx))
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !p.signal(syscall.SIGQUIT, grace.Done()) {
		p.signal(syscall.SIGKILL, nil)
	}
	return late
}

// signal reports whether the process has ended before until is closed. A failed delivery means that it has ended.
func (p *postmaster) signal(signal syscall.Signal, until <-chan struct{}) bool {
	_ = p.process.Signal(signal)
	select {
	case <-p.done:
		return true
	case <-until:
		return false
	}
}

// attempt runs one postmaster until it is ready, has ended, or ctx is done. Recovery may take its time: as long as the
// process lives there is no deadline but that of ctx.
func (c *Cluster) attempt(ctx context.Context) (*postmaster, error) {
	output, err := c.output()
	if err != nil {
		return nil, err
	}
	defer output.Close()

	p, err := c.run(c.bin.postgres(), c.folder.data, c.arguments(), output)
	if err != nil {
		return nil, err
	}
	if err := c.ready(ctx, p); err != nil {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		select {
		case <-p.done:
		default:
			err = errors.Join(err, p.stop(now))
		}
		return nil, err
	}
	return p, nil
}

func (c *Cluster) output() (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(c.folder.dir, "start.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cluster: open the start log: %w", err)
	}
	return file, nil
}

// run starts a program of Postgres on a data folder, as the user it runs as.
func (c *Cluster) run(program, data string, arguments []string, output *os.File) (*postmaster, error) {
	data, handed, err := c.folder.argument(data)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, append([]string{"-D", data}, arguments...)...)
	if handed != nil {
		defer handed.Close()
		cmd.ExtraFiles = []*os.File{handed}
	}
	cmd.Dir = "/" // ours may be closed to the other user
	cmd.Env = c.environment()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = attributes(c.folder.account)
	return launch(cmd)
}

// ready waits until our own process has written itself into postmaster.pid as ready and a connection succeeds: that
// something answers is not enough, it could be the postmaster of before.
func (c *Cluster) ready(ctx context.Context, p *postmaster) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	var refused context.Context // from the first refused connection on
	for {
		select {
		case <-p.done:
			return fmt.Errorf("%w\n%s", p.ended(), c.folder.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("cluster: wait for postgres: %w", context.Cause(ctx))
		case <-tick.C:
		}
		if pid, status := c.folder.status(); pid != p.pid || status != "ready" {
			continue
		}
		conn, err := c.connect(ctx)
		if err == nil {
			return conn.Close(ctx)
		}
		if refused == nil {
			var cancel context.CancelFunc
			refused, cancel = context.WithTimeout(ctx, patience)
			defer cancel()
		}
		if refused.Err() != nil {
			return err
		}
	}
}

func (c *Cluster) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres", Superuser))
	if err != nil {
		return nil, fmt.Errorf("cluster: connect: %w", err)
	}
	return conn, nil
}

// environment is that of this process without what would redirect the server or change its language. An inherited
// preload (a test clock) stays. A stale postmaster.pid may name a process that is not Postgres: numbers are used again
// after a crash, in a container nearly always. Postgres ignores the process named as its grandparent there, and still
// checks the shared memory.
func (c *Cluster) environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		if strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_") || strings.HasPrefix(entry, "LANG") || strings.HasPrefix(entry, "TZ=") {
			continue
		}
		env = append(env, entry)
	}
	env = append(env, "TZ=UTC")
	if pid := c.folder.postmasterPID(); alive(pid) && !isPostgres(pid) {
		env = append(env, "PG_GRANDPARENT_PID="+strconv.Itoa(pid))
	}
	return env
}

// initialise makes the data folder beside its place and moves it there when it is whole, so that a crash in between
// leaves nothing that looks like a cluster.
func (c *Cluster) initialise(ctx context.Context) error {
	fresh := c.folder.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("cluster: remove an unfinished data folder: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("cluster: make the data folder: %w", err)
	}
	if err := c.folder.account.own(fresh); err != nil {
		return err
	}
	arguments := append([]string{
		"--username=" + Superuser, "--encoding=UTF8", "--data-checksums", "--auth-local=trust", "--auth-host=reject",
	}, localeArguments()...)
	if c.unsafe() {
		arguments = append(arguments, "--no-sync")
	}
	output, err := c.output()
	if err != nil {
		return err
	}
	defer output.Close()
	run, err := c.run(c.bin.initdb(), fresh, arguments, output)
	if err != nil {
		return err
	}
	select {
	case <-run.done:
	case <-ctx.Done():
		run.signal(syscall.SIGKILL, nil)
		return fmt.Errorf("cluster: initdb: %w", context.Cause(ctx))
	}
	if run.err != nil {
		return fmt.Errorf("cluster: initdb: %w\n%s", run.err, c.folder.lastWords())
	}
	if err := os.Rename(fresh, c.folder.data); err != nil {
		return fmt.Errorf("cluster: put the data folder in its place: %w", err)
	}
	return syncFolder(c.folder.dir)
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cluster: sync %s: %w", path, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("cluster: sync %s: %w", path, err)
	}
	return nil
}

func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
