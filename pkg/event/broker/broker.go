// Package broker runs the NATS server of an installation without one of its
// own: JetStream in the data folder, every write synced to disk, one user per
// service, and an account apart for subscribers from outside.
//
// # Who may do what
//
// Account KYODO holds the streams. The steward makes streams and durable
// consumers. A service publishes below its own subject, fetches and
// acknowledges through the durable that bears its name on the streams it
// declared, and nothing else: whoever may create a consumer chooses the
// subject it delivers to, and could forge the events of others with it. The
// gateway reads everything.
//
// Account SUBSCRIBERS holds mirrors of the public subjects under the same
// stream names. It is an account of its own because a shared one cannot be
// fenced by subjects: the names of consumers are single tokens, so the right to
// fetch from "any" ephemeral consumer would include the durables of services,
// with all they see. The user subscriber creates ephemeral consumers with one
// filter below kyodo.*.public and reads.
package broker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// The users beside one for each service.
const (
	Steward    = "steward"    // Makes streams and durables, rebuilds; everything in account KYODO.
	Gateway    = "gateway"    // Reads every event; publishes none.
	Subscriber = "subscriber" // Reads public events; also who connects without a name. Its password is its name.

	Mirrors = "mirror" // Keeps the mirrors; everything in account SUBSCRIBERS.
)

const (
	startWait = 10 * time.Second       // For the server to take connections.
	reconnect = 100 * time.Millisecond // Between a client's tries to come back.
)

// Service is one service's part in the events.
type Service struct {
	Name     string   // As in kyodo.<name>.v1; also its user and the name of its durables.
	Consumes []string // The services whose streams it reads.
}

// Config says how the broker runs.
type Config struct {
	Dir      string       // Folder of the broker alone, made with mode 0700: messages and passwords.
	Listen   string       // host:port for clients over TCP; empty for none (in-process only).
	Services []Service    // Who publishes and consumes.
	Log      *slog.Logger // nil for the default logger.
}

// Broker is a running server. It is restarted by itself when JetStream stops
// working; connections made with Connect come back alone.
type Broker struct {
	cfg       Config
	passwords map[string]string
	log       *slog.Logger

	restarting sync.Mutex // Held while the server is stopped and started.

	mu     sync.Mutex
	srv    *server.Server // nil while it is down.
	opts   *server.Options
	closed bool
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// Start runs the server until Shutdown and returns when it takes connections.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	if cfg.Dir == "" {
		return nil, errors.New("broker: no folder given")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("broker folder: %w", err)
	}
	passwords, err := loadPasswords(filepath.Join(cfg.Dir, "passwords.json"), cfg.Services)
	if err != nil {
		return nil, err
	}
	b := &Broker{cfg: cfg, passwords: passwords, log: cfg.Log}
	if b.opts, err = b.options(); err != nil {
		return nil, err
	}
	if err := b.up(); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	b.done.Go(func() { b.supervise(running) })
	b.done.Go(func() { b.keepMirrors(running) })
	return b, nil
}

// options turns the configuration text into the server's options.
func (b *Broker) options() (*server.Options, error) {
	text := Configuration(ServerConfig{StoreDir: b.cfg.Dir, Services: b.cfg.Services, Passwords: b.passwords})
	opts := &server.Options{}
	if err := opts.ProcessConfigString(text); err != nil {
		return nil, fmt.Errorf("broker configuration: %w", err)
	}
	opts.NoSigs = true
	opts.DontListen = b.cfg.Listen == ""
	if opts.DontListen {
		return opts, nil
	}
	addr, err := net.ResolveTCPAddr("tcp", b.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("broker address %q: %w", b.cfg.Listen, err)
	}
	opts.Host, opts.Port = addr.IP.String(), addr.Port
	if addr.IP == nil {
		opts.Host = "0.0.0.0"
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	return opts, nil
}

// up starts a server on the folder and waits until it takes connections.
func (b *Broker) up() error {
	srv, err := server.NewServer(b.opts.Clone())
	if err != nil {
		return fmt.Errorf("start broker: %w", err)
	}
	log := &natsLog{log: b.log}
	srv.SetLoggerV2(log, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(startWait) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		srv.WaitForShutdown()
		return fmt.Errorf("start broker: not ready after %s", startWait)
	}
	log.ready.Store(true)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		srv.Shutdown()
		srv.WaitForShutdown()
		return net.ErrClosed
	}
	b.srv = srv
	if addr, ok := srv.Addr().(*net.TCPAddr); ok && !b.opts.DontListen {
		b.opts.Port = addr.Port // A restart keeps the address that clients know.
	}
	return nil
}

// down stops the server and waits until its files are closed.
func (b *Broker) down() {
	b.mu.Lock()
	srv := b.srv
	b.srv = nil
	b.mu.Unlock()
	if srv != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
}

// Addr returns the TCP address for clients, or "" when none is open.
func (b *Broker) Addr() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opts.DontListen {
		return ""
	}
	return net.JoinHostPort(b.opts.Host, fmt.Sprint(b.opts.Port))
}

// InProcessConn opens a connection to the server that runs now; nats.go calls
// it for every connect and reconnect.
func (b *Broker) InProcessConn() (net.Conn, error) {
	b.mu.Lock()
	srv := b.srv
	b.mu.Unlock()
	if srv == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return srv.InProcessConn()
}

// Connect opens an in-process connection as user: a service's name, Steward,
// Gateway or Subscriber. It survives restarts of the server; the caller closes
// it.
func (b *Broker) Connect(user string) (*nats.Conn, error) {
	password, err := b.Password(user)
	if err != nil {
		return nil, err
	}
	opts := append(ClientOptions(user, password, b.log), nats.InProcessServer(b))
	nc, err := nats.Connect("", opts...)
	if err != nil {
		return nil, fmt.Errorf("connect to broker as %s: %w", user, err)
	}
	return nc, nil
}

// Password returns a user's password, for a process of ours that connects over
// TCP.
func (b *Broker) Password(user string) (string, error) {
	password, ok := b.passwords[user]
	if !ok {
		return "", fmt.Errorf("broker: no user %q", user)
	}
	return password, nil
}

// Shutdown stops the server for good and waits until its files are closed.
func (b *Broker) Shutdown() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.stop()
	b.done.Wait()
	b.down()
}
