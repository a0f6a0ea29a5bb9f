package event_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
)

func TestDeadLetterBlocksNothingAndIsRedriven(t *testing.T) {
	f := newFixture(t)
	broken := event.Permanent(errors.New("cannot be"))
	f.setHandle(func(m event.Message) error {
		if m.AggregateID() == "a" && m.Sequence <= 2 {
			return broken
		}
		return nil
	})
	f.consume()
	for sequence := 1; sequence <= 3; sequence++ {
		f.publish("a", sequence, "E1")
	}
	f.publish("b", 1, "E1")
	eventually(t, "the others", func() bool { return len(f.seen()) == 2 })
	if diff := cmp.Diff([]string{"a 3", "b 1"}, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	letters, err := event.ListDeadLetters(t.Context(), f.sink, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != 2 || letters[0].EventID != eventID("a", 1) || letters[0].Reason != "cannot be" || letters[0].Consumer != "directory" {
		t.Errorf("dead letters %+v", letters)
	}

	cfg := f.consumer()
	if done, err := event.Redrive(t.Context(), cfg); done.Done != 0 || err != nil || len(done.Failed) != 1 || !errors.Is(done.Err(), broken) {
		t.Errorf("redriven %+v, %v; want none and the failure of the first", done, err)
	}
	f.setHandle(nil)
	if done, err := event.Redrive(t.Context(), cfg); done.Done != 2 || errors.Join(done.Err(), err) != nil {
		t.Errorf("redriven %+v, %v; want 2", done, err)
	}
	if done, err := event.Redrive(t.Context(), cfg); done.Done != 0 || errors.Join(done.Err(), err) != nil {
		t.Errorf("redriven again %+v, %v; want none", done, err)
	}
	if diff := cmp.Diff([]string{"a 3", "b 1", "a 1", "a 2"}, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestForgedAndBrokenMessagesAreDeadLetters(t *testing.T) {
	f := newFixture(t)
	f.consume()
	set := func(name, value string) func(*nats.Msg) {
		return func(m *nats.Msg) { m.Header[name] = []string{value} }
	}
	poisons := []func(*nats.Msg){
		set("ce-id", "not a uuid"),
		set("ce-source", "/kyodo/directory"),
		set("ce-subject", "b"),
		set("ce-type", "kyodo.directory.v1.Forged"),
		set("ce-sequence", "0"),
		set("ce-time", "yesterday"),
		set("ce-epoch", ""),
		set("x-odd", "a\x00b\xff"),
		func(m *nats.Msg) { m.Header = nil; m.Data = nil },
		func(m *nats.Msg) { m.Subject = "kyodo.proposals.public.proposal.a.b" },
	}
	for i, p := range poisons {
		f.publish("a", 100+i, "E1", p, set2(i == 7, "ce-source", "x"))
	}
	f.publish("c", 1, "E1", func(m *nats.Msg) { m.Data = []byte("{") })
	f.publish("c", 2, "E1")
	eventually(t, "c", func() bool { return len(f.seen()) == 1 })
	if diff := cmp.Diff([]string{"c 2"}, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n, want := f.count(f.sink, "dead_letter"), len(poisons)+1; n != want {
		t.Errorf("%d dead letters, want %d", n, want)
	}
}

// set2 sets a header where on.
func set2(on bool, name, value string) func(*nats.Msg) {
	return func(m *nats.Msg) {
		if on {
			m.Header[name] = []string{value}
		}
	}
}

func TestPanicIsAFailure(t *testing.T) {
	f := newFixture(t)
	first := true
	f.setHandle(func(event.Message) error {
		if first {
			first = false
			panic("oh")
		}
		return nil
	})
	f.consume()
	f.publish("a", 1, "E1")
	eventually(t, "second try", func() bool { return len(f.seen()) == 1 })
}

func TestEighthFailureIsADeadLetter(t *testing.T) {
	f := newFixture(t)
	f.setHandle(func(m event.Message) error { return errors.New("never") })
	f.exec(f.sink, `INSERT INTO inbox_failure (consumer, event_id, attempts, error, failed_at) VALUES ('directory', $1, 7, '', now())`, eventID("a", 1))
	f.consume()
	f.publish("a", 1, "E1")
	eventually(t, "dead letter", func() bool { return f.count(f.sink, "dead_letter") == 1 })
	if n := f.count(f.sink, "inbox_failure"); n != 0 {
		t.Errorf("%d failures remembered, want none", n)
	}
}

func TestDeadLettersAreListedWithoutContent(t *testing.T) {
	f := newFixture(t)
	f.setHandle(func(event.Message) error { return event.Permanent(errors.New("of 見本 花子")) })
	f.consume()
	for sequence := 1; sequence <= 3; sequence++ {
		f.publish("a", sequence, "E1")
	}
	eventually(t, "the deaths", func() bool {
		letters, err := event.ListDeadLetters(t.Context(), f.sink, 0, 10)
		return err == nil && len(letters) == 3
	})
	s := &event.DeadLetterServer{Services: map[string]*pg.DB{"directory": f.sink}, Pages: pg.NewPages([]byte("0123456789abcdef0123456789abcdef"))}
	first, err := s.ListDeadLetters(t.Context(), &operationv1.ListDeadLettersRequest{Service: "directory", PageSize: 2})
	if err != nil || len(first.GetDeadLetters()) != 2 || first.GetNextPageToken() == "" {
		t.Fatalf("%v, %v", first, err)
	}
	if l := first.GetDeadLetters()[0]; l.GetEventId() != eventID("a", 1) || l.GetConsumer() != "directory" || l.GetAttempts() == 0 || l.GetDieTime() == nil {
		t.Errorf("the first is %v", l)
	}
	if strings.Contains(first.String(), "花子") {
		t.Error("the list holds what stands in an error")
	}
	rest, err := s.ListDeadLetters(t.Context(), &operationv1.ListDeadLettersRequest{Service: "directory", PageSize: 2, PageToken: first.GetNextPageToken()})
	if err != nil || len(rest.GetDeadLetters()) != 1 || rest.GetNextPageToken() != "" {
		t.Errorf("%v, %v", rest, err)
	}
	if _, err := s.ListDeadLetters(t.Context(), &operationv1.ListDeadLettersRequest{Service: "nothing"}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("of a service that there is not: %v", err)
	}
}
