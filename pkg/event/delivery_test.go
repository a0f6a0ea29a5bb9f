package event_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
)

// write has writers add events to few aggregates and waits for them.
func (f *fixture) write(writers, each int) {
	var done sync.WaitGroup
	for w := range writers {
		done.Go(func() {
			for i := range each {
				f.add(fmt.Sprintf("p%d", (w+i)%3), "x")
			}
		})
	}
	done.Wait()
}

// checkOrder holds what was taken against 1, 2, 3 … of each aggregate.
func (f *fixture) checkOrder(total int) {
	f.t.Helper()
	eventually(f.t, fmt.Sprintf("%d effects", total), func() bool { return f.count(f.sink, "seen") >= total })
	last := map[string]int{}
	seen := f.seen()
	for _, s := range seen {
		id, sequence, _ := strings.Cut(s, " ")
		last[id]++
		if sequence != fmt.Sprint(last[id]) {
			f.t.Fatalf("after %d of %s came %s", last[id]-1, id, sequence)
		}
	}
	if len(seen) != total {
		f.t.Errorf("%d effects, want %d", len(seen), total)
	}
	eventually(f.t, "empty outbox", func() bool { return f.count(f.source, "outbox") == 0 })
}

func TestOrderUnderConcurrentWriters(t *testing.T) {
	f := newFixture(t)
	f.relay()
	f.consume()
	f.write(32, 10)
	f.checkOrder(320)
}

func TestBrokerRestartsUnderLoad(t *testing.T) {
	f := newFixture(t)
	f.relay()
	f.consume()
	f.write(8, 10)
	restarted := make(chan error, 1)
	go func() { restarted <- f.broker.Restart(t.Context(), "test") }()
	f.write(8, 20)
	if err := <-restarted; err != nil {
		t.Fatal(err)
	}
	f.checkOrder(240)
}

// TestBrokerAway stops an outside broker, adds events and starts it again at
// the same address.
func TestBrokerAway(t *testing.T) {
	f := newFixture(t)
	cfg := broker.Config{
		Dir: t.TempDir(), Listen: "127.0.0.1:0", Log: quiet,
		Services: []broker.Service{{Name: "proposals"}, {Name: "directory", Consumes: []string{"proposals"}}},
	}
	f.broker.Shutdown()
	var err error
	if f.broker, err = broker.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Listen = f.broker.Addr()
	f.steward = f.connectTCP(broker.Steward)
	f.ensure()
	relayJS, consumerJS := f.connectTCP("proposals"), f.connectTCP("directory")
	f.run(func(ctx context.Context) error {
		return event.RunRelay(ctx, event.RelayConfig{DB: f.source, JS: relayJS, Service: "proposals", Log: quiet})
	})
	c := f.consumer()
	c.JS = consumerJS
	f.run(func(ctx context.Context) error { return event.RunConsumer(ctx, c) })
	f.write(4, 5)
	f.checkOrder(20)

	f.broker.Shutdown()
	f.write(4, 5)
	if n := f.count(f.source, "outbox"); n != 20 {
		t.Errorf("%d rows wait, want 20", n)
	}
	if f.broker, err = broker.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.broker.Shutdown)
	f.checkOrder(40)
}

// connectTCP connects from outside with the password that Start wrote.
func (f *fixture) connectTCP(user string) jetstream.JetStream {
	f.t.Helper()
	password, err := f.broker.Password(user)
	if err != nil {
		f.t.Fatal(err)
	}
	nc, err := nats.Connect("nats://"+f.broker.Addr(), broker.ClientOptions(user, password, quiet)...)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		f.t.Fatal(err)
	}
	return js
}

// TestRelayDiesBeforeDelete has the events on the stream already, as a relay
// leaves them that was killed between the acknowledgement and the delete.
func TestRelayDiesBeforeDelete(t *testing.T) {
	f := newFixture(t)
	f.add("p1", "a", "b")
	rows, err := f.source.Query(t.Context(), `SELECT id::text, subject, headers, data FROM outbox ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var id string
		m := nats.NewMsg("")
		var headers map[string]string
		if err := rows.Scan(&id, &m.Subject, &headers, &m.Data); err != nil {
			t.Fatal(err)
		}
		for k, v := range headers {
			m.Header[k] = []string{v}
		}
		// Once as the relay does, once as if the broker had forgotten the id.
		for _, msgID := range []string{id, id + "-again"} {
			m.Header.Set(jetstream.MsgIDHeader, msgID)
			if _, err := f.steward.PublishMsg(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.relay()
	f.consume()
	f.add("p1", "c")
	f.checkOrder(3)
}

func TestOneRelayWorksAtATime(t *testing.T) {
	f := newFixture(t)
	published := map[string]func() int{}
	stops := map[string]func(){}
	for _, name := range []string{"a", "b"} {
		registry := prometheus.NewRegistry()
		metrics, db, js := event.NewMetrics(registry), f.pool("proposals"), f.connect("proposals")
		published[name] = func() int { return counter(t, registry, "kyodo_events_published_total") }
		stops[name] = f.run(func(ctx context.Context) error {
			return event.RunRelay(ctx, event.RelayConfig{DB: db, JS: js, Service: "proposals", Log: quiet, Metrics: metrics})
		})
	}
	f.consume()
	f.write(4, 10)
	f.checkOrder(40)
	leader, other := "a", "b"
	if published["a"]() == 0 {
		leader, other = "b", "a"
	}
	eventually(t, "count", func() bool { return published[leader]() == 40 })
	if n := published[other](); n != 0 {
		t.Errorf("the waiting relay published %d", n)
	}
	stops[leader]()
	f.write(2, 5)
	f.checkOrder(50)
	eventually(t, "count", func() bool { return published[other]() == 10 })
}

func counter(t *testing.T, r *prometheus.Registry, name string) int {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return int(sum)
}

func TestRelayWithoutItsConnectionTakesTheLeaseAgain(t *testing.T) {
	f := newFixture(t)
	f.relay()
	f.consume()
	f.write(1, 3)
	f.checkOrder(3)
	f.exec(f.source, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kyodo/proposals/relay'`)
	f.write(1, 3)
	f.checkOrder(6)
}

func TestRepeatsGapsAndEpochs(t *testing.T) {
	f := newFixture(t)
	f.consume()
	f.publish("a", 1, "E1")
	f.publish("a", 3, "E1") // 2 is late.
	f.publish("b", 1, "E1")
	f.publish("a", 2, "E1")
	eventually(t, "gap closed", func() bool { return len(f.seen()) == 4 })
	if diff := cmp.Diff([]string{"a 1", "b 1", "a 2", "a 3"}, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	f.publish("a", 2, "E1") // The same event again.
	f.publish("a", 4, "E0") // An epoch that is over.
	f.publish("a", 3, "E1", func(m *nats.Msg) { m.Header["ce-id"] = []string{"11111111-1111-4111-8111-111111111111"} })
	f.publish("c", 1, "E1")
	eventually(t, "c", func() bool { return len(f.seen()) >= 5 })
	if diff := cmp.Diff([]string{"a 1", "b 1", "a 2", "a 3", "c 1"}, f.seen()); diff != "" {
		t.Errorf("repeats: -want +got\n%s", diff)
	}

	f.publish("a", 1, "E2") // The source was restored.
	f.publish("a", 2, "E2")
	f.publish("b", 2, "E1")
	f.publish("d", 1, "E2")
	eventually(t, "d", func() bool { s := f.seen(); return s[len(s)-1] == "d 1" })
	if diff := cmp.Diff([]string{"a 1", "a 2", "d 1"}, f.seen()); diff != "" {
		t.Errorf("new epoch: -want +got\n%s", diff)
	}
	if f.resets != 1 {
		t.Errorf("%d resets, want 1", f.resets)
	}
}

// TestJoinsATrimmedStream starts at the oldest event that the stream holds.
func TestJoinsATrimmedStream(t *testing.T) {
	f := newFixture(t)
	f.publish("a", 7, "E1")
	f.publish("a", 8, "E1")
	f.consume()
	eventually(t, "a", func() bool { return len(f.seen()) == 2 })
	if diff := cmp.Diff([]string{"a 7", "a 8"}, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestFailureIsTriedAgainInOrder(t *testing.T) {
	f := newFixture(t)
	tries := 0
	f.setHandle(func(m event.Message) error {
		if m.AggregateID() == "a" && m.Sequence == 1 {
			if tries++; tries <= 2 { // Once with the others and once alone.
				return errors.New("not yet")
			}
		}
		return nil
	})
	f.publish("a", 1, "E1")
	f.publish("a", 2, "E1") // Must not be taken for the first.
	f.publish("b", 1, "E1")
	f.consume()
	eventually(t, "all", func() bool { return len(f.seen()) == 3 })
	if diff := cmp.Diff([]string{"b 1", "a 1", "a 2"}, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := f.count(f.sink, "inbox_failure"); n != 0 {
		t.Errorf("%d failures remembered, want none", n)
	}
}

func TestConsumerStopsAndGoesOn(t *testing.T) {
	f := newFixture(t)
	f.relay()
	stop := f.consume()
	f.write(2, 5)
	f.checkOrder(10)
	stop()
	f.write(2, 5)
	began := make(chan struct{})
	go func() {
		defer close(began)
		f.consume()
	}()
	<-began
	f.checkOrder(20)
}

func TestReconcilerMeasuresTheOutbox(t *testing.T) {
	f := newFixture(t)
	f.add("a", "x", "y")
	f.exec(f.source, `UPDATE outbox SET created_at = created_at - INTERVAL '5 minutes'`)
	registry := prometheus.NewRegistry()
	f.run(func(ctx context.Context) error {
		return event.RunReconciler(ctx, event.ReconcilerConfig{
			DB: f.source, Service: "proposals", Every: 20 * time.Millisecond, Log: quiet, Metrics: event.NewMetrics(registry),
		})
	})
	eventually(t, "gauges", func() bool {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, family := range families {
			got[family.GetName()] = family.GetMetric()[0].GetGauge().GetValue()
		}
		return got["kyodo_outbox_rows"] == 2 && got["kyodo_outbox_oldest_seconds"] >= 300
	})
}
