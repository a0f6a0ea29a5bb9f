package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Settle has what is queued so far run before the next statement that is not
// queued, not only before COMMIT: what follows is a step of its own and reads what
// the one before it wrote.
func (tx *Tx) Settle() { tx.due = tx.queue.Len() > 0 }

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := tx.settle(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return tx.Tx.Exec(ctx, sql, args...)
}

// Query reads rows.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := tx.settle(ctx); err != nil {
		return nil, err
	}
	return tx.Tx.Query(ctx, sql, args...)
}

// QueryRow reads a row.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := tx.settle(ctx); err != nil {
		return unsettled{err}
	}
	return tx.Tx.QueryRow(ctx, sql, args...)
}

// SendBatch runs statements in one round trip.
func (tx *Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := tx.settle(ctx); err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	return tx.Tx.SendBatch(ctx, b)
}

func (tx *Tx) settle(ctx context.Context) error {
	if !tx.due {
		return nil
	}
	return tx.flush(ctx)
}

// flush runs what is queued.
func (tx *Tx) flush(ctx context.Context) error {
	if tx.queue.Len() == 0 {
		return nil
	}
	queued := tx.queue
	tx.queue, tx.due = pgx.Batch{}, false
	if err := tx.Tx.SendBatch(ctx, &queued).Close(); err != nil {
		return fmt.Errorf("queued statements: %w", err)
	}
	return nil
}

// unsettled is the row of a statement before which the queue failed.
type unsettled struct{ err error }

func (u unsettled) Scan(...any) error { return u.err }
