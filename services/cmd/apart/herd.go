package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// services are the services that run, in the order of their start.
var services = installed.Names()

const startWait = 30 * time.Second

// herd is the set of child processes.
type herd struct {
	options
	children []*exec.Cmd
	mails    *sink.Sink // Takes what the services send, into the folder mail.
	gone     chan error
}

func (h *herd) startAll(ctx context.Context, pg *cluster.Cluster) error {
	if err := h.call(ctx, h.Kyodo, "keys", h.path("keys")); err != nil {
		return err
	}
	if err := h.startNATS(ctx); err != nil {
		return err
	}
	err := h.call(ctx, h.Kyodo, "migrate",
		"--database-url", pg.URL(cluster.Database, "postgres"),
		"--nats-url", h.natsURL(), "--nats-password-file", h.password(broker.Steward),
		"--nats-mirror-password-file", h.password(broker.Mirrors),
		"--stream-replicas", fmt.Sprint(h.Nodes))
	if err != nil {
		return err
	}
	mails, err := sink.Start(h.path("mail"))
	if err != nil {
		return err
	}
	h.mails = mails
	for _, s := range services {
		args := append(h.common(s), "--mail-server", mails.Address, "--origin", "http://"+h.HTTP, "--database-url", pg.URL(cluster.Database, cluster.Runtime(s)), "--attachments", h.path("attachments"))
		if h.Sample {
			args = append(args, "--sample")
		}
		if err := h.spawn(h.Kyodo, append([]string{s}, args...)...); err != nil {
			return err
		}
		if err := waitPort(ctx, h.address(s)); err != nil {
			return err
		}
	}
	err = h.spawn(h.Kyodo, append([]string{"gateway", "--data", h.Data, "--http-addr", h.HTTP, "--grpc-addr", h.GRPC}, h.common(broker.Gateway)...)...)
	if err != nil {
		return err
	}
	return waitReady(ctx, "http://"+h.HTTP+"/readyz")
}

// common are the flags of every process of ours.
func (h *herd) common(user string) []string {
	args := []string{
		"--keys", h.path("keys"), "--secret-file", h.path("keys", "installation.secret"),
		"--nats-url", h.natsURL(), "--nats-password-file", h.password(user), "--log-level", "warn",
	}
	for _, s := range services {
		args = append(args, "--"+s+"-addr", h.address(s))
	}
	return args
}

func (h *herd) path(parts ...string) string {
	return filepath.Join(append([]string{h.Data}, parts...)...)
}

func (h *herd) password(user string) string { return h.path("passwords", user) }

func (h *herd) address(service string) string {
	for i, s := range services {
		if s == service {
			return fmt.Sprintf("127.0.0.1:%d", h.Base+1+i)
		}
	}
	return ""
}

// natsPort is the client port of a node; its cluster port is 10 higher.
func (h *herd) natsPort(node int) int { return h.Base + 20 + node }

func (h *herd) natsURL() string {
	var urls []string
	for n := range h.Nodes {
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", h.natsPort(n)))
	}
	return strings.Join(urls, ",")
}

// startNATS writes each node's configuration, with the same users and
// permissions as the embedded broker has, and starts it.
func (h *herd) startNATS(ctx context.Context) error {
	passwords, err := h.passwords()
	if err != nil {
		return err
	}
	for n := range h.Nodes {
		dir := h.path(fmt.Sprintf("nats-%d", n))
		text := broker.Configuration(broker.ServerConfig{StoreDir: dir, Services: installed.Participants(), Passwords: passwords})
		text = strings.Replace(text, "server_name: kyodo\n", h.listen(n), 1)
		file := dir + ".conf"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		if err := h.spawn(h.NATS, "-c", file); err != nil {
			return err
		}
	}
	for n := range h.Nodes {
		if err := waitPort(ctx, fmt.Sprintf("127.0.0.1:%d", h.natsPort(n))); err != nil {
			return err
		}
	}
	return nil
}

// listen is the part of a node's configuration that is its own.
func (h *herd) listen(node int) string {
	var t strings.Builder
	fmt.Fprintf(&t, "server_name: kyodo-%d\nlisten: 127.0.0.1:%d\n", node, h.natsPort(node))
	if h.Nodes > 1 {
		fmt.Fprintf(&t, "cluster {\n  name: kyodo\n  listen: 127.0.0.1:%d\n  routes: [\n", h.natsPort(node)+10)
		for n := range h.Nodes {
			fmt.Fprintf(&t, "    nats-route://127.0.0.1:%d\n", h.natsPort(n)+10)
		}
		t.WriteString("  ]\n}\n")
	}
	return t.String()
}

// passwords reads or makes a password file a user.
func (h *herd) passwords() (map[string]string, error) {
	if err := os.MkdirAll(h.path("passwords"), 0o700); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, user := range append([]string{broker.Gateway, broker.Steward, broker.Mirrors}, services...) {
		raw, err := os.ReadFile(h.password(user))
		if errors.Is(err, fs.ErrNotExist) {
			raw = []byte(rand.Text())
			err = os.WriteFile(h.password(user), raw, 0o600)
		}
		if err != nil {
			return nil, err
		}
		out[user] = string(raw)
	}
	out[broker.Subscriber] = broker.Subscriber
	return out, nil
}

// spawn starts a child that dies with this process.
func (h *herd) spawn(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	h.children = append(h.children, cmd)
	go func() {
		err := cmd.Wait()
		h.gone <- fmt.Errorf("%s %s ended: %w", filepath.Base(program), args[0], err)
	}()
	return nil
}

// call runs a child to its end.
func (h *herd) call(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(program), args[0], err)
	}
	return nil
}

// stop ends the children in reverse.
func (h *herd) stop() {
	if h.mails != nil {
		defer func() { _ = h.mails.Close() }() // after those who send
	}
	for i := len(h.children) - 1; i >= 0; i-- {
		c := h.children[i]
		if c.Process.Signal(syscall.SIGTERM) != nil {
			continue
		}
		select {
		case err := <-h.gone:
			slog.Debug("ended as asked", "part", err)
		case <-time.After(20 * time.Second):
			_ = c.Process.Kill() // it had its time
		}
	}
}

// poll calls try every 50 ms until it succeeds.
func poll(ctx context.Context, what string, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", what, err)
		case <-tick.C:
		}
	}
}

func waitPort(ctx context.Context, addr string) error {
	return poll(ctx, addr, func() error {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

func waitReady(ctx context.Context, url string) error {
	return poll(ctx, url, func() error {
		resp, err := http.Get(url) //nolint:noctx // bounded by startWait
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	})
}
