package event

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

const (
	relayBatch  = 256
	relayPoll   = 250 * time.Millisecond // For rows that other replicas committed.
	publishWait = 5 * time.Second        // For the acknowledgement of one batch.
	passWait    = 15 * time.Second       // For one look at the outbox in all.
	minBackoff  = 100 * time.Millisecond
	maxBackoff  = 5 * time.Second
)

// RelayConfig says what a relay carries where.
type RelayConfig struct {
	DB      *pg.DB
	JS      jetstream.JetStream // Connected as the service's user.
	Service string
	Poll    time.Duration // 50 to 250 ms; zero for 250 ms.
	Log     *slog.Logger
	Metrics *Metrics // nil for none.
}

// relay is the state of one RunRelay.
type relay struct {
	RelayConfig

	own  jetstream.JetStream // Of the same connection, with a limit on waiting.
	wake chan struct{}
	// published are positions of rows that the broker holds; the next look deletes
	// them on its way.
	published []int64
	// tried holds the ids of the last pass when it failed: their repeats are
	// expected.
	tried map[uuid.UUID]bool
	said  trouble
	// suffix behind the ids has the broker store events that it knows; empty
	// but for Replay.
	suffix string
}

// RunRelay publishes the service's outbox until ctx ends, when it finishes its
// batch and returns nil. One relay of a service works at a time; others wait
// for its lease. While the broker or Postgres is away rows wait and it tries
// again, at most every 5 s.
func RunRelay(ctx context.Context, cfg RelayConfig) error {
	if cfg.Poll == 0 {
		cfg.Poll = relayPoll
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	own, err := jetstream.New(cfg.JS.Conn(),
		jetstream.WithPublishAsyncTimeout(publishWait),
		jetstream.WithPublishAsyncMaxPending(4*relayBatch))
	if err != nil {
		return fmt.Errorf("relay of %s: %w", cfg.Service, err)
	}
	r := &relay{
		RelayConfig: cfg,
		own:         own,
		wake:        make(chan struct{}, 1),
		said:        trouble{log: cfg.Log.With(slog.String("relay", cfg.Service))},
	}
	cfg.DB.OnCommit(func() {
		select {
		case r.wake <- struct{}{}:
		default: // It is awake, or about to be.
		}
	})
	for ctx.Err() == nil {
		err := r.lead(ctx)
		if ctx.Err() == nil {
			r.said.failed(ctx, err)
			pause(ctx, time.Second)
		}
	}
	return nil
}

// lead waits for the lease and publishes until it is lost or ctx ends.
func (r *relay) lead(ctx context.Context) error {
	l, err := takeLease(ctx, r.DB, r.Service)
	if err != nil {
		return err
	}
	defer l.release(ctx)
	defer r.forget(ctx, l)
	backoff := minBackoff
	for ctx.Err() == nil {
		n, err := r.pass(ctx, l)
		if l.conn.IsClosed() {
			return fmt.Errorf("lease lost: %w", err)
		}
		switch {
		case err != nil:
			r.said.failed(ctx, err)
			pause(ctx, backoff)
			backoff = min(2*backoff, maxBackoff)
			continue
		case n > 0:
			r.said.healed(ctx)
			backoff = minBackoff
		}
		if n == relayBatch {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(r.Poll):
		}
	}
	return nil
}

// row is a row of the outbox.
type row struct {
	Position  int64
	ID        uuid.UUID
	Subject   string
	Headers   map[string]string
	Data      []byte
	CreatedAt time.Time
}

// pass publishes the oldest rows. It looks at what is there, never past a
// remembered position: positions are given before the commit, and a slower
// transaction would be skipped for ever.
func (r *relay) pass(ctx context.Context, l *lease) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), passWait)
	defer cancel()
	rows, err := r.look(ctx, l, relayBatch)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	done, failure := r.publish(ctx, l, rows)
	for _, row := range rows[:done] {
		r.published = append(r.published, row.Position)
	}
	r.Metrics.published.WithLabelValues(r.Service).Add(float64(done))
	r.tried = make(map[uuid.UUID]bool)
	if failure != nil {
		for _, row := range rows[done:] {
			r.tried[row.ID] = true
		}
	}
	return done, failure
}

// forget deletes what was published last. Where that fails the next relay publishes
// it again, and the broker knows it.
func (r *relay) forget(ctx context.Context, l *lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = r.look(ctx, l, 0)
}

// look deletes the rows that were published and reads the oldest of the others, in
// one round trip: both or, with an error, neither.
func (r *relay) look(ctx context.Context, l *lease, limit int) (rows []row, err error) {
	var b pgx.Batch
	if len(r.published) > 0 {
		b.Queue(`
			DELETE FROM outbox
			WHERE position = ANY($1)`, r.published)
	}
	b.Queue(`
		SELECT position, id, subject, headers, data, created_at
		FROM outbox
		ORDER BY position
		LIMIT $1`, limit,
	).Query(func(found pgx.Rows) (err error) {
		rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[row])
		return err
	})
	if err := l.conn.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}
	r.published = r.published[:0]
	return rows, nil
}

// publish returns how many rows, from the first, the broker holds; the first
// refusal ends it. The broker stores a row only directly behind the one before
// it (see chain), so nothing overtakes a row that was refused.
func (r *relay) publish(ctx context.Context, l *lease, rows []row) (int, error) {
	if !r.own.Conn().IsConnected() {
		return 0, nats.ErrDisconnected
	}
	var futures []jetstream.PubAckFuture
	var failure error
	for _, m := range chain(rows, r.suffix) {
		f, err := r.own.PublishMsgAsync(m, jetstream.WithRetryAttempts(0))
		if err != nil {
			failure = err
			break
		}
		futures = append(futures, f)
	}
	for i, f := range futures {
		select {
		case ack := <-f.Ok():
			r.checkDuplicate(ctx, l, rows[i], ack)
		case err := <-f.Err():
			return i, fmt.Errorf("publish: %w", err)
		case <-ctx.Done():
			return i, ctx.Err()
		}
	}
	return len(futures), failure
}

// chain makes the messages of rows. Each expects the one before it to be the
// stream's last: when one is refused those behind it are refused too. The first
// expects nothing; one relay alone writes to the stream.
func chain(rows []row, suffix string) []*nats.Msg {
	messages := make([]*nats.Msg, len(rows))
	for i, row := range rows {
		m := nats.NewMsg(row.Subject)
		for k, v := range row.Headers {
			m.Header[k] = []string{v} // As it is: CloudEvents names are lower case.
		}
		m.Header.Set(jetstream.MsgIDHeader, row.ID.String()+suffix)
		if i > 0 {
			m.Header.Set(jetstream.ExpectedLastMsgIDHeader, rows[i-1].ID.String()+suffix)
		}
		m.Data = row.Data
		messages[i] = m
	}
	return messages
}

// checkDuplicate raises the alarm when the broker knows an id that this relay,
// the only one while it holds the lease, publishes for the first time: somebody
// may have published in the service's name.
func (r *relay) checkDuplicate(ctx context.Context, l *lease, row row, ack *jetstream.PubAck) {
	if !ack.Duplicate || r.tried[row.ID] || !row.CreatedAt.After(l.since) {
		return
	}
	r.Metrics.duplicates.WithLabelValues(r.Service).Inc()
	r.Log.WarnContext(ctx, "broker took a first publication for a repeat",
		slog.String("service", r.Service), slog.String("event", row.ID.String()))
}
