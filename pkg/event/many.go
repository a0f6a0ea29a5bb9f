package event

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// AddMany is Add for thousands of events of as many aggregates, such as those of
// an import: it writes them at once in one statement instead of queueing each, so
// that a caller who adds them in pieces holds no more than a piece in memory. No
// aggregate may be in events twice with one visibility. The rows of the sequences
// are locked from here to COMMIT.
func AddMany(ctx context.Context, tx *pg.Tx, events []Event) error {
	var c struct {
		aggregates, ids, visibilities, subjects []string
		messages                                []uuid.UUID
		headers                                 []map[string]string
		data                                    [][]byte
	}
	for _, e := range events {
		r, err := e.entry(ctx, tx)
		if err != nil {
			return err
		}
		c.aggregates, c.ids, c.visibilities = append(c.aggregates, e.Aggregate), append(c.ids, e.ID), append(c.visibilities, string(e.Visibility))
		c.messages, c.subjects = append(c.messages, r.id), append(c.subjects, r.subject)
		c.headers, c.data = append(c.headers, r.headers), append(c.data, r.data)
	}
	tx.Announce()
	if _, err := tx.Exec(ctx, addManySQL, c.aggregates, c.ids, c.visibilities, c.messages, c.subjects, c.headers, c.data); err != nil {
		return fmt.Errorf("add %d events: %w", len(events), err)
	}
	return nil
}

// addManySQL is addSQL for the events of the arrays. The sequences are taken in
// the order of the aggregates, so that two imports do not deadlock.
const addManySQL = `
	WITH added AS (
		SELECT aggregate, aggregate_id, visibility, id, subject, headers, data, place
		FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::jsonb[], $7::bytea[])
			WITH ORDINALITY AS a (aggregate, aggregate_id, visibility, id, subject, headers, data, place)
	), next AS (
		INSERT INTO event_sequence (aggregate, aggregate_id, visibility, last)
		SELECT aggregate, aggregate_id, visibility, 1
		FROM added
		ORDER BY aggregate, aggregate_id, visibility
		ON CONFLICT ON CONSTRAINT event_sequence_pkey
		DO UPDATE SET last = event_sequence.last + 1
		RETURNING aggregate, aggregate_id, visibility, last
	), complete AS (
		SELECT added.aggregate, added.aggregate_id, added.visibility, added.id, added.subject, added.data, added.place,
			next.last AS sequence, epoch.epoch, added.headers || jsonb_build_object(
				'ce-sequence', next.last::text,
				'ce-epoch', epoch.epoch) AS headers
		FROM added
		JOIN next USING (aggregate, aggregate_id, visibility)
		LEFT JOIN event_epoch AS epoch ON true
	), logged AS (
		INSERT INTO event_log (id, aggregate, aggregate_id, visibility, sequence, epoch, subject, headers, data, created_at)
		SELECT id, aggregate, aggregate_id, visibility, sequence, epoch, subject, headers, data, transaction_timestamp()
		FROM complete
		ORDER BY place
	)
	INSERT INTO outbox (id, subject, headers, data, created_at)
	SELECT id, subject, headers, data, transaction_timestamp()
	FROM complete
	ORDER BY place`
