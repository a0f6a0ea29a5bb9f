package event

import (
	"context"
	"errors"
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

// Redrive hands the consumer's dead letters to Handle again, each in a
// transaction of its own, and returns how many succeeded. They go in order per
// aggregate; when one fails the aggregate's later ones stay too, and the errors
// are joined. Events that were taken since the death are not repeated: Handle
// sees an old event late.
func Redrive(ctx context.Context, cfg ConsumerConfig) (int, error) {
	c := newConsumer(cfg)
	rows, err := cfg.DB.Query(ctx, `
		SELECT id, consumer, event_id::text, subject, headers, data, reason, attempts, died_at
		FROM dead_letter
		WHERE redriven_at IS NULL AND consumer = $1 AND subject LIKE $2
		ORDER BY subject, id`, cfg.Name, "kyodo."+cfg.Stream+".%")
	if err != nil {
		return 0, fmt.Errorf("redrive: %w", err)
	}
	letters, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DeadLetter])
	if err != nil {
		return 0, fmt.Errorf("redrive: %w", err)
	}
	done := 0
	stuck := map[string]bool{}
	var failures []error
	for _, l := range letters {
		if stuck[l.Subject] {
			continue
		}
		ok, err := c.redrive(ctx, l)
		if err != nil {
			stuck[l.Subject] = true
			failures = append(failures, fmt.Errorf("dead letter %d of %s: %w", l.Number, l.Subject, err))
		}
		if ok {
			done++
		}
	}
	return done, errors.Join(failures...)
}

// redrive handles one dead letter; false when somebody else did.
func (c *consumer) redrive(ctx context.Context, l DeadLetter) (bool, error) {
	m, err := parse(c.Stream, l.Subject, l.Headers, l.Data)
	if err != nil {
		return false, err
	}
	return pg.InTx(ctx, c.DB, func(ctx context.Context, tx *pg.Tx) (bool, error) {
		tag, err := tx.Exec(ctx, `
			UPDATE dead_letter
			SET redriven_at = transaction_timestamp()
			WHERE id = $1 AND redriven_at IS NULL`, l.Number)
		if err != nil || tag.RowsAffected() == 0 {
			return false, err
		}
		return true, c.call(ctx, tx, m)
	})
}
