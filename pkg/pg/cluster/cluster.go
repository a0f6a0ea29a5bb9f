// Package cluster runs a private Postgres server below one folder, so that `kyodo all` and the tests need no server
// set up beforehand. It finds the installed Postgres (15 or later), makes the data folder once, starts the postmaster on
// a unix socket only, starts it again when it dies, and stops it with the process that owns it, however that one ends.
//
// The package also holds the roles and schemas of the services (see Provision) and the check that a server, private or
// not, keeps what it has committed (see CheckDurability).
package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Superuser is the name of the private cluster's superuser.
const Superuser = "postgres"

const (
	port = "5432" // names the socket file; nothing listens on TCP

	// patience is how long a start is tried again after a crash: until the backends of the dead postmaster are gone,
	// Postgres refuses the folder.
	patience = 10 * time.Second
	poll     = 5 * time.Millisecond
)

// Config says where the cluster stands and how it is run.
type Config struct {
	// Dir is the cluster's own folder. It is made when missing and must hold nothing else. When this process is root,
	// Postgres runs as another user and the folder is given to that one; on Linux the folders above may stay closed to
	// it.
	Dir string

	// Log gets one line for each start, restart and doubtful finding; nil discards them.
	Log *slog.Logger

	// Locate is the folder of the Postgres programs (KYODO_PG_BIN). Empty means: search PATH, then the places of the
	// usual packages.
	Locate string

	// Settings are Postgres settings that override the defaults of this package, by name.
	Settings map[string]string
}

// Cluster is a running private Postgres server. Its methods may be called concurrently.
type Cluster struct {
	config Config
	log    *slog.Logger
	folder *folder
	bin    binaries

	life context.Context // ends when Stop is called
	end  context.CancelFunc

	restart sync.Mutex // held while a postmaster is being started or stopped
	state   sync.Mutex // guards current
	current *postmaster
}

// Start takes the folder, makes the data folder when there is none, and returns when the server answers. An initialised
// folder is ready in about 0.1 s; after a crash it takes as long as recovery needs. ctx bounds the start only.
//
// Errors: ErrInUse when another process holds the folder, ErrNoBinaries when no fitting Postgres is installed.
func Start(ctx context.Context, config Config) (*Cluster, error) {
	log := config.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	place, err := open(config.Dir, log)
	if err != nil {
		return nil, err
	}
	c := &Cluster{config: config, log: log, folder: place}
	c.life, c.end = context.WithCancel(context.Background())
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(err, c.folder.close())
	}
	c.current, err = c.begin(ctx)
	if err != nil {
		return nil, errors.Join(err, c.folder.close())
	}
	if err := c.check(ctx); err != nil {
		return nil, errors.Join(err, c.Stop(ctx))
	}
	log.InfoContext(ctx, "postgres is ready", "pid", c.PID(), "version", c.bin.major, "data", c.folder.data)
	return c, nil
}

func (c *Cluster) prepare(ctx context.Context) error {
	major, err := c.folder.major()
	if err != nil {
		return err
	}
	c.bin, err = locate(ctx, c.config.Locate, major)
	if err != nil {
		return err
	}
	if major == 0 {
		return c.initialise(ctx)
	}
	return nil
}

// check refuses a cluster that would lose commits, unless its settings ask for that (tests do).
func (c *Cluster) check(ctx context.Context) error {
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = CheckDurability(ctx, conn)
	if err != nil && c.unsafe() {
		c.log.WarnContext(ctx, "postgres may lose committed rows, as its settings ask for", "reason", err)
		return nil
	}
	return err
}

// URL is the address of a database for the given role, over the unix socket. It stays the same when Supervise
// starts the server again.
func (c *Cluster) URL(database, user string) string {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.User(user),
		Path:     "/" + database,
		RawQuery: "host=" + strings.ReplaceAll(url.QueryEscape(c.folder.socket), "+", "%20") + "&port=" + port, // pgx and libpq keep a plus
	}
	return address.String()
}

// PID is the process id of the present postmaster.
func (c *Cluster) PID() int {
	return c.now().pid
}

// Done is closed when the present postmaster has ended. After a restart by Supervise, Done answers for the new one.
func (c *Cluster) Done() <-chan struct{} {
	return c.now().done
}

// Err says why the present postmaster has ended; nil while it runs and after Stop.
func (c *Cluster) Err() error {
	p := c.now()
	select {
	case <-p.done:
	default:
		return nil
	}
	if c.life.Err() != nil {
		return nil
	}
	return p.ended()
}

func (c *Cluster) now() *postmaster {
	c.state.Lock()
	defer c.state.Unlock()
	return c.current
}

// Supervise starts the postmaster again whenever it dies, and tries for as long as it takes: a full disk or a lack of
// memory heals without an operator. It returns nil when ctx is done or Stop is called.
func (c *Cluster) Supervise(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()

	wait := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.Done():
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		err := c.again(ctx)
		if ctx.Err() != nil {
			return nil
		}
		wait = 100 * time.Millisecond // bounds the pace of a server that dies right after its start
		if err != nil {
			c.log.ErrorContext(ctx, "postgres could not be started again; trying on", "error", err)
			wait = 2 * time.Second
		}
	}
}

func (c *Cluster) again(ctx context.Context) error {
	c.restart.Lock()
	defer c.restart.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	died := c.now()
	c.log.ErrorContext(ctx, "postgres ended; starting it again", "pid", died.pid, "reason", died.ended())
	p, err := c.begin(ctx)
	if err != nil {
		return err
	}
	c.state.Lock()
	c.current = p
	c.state.Unlock()
	c.log.InfoContext(ctx, "postgres is ready again", "pid", p.pid)
	return nil
}

// Stop shuts the server down: open transactions are rolled back and a checkpoint is written. When ctx ends first, the
// server is stopped at once and recovers at the next start. The folder is free afterwards. Stopping twice is harmless.
func (c *Cluster) Stop(ctx context.Context) error {
	c.end()
	c.restart.Lock()
	defer c.restart.Unlock()
	err := c.now().stop(ctx)
	if c.folder.lock != nil {
		c.folder.removeSocket()
	}
	return errors.Join(err, c.folder.close())
}

// Remove deletes the folder of a cluster whose process is gone, and ends what is left of its server. The error is
// ErrInUse while a process holds it.
func Remove(ctx context.Context, dir string) error {
	f := &folder{dir: dir, data: filepath.Join(dir, "data")}
	if err := f.acquire(); err != nil {
		return err
	}
	defer f.close()
	c := &Cluster{log: slog.New(slog.DiscardHandler), folder: f}
	if err := c.clear(ctx); err != nil {
		return err
	}
	f.removeSocket()
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("cluster: remove %s: %w", dir, err)
	}
	return nil
}

// begin starts a postmaster on the initialised folder and waits until it answers.
func (c *Cluster) begin(ctx context.Context) (*postmaster, error) {
	tired := time.After(patience)
	for {
		crashed := c.folder.postmasterPID() != 0
		if crashed {
			if err := c.clear(ctx); err != nil {
				return nil, err
			}
		}
		p, err := c.attempt(ctx)
		if err == nil {
			return p, nil
		}
		if !crashed {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), err)
		case <-tired:
			return nil, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// clear ends what a dead owner left running in the data folder. The folder's lock is ours, so nobody owns it. The file
// postmaster.pid stays: only Postgres itself can tell whether its shared memory is still in use.
func (c *Cluster) clear(ctx context.Context) error {
	pid := c.folder.postmasterPID()
	if alive(pid) && isPostgres(pid) {
		c.log.WarnContext(ctx, "stopping the postgres of a process that is gone", "pid", pid)
		if err := stopOrphan(ctx, pid); err != nil {
			return fmt.Errorf("cluster: stop process %d, which still serves %s: %w", pid, c.folder.data, err)
		}
	}
	killBackends(c.folder.data)
	return nil
}

func stopOrphan(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for alive(pid) && isPostgres(pid) {
		select {
		case <-ctx.Done():
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
			return nil
		case <-tick.C:
		}
	}
	return nil
}
