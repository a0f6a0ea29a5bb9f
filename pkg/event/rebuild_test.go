package event_test

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// messages returns what the stream holds, without the relay's bookkeeping.
func (f *fixture) messages() []string {
	f.t.Helper()
	s, err := f.steward.Stream(f.t.Context(), "KYODO_PROPOSALS")
	if err != nil {
		f.t.Fatal(err)
	}
	var all []string
	for i := range s.CachedInfo().State.Msgs {
		m, err := s.GetMsg(f.t.Context(), i+1)
		if err != nil {
			f.t.Fatal(err)
		}
		m.Header.Del(jetstream.ExpectedLastMsgIDHeader)
		var headers []string
		for k, v := range m.Header {
			headers = append(headers, k+"="+v[0])
		}
		sort.Strings(headers)
		all = append(all, fmt.Sprint(m.Subject, headers, string(m.Data)))
	}
	return all
}

func TestRebuildGivesTheSameStream(t *testing.T) {
	f := newFixture(t)
	f.relay()
	stop := f.consume()
	f.write(4, 10)
	f.checkOrder(40)
	stop()
	want := f.messages()
	if err := event.RebuildStream(t.Context(), f.source, f.steward, "proposals"); !errors.Is(err, event.ErrStreamNotEmpty) {
		t.Errorf("rebuilding a stream that is there: %v", err)
	}

	if err := f.steward.DeleteStream(t.Context(), "KYODO_PROPOSALS"); err != nil {
		t.Fatal(err)
	}
	f.ensure()
	// The relay runs on and holds the lease.
	if err := event.RebuildStream(t.Context(), f.source, f.steward, "proposals"); err != nil {
		t.Fatal(err)
	}
	got := f.messages()
	sort.Strings(got)
	sort.Strings(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	f.consume()
	f.write(1, 3)
	f.checkOrder(43)
}

func TestReplayForALateConsumer(t *testing.T) {
	f := newFixture(t)
	stop := f.relay()
	f.write(2, 5)
	eventually(t, "published", func() bool { return f.count(f.source, "outbox") == 0 })
	stop()
	start, err := event.Replay(t.Context(), f.source, f.steward, "proposals")
	if err != nil {
		t.Fatal(err)
	}
	if start != 11 {
		t.Errorf("replay starts at %d, want 11", start)
	}
	if err := event.JoinAt(t.Context(), f.steward, f.consumer().Consumer, start); err != nil {
		t.Fatal(err)
	}
	// EnsureConsumers at the next start leaves the place as it is.
	if err := event.EnsureConsumers(t.Context(), f.steward, f.consumer().Consumer); err != nil {
		t.Fatal(err)
	}
	f.consume()
	f.relay()
	f.write(1, 2)
	f.checkOrder(12)
}

func TestNewEpochAfterARestore(t *testing.T) {
	f := newFixture(t)
	stopRelay := f.relay()
	stop := f.consume()
	f.write(2, 5)
	f.checkOrder(10)
	stop()
	stopRelay()
	_, err := pg.InTx(t.Context(), f.source, func(_ context.Context, tx *pg.Tx) (struct{}, error) {
		event.NewEpoch(tx)
		return struct{}{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.steward.DeleteStream(t.Context(), "KYODO_PROPOSALS"); err != nil {
		t.Fatal(err)
	}
	f.ensure()
	if err := event.RebuildStream(t.Context(), f.source, f.steward, "proposals"); err != nil {
		t.Fatal(err)
	}
	f.consume()
	eventually(t, "reset", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.resets == 1 })
	f.checkOrder(10)
}
