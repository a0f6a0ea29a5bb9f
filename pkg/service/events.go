package service

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
)

// runEvents relays and consumes until ctx ends, once the streams are made.
func (r *Running) runEvents(ctx context.Context, p *part) {
	select {
	case <-ctx.Done():
		return
	case <-r.streams:
	}
	js, err := jetstream.New(p.nats)
	if err != nil {
		p.deps.Log.Error("events do not run", "error", err)
		return
	}
	metrics := r.host.Metrics
	var wg sync.WaitGroup
	wg.Go(func() {
		r.ended(p, event.RunRelay(ctx, event.RelayConfig{DB: p.deps.DB, JS: js, Service: p.Name, Log: p.deps.Log, Metrics: metrics}))
	})
	wg.Go(func() {
		r.ended(p, event.RunReconciler(ctx, event.ReconcilerConfig{DB: p.deps.DB, Service: p.Name, Log: p.deps.Log, Metrics: metrics}))
	})
	for _, c := range ConsumersOf(p.Module, p.deps) {
		wg.Go(func() {
			r.ended(p, event.RunConsumer(ctx, event.ConsumerConfig{Consumer: c, DB: p.deps.DB, JS: js, Log: p.deps.Log, Metrics: metrics}))
		})
	}
	wg.Wait()
}

// ended logs why a worker stopped before it was told to.
func (r *Running) ended(p *part, err error) {
	if err != nil {
		p.deps.Log.Error("event worker ended", "error", err)
	}
}

// ConsumersOf returns what a module consumes, in the service's name.
func ConsumersOf(m Module, deps Deps) []event.Consumer {
	if m.Consumers == nil {
		return nil
	}
	all := m.Consumers(deps)
	for i := range all {
		all[i].Name = m.Name
	}
	return all
}

// makeStreams makes streams and durables as the broker's steward, trying again
// until the broker is there.
func (r *Running) makeStreams(ctx context.Context) {
	defer close(r.streams)
	for r.host.Steward != nil {
		err := r.tryStreams(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		r.host.Log.Warn("event streams are not made yet", "error", err)
		wait(ctx, time.Second)
	}
}

func (r *Running) tryStreams(ctx context.Context) error {
	nc, err := r.host.Steward()
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	for _, p := range r.parts {
		if err := event.EnsureStreams(ctx, js, r.host.Streams, append([]string{p.Name}, p.Consumes...)...); err != nil {
			return err
		}
		if err := event.EnsureConsumers(ctx, js, ConsumersOf(p.Module, p.deps)...); err != nil {
			return err
		}
	}
	return nil
}
