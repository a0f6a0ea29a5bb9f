// Package pg is Kyodo's access to Postgres: opening a pool as one service's
// role, transactions with the time of the database and the seam of
// idempotency, names of broken constraints, migrations and signed page tokens.
package pg

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// acquireWait is how long a request waits for a free connection before it is
// answered OVERLOADED.
const acquireWait = time.Second

// Config says how a service reaches its database.
type Config struct {
	URL      string // Of the runtime role, which cannot change the schema.
	Schema   string // The service's own schema; the only one on the search path.
	MaxConns int32  // Connections at most; zero for 10.
}

// DB is a service's pool of connections.
type DB struct {
	pool   *pgxpool.Pool
	schema string

	mu       sync.Mutex
	onCommit []func()
}

// Reader is what a read needs. DB and Tx are Readers, so that one store
// function serves both.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Open makes the pool. It does not wait for the server: the first use connects.
// Every statement is limited to 5 s, every wait for a lock to 2 s and every
// pause inside a transaction to 10 s.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	pc, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("database url of %s: %w", cfg.Schema, err)
	}
	pc.MaxConns = max(cfg.MaxConns, 0)
	if pc.MaxConns == 0 {
		pc.MaxConns = 10
	}
	pc.MaxConnLifetime = time.Hour
	pc.MaxConnIdleTime = 10 * time.Minute
	pc.ConnConfig.ConnectTimeout = 2 * time.Second
	for k, v := range map[string]string{
		"search_path":                         cfg.Schema,
		"application_name":                    "kyodo/" + cfg.Schema,
		"timezone":                            "UTC",
		"statement_timeout":                   "5000",
		"lock_timeout":                        "2000",
		"idle_in_transaction_session_timeout": "10000",
	} {
		pc.ConnConfig.RuntimeParams[k] = v
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("open pool of %s: %w", cfg.Schema, err)
	}
	return &DB{pool: pool, schema: cfg.Schema}, nil
}

// Close ends the pool after the connections in use are returned.
func (db *DB) Close() { db.pool.Close() }

// Pool returns the pool itself, for libraries that want one.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Schema returns the name of the service's schema.
func (db *DB) Schema() string { return db.schema }

// Ping reports whether the server answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.Ping(ctx) }

// OnCommit has f called after each commit of a transaction that announced itself,
// before InTx returns; f must not block.
func (db *DB) OnCommit(f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.onCommit = append(db.onCommit, f)
}

func (db *DB) committed() {
	db.mu.Lock()
	hooks := db.onCommit
	db.mu.Unlock()
	for _, f := range hooks {
		f()
	}
}

// acquire takes a connection, or answers OVERLOADED after acquireWait.
func (db *DB) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	short, cancel := context.WithTimeout(ctx, acquireWait)
	defer cancel()
	c, err := db.pool.Acquire(short)
	if err == nil {
		return c, nil
	}
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fault.ErrOverloaded.After(time.Second).Because(err)
	}
	return nil, err
}

// Query runs a read outside a transaction.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c, err := db.acquire(ctx)
	if err != nil {
		return nil, err
	}
	r, err := c.Query(ctx, sql, args...)
	if err != nil {
		c.Release()
		return nil, err
	}
	return &rows{Rows: r, release: sync.OnceFunc(c.Release)}, nil
}

// QueryRow runs a read of one row outside a transaction.
func (db *DB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	r, err := db.Query(ctx, sql, args...)
	return row{rows: r, err: err}
}

// SendBatch runs several reads in one round trip outside a transaction.
func (db *DB) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	c, err := db.acquire(ctx)
	if err != nil {
		return failedBatch{err: err}
	}
	return &batch{BatchResults: c.SendBatch(ctx, b), release: sync.OnceFunc(c.Release)}
}
