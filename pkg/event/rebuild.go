package event

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// ErrStreamNotEmpty refuses to rebuild a stream that holds events.
var ErrStreamNotEmpty = errors.New("stream is not empty")

// RebuildStream publishes the whole event_log of service into its stream, made
// anew and empty (EnsureStreams), under the epoch of now. A running relay is
// interrupted and waits meanwhile. It needs the broker's steward. After an error
// the stream is to be made anew and the rebuild repeated.
func RebuildStream(ctx context.Context, db *pg.DB, js jetstream.JetStream, service string) error {
	stream, err := js.Stream(ctx, StreamName(service))
	if err != nil {
		return fmt.Errorf("rebuild %s: %w", service, err)
	}
	if stream.CachedInfo().State.LastSeq != 0 {
		return fmt.Errorf("rebuild %s: %w", service, ErrStreamNotEmpty)
	}
	_, err = republish(ctx, db, js, service, "")
	return err
}

// Replay publishes the whole event_log of service again behind what its stream
// holds and returns the position of the first: a consumer that needs events
// older than the stream starts there (JoinAt). For other consumers of ours the
// repeats have no effect; subscribers from outside see them again.
func Replay(ctx context.Context, db *pg.DB, js jetstream.JetStream, service string) (uint64, error) {
	return republish(ctx, db, js, service, "/"+rand.Text())
}

// republish appends suffix to the ids that the broker tells repeats by.
func republish(ctx context.Context, db *pg.DB, js jetstream.JetStream, service, suffix string) (uint64, error) {
	l, err := seizeLease(ctx, db, service)
	if err != nil {
		return 0, fmt.Errorf("replay %s: %w", service, err)
	}
	defer l.release(ctx)
	stream, err := js.Stream(ctx, StreamName(service))
	if err != nil {
		return 0, fmt.Errorf("replay %s: %w", service, err)
	}
	start := stream.CachedInfo().State.LastSeq + 1
	own, err := jetstream.New(js.Conn(), jetstream.WithPublishAsyncTimeout(publishWait))
	if err != nil {
		return 0, fmt.Errorf("replay %s: %w", service, err)
	}
	r := &relay{
		RelayConfig: RelayConfig{Service: service, Log: slog.New(slog.DiscardHandler), Metrics: NewMetrics(nil)},
		own:         own,
		suffix:      suffix,
	}
	for after := int64(0); ; {
		after, err = r.replayPage(ctx, l, after)
		if err != nil {
			return 0, fmt.Errorf("replay %s: %w", service, err)
		}
		if after == 0 {
			return start, nil
		}
	}
}

// replayPage publishes the events of the log behind a position and returns the
// last one's, 0 behind the end. An event whose transaction commits late, with a
// position that was passed, is left to the relay: its row stays in the outbox.
// Within an aggregate that cannot change the order (see addSQL).
func (r *relay) replayPage(ctx context.Context, l *lease, after int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, passWait)
	defer cancel()
	found, err := l.conn.Query(ctx, `
		SELECT position, id, subject,
			headers || jsonb_build_object('ce-epoch', (SELECT epoch FROM event_epoch)) AS headers,
			data, created_at
		FROM event_log
		WHERE position > $1
		ORDER BY position
		LIMIT $2`, after, relayBatch)
	if err != nil {
		return 0, err
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[row])
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	if _, err := r.publish(ctx, l, rows); err != nil {
		return 0, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID.String()
	}
	_, err = l.conn.Exec(ctx, `
		DELETE FROM outbox
		WHERE id = ANY($1::uuid[])`, ids)
	return rows[len(rows)-1].Position, err
}

// NewEpoch tells consumers that the service's database was restored to an
// earlier time: what they know of later events never happened. It is called
// once after a restore, before anything is published; the stream is then made
// anew and rebuilt.
func NewEpoch(tx *pg.Tx) {
	tx.Queue(`
		UPDATE event_epoch
		SET epoch = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISSUS"Z"'),
			began_at = transaction_timestamp()`)
}
