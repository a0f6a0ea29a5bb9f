// Package idempotency carries an Idempotency-Key from the interceptor that
// reads it to the transaction that claims it; the RPC method between them knows
// nothing of it.
package idempotency

import (
	"context"
	"sync/atomic"
)

// Claim is a key on its way to the transaction.
type Claim struct {
	Caller      string // Who asks: keys of two callers never meet.
	Method      string // Full gRPC method name.
	Key         string // As the client sent it.
	Fingerprint []byte // Hash of the request's content.
	// Seal encodes and encrypts the answer for the row.
	Seal func(answer any) ([]byte, error)

	taken atomic.Bool
}

// Replay is the error of a transaction whose key was used before with the same
// request: the interceptor answers with the stored answer.
type Replay struct{ Sealed []byte }

// Error says that the answer is a stored one.
func (r *Replay) Error() string { return "idempotent replay" }

type claimKey struct{}

// With returns a context whose first transaction claims c.
func With(ctx context.Context, c *Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// Take returns the claim of ctx to the first transaction that asks, and nil to
// every later one.
func Take(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	if c == nil || c.taken.Swap(true) {
		return nil
	}
	return c
}

// Peek returns the claim of ctx without taking it; nil when there is none.
func Peek(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	return c
}

// Without returns a context whose transactions claim nothing: for what an RPC does
// before the transaction that makes its answer.
func Without(ctx context.Context) context.Context {
	return With(ctx, nil)
}
