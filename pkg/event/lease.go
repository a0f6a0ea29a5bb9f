package event

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// leaseEvery is how often a waiting relay asks for the lease.
const leaseEvery = 2 * time.Second

// lease is the right to publish a service's events: an advisory lock of a
// session of its own. All statements of the relay run in that session, so a
// relay whose session ended cannot delete rows any more, and learns it with its
// next look, at most the poll interval later.
type lease struct {
	conn  *pgx.Conn
	since time.Time // By the database's clock.
}

// leaseKey is the lock: one for a schema.
const leaseKey = `hashtextextended('kyodo/relay/' || current_schema(), 0)`

// seizeLease ends the session of whoever holds the lease and takes it. A relay
// comes back after a second and waits.
func seizeLease(ctx context.Context, db *pg.DB, service string) (*lease, error) {
	_, err := db.Pool().Exec(ctx, `
		SELECT pg_terminate_backend(pid)
		FROM pg_locks
		WHERE locktype = 'advisory'
			AND granted
			AND objsubid = 1
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND (classid::bigint << 32) | objid::bigint = `+leaseKey)
	if err != nil {
		return nil, fmt.Errorf("seize lease: %w", err)
	}
	return takeLease(ctx, db, service)
}

// takeLease waits until the lease of service is free, or ctx ends.
func takeLease(ctx context.Context, db *pg.DB, service string) (*lease, error) {
	cfg := db.Pool().Config().ConnConfig
	cfg.RuntimeParams["application_name"] = "kyodo/" + service + "/relay"
	// A delete that a crash undoes only repeats a publication.
	cfg.RuntimeParams["synchronous_commit"] = "off"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connection for the lease: %w", err)
	}
	l := &lease{conn: conn}
	for {
		var taken bool
		err := conn.QueryRow(ctx, `
			SELECT pg_try_advisory_lock(`+leaseKey+`), clock_timestamp()`,
		).Scan(&taken, &l.since)
		if err != nil {
			l.release(ctx)
			return nil, fmt.Errorf("lease: %w", err)
		}
		if taken {
			return l, nil
		}
		if !pause(ctx, leaseEvery) {
			l.release(ctx)
			return nil, ctx.Err()
		}
	}
}

// release ends the session and with it the lock.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx) // The server ends a session whose client went away.
}

// pause waits for d and reports whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// trouble logs the beginning and the end of a failing time, not every try.
type trouble struct {
	log     *slog.Logger
	failing bool
}

func (t *trouble) failed(ctx context.Context, err error) {
	if !t.failing && err != nil {
		t.failing = true
		t.log.WarnContext(ctx, "events are held up", slog.Any("error", err))
	}
}

func (t *trouble) healed(ctx context.Context) {
	if t.failing {
		t.failing = false
		t.log.InfoContext(ctx, "events flow again")
	}
}
