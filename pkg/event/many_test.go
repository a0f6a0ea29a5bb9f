package event_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// TestAddMany holds that many events are stored as one by one they would be, with
// the next sequence of their aggregate, and that one bad event stores none.
func TestAddMany(t *testing.T) {
	f := newFixture(t)
	add := func(bad string) error {
		_, err := pg.InTx(t.Context(), f.source, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			var events []event.Event
			for i := range 300 {
				id := fmt.Sprintf("p%d", i)
				events = append(events,
					event.Event{Aggregate: "proposal", ID: id, Visibility: event.Ward, Message: note(id)},
					event.Event{Aggregate: "proposal", ID: id + bad, Visibility: event.Public, Message: note(id)})
			}
			return struct{}{}, event.AddMany(ctx, tx, events)
		})
		return err
	}
	for range 2 {
		if err := add(""); err != nil {
			t.Fatal(err)
		}
	}
	if err := add("."); err == nil || !strings.Contains(err.Error(), "subject") {
		t.Errorf("an id that is no token: %v", err)
	}
	var stored, sequences, same, ordered int
	err := f.source.QueryRow(t.Context(), `
		SELECT count(*), count(DISTINCT (l.subject, l.sequence)),
			count(*) FILTER (WHERE (o.headers, o.data, o.subject) = (l.headers, l.data, l.subject) AND l.headers ->> 'ce-sequence' = l.sequence::text AND l.sequence IN (1, 2)),
			count(*) FILTER (WHERE l.visibility = 'ward' AND convert_from(l.data, 'UTF8') LIKE '%"p' || (o.rank / 2) % 300 || '"%')
		FROM event_log AS l
		JOIN (
			SELECT id, headers, data, subject, row_number() OVER (ORDER BY position) - 1 AS rank
			FROM outbox
		) AS o ON o.id = l.id`).Scan(&stored, &sequences, &same, &ordered)
	if err != nil {
		t.Fatal(err)
	}
	if stored != 1200 || sequences != 1200 || same != 1200 || ordered != 600 {
		t.Errorf("%d stored, %d subjects and sequences, %d as they should be, %d in order", stored, sequences, same, ordered)
	}
}

// A commit with an event wakes the relay at once, one by one and many alike; a
// commit without one does not.
func TestEventsWakeTheRelay(t *testing.T) {
	f := newFixture(t)
	woken := 0
	f.source.OnCommit(func() { woken++ })
	e := event.Event{Aggregate: "proposal", ID: "woken", Visibility: event.Ward, Message: note("woken")}
	for want, fn := range []func(ctx context.Context, tx *pg.Tx) error{
		func(_ context.Context, tx *pg.Tx) error { tx.Queue(`SELECT 1`); return nil },
		func(ctx context.Context, tx *pg.Tx) error { return event.Add(ctx, tx, e) },
		func(ctx context.Context, tx *pg.Tx) error { return event.AddMany(ctx, tx, []event.Event{e}) },
	} {
		_, err := pg.InTx(t.Context(), f.source, func(ctx context.Context, tx *pg.Tx) (struct{}, error) { return struct{}{}, fn(ctx, tx) })
		if err != nil {
			t.Fatal(err)
		}
		if woken != want {
			t.Errorf("transaction %d: woken %d times", want, woken)
		}
	}
}
