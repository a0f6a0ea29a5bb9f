package event

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// maxReason is how much of an error a row keeps, in bytes.
const maxReason = 2000

// letter is what becomes a dead letter.
type letter struct {
	subject  string
	headers  map[string]string
	data     []byte
	err      error
	attempts int
	ordered  bool // Its turn had come: the aggregate goes on behind it.
}

// bury writes the dead letter and lets the aggregate's later events pass. A
// repeat of the delivery is known by its id.
func (c *consumer) bury(ctx context.Context, m Message, l letter) error {
	headers := make(map[string]string, len(l.headers))
	for k, v := range l.headers {
		headers[storable(k)] = storable(v)
	}
	_, err := pg.InTx(ctx, c.DB, func(_ context.Context, tx *pg.Tx) (struct{}, error) {
		tx.Queue(`
			INSERT INTO dead_letter (consumer, event_id, subject, headers, data, reason, attempts, died_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, transaction_timestamp())
			ON CONFLICT DO NOTHING`,
			c.Name, m.ID, storable(l.subject), headers, nonNil(l.data), storable(l.err.Error()), l.attempts)
		tx.Queue(`
			INSERT INTO inbox (consumer, event_id, epoch, received_at)
			VALUES ($1, $2, $3, transaction_timestamp())
			ON CONFLICT DO NOTHING`,
			c.Name, m.ID, storable(m.Epoch))
		if l.ordered {
			c.advance(tx, m, place{epoch: m.Epoch})
		}
		c.forgetFailures(tx, m.ID)
		return struct{}{}, nil
	})
	return err
}

// storable makes text of anywhere fit for a column.
func storable(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "")
	}
	return s
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// DeadLetter is an event that a consumer gave up.
type DeadLetter struct {
	Number   int64             // Grows with the time of death.
	Consumer string            // Who gave it up.
	EventID  string            // ce-id, or a substitute for a message without one.
	Subject  string            // As published.
	Headers  map[string]string // As published.
	Data     []byte            // As published.
	Reason   string            // The last error.
	Attempts int               // How often it was tried.
	DiedAt   time.Time
}

// ListDeadLetters returns the dead letters of a service that are not redriven,
// oldest first, at most limit of them behind the number after.
func ListDeadLetters(ctx context.Context, r pg.Reader, after int64, limit int) ([]DeadLetter, error) {
	rows, err := r.Query(ctx, `
		SELECT id, consumer, event_id::text, subject, headers, data, reason, attempts, died_at
		FROM dead_letter
		WHERE redriven_at IS NULL AND id > $1
		ORDER BY id
		LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	letters, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DeadLetter])
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	return letters, nil
}

// countDeadLetters counts those of a service that are not redriven.
func countDeadLetters(ctx context.Context, tx *pg.Tx) (n int32, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*)
		FROM dead_letter
		WHERE redriven_at IS NULL`).Scan(&n)
	return n, err
}
