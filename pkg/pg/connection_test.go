package pg_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestNoConnectionInTime(t *testing.T) {
	t.Parallel()
	db := open(t, 1)
	uses := map[string]func(context.Context) error{
		"InTx": func(ctx context.Context) error { return write(ctx, db, "x") },
		"Query": func(ctx context.Context) error {
			_, err := db.Query(ctx, `SELECT 1`)
			return err
		},
		"QueryRow": func(ctx context.Context) error { return db.QueryRow(ctx, `SELECT 1`).Scan(new(int)) },
		"SendBatch": func(ctx context.Context) error {
			r := db.SendBatch(ctx, &pgx.Batch{})
			_, exec := r.Exec()
			_, query := r.Query()
			row := r.QueryRow().Scan(new(int))
			if !errors.Is(exec, fault.ErrOverloaded) || !errors.Is(query, fault.ErrOverloaded) || !errors.Is(row, fault.ErrOverloaded) {
				t.Errorf("batch: %v, %v, %v", exec, query, row)
			}
			return r.Close()
		},
	}
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, _ *pg.Tx) (int, error) {
		var all sync.WaitGroup
		for name, use := range uses {
			all.Go(func() {
				err := use(ctx)
				if f, ok := fault.As(err); !ok || f.Reason != fault.ErrOverloaded.Reason || f.RetryAfter <= 0 {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		all.Wait()
		return 0, nil
	})
	must(t, err)
}

func TestServerIsGone(t *testing.T) {
	address := "postgres://kyodo@/ledger?port=5432&host=" + t.TempDir()
	db := openURL(t, address, 1)
	wantReason(t, write(t.Context(), db, "x"), fault.ErrDependencyUnavailable)
	wrong := openURL(t, with(t, service(t).Runtime, "role", "nobody_knows"), 1)
	wantReason(t, write(t.Context(), wrong, "x"), fault.ErrDependencyUnavailable)
	if db.Ping(t.Context()) == nil {
		t.Error("Ping of no server")
	}
}

func TestConnectionIsLost(t *testing.T) {
	urls := service(t)
	db, admin := openURL(t, urls.Runtime, 1), openURL(t, urls.Admin, 1)
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		_, err := tx.Exec(ctx, insertEntry, "lost")
		must(t, err)
		var gone bool
		must(t, admin.QueryRow(ctx, `SELECT pg_terminate_backend($1, 10000)`, tx.Conn().PgConn().PID()).Scan(&gone))
		_, err = tx.Exec(ctx, insertEntry, "after")
		return 0, err
	})
	wantReason(t, err, fault.ErrDependencyUnavailable)
	must(t, write(t.Context(), db, "next"))
	wantEqual(t, "entries", []string{"next"}, texts(t, db))
}

// proxy stands between a pool and the server; the first COMMIT loses its answer
// or does not arrive.
type proxy struct {
	address string
	deliver bool // Whether the COMMIT reaches the server.

	mu     sync.Mutex
	broken bool
}

func newProxy(t *testing.T, address string, deliver bool) *proxy {
	t.Helper()
	cfg, err := pgx.ParseConfig(address)
	must(t, err)
	port := strconv.Itoa(int(cfg.Port))
	dir, err := os.MkdirTemp("", "px") // t.TempDir would be too long for a socket
	must(t, err)
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL."+port))
	must(t, err)
	p := &proxy{address: with(t, address, "host", dir), deliver: deliver}
	t.Cleanup(func() { l.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", filepath.Join(cfg.Host, ".s.PGSQL."+port))
			if err != nil {
				client.Close()
				continue
			}
			go p.pass(client, server)
		}
	}()
	return p
}

// pass copies both ways and breaks the first connection that commits.
func (p *proxy) pass(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	committing := make(chan struct{})
	go func() {
		defer client.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := client.Read(buf)
			if err != nil {
				server.Close()
				return
			}
			if bytes.Contains(buf[:n], []byte("\x0bcommit\x00")) && p.first() {
				close(committing)
				if !p.deliver {
					server.Close()
					return
				}
			}
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		select {
		case <-committing: // What the server answers is lost.
			return
		default:
		}
		if err != nil {
			return
		}
		if _, err := io.Copy(client, bytes.NewReader(buf[:n])); err != nil {
			return
		}
	}
}

func (p *proxy) first() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.broken
	p.broken = true
	return first
}

// TestLostCommit: whether the answer of COMMIT or the COMMIT itself was lost is
// found out by the key, and only by it.
func TestLostCommit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deliver, key bool
		want         []string
	}{
		"answer lost, with key":    {deliver: true, key: true, want: []string{"text"}},
		"answer lost, without key": {deliver: true, want: []string{"text"}},
		"commit lost, with key":    {key: true, want: []string{}},
		"commit lost, without key": {want: []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			urls := service(t)
			db := openURL(t, newProxy(t, urls.Runtime, c.deliver).address, 2)
			ctx := t.Context()
			if c.key {
				ctx = idempotency.With(ctx, claim("key", "request"))
			}
			_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (string, error) {
				_, err := tx.Exec(ctx, insertEntry, "text")
				return "answer", err
			})
			var replay *idempotency.Replay
			if c.deliver && c.key {
				if !errors.As(err, &replay) || string(replay.Sealed) != "sealed answer" {
					t.Errorf("the stored answer is not found: %v", err)
				}
			} else {
				wantReason(t, err, fault.ErrDependencyUnavailable)
			}
			wantEqual(t, "entries", c.want, texts(t, openURL(t, urls.Runtime, 1)))
		})
	}
}
