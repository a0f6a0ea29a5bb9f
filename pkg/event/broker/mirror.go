package broker

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	mirrorEvery    = time.Second            // Between looks for streams without a mirror.
	mirrorBytes    = 64 << 20               // Of memory for one mirror at most; the oldest events go first.
	consumerIdle   = 5 * time.Minute        // A subscriber's consumer that nobody fetches from goes away.
	originMetadata = "kyodo-origin-created" // Tells a mirror of a stream that was made anew.
)

// keepMirrors keeps a mirror for each stream until ctx ends.
func (b *Broker) keepMirrors(ctx context.Context) {
	tick := time.NewTicker(mirrorEvery)
	defer tick.Stop()
	var origin, mirrors *nats.Conn
	defer func() {
		for _, nc := range []*nats.Conn{origin, mirrors} {
			if nc != nil {
				nc.Close()
			}
		}
	}()
	said := ""
	for {
		err := func() (err error) {
			if origin == nil {
				if origin, err = b.Connect(Steward); err != nil {
					return err
				}
			}
			if mirrors == nil {
				if mirrors, err = b.Connect(Mirrors); err != nil {
					return err
				}
			}
			return Mirror(ctx, origin, mirrors)
		}()
		// The same trouble is told once.
		if err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			b.log.WarnContext(ctx, "mirrors for subscribers", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Mirror makes the mirrors that subscribers read, one for each stream that
// origin sees, and makes those anew whose stream was rebuilt. Mirrors live in
// memory: they are copies and fill themselves after a restart. origin is the
// steward's connection, mirrors one that may do everything in account
// SUBSCRIBERS.
func Mirror(ctx context.Context, origin, mirrors *nats.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	from, err := jetstream.New(origin)
	if err != nil {
		return err
	}
	to, err := jetstream.New(mirrors)
	if err != nil {
		return err
	}
	present := map[string]string{}
	have := to.ListStreams(ctx)
	for info := range have.Info() {
		present[info.Config.Name] = info.Config.Metadata[originMetadata]
	}
	if err := have.Err(); err != nil {
		return fmt.Errorf("list mirrors: %w", err)
	}
	streams := from.ListStreams(ctx, jetstream.WithStreamListSubject("kyodo.>"))
	for info := range streams.Info() {
		created := info.Created.UTC().Format(time.RFC3339Nano)
		old, ok := present[info.Config.Name]
		if ok && old == created {
			continue
		}
		if ok {
			if err := to.DeleteStream(ctx, info.Config.Name); err != nil {
				return fmt.Errorf("old mirror of %s: %w", info.Config.Name, err)
			}
		}
		if err := makeMirror(ctx, to, info.Config, created); err != nil {
			return err
		}
	}
	if err := streams.Err(); err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	return nil
}

func makeMirror(ctx context.Context, to jetstream.JetStream, origin jetstream.StreamConfig, created string) error {
	service := strings.ToLower(strings.TrimPrefix(origin.Name, "KYODO_"))
	_, err := to.CreateStream(ctx, jetstream.StreamConfig{
		Name:        origin.Name,
		Description: "public events of " + service,
		Storage:     jetstream.MemoryStorage,
		MaxAge:      origin.MaxAge,
		MaxBytes:    mirrorBytes,
		Discard:     jetstream.DiscardOld,
		DenyDelete:  true,
		DenyPurge:   true,
		Metadata:    map[string]string{originMetadata: created},
		Mirror: &jetstream.StreamSource{
			Name:          origin.Name,
			FilterSubject: "kyodo." + service + ".public.>",
			External:      &jetstream.ExternalStream{APIPrefix: "origin.API", DeliverPrefix: "mirrored"},
		},
		ConsumerLimits: jetstream.StreamConsumerLimits{InactiveThreshold: consumerIdle},
	})
	if err != nil {
		return fmt.Errorf("mirror of %s: %w", origin.Name, err)
	}
	return nil
}
