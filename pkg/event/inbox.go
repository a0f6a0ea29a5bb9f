package event

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

// knowledge is what the consumer knew of a group of deliveries before it took them.
type knowledge struct {
	fresh  map[[2]string]bool // Events that were never taken, by id and epoch.
	places map[string]place   // Of their aggregates and of the stream, by subject.
}

// errNotNow rolls back a transaction that found an event out of turn.
var errNotNow = errors.New("out of turn")

// apply runs the effects of some events, one after the other, in one transaction
// with the note that they were taken. It returns how each ended; one that ends in
// endGap or endUnknown is the last, and nothing of the group is left behind.
func (c *consumer) apply(ctx context.Context, group ...delivery) ([]end, error) {
	var ends []end
	_, err := pg.InTx(ctx, c.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		ends = ends[:0]
		known, err := c.note(ctx, tx, group)
		if err != nil {
			return struct{}{}, err
		}
		for _, d := range group {
			verdict := c.judge(known, d)
			ends = append(ends, verdict)
			switch verdict {
			case endRepeat:
				continue
			case endDone:
			default:
				return struct{}{}, errNotNow
			}
			if err := c.effect(ctx, tx, known, d); err != nil {
				return struct{}{}, err
			}
			tx.Settle()
		}
		return struct{}{}, nil
	})
	if errors.Is(err, errNotNow) {
		err = nil
	}
	return ends, err
}

// applyOne is apply for one event.
func (c *consumer) applyOne(ctx context.Context, d delivery) (end, error) {
	ends, err := c.apply(ctx, d)
	if err != nil {
		return "", err
	}
	return ends[0], nil
}

// effect runs the effects of an event whose turn it is.
func (c *consumer) effect(ctx context.Context, tx *pg.Tx, known knowledge, d delivery) error {
	stream := known.places[c.streamSubject()]
	if stream.known && stream.epoch < d.Epoch && c.Reset != nil {
		if err := c.reset(ctx, tx, d.Epoch); err != nil {
			return err
		}
	}
	if err := c.call(ctx, tx, d.Message); err != nil {
		return err
	}
	c.advance(tx, d.Message, stream)
	if d.redelivered {
		c.forgetFailures(tx, d.ID)
	}
	delete(known.fresh, [2]string{d.ID, d.Epoch})
	known.places[d.Subject] = place{known: true, epoch: d.Epoch, last: d.Sequence}
	if stream.epoch < d.Epoch {
		known.places[c.streamSubject()] = place{known: true, epoch: d.Epoch}
	}
	return nil
}

// reset has the projection dropped by the first of the replicas that see a new
// epoch; the others wait here until it is done and must not drop what it has made
// since.
func (c *consumer) reset(ctx context.Context, tx *pg.Tx, epoch string) error {
	var reached string
	err := tx.QueryRow(ctx, `
		SELECT epoch
		FROM inbox_sequence
		WHERE consumer = $1 AND subject = $2
		FOR UPDATE`, c.Name, c.streamSubject()).Scan(&reached)
	if err != nil || reached >= epoch {
		return err
	}
	return c.Reset(ctx, tx)
}

// note enters the events into the inbox and reads what is known of their
// aggregates and the stream, in one round trip. A concurrent delivery of the same
// event waits here.
func (c *consumer) note(ctx context.Context, tx *pg.Tx, group []delivery) (knowledge, error) {
	known := knowledge{fresh: map[[2]string]bool{}, places: map[string]place{}}
	var b pgx.Batch
	look := func(subject string) {
		b.Queue(`
			SELECT epoch, last
			FROM inbox_sequence
			WHERE consumer = $1 AND subject = $2`,
			c.Name, subject,
		).Query(func(rows pgx.Rows) error {
			p := place{known: true}
			if !rows.Next() {
				return rows.Err()
			}
			err := rows.Scan(&p.epoch, &p.last)
			known.places[subject] = p
			return err
		})
	}
	look(c.streamSubject())
	for _, d := range group {
		b.Queue(`
			INSERT INTO inbox (consumer, event_id, epoch, received_at)
			VALUES ($1, $2, $3, transaction_timestamp())
			ON CONFLICT DO NOTHING`,
			c.Name, d.ID, d.Epoch,
		).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() > 0 {
				known.fresh[[2]string{d.ID, d.Epoch}] = true
			}
			return nil
		})
		look(d.Subject)
	}
	return known, tx.SendBatch(ctx, &b).Close()
}

// judge says whether it is the event's turn.
func (c *consumer) judge(known knowledge, d delivery) end {
	stream, aggregate := known.places[c.streamSubject()], known.places[d.Subject]
	switch {
	case !known.fresh[[2]string{d.ID, d.Epoch}]:
		return endRepeat
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
