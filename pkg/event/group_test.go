package event_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// backlog publishes the first n events of as many aggregates and returns what seen
// says of them.
func (f *fixture) backlog(n int, epoch string) []string {
	f.t.Helper()
	var want []string
	for i := range n {
		id := fmt.Sprintf("g%02d", i)
		f.publish(id, 1, epoch, func(m *nats.Msg) { m.Header["ce-id"] = []string{fmt.Sprintf("22222222-2222-4222-8222-%012d", i)} })
		want = append(want, id+" 1")
	}
	return want
}

// transactions returns in how many the events were taken.
func (f *fixture) transactions() (n int) {
	f.t.Helper()
	if err := f.sink.QueryRow(f.t.Context(), `SELECT count(DISTINCT received_at) FROM inbox`).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

func TestBacklogIsTakenTogetherInOrder(t *testing.T) {
	f := newFixture(t)
	want := f.backlog(20, "E1")
	f.publish("g03", 2, "E1") // Behind its predecessor in the same transaction.
	want = append(want, "g03 2")
	f.consume()
	eventually(t, "all", func() bool { return len(f.seen()) >= len(want) })
	if diff := cmp.Diff(want, f.seen()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := f.transactions(); n > len(want)/3 { // It was there before the consumer asked.
		t.Errorf("%d events in %d transactions", len(want), n)
	}
}

// TestOneFailureLeavesTheGroupWhole has one event of a backlog fail, for good or
// once: the others have their effect once, and it alone is counted.
func TestOneFailureLeavesTheGroupWhole(t *testing.T) {
	for name, failure := range map[string]error{"for good": event.Permanent(errors.New("never")), "once": errors.New("not yet")} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			tries := 0
			f.setHandle(func(m event.Message) error {
				if m.AggregateID() != "g07" {
					return nil
				}
				tries++
				if tries > 2 { // Once in the group and once alone.
					return nil
				}
				return failure
			})
			f.backlog(12, "E1")
			f.consume()
			want, dead := 12, 0
			if name == "for good" {
				want, dead = 11, 1
			}
			eventually(t, "all", func() bool { return len(f.seen()) >= want && f.count(f.sink, "inbox") == 12 })
			if n := f.count(f.sink, "dead_letter"); n != dead {
				t.Errorf("%d dead letters, want %d", n, dead)
			}
			effects := map[string]int{}
			for _, s := range f.seen() {
				effects[s]++
			}
			for s, n := range effects {
				if n != 1 {
					t.Errorf("%d effects of %s", n, s)
				}
			}
			if len(effects) != want {
				t.Errorf("effects of %d events, want %d", len(effects), want)
			}
		})
	}
}

// TestReplicasResetOnce has three replicas meet a new epoch at the same time: none
// drops what another has made since the first reset.
func TestReplicasResetOnce(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		f.consume()
	}
	f.backlog(6, "E1")
	eventually(t, "first epoch", func() bool { return len(f.seen()) == 6 })
	for round := 2; round < 6; round++ {
		want := f.backlog(12, fmt.Sprintf("E%d", round))
		eventually(t, "epoch", func() bool { return f.count(f.sink, "inbox") == 6+12*(round-1) })
		seen := f.seen()
		slices.Sort(seen)
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("epoch %d: -want +got\n%s", round, diff)
		}
		if f.resets != round-1 {
			t.Errorf("%d resets, want %d", f.resets, round-1)
		}
	}
}

// TestEachSeesWhatTheOneBeforeWrote has events that are taken together count what is
// there before they queue a row of their own.
func TestEachSeesWhatTheOneBeforeWrote(t *testing.T) {
	f := newFixture(t)
	const n = 12
	f.backlog(n, "E1")
	cfg := f.consumer()
	cfg.JS = f.connect("directory")
	cfg.Handle = func(ctx context.Context, tx *pg.Tx, m event.Message) error {
		var before int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM seen`).Scan(&before); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO seen (subject, sequence, note) VALUES ($1, $2, '')`, m.Subject, before)
		return nil
	}
	f.run(func(ctx context.Context) error { return event.RunConsumer(ctx, cfg) })
	eventually(t, "all", func() bool { return f.count(f.sink, "seen") == n })
	for i, s := range f.seen() {
		if want := fmt.Sprintf("g%02d %d", i, i); s != want {
			t.Errorf("event and how many it saw: %s, want %s", s, want)
		}
	}
}

func TestStoppedRelayLeavesNothingPublishedBehind(t *testing.T) {
	f := newFixture(t)
	stop := f.relay()
	f.consume()
	f.add("p1", "x")
	eventually(t, "published", func() bool { return len(f.seen()) == 1 })
	stop()
	if n := f.count(f.source, "outbox"); n != 0 {
		t.Errorf("%d published rows stay", n)
	}
}
