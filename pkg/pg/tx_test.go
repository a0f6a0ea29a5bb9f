package pg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestInTxCommits(t *testing.T) {
	db := open(t, 2)
	got, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (string, error) {
		if _, err := tx.Exec(ctx, insertEntry, "written"); err != nil {
			return "", err
		}
		var at time.Time
		err := tx.QueryRow(ctx, `SELECT transaction_timestamp()`).Scan(&at)
		if !tx.Now.Equal(at) {
			t.Errorf("Now is %s, the transaction's time %s", tx.Now, at)
		}
		if tx.Now.Location() != time.UTC {
			t.Errorf("Now is in %s", tx.Now.Location())
		}
		if len(texts(t, db)) != 0 {
			t.Error("visible before the commit")
		}
		return "answer", err
	})
	must(t, err)
	wantEqual(t, "answer", "answer", got)
	wantEqual(t, "entries", []string{"written"}, texts(t, db))
}

func TestInTxRollsBack(t *testing.T) {
	refusal := fault.New(fault.Precondition, "FULL", "満員です。", "Full.")
	for name, end := range map[string]func() (string, error){
		"error": func() (string, error) { return "not the answer", refusal },
		"panic": func() (string, error) { panic(refusal) },
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, 1)
			var got string
			err := func() (err error) {
				defer func() {
					if p := recover(); p != nil {
						err, _ = p.(error)
					}
				}()
				got, err = pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (string, error) {
					tx.Queue(insertEntry, "queued")
					if _, err := tx.Exec(ctx, insertEntry, "written"); err != nil {
						return "", err
					}
					return end()
				})
				return err
			}()
			if !errors.Is(err, refusal) || got != "" {
				t.Errorf("%q, %v", got, err)
			}
			wantEqual(t, "entries", []string{}, texts(t, db))
		})
	}
}

func TestQueue(t *testing.T) {
	db := open(t, 2)
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		for i := range 3 {
			tx.Queue(insertEntry, fmt.Sprintf("queued %d", i))
		}
		_, err := tx.Exec(ctx, insertEntry, "at once")
		return 0, err
	})
	must(t, err)
	wantEqual(t, "entries", []string{"at once", "queued 0", "queued 1", "queued 2"}, texts(t, db))
}

func TestSettle(t *testing.T) {
	db := open(t, 2)
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		count := func() (n int) {
			must(t, tx.QueryRow(ctx, `SELECT count(*) FROM entry`).Scan(&n))
			return n
		}
		tx.Queue(insertEntry, "first")
		wantEqual(t, "entries before", 0, count())
		tx.Settle()
		tx.Queue(insertEntry, "second") // Is run with the first: it is queued already when they are needed.
		wantEqual(t, "entries behind", 2, count())
		wantEqual(t, "entries that others see", 0, len(texts(t, db)))
		tx.Queue(insertEntry, "third")
		wantEqual(t, "entries before the commit", 2, count())
		return 0, nil
	})
	must(t, err)
	wantEqual(t, "entries", []string{"first", "second", "third"}, texts(t, db))
}

// TestSettleFails has a queued statement fail before each way of asking.
func TestSettleFails(t *testing.T) {
	for name, ask := range map[string]func(context.Context, *pg.Tx) error{
		"Exec":     func(ctx context.Context, tx *pg.Tx) error { _, err := tx.Exec(ctx, `SELECT`); return err },
		"Query":    func(ctx context.Context, tx *pg.Tx) error { _, err := tx.Query(ctx, `SELECT`); return err },
		"QueryRow": func(ctx context.Context, tx *pg.Tx) error { var n int; return tx.QueryRow(ctx, `SELECT 1`).Scan(&n) },
		"SendBatch": func(ctx context.Context, tx *pg.Tx) error {
			var b pgx.Batch
			b.Queue(`SELECT`)
			return tx.SendBatch(ctx, &b).Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, 1)
			_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
				tx.Queue(insertEntry, "twice")
				tx.Queue(insertEntry, "twice")
				tx.Settle()
				return 0, ask(ctx, tx)
			})
			wantEqual(t, "constraint", "entry_text_unique", pg.Constraint(err))
			wantEqual(t, "entries", []string{}, texts(t, db))
		})
	}
}

func TestQueueFails(t *testing.T) {
	db := open(t, 2)
	var woken atomic.Int32
	db.OnCommit(func() { woken.Add(1) })
	_, err := pg.InTx(t.Context(), db, func(_ context.Context, tx *pg.Tx) (int, error) {
		tx.Announce()
		tx.Queue(insertEntry, "first")
		tx.Queue(insertEntry, "first")
		tx.Queue(insertEntry, "last")
		return 0, nil
	})
	wantEqual(t, "constraint", "entry_text_unique", pg.Constraint(err))
	wantEqual(t, "entries", []string{}, texts(t, db))
	wantEqual(t, "calls of OnCommit", 0, woken.Load())
}

func TestOnCommit(t *testing.T) {
	db := open(t, 2)
	var woken []string
	db.OnCommit(func() { woken = append(woken, "first") })
	db.OnCommit(func() { woken = append(woken, "second") })
	must(t, write(t.Context(), db, "nothing announced"))
	wantEqual(t, "calls without an announcement", nil, woken)
	_, err := pg.InTx(t.Context(), db, func(_ context.Context, tx *pg.Tx) (int, error) {
		tx.Announce()
		tx.Queue(insertEntry, "announced")
		return 0, nil
	})
	must(t, err)
	wantEqual(t, "calls", []string{"first", "second"}, woken)
}

// TestSerializationFailure lets another transaction change the row between the
// snapshot and the write.
func TestSerializationFailure(t *testing.T) {
	t.Parallel()
	for lost, want := range map[int]struct {
		attempts int
		reason   string
	}{
		0:  {attempts: 1},
		1:  {attempts: 2},
		3:  {attempts: 4},
		99: {attempts: 4, reason: fault.ErrConcurrentUpdate.Reason},
	} {
		t.Run(fmt.Sprintf("%d conflicts", lost), func(t *testing.T) {
			urls := service(t)
			db := openURL(t, with(t, urls.Runtime, "default_transaction_isolation", "repeatable read"), 2)
			other := openURL(t, urls.Runtime, 1)
			attempts := 0
			_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
				attempts++
				tx.Queue(insertEntry, "once")
				if attempts <= lost {
					increment(ctx, t, other)
				}
				_, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE id = 1`)
				return 0, err
			})
			wantEqual(t, "attempts", want.attempts, attempts)
			wantEqual(t, "refusal", want.reason, reason(err))
			if want.reason == "" {
				wantEqual(t, "entries", []string{"once"}, texts(t, other))
				return
			}
			if f, ok := fault.As(err); !ok || f.RetryAfter != time.Second || !pg.Retryable(f.Unwrap()) {
				t.Errorf("retry after %s, because of %v", f.RetryAfter, f.Unwrap())
			}
			wantEqual(t, "entries", []string{}, texts(t, other))
		})
	}
}

func increment(ctx context.Context, t testing.TB, db *pg.DB) {
	t.Helper()
	_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		_, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE id = 1`)
		return 0, err
	})
	must(t, err)
}

// TestDeadlock has two transactions lock two rows crosswise.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	db := open(t, 4)
	var attempts atomic.Int32
	var bothHoldOne, done sync.WaitGroup
	bothHoldOne.Add(2)
	cross := func(first, second int) {
		held := sync.OnceFunc(func() { bothHoldOne.Done(); bothHoldOne.Wait() })
		_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
			attempts.Add(1)
			for _, id := range []int{first, second} {
				if _, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE id = $1`, id); err != nil {
					return 0, err
				}
				held()
			}
			return 0, nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	done.Go(func() { cross(1, 2) })
	done.Go(func() { cross(2, 1) })
	done.Wait()
	wantEqual(t, "attempts", 3, attempts.Load())
	rows, err := db.Query(t.Context(), `SELECT value FROM counter ORDER BY id`)
	must(t, err)
	values, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(t, err)
	wantEqual(t, "counters", []int64{2, 2}, values)
}

// TestConflictEndsWithContext: a caller that went away is not worked for again.
func TestConflictEndsWithContext(t *testing.T) {
	db := open(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	attempts := 0
	_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		attempts++
		_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE SQLSTATE '40001'; END $$`)
		cancel()
		return 0, err
	})
	wantReason(t, err, fault.ErrCancelled)
	wantEqual(t, "attempts", 1, attempts)
}
