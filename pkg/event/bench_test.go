package event_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
)

// BenchmarkCommitToSubscriber measures from the return of the committing
// transaction to the arrival at a consumer of ours and at a subscriber from
// outside, at 100 events a second.
func BenchmarkCommitToSubscriber(b *testing.B) {
	for _, of := range []string{"service", "subscriber"} {
		b.Run(of, func(b *testing.B) { benchmarkLatency(b, of) })
	}
}

func benchmarkLatency(b *testing.B, of string) {
	f := newFixture(b)
	f.relay()
	arrived := make(chan time.Time, 1)
	if of == "service" {
		f.setHandle(func(event.Message) error { arrived <- time.Now(); return nil })
		f.consume()
	} else {
		f.subscribe(func() { arrived <- time.Now() })
	}
	f.add("warm", "up")
	<-arrived
	took := make([]time.Duration, 0, b.N)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		<-tick.C
		f.add("p", "x")
		committed := time.Now()
		took = append(took, max((<-arrived).Sub(committed), 0))
	}
	slices.Sort(took)
	at := func(percent int) float64 {
		return float64(took[min(len(took)*percent/100, len(took)-1)].Microseconds()) / 1000
	}
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
}

// subscribe reads public events as an outsider does, with an ordered consumer
// on the mirror.
func (f *fixture) subscribe(arrived func()) {
	f.t.Helper()
	js := f.connect("subscriber")
	var c jetstream.Consumer
	eventually(f.t, "mirror", func() (ok bool) {
		var err error
		c, err = js.OrderedConsumer(f.t.Context(), "KYODO_PROPOSALS", jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{"kyodo.proposals.public.>"},
		})
		return err == nil
	})
	cc, err := c.Consume(func(jetstream.Msg) { arrived() })
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(cc.Stop)
}

// BenchmarkThroughput measures how fast a full outbox is emptied.
func BenchmarkThroughput(b *testing.B) {
	f := newFixture(b)
	var done sync.WaitGroup
	each := (b.N + 7) / 8
	for w := range 8 {
		done.Go(func() {
			for range each {
				f.add(string(rune('a'+w)), "x")
			}
		})
	}
	done.Wait()
	b.ResetTimer()
	f.relay()
	eventually(b, "empty outbox", func() bool { return f.count(f.source, "outbox") == 0 })
	b.ReportMetric(float64(8*each)/b.Elapsed().Seconds(), "events/s")
}
