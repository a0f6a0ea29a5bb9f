package event

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

const (
	maxAttempts  = 8
	handleWait   = 20 * time.Second // For one event.
	fetchAhead   = 32               // Messages held in memory.
	fetchWait    = 10 * time.Second // For them, before they are asked for anew.
	databaseWait = 5 * time.Second  // Before the next try when Postgres is away.
	requestWait  = 5 * time.Second  // For an answer of the broker.
	answerWait   = time.Second      // For its confirmation of an acknowledgement.

	patience = 6                // Deliveries of an event whose predecessor is missing, before gapWait.
	gapWait  = 10 * time.Second // Between its later ones.

	fastGaps      = 3                     // Gaps between events that tell how fast they come,
	fastGap       = 6 * time.Millisecond  // and below which, on average, more are waited for,
	gatherWait    = 10 * time.Millisecond // to be taken together.
	reconnectPoll = 20 * time.Millisecond
)

// backoff is the wait after the first, second … failure of an event.
var backoff = [maxAttempts - 1]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 4 * time.Minute, 10 * time.Minute,
}

// Consumer is a service's interest in the events of another. A service has one
// per stream: consumption is one place, and the broker knows one name.
type Consumer struct {
	Name     string   // The service that consumes: its user at the broker and the durable's name.
	Stream   string   // The service whose events these are.
	Subjects []string // Filters; none for everything below kyodo.<Stream>.
	// Handle makes the event's effects in tx and nothing else: no calls, no
	// mail. It is called once for each event whose transaction commits, in order
	// per aggregate and visibility; the transaction may have other events before
	// and behind it. An error is tried again, 8 times in some 15
	// minutes; Permanent, or the last one, makes a dead letter. Unknown types are
	// to be passed over with nil.
	Handle func(ctx context.Context, tx *pg.Tx, m Message) error
	// Reset, if any, drops what was projected from the stream: the source was
	// restored and publishes its history again under a newer epoch.
	Reset func(ctx context.Context, tx *pg.Tx) error
}

// ConsumerConfig says where a consumer runs.
type ConsumerConfig struct {
	Consumer

	DB      *pg.DB              // Of the consuming service.
	JS      jetstream.JetStream // Connected as the consuming service's user.
	Log     *slog.Logger
	Metrics *Metrics // nil for none.
}

// consumer is the state of one RunConsumer.
type consumer struct {
	ConsumerConfig
	said trouble
	// held are events that came before their predecessor, at most maxAckPending.
	// The broker delivers them again after ackWait, when another replica may have
	// taken the predecessor.
	held map[turn]jetstream.Msg
	// published are the broker's times of the last events.
	published []time.Time
}

// turn is a place in an aggregate's order.
type turn struct {
	subject  string
	sequence int64
}

func newConsumer(cfg ConsumerConfig) *consumer {
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	log := cfg.Log.With(slog.String("consumer", cfg.Name), slog.String("stream", cfg.Stream))
	cfg.Log = log
	return &consumer{ConsumerConfig: cfg, said: trouble{log: log}, held: map[turn]jetstream.Msg{}}
}

// RunConsumer takes events one after the other, those that come together in one
// transaction, until ctx ends, then finishes those in hand and returns nil. Replicas may run it side by side. It waits
// for the stream and the durable to be made (EnsureConsumers) and outlives
// absences of broker and database.
func RunConsumer(ctx context.Context, cfg ConsumerConfig) error {
	c := newConsumer(cfg)
	for ctx.Err() == nil {
		err := c.follow(ctx)
		if ctx.Err() == nil {
			c.said.failed(ctx, err)
			pause(ctx, time.Second)
		}
	}
	return nil
}

// follow takes messages until ctx ends or the broker is lost.
func (c *consumer) follow(ctx context.Context) error {
	durable, err := c.bind(ctx)
	if err != nil {
		return err
	}
	lost := c.JS.Conn().StatusChanged(nats.RECONNECTING, nats.CLOSED)
	defer c.JS.Conn().RemoveStatusListener(lost)
	for ctx.Err() == nil {
		if err := c.takeBatch(ctx, durable, lost); err != nil {
			return err
		}
	}
	return nil
}

// takeBatch asks for some messages and takes them as they come. A batch has its
// own reply subject and ends with the connection: nothing that was asked for
// before a reconnect mixes with what is asked for after it.
func (c *consumer) takeBatch(ctx context.Context, durable jetstream.Consumer, lost <-chan nats.Status) error {
	fetching, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	batch, err := durable.Fetch(fetchAhead, jetstream.FetchContext(fetching), jetstream.FetchHeartbeat(fetchWait/5))
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	for {
		var err error
		select {
		case msg, more := <-batch.Messages():
			if !more {
				if err := batch.Error(); err != nil && fetching.Err() == nil {
					return fmt.Errorf("fetch: %w", err)
				}
				return nil
			}
			if err = c.takeGroup(ctx, c.gather(ctx, batch, msg)); err == nil {
				err = ctx.Err()
			}
		case <-ctx.Done():
			err = ctx.Err()
		case <-lost:
			err = nats.ErrDisconnected
		}
		if err != nil {
			cancel()
			c.giveBack(ctx, batch)
			return err
		}
	}
}

func (c *consumer) bind(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	durable, err := c.JS.Consumer(ctx, StreamName(c.Stream), c.Name)
	if err != nil {
		return nil, fmt.Errorf("durable %s on %s: %w", c.Name, c.Stream, err)
	}
	return durable, nil
}

// giveBack returns what was fetched but not taken, so that another replica, or
// the next start, need not wait until the broker misses the acknowledgement.
func (c *consumer) giveBack(ctx context.Context, batch jetstream.MessageBatch) {
	for !c.JS.Conn().IsConnected() && pause(ctx, reconnectPoll) {
	}
	for msg := range batch.Messages() {
		_ = msg.Nak() // Lost, it is delivered again all the same.
	}
	for _, msg := range c.held {
		_ = msg.Nak()
	}
	clear(c.held)
}

// takeInTurn takes a delivery and those that were held for it. An error is of
// the database, or of the broker that could not be asked, never of the event.
func (c *consumer) takeInTurn(ctx context.Context, msg jetstream.Msg) error {
	for msg != nil {
		taken, err := c.take(ctx, msg)
		if err != nil {
			return err
		}
		taken.sequence++
		msg = c.held[taken]
		delete(c.held, taken)
	}
	return nil
}

// take brings one delivery to its end and returns its place when the next in
// order may follow, else no place.
func (c *consumer) take(ctx context.Context, msg jetstream.Msg) (turn, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleWait)
	defer cancel()
	meta, err := msg.Metadata()
	if err != nil {
		return turn{}, fmt.Errorf("delivery without position: %w", err)
	}
	m, err := parse(c.Stream, msg.Subject(), singleValues(msg.Headers()), msg.Data())
	if err != nil {
		m.ID = substituteID(c.Stream, meta.Sequence.Stream)
		return turn{}, c.die(ctx, msg, m, letter{err: err, attempts: 1})
	}
	d := delivery{Message: m, redelivered: meta.NumDelivered > 1}
	end, err := c.applyOne(ctx, d)
	if err == nil && end == endUnknown {
		if d.first, err = c.isFirst(ctx, m, meta.Sequence.Stream); err == nil {
			end, err = c.applyOne(ctx, d)
		}
	}
	place := turn{m.Subject, m.Sequence}
	switch {
	case err == nil && (end == endGap || end == endUnknown):
		c.count(endGap)
		c.hold(ctx, msg, place, meta.NumDelivered)
		return turn{}, nil
	case err == nil:
		c.count(end)
		c.settle(ctx, doubleAck(ctx, msg))
		return place, nil
	case isPermanent(err):
		return place, c.die(ctx, msg, m, letter{err: err, attempts: 1, ordered: true})
	}
	return c.retry(ctx, msg, m, err)
}

// hold keeps an event until its predecessor was taken. After some deliveries the
// predecessor waits for a try of its own, and the event is asked for less often.
func (c *consumer) hold(ctx context.Context, msg jetstream.Msg, place turn, delivered uint64) {
	if delivered <= patience {
		c.held[place] = msg
		return
	}
	delete(c.held, place)
	c.settle(ctx, msg.NakWithDelay(gapWait))
}

// retry counts a failure of Handle and has the event delivered again, or makes
// it a dead letter. Where the failure cannot be counted the database is away
// and the event not to blame.
func (c *consumer) retry(ctx context.Context, msg jetstream.Msg, m Message, failure error) (turn, error) {
	attempts, err := c.countFailure(ctx, m, failure)
	if err != nil {
		_ = msg.NakWithDelay(databaseWait) // Lost, it is delivered again all the same.
		return turn{}, errors.Join(failure, err)
	}
	c.Log.WarnContext(ctx, "event failed", slog.String("event", m.ID), slog.String("type", m.Type),
		slog.Int("attempts", attempts), slog.Any("error", failure))
	if attempts >= maxAttempts {
		return turn{m.Subject, m.Sequence}, c.die(ctx, msg, m, letter{err: failure, attempts: attempts, ordered: true})
	}
	c.count(endFailed)
	c.settle(ctx, msg.NakWithDelay(backoff[attempts-1]))
	return turn{}, nil
}

// die makes the event a dead letter and ends its delivery.
func (c *consumer) die(ctx context.Context, msg jetstream.Msg, m Message, l letter) error {
	l.subject, l.headers, l.data = msg.Subject(), singleValues(msg.Headers()), msg.Data()
	if err := c.bury(ctx, m, l); err != nil {
		_ = msg.NakWithDelay(databaseWait)
		return fmt.Errorf("dead letter: %w", err)
	}
	c.count(endDead)
	c.Log.ErrorContext(ctx, "event is a dead letter", slog.String("event", m.ID),
		slog.String("subject", msg.Subject()), slog.Any("error", l.err))
	c.settle(ctx, msg.TermWithReason("dead letter"))
	return nil
}

// isFirst reports whether the stream holds no event of m's subject before m in
// m's epoch: the earlier ones are older than the stream. Without the look, an
// event that came while its predecessor waits for a second try would be taken
// for the first.
func (c *consumer) isFirst(ctx context.Context, m Message, position uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	stream, err := c.JS.Stream(ctx, StreamName(c.Stream))
	if err != nil {
		return false, fmt.Errorf("first event of %s: %w", m.Subject, err)
	}
	first, err := stream.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(m.Subject))
	if err != nil {
		return false, fmt.Errorf("first event of %s: %w", m.Subject, err)
	}
	return first.Sequence == position || first.Header.Get("ce-epoch") != m.Epoch, nil
}

// call runs Handle; a panic is a failure like another.
func (c *consumer) call(ctx context.Context, tx *pg.Tx, m Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Handle(ctx, tx, m)
}

func (c *consumer) count(e end) {
	c.Metrics.consumed.WithLabelValues(c.Name, c.Stream, string(e)).Inc()
}

func isConsumerNotFound(err error) bool { return errors.Is(err, jetstream.ErrConsumerNotFound) }
