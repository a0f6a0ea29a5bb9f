package pg

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
)

// claim is the idempotency key of a transaction; nil without one.
type claim struct {
	*idempotency.Claim
	fresh bool // Whether this transaction wrote the row.
}

func takeClaim(ctx context.Context) *claim {
	if c := idempotency.Take(ctx); c != nil {
		return &claim{Claim: c}
	}
	return nil
}

// queue adds the claim to the transaction's first batch. A concurrent call with
// the same key waits here for the other's end, at most the lock timeout.
func (c *claim) queue(b *pgx.Batch) {
	if c == nil {
		return
	}
	b.Queue(`
		INSERT INTO idempotency (caller, method, key, fingerprint, created_at)
		VALUES ($1, $2, $3, $4, transaction_timestamp())
		ON CONFLICT DO NOTHING`,
		c.Caller, c.Method, c.Key, c.Fingerprint,
	).Exec(func(tag commandTag) error {
		c.fresh = tag.RowsAffected() == 1
		return nil
	})
}

// check answers a claim that was not the first: a Replay, or the refusal of a
// key used with another request.
func (c *claim) check(ctx context.Context, r queryRower) error {
	if c == nil || c.fresh {
		return nil
	}
	var fingerprint, answer []byte
	err := r.QueryRow(ctx, `
		SELECT fingerprint, answer
		FROM idempotency
		WHERE caller = $1 AND method = $2 AND key = $3`,
		c.Caller, c.Method, c.Key,
	).Scan(&fingerprint, &answer)
	switch {
	case IsNoRows(err): // The other's row was given up or forgotten just now.
		return fault.ErrIdempotencyInProgress.After(time.Second).Because(err)
	case err != nil:
		return err
	case !bytes.Equal(fingerprint, c.Fingerprint):
		return fault.ErrIdempotencyKeyReused
	}
	return &idempotency.Replay{Sealed: answer}
}

// Repeated tells whether the request of ctx was answered before: by a Replay as the
// error, or by the refusal of a key used with another request; nil for a first one
// and without a key. For an RPC that has effects in transactions of their own before
// the one that claims the key; of two first ones at once both get nil.
func Repeated(ctx context.Context, db *DB) error {
	c := idempotency.Peek(ctx)
	if c == nil {
		return nil
	}
	err := (&claim{Claim: c}).check(ctx, db.pool)
	if errors.Is(err, fault.ErrIdempotencyInProgress) { // nobody has claimed it
		return nil
	}
	return err
}

// refuse turns the lock timeout of a claim into IDEMPOTENCY_IN_PROGRESS.
func (c *claim) refuse(err error) error {
	if c != nil && sqlState(err) == "55P03" {
		return fault.ErrIdempotencyInProgress.After(time.Second).Because(err)
	}
	return err
}

// store queues the sealed answer as the transaction's last statement.
func (c *claim) store(tx *Tx, answer any) error {
	if c == nil {
		return nil
	}
	sealed, err := c.Seal(answer)
	if err != nil {
		return err
	}
	tx.Queue(`
		UPDATE idempotency
		SET answer = $4
		WHERE caller = $1 AND method = $2 AND key = $3`,
		c.Caller, c.Method, c.Key, sealed)
	return nil
}

// afterLostCommit finds out, on a new connection, whether a COMMIT whose answer
// was lost took effect; without a key it cannot be told and the error stands.
func (c *claim) afterLostCommit(ctx context.Context, db *DB, lost error) error {
	if c == nil {
		return lost
	}
	c.fresh = false
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	var replay *idempotency.Replay
	if err := c.check(look, db.pool); errors.As(err, &replay) {
		return replay
	}
	return lost
}
