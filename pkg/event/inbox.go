package event

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// end is how a delivery ended; the metric's label.
type end string

const (
	endDone    end = "done"    // Effects committed.
	endRepeat  end = "repeat"  // Known already, or of an epoch that is over.
	endGap     end = "gap"     // An earlier event of the aggregate is missing yet.
	endFailed  end = "failed"  // Will be tried again.
	endDead    end = "dead"    // A dead letter.
	endUnknown end = "unknown" // Not the first of its aggregate, of which nothing is known here.
)

// delivery is an event on its way into the database.
type delivery struct {
	Message
	redelivered bool
	first       bool // The stream has none before it.
}

// place is what the consumer knows of an aggregate, or of the stream.
type place struct {
	known bool
	epoch string
	last  int64
}

// errNotNow rolls back a transaction that found its event out of turn.
var errNotNow = errors.New("out of turn")

// apply runs the event's effects in one transaction with the note that it was
// taken. endGap and endUnknown leave nothing behind.
func (c *consumer) apply(ctx context.Context, d delivery) (end, error) {
	verdict := endDone
	_, err := pg.InTx(ctx, c.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		fresh, stream, aggregate, err := c.note(ctx, tx, d.Message)
		if err != nil {
			return struct{}{}, err
		}
		switch verdict = judge(d, stream, aggregate); {
		case !fresh:
			verdict = endRepeat
			return struct{}{}, nil
		case verdict == endRepeat:
			return struct{}{}, nil
		case verdict != endDone:
			return struct{}{}, errNotNow
		}
		if stream.known && stream.epoch < d.Epoch && c.Reset != nil {
			if err := c.Reset(ctx, tx); err != nil {
				return struct{}{}, err
			}
		}
		if err := c.call(ctx, tx, d.Message); err != nil {
			return struct{}{}, err
		}
		c.advance(tx, d.Message, stream)
		if d.redelivered {
			c.forgetFailures(tx, d.ID)
		}
		return struct{}{}, nil
	})
	if errors.Is(err, errNotNow) {
		err = nil
	}
	return verdict, err
}

// note enters the event into the inbox and reads what is known of its aggregate
// and stream, in one round trip. A concurrent delivery of the same event waits
// here.
func (c *consumer) note(ctx context.Context, tx *pg.Tx, m Message) (fresh bool, stream, aggregate place, err error) {
	var b pgx.Batch
	b.Queue(`
		INSERT INTO inbox (consumer, event_id, epoch, received_at)
		VALUES ($1, $2, $3, transaction_timestamp())
		ON CONFLICT DO NOTHING
		RETURNING true`,
		c.Name, m.ID, m.Epoch,
	).Query(func(rows pgx.Rows) error {
		fresh = rows.Next()
		return rows.Err()
	})
	b.Queue(`
		SELECT subject = $2, epoch, last
		FROM inbox_sequence
		WHERE consumer = $1 AND subject IN ($2, $3)`,
		c.Name, c.streamSubject(), m.Subject,
	).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var isStream bool
			p := place{known: true}
			if err := rows.Scan(&isStream, &p.epoch, &p.last); err != nil {
				return err
			}
			if isStream {
				stream = p
			} else {
				aggregate = p
			}
		}
		return rows.Err()
	})
	err = tx.SendBatch(ctx, &b).Close()
	return fresh, stream, aggregate, err
}

// judge says whether it is the event's turn.
func judge(d delivery, stream, aggregate place) end {
	switch {
	case stream.epoch > d.Epoch, aggregate.epoch > d.Epoch:
		return endRepeat
	case !aggregate.known, aggregate.epoch < d.Epoch:
		if d.Sequence == 1 || d.first {
			return endDone
		}
		return endUnknown
	case d.Sequence <= aggregate.last:
		return endRepeat
	case d.Sequence > aggregate.last+1:
		return endGap
	}
	return endDone
}

// advance queues the note that the aggregate's next event is m's successor.
func (c *consumer) advance(tx *pg.Tx, m Message, stream place) {
	const sql = `
		INSERT INTO inbox_sequence AS s (consumer, subject, epoch, last)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT inbox_sequence_pkey
		DO UPDATE SET epoch = excluded.epoch, last = excluded.last
		WHERE (s.epoch, s.last) < (excluded.epoch, excluded.last)`
	tx.Queue(sql, c.Name, m.Subject, m.Epoch, m.Sequence)
	if stream.epoch < m.Epoch {
		tx.Queue(sql, c.Name, c.streamSubject(), m.Epoch, 0)
	}
}

// streamSubject stands for the whole stream in inbox_sequence.
func (c *consumer) streamSubject() string { return "kyodo." + c.Stream }

// countFailure notes that Handle failed and returns how often it did.
func (c *consumer) countFailure(ctx context.Context, m Message, failure error) (int, error) {
	return pg.InTx(ctx, c.DB, func(ctx context.Context, tx *pg.Tx) (attempts int, err error) {
		err = tx.QueryRow(ctx, `
			INSERT INTO inbox_failure AS f (consumer, event_id, attempts, error, failed_at)
			VALUES ($1, $2, 1, $3, transaction_timestamp())
			ON CONFLICT ON CONSTRAINT inbox_failure_pkey
			DO UPDATE SET attempts = f.attempts + 1, error = excluded.error, failed_at = excluded.failed_at
			RETURNING attempts`,
			c.Name, m.ID, storable(failure.Error()),
		).Scan(&attempts)
		return attempts, err
	})
}

func (c *consumer) forgetFailures(tx *pg.Tx, id string) {
	tx.Queue(`
		DELETE FROM inbox_failure
		WHERE consumer = $1 AND event_id = $2`, c.Name, id)
}

// PruneInbox queues the removal of inbox rows received before a time, which
// should be older than the streams' 30 days; sequences go on refusing repeats.
func PruneInbox(tx *pg.Tx, before time.Time) {
	tx.Queue(`
		DELETE FROM inbox
		WHERE received_at < $1`, before)
}
