package acceptance

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
)

// fact is an event as a subscriber got it.
type fact struct {
	SpecVersion, ID, Source, Type, Subject, Time, Epoch string

	Sequence json.Number
	Data     json.RawMessage

	subject string // Of the broker; "" over REST.
}

// name is the type without its package.
func (f fact) name() string { return f.Type[strings.LastIndexByte(f.Type, '.')+1:] }

// body is the event's message.
func (f fact) body() answer {
	var a answer
	_ = json.Unmarshal(f.Data, &a) // an empty body fails what is asked of it
	return a
}

// text is what a subscriber has to know of a fact.
func (f fact) text() string {
	return fmt.Sprintf("%s %s %s %s", f.Subject, f.Sequence, f.name(), f.ID)
}

// complete says which CloudEvents attribute is missing or wrong.
func (f fact) complete() error {
	_, timeErr := time.Parse(time.RFC3339Nano, f.Time)
	switch {
	case f.SpecVersion != "1.0", f.ID == "", f.Subject == "", f.Epoch == "", timeErr != nil,
		!strings.HasPrefix(f.Source, "/kyodo/"), !strings.HasPrefix(f.Type, "kyodo.") || f.Sequence == "":
		return fmt.Errorf("attributes of %+v", f)
	}
	return nil
}

// subscriber collects what it is told.
type subscriber struct {
	mu     sync.Mutex
	facts  []fact
	cursor string // Of the last event over REST.
	ended  error
	stop   context.CancelFunc
}

func (s *subscriber) take(f fact, cursor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts = append(s.facts, f)
	s.cursor = cursor
}

// about returns what it was told about one aggregate, in order.
func (s *subscriber) about(id string) []fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []fact
	for _, f := range s.facts {
		if f.Subject == id {
			out = append(out, f)
		}
	}
	return out
}

// last returns the cursor of the last event.
func (s *subscriber) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursor
}

// hears waits until it was told about an aggregate as often as asked.
func (s *subscriber) hears(t testing.TB, id string, n int, within time.Duration) []fact {
	t.Helper()
	eventually(t, within, fmt.Sprintf("%d events about %s", n, id), func() bool { return len(s.about(id)) >= n })
	return s.about(id)
}

// watch follows events over REST, from now on or behind a cursor.
func (w *world) watch(t testing.TB, as, filter, cursor string) *subscriber {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.origin+"/v1/domainEvents:watch?subject="+url.QueryEscape(filter), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	if cursor != "" {
		req.Header.Set("Last-Event-ID", cursor)
	}
	if token := w.token(t, as); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		raw, _ := io.ReadAll(resp.Body)
		t.Fatalf("watch %s as %q: %s %s", filter, as, resp.Status, raw)
	}
	s := &subscriber{stop: cancel}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	s.cursor = firstID(t, lines)
	go s.read(resp.Body, lines)
	return s
}

// firstID reads the cursor that a stream begins with.
func firstID(t testing.TB, lines *bufio.Scanner) string {
	t.Helper()
	id := ""
	for lines.Scan() {
		if lines.Text() == "" && id != "" {
			return id
		}
		if v, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = v
		}
	}
	t.Fatalf("the stream ended before it began: %v", lines.Err())
	return ""
}

func (s *subscriber) read(body io.ReadCloser, lines *bufio.Scanner) {
	defer body.Close()
	cursor := ""
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			cursor = v
		}
		if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var f fact
			if err := json.Unmarshal([]byte(v), &f); err != nil {
				f.Type = err.Error()
			}
			s.take(f, cursor)
		}
	}
	s.mu.Lock()
	s.ended = lines.Err()
	s.mu.Unlock()
}

// subscribe follows a service's events at the broker with the read-only account,
// from the first one that it keeps or from now on.
func (w *world) subscribe(t testing.TB, filter string, all bool) *subscriber {
	t.Helper()
	nc, err := nats.Connect(w.natsURL, broker.ClientOptions(broker.Subscriber, broker.Subscriber, slog.New(slog.DiscardHandler))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	cfg := jetstream.OrderedConsumerConfig{FilterSubjects: []string{filter}, DeliverPolicy: jetstream.DeliverNewPolicy}
	if all {
		cfg.DeliverPolicy = jetstream.DeliverAllPolicy
	}
	service := strings.Split(filter, ".")[1]
	var consumer jetstream.Consumer
	eventually(t, 10*time.Second, "a consumer of the read-only account", func() bool {
		consumer, err = js.OrderedConsumer(t.Context(), event.StreamName(service), cfg)
		return err == nil
	})
	s := &subscriber{stop: nc.Close}
	if _, err := consumer.Consume(func(m jetstream.Msg) { s.take(factOf(m), "") }); err != nil {
		t.Fatal(err)
	}
	return s
}

func factOf(m jetstream.Msg) fact {
	h := m.Headers()
	return fact{
		SpecVersion: h.Get("ce-specversion"), ID: h.Get("ce-id"), Source: h.Get("ce-source"), Type: h.Get("ce-type"),
		Subject: h.Get("ce-subject"), Time: h.Get("ce-time"), Epoch: h.Get("ce-epoch"),
		Sequence: json.Number(h.Get("ce-sequence")), Data: slices.Clone(m.Data()), subject: m.Subject(),
	}
}

// written are the public events of the proposals service as it wrote them.
func (w *world) written(t testing.TB) map[string][]string {
	t.Helper()
	rows, err := w.database(t).Query(t.Context(), `
		SELECT aggregate_id, id::text
		FROM proposals.event_log
		WHERE visibility = 'public'
		ORDER BY aggregate_id, sequence`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for rows.Next() {
		var aggregate, id string
		if err := rows.Scan(&aggregate, &id); err != nil {
			t.Fatal(err)
		}
		out[aggregate] = append(out[aggregate], id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// once returns the ids by aggregate in the order in which they first came, and
// checks that their sequences are 1, 2, 3 and so on.
func (s *subscriber) once(t testing.TB) map[string][]string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	out, seen := map[string][]string{}, map[string]bool{}
	for _, f := range s.facts {
		if seen[f.ID] {
			continue // A repeat is told by its id.
		}
		seen[f.ID] = true
		out[f.Subject] = append(out[f.Subject], f.ID)
		if want := fmt.Sprint(len(out[f.Subject])); f.Sequence.String() != want {
			t.Errorf("%s comes as number %s", f.text(), want)
		}
	}
	return out
}

// same reports whether two subscribers' events are the same.
func same(a, b map[string][]string) bool { return maps.EqualFunc(a, b, slices.Equal) }
