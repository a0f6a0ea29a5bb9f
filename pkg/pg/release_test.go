package pg_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// TestConnectionsComeBack uses a pool of two on every path a thousand times: a
// path that keeps its connection has the third use fail.
func TestConnectionsComeBack(t *testing.T) {
	t.Parallel()
	const many = `SELECT n FROM generate_series(1, 100) AS s (n)`
	db := open(t, 2)
	for name, use := range map[string]func(context.Context, *pg.DB) error{
		"read to the end": func(ctx context.Context, db *pg.DB) error {
			rows, err := db.Query(ctx, many)
			if err != nil {
				return err
			}
			for rows.Next() { // no Close: reading to the end is enough
			}
			return rows.Err()
		},
		"collected": func(ctx context.Context, db *pg.DB) error {
			rows, err := db.Query(ctx, many)
			if err != nil {
				return err
			}
			_, err = pgx.CollectRows(rows, pgx.RowTo[int])
			return err
		},
		"closed early, twice": func(ctx context.Context, db *pg.DB) error {
			rows, err := db.Query(ctx, many)
			if err != nil {
				return err
			}
			rows.Next()
			rows.Close()
			rows.Close()
			return rows.Err()
		},
		"rows do not scan": func(ctx context.Context, db *pg.DB) error {
			rows, err := db.Query(ctx, many)
			if err != nil {
				return err
			}
			_, err = pgx.CollectRows(rows, pgx.RowTo[bool])
			return want(err)
		},
		"row":               func(ctx context.Context, db *pg.DB) error { return db.QueryRow(ctx, many).Scan(new(int)) },
		"row does not scan": func(ctx context.Context, db *pg.DB) error { return want(db.QueryRow(ctx, many).Scan(new(bool))) },
		"no row": func(ctx context.Context, db *pg.DB) error {
			if err := db.QueryRow(ctx, `SELECT 1 WHERE false`).Scan(new(int)); !pg.IsNoRows(err) {
				return errors.New("a row where there is none")
			}
			return nil
		},
		"refused query": func(ctx context.Context, db *pg.DB) error {
			_, err := db.Query(ctx, `SELECT FROM nothing`)
			return want(err)
		},
		"query that fails on its way": func(ctx context.Context, db *pg.DB) error {
			return want(db.QueryRow(ctx, `SELECT 1 / (n - 1) FROM generate_series(1, 2) AS s (n)`).Scan(new(int)))
		},
		"batch": func(ctx context.Context, db *pg.DB) error {
			b := &pgx.Batch{}
			b.Queue(many).Query(func(rows pgx.Rows) error {
				_, err := pgx.CollectRows(rows, pgx.RowTo[int])
				return err
			})
			b.Queue(`SELECT 1`)
			return db.SendBatch(ctx, b).Close()
		},
		"batch read by hand, closed early": func(ctx context.Context, db *pg.DB) error {
			b := &pgx.Batch{}
			b.Queue(`SELECT 1`)
			b.Queue(many)
			r := db.SendBatch(ctx, b)
			return errors.Join(r.QueryRow().Scan(new(int)), r.Close(), want(r.QueryRow().Scan(new(int))))
		},
		"batch that fails": func(ctx context.Context, db *pg.DB) error {
			b := &pgx.Batch{}
			b.Queue(`SELECT 1`)
			b.Queue(`SELECT 1 / 0`)
			return want(db.SendBatch(ctx, b).Close())
		},
		"transaction": func(ctx context.Context, db *pg.DB) error {
			_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (n int, err error) {
				return n, tx.QueryRow(ctx, `SELECT 1`).Scan(&n)
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range 1000 {
				if err := use(t.Context(), db); err != nil {
					t.Fatalf("use %d: %v", i, err)
				}
			}
			wantEqual(t, "connections in use", 0, db.Pool().Stat().AcquiredConns())
		})
	}
}

// want turns an expected error into none and a missing one into one; running out
// of connections is never expected.
func want(err error) error {
	if err == nil || reason(err) == "OVERLOADED" {
		return errors.Join(errors.New("expected another error"), err)
	}
	return nil
}

// TestCancelledReads: a caller that leaves in the middle keeps no connection.
func TestCancelledReads(t *testing.T) {
	t.Parallel()
	db := open(t, 2)
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := db.Query(ctx, `SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) AS s (n)`)
		must(t, err)
		rows.Next()
		cancel()
		rows.Close()
	}
	eventually(t, "all connections are back", func() bool { return db.Pool().Stat().AcquiredConns() == 0 })
}

// TestOpenRowsInTransaction: a transaction that is left with open rows gives up
// its connection, not its place in the pool.
func TestOpenRowsInTransaction(t *testing.T) {
	t.Parallel()
	db := open(t, 2)
	for range 20 {
		_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
			rows, err := tx.Query(ctx, `SELECT n FROM generate_series(1, 100) AS s (n)`)
			if err != nil {
				return 0, err
			}
			rows.Next()
			return 0, errors.New("enough")
		})
		must(t, want(err))
	}
	eventually(t, "all connections are back", func() bool { return db.Pool().Stat().AcquiredConns() == 0 })
}
