package event

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamAge       = 30 * 24 * time.Hour
	maxMessage      = 256 << 10
	duplicateWindow = 10 * time.Minute // In which the broker drops a repeated id.
	defaultMaxBytes = 256 << 20

	maxAckPending = 64

	// ackWait is how long the broker waits for an acknowledgement. It is short
	// because deliveries are lost when the broker restarts; the repeat of one that
	// is still being handled has no effect. There is no BackOff at the broker: it
	// would prolong the delays that a refusal asks for.
	ackWait = 5 * time.Second
)

// StreamConfig is what differs between installations.
type StreamConfig struct {
	MaxBytes int64 // Of one stream; a full one refuses new events until old ones age. Zero for 256 MiB.
	Replicas int   // 3 in a cluster; zero for 1.
}

// StreamName returns the stream of a service's events: KYODO_PROPOSALS.
func StreamName(service string) string { return "KYODO_" + strings.ToUpper(service) }

// EnsureStreams makes the streams of services or brings their settings up to
// date. It needs the broker's steward. Events are kept for 30 days; a message
// can be neither deleted nor purged.
func EnsureStreams(ctx context.Context, js jetstream.JetStream, cfg StreamConfig, services ...string) error {
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = defaultMaxBytes
	}
	for _, service := range services {
		_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name:        StreamName(service),
			Description: "events of " + service,
			Subjects:    []string{"kyodo." + service + ".>"},
			Storage:     jetstream.FileStorage,
			Replicas:    max(cfg.Replicas, 1),
			MaxAge:      streamAge,
			MaxBytes:    cfg.MaxBytes,
			MaxMsgSize:  maxMessage,
			Discard:     jetstream.DiscardNew,
			Duplicates:  duplicateWindow,
			DenyDelete:  true,
			DenyPurge:   true,
		})
		if err != nil {
			return fmt.Errorf("stream %s: %w", StreamName(service), err)
		}
	}
	return nil
}

// EnsureConsumers makes the durables of consumers. It needs the broker's
// steward, because a service may not make consumers. A durable whose subjects
// changed is made anew and sees the whole stream again: what was taken before
// is known by its id.
func EnsureConsumers(ctx context.Context, js jetstream.JetStream, consumers ...Consumer) error {
	for _, c := range consumers {
		want := c.durable()
		have, err := js.Consumer(ctx, StreamName(c.Stream), c.Name)
		if err == nil && !sameFilters(have.CachedInfo().Config, want) {
			if err := js.DeleteConsumer(ctx, StreamName(c.Stream), c.Name); err != nil {
				return fmt.Errorf("old durable %s on %s: %w", c.Name, c.Stream, err)
			}
			err = jetstream.ErrConsumerNotFound
		}
		if err == nil {
			// Where it starts was decided when it was made.
			old := have.CachedInfo().Config
			want.DeliverPolicy, want.OptStartSeq = old.DeliverPolicy, old.OptStartSeq
		}
		if _, err := js.CreateOrUpdateConsumer(ctx, StreamName(c.Stream), want); err != nil {
			return fmt.Errorf("durable %s on %s: %w", c.Name, c.Stream, err)
		}
	}
	return nil
}

// JoinAt makes c's durable anew so that it starts at a position of the stream:
// the one that Replay returned, for a consumer that needs events older than the
// stream.
func JoinAt(ctx context.Context, js jetstream.JetStream, c Consumer, position uint64) error {
	err := js.DeleteConsumer(ctx, StreamName(c.Stream), c.Name)
	if err != nil && !isConsumerNotFound(err) {
		return fmt.Errorf("old durable %s on %s: %w", c.Name, c.Stream, err)
	}
	cfg := c.durable()
	cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, position
	if _, err := js.CreateConsumer(ctx, StreamName(c.Stream), cfg); err != nil {
		return fmt.Errorf("durable %s on %s: %w", c.Name, c.Stream, err)
	}
	return nil
}

// durable describes the consumer to the broker. Tries are not limited there: a
// wait for an earlier event counts as one, and a message that the broker gives
// up looks like a success. RunConsumer counts failures in the database.
func (c Consumer) durable() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:        c.Name,
		FilterSubjects: c.subjects(),
		DeliverPolicy:  jetstream.DeliverAllPolicy,
		AckPolicy:      jetstream.AckExplicitPolicy,
		AckWait:        ackWait,
		MaxAckPending:  maxAckPending,
		MaxDeliver:     -1,
	}
}

func (c Consumer) subjects() []string {
	if len(c.Subjects) > 0 {
		return c.Subjects
	}
	return []string{"kyodo." + c.Stream + ".>"}
}

func sameFilters(a, b jetstream.ConsumerConfig) bool {
	filters := func(c jetstream.ConsumerConfig) []string {
		f := slices.Clone(c.FilterSubjects)
		if c.FilterSubject != "" {
			f = append(f, c.FilterSubject)
		}
		slices.Sort(f)
		return f
	}
	return slices.Equal(filters(a), filters(b))
}
