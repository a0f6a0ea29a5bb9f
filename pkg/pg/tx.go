package pg

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// maxRetries is how often a transaction that lost a serialization or deadlock
// conflict is run again.
const maxRetries = 3

// Tx is an open transaction.
type Tx struct {
	pgx.Tx
	// Now is the database's transaction time in UTC: the only clock that
	// decides about deadlines.
	Now time.Time

	queue     pgx.Batch
	due       bool // The queue is run before the next statement.
	announces bool
}

// Queue has sql run just before COMMIT, after everything else and in the order
// of the calls, all in one round trip. An error rolls the transaction back.
func (tx *Tx) Queue(sql string, args ...any) { tx.queue.Queue(sql, args...) }

// Announce has the functions of DB.OnCommit called once the transaction is
// committed.
func (tx *Tx) Announce() { tx.announces = true }

// InTx runs fn in one READ COMMITTED transaction, commits when fn returns nil
// and rolls back otherwise.
//
// A serialization failure or a deadlock runs fn again, at most three times, so
// fn does nothing but database work. When the context carries an
// idempotency.Claim, the first transaction of the request claims the key first
// thing and stores fn's answer last thing; a repeat returns
// *idempotency.Replay as the error. Broken rules come back as faults when the store named them;
// everything else is translated by package rpc.
func InTx[T any](ctx context.Context, db *DB, fn func(ctx context.Context, tx *Tx) (T, error)) (T, error) {
	claim := takeClaim(ctx)
	for attempt := 0; ; attempt++ {
		out, announced, err := attemptTx(ctx, db, claim, fn)
		if err == nil {
			if announced {
				db.committed()
			}
			return out, nil
		}
		var zero T
		if !Retryable(err) {
			return zero, err
		}
		if attempt == maxRetries {
			return zero, fault.ErrConcurrentUpdate.After(time.Second).Because(err)
		}
		select {
		case <-ctx.Done():
			return zero, ctx.Err()
		case <-time.After(5*time.Millisecond + rand.N(45*time.Millisecond)):
		}
	}
}

// attemptTx runs fn once. announced tells whether others wait for what it wrote.
func attemptTx[T any](ctx context.Context, db *DB, claim *claim, fn func(context.Context, *Tx) (T, error)) (out T, announced bool, err error) {
	conn, err := db.acquire(ctx)
	if err != nil {
		return out, false, err
	}
	defer conn.Release()
	tx, err := begin(ctx, conn, claim)
	if err != nil {
		return out, false, err
	}
	// After COMMIT this does nothing; a lost connection has rolled back already.
	defer func() { _ = tx.Tx.Rollback(context.WithoutCancel(ctx)) }()

	out, err = fn(ctx, tx)
	if err != nil {
		return out, false, err
	}
	if err := claim.store(tx, out); err != nil {
		return out, false, err
	}
	if err := tx.flush(ctx); err != nil {
		return out, false, err
	}
	if err := tx.Tx.Commit(ctx); err != nil {
		return out, false, claim.afterLostCommit(ctx, db, err)
	}
	return out, tx.announces, nil
}

// begin opens the transaction, reads its time and claims the key, in one round
// trip.
func begin(ctx context.Context, conn *pgxpool.Conn, claim *claim) (*Tx, error) {
	tx := &Tx{}
	var first pgx.Batch
	first.BeginTx(pgx.TxOptions{})
	first.Queue(`SELECT transaction_timestamp()`).QueryRow(func(r pgx.Row) error { return r.Scan(&tx.Now) })
	claim.queue(&first)
	sent := conn.SendBatch(ctx, &first)
	tx.Tx = sent.Tx()
	err := sent.Close()
	if err == nil {
		err = claim.check(ctx, tx.Tx)
	}
	if err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx))
		return nil, claim.refuse(err)
	}
	tx.Now = tx.Now.UTC()
	return tx, nil
}

// Retryable reports whether the transaction lost a conflict that running it
// again may win: SQLSTATE 40001 and 40P01.
func Retryable(err error) bool {
	code := sqlState(err)
	return code == "40001" || code == "40P01"
}

// IsNoRows reports whether a query of one row found none.
func IsNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
