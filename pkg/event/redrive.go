package event

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// redrivePage is how many dead letters are held in memory.
const redrivePage = 100

// errUnreadable says that a dead letter is no event.
var errUnreadable = errors.New("it cannot be read as an event")

// Redriven is what became of a consumer's dead letters.
type Redriven struct {
	Done   int             // How many were taken.
	Failed []RedriveFailed // Those that failed again, oldest first.
}

// RedriveFailed is a dead letter that failed again.
type RedriveFailed struct {
	Number  int64
	Subject string
	Err     error // May hold content.
}

// Err joins what failed; nil when nothing did.
func (r Redriven) Err() error {
	all := make([]error, len(r.Failed))
	for i, f := range r.Failed {
		all[i] = fmt.Errorf("dead letter %d of %s: %w", f.Number, f.Subject, f.Err)
	}
	return errors.Join(all...)
}

// Redrive hands the consumer's dead letters to Handle again, oldest first, each in
// a transaction of its own. When one fails the aggregate's later ones stay too.
// Events that were taken since the death are not repeated: Handle sees an old event
// late. Once ctx ends no further one is begun. The error is of the reading of dead
// letters alone.
func Redrive(ctx context.Context, cfg ConsumerConfig) (Redriven, error) {
	c := newConsumer(cfg)
	var (
		out   Redriven
		after int64
		stuck = map[string]bool{}
	)
	for ctx.Err() == nil {
		letters, err := c.deadAfter(ctx, after)
		if err != nil && ctx.Err() == nil {
			return out, fmt.Errorf("redrive: %w", err)
		}
		if len(letters) == 0 {
			break
		}
		after = letters[len(letters)-1].Number
		for _, l := range letters {
			if stuck[l.Subject] || ctx.Err() != nil {
				continue
			}
			ok, err := c.redrive(ctx, l)
			if err != nil {
				stuck[l.Subject] = true
				out.Failed = append(out.Failed, RedriveFailed{l.Number, l.Subject, err})
			}
			if ok {
				out.Done++
			}
		}
	}
	return out, nil
}

// deadAfter reads the consumer's next dead letters behind a number.
func (c *consumer) deadAfter(ctx context.Context, number int64) ([]DeadLetter, error) {
	rows, err := c.DB.Query(ctx, `
		SELECT id, consumer, event_id::text, subject, headers, data, reason, attempts, died_at
		FROM dead_letter
		WHERE redriven_at IS NULL AND id > $1 AND consumer = $2 AND subject LIKE $3
		ORDER BY id
		LIMIT $4`, number, c.Name, "kyodo."+c.Stream+".%", redrivePage)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[DeadLetter])
}

// redrive handles one dead letter, to its end also when ctx ends meanwhile; false
// when somebody else did.
func (c *consumer) redrive(ctx context.Context, l DeadLetter) (bool, error) {
	m, err := parse(c.Stream, l.Subject, l.Headers, l.Data)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleWait)
	defer cancel()
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
