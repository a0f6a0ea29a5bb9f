package benchmark

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
)

// Stream says what causes events, and how often.
type Stream struct {
	Service    string
	Count      int           // Of causes.
	Every      time.Duration // From one cause to the next.
	EventsEach int           // Public events of one cause.
	// Cause makes a change and returns the id of its aggregate.
	Cause func(ctx context.Context, i int) (id string, err error)
}

const arrivalWait = 5 * time.Second

// arrivals notes when events came, by event id.
type arrivals struct {
	mu  sync.Mutex
	at  map[string]time.Time
	all chan struct{} // Closed when the last one has come.
	of  int
}

func (a *arrivals) note(id string) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, again := a.at[id]; again {
		return
	}
	a.at[id] = now
	if len(a.at) == a.of {
		close(a.all)
	}
}

// StampCommits has Postgres note the time of every commit, and starts the
// installation again for it.
func (r *Rig) StampCommits(b *testing.B) {
	b.Helper()
	r.Exec(b, "public", `ALTER SYSTEM SET track_commit_timestamp = on`)
	r.Stop()
	r.Start()
}

// Latency reports how long public events take to subscribers of the broker and
// of server-sent events: from the moment at which Postgres begins to make the
// commit durable, which is early, and from the answer to the caller, which is
// late.
func (r *Rig) Latency(b *testing.B, s Stream) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	byBroker, bySSE := r.subscribe(ctx, b, s), r.watch(ctx, b, s)
	answered := r.cause(ctx, b, s)
	for _, a := range []*arrivals{byBroker, bySSE} {
		select {
		case <-a.all:
		case <-time.After(arrivalWait):
			b.Fatalf("%d of %d events came", len(a.at), a.of)
		}
	}
	commits := r.commits(b, s.Service, answered)
	for name, a := range map[string]*arrivals{"broker": byBroker, "SSE": bySSE} {
		var early, late []time.Duration
		for id, c := range commits {
			early = append(early, a.at[id].Sub(c.begun))
			late = append(late, max(0, a.at[id].Sub(c.answered)))
		}
		slices.Sort(early)
		slices.Sort(late)
		r.report.add(b.Name(), "%-6s  from the commit's begin p50 %6.2f ms  p99 %6.2f ms   from the answer p50 %6.2f ms  p99 %6.2f ms",
			name, ms(at(early, 50)), ms(at(early, 99)), ms(at(late, 50)), ms(at(late, 99)))
		b.ReportMetric(ms(at(early, 50)), name+"-p50-ms")
		b.ReportMetric(ms(at(early, 99)), name+"-p99-ms")
	}
}

// cause makes the changes, each when it is due, and returns when each aggregate
// was answered.
func (r *Rig) cause(ctx context.Context, b *testing.B, s Stream) map[string]time.Time {
	b.Helper()
	answered := make(map[string]time.Time, s.Count)
	var mu sync.Mutex
	var wg sync.WaitGroup
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for i := range s.Count {
		<-tick.C
		wg.Go(func() {
			id, err := s.Cause(ctx, i)
			now := time.Now()
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			answered[id] = now
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return answered
}

// commit is when a change became true.
type commit struct{ begun, answered time.Time }

// commits returns the public events of the aggregates.
func (r *Rig) commits(b *testing.B, service string, answered map[string]time.Time) map[string]commit {
	b.Helper()
	conn := r.admin(b, service)
	defer conn.Close(b.Context())
	rows, err := conn.Query(b.Context(), `
		SELECT id::text, aggregate_id, pg_xact_commit_timestamp(xmin)
		FROM event_log
		WHERE visibility = 'public'`)
	must(b, err)
	out := map[string]commit{}
	var id, aggregate string
	var begun *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &aggregate, &begun}, func() error {
		if at, ok := answered[aggregate]; ok {
			out[id] = commit{*begun, at}
		}
		return nil
	})
	must(b, err)
	return out
}

// subscribe reads as an outside program does, with the read-only account.
func (r *Rig) subscribe(ctx context.Context, b *testing.B, s Stream) *arrivals {
	b.Helper()
	a := &arrivals{at: map[string]time.Time{}, all: make(chan struct{}), of: s.Count * s.EventsEach}
	nc, err := nats.Connect(r.NATS, nats.UserInfo(broker.Subscriber, broker.Subscriber))
	must(b, err)
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	must(b, err)
	c, err := js.OrderedConsumer(ctx, event.StreamName(s.Service), jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{"kyodo." + s.Service + ".public.>"}, DeliverPolicy: jetstream.DeliverNewPolicy,
	})
	must(b, err)
	reading, err := c.Consume(func(m jetstream.Msg) { a.note(m.Headers().Get("ce-id")) })
	must(b, err)
	b.Cleanup(reading.Stop)
	return a
}

// watch reads server-sent events as a browser does.
func (r *Rig) watch(ctx context.Context, b *testing.B, s Stream) *arrivals {
	b.Helper()
	a := &arrivals{at: map[string]time.Time{}, all: make(chan struct{}), of: s.Count * s.EventsEach}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Origin+"/v1/domainEvents:watch?subject=kyodo."+s.Service+".public.%3E", nil)
	must(b, err)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := client.Do(req)
	must(b, err)
	if resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status)
	}
	opened := make(chan struct{})
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for first := true; lines.Scan(); first = false {
			if first {
				close(opened)
			}
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var e struct{ ID string }
			if ok && json.Unmarshal([]byte(data), &e) == nil {
				a.note(e.ID)
			}
		}
	}()
	<-opened
	return a
}
