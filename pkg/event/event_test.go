package event_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestAddWritesOutboxAndLog(t *testing.T) {
	f := newFixture(t)
	traced := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
	}))
	now, err := pg.InTx(traced, f.source, func(ctx context.Context, tx *pg.Tx) (time.Time, error) {
		return tx.Now, errors.Join(
			event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: "p1", Visibility: event.Ward, Message: note("a")}),
			event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: "p1", Visibility: event.Ward, Message: note("祭り b")}),
			event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: "p1", Visibility: event.Public, Message: note("c")}))
	})
	if err != nil {
		t.Fatal(err)
	}
	var epoch string
	if err := f.source.QueryRow(t.Context(), `SELECT epoch FROM event_epoch`).Scan(&epoch); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ sequence, visibility, data string }{
		{"1", "ward", `{"noteText":"a"}`}, {"2", "ward", `{"noteText":"祭り b"}`}, {"1", "public", `{"noteText":"c"}`},
	} {
		var subject, data string
		var id uuid.UUID
		var same bool
		var headers map[string]string
		err := f.source.QueryRow(t.Context(), `
			SELECT o.id, o.subject, convert_from(o.data, 'UTF8'), o.headers, (o.headers, o.data, o.subject) = (l.headers, l.data, l.subject)
			FROM outbox AS o
			JOIN event_log AS l ON l.id = o.id
			ORDER BY o.position
			OFFSET $1
			LIMIT 1`, i).Scan(&id, &subject, &data, &headers, &same)
		if err != nil {
			t.Fatal(err)
		}
		if !same {
			t.Error("outbox and event_log differ")
		}
		if wantSubject := "kyodo.proposals." + want.visibility + ".proposal.p1"; subject != wantSubject || data != want.data {
			t.Errorf("event %d: got %s %s, want %s %s", i, subject, data, wantSubject, want.data)
		}
		if diff := cmp.Diff(map[string]string{
			"ce-specversion": "1.0",
			"ce-id":          id.String(),
			"ce-source":      "/kyodo/proposals",
			"ce-type":        "kyodo.proposals.v1.ProposalNoted",
			"ce-subject":     "p1",
			"ce-time":        now.Format(time.RFC3339Nano),
			"ce-sequence":    want.sequence,
			"ce-epoch":       epoch,
			"traceparent":    "00-01000000000000000000000000000000-0200000000000000-01",
			"content-type":   "application/json",
		}, headers); diff != "" {
			t.Errorf("headers of event %d: -want +got\n%s", i, diff)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	f := newFixture(t)
	for name, e := range map[string]event.Event{
		"message of no service": {Aggregate: "proposal", ID: "1", Visibility: event.Public, Message: wrapperspb.String("x")},
		"dot in the id":         {Aggregate: "proposal", ID: "a.b", Visibility: event.Public, Message: note("x")},
		"wildcard in the id":    {Aggregate: "proposal", ID: "*", Visibility: event.Public, Message: note("x")},
		"empty id":              {Aggregate: "proposal", Visibility: event.Public, Message: note("x")},
		"too large":             {Aggregate: "proposal", ID: "1", Visibility: event.Public, Message: note(strings.Repeat("x", 250<<10))},
	} {
		_, err := pg.InTx(t.Context(), f.source, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, event.Add(ctx, tx, e)
		})
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// An unknown visibility is refused by the table.
	_, err := pg.InTx(t.Context(), f.source, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: "1", Visibility: "secret", Message: note("x")})
	})
	if got, want := pg.Constraint(err), "event_log_visibility_known"; got != want {
		t.Errorf("constraint %q, want %q", got, want)
	}
	if n := f.count(f.source, "outbox"); n != 0 {
		t.Errorf("%d rows in the outbox, want none", n)
	}
}

func TestRolledBackTransactionLeavesNoHole(t *testing.T) {
	f := newFixture(t)
	failure := errors.New("no")
	f.add("p1", "1")
	_, err := pg.InTx(t.Context(), f.source, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		if err := event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: "p1", Visibility: event.Public, Message: note("x")}); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, failure
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	f.add("p1", "2")
	var got string
	if err := f.source.QueryRow(t.Context(), `SELECT string_agg(sequence::text, ' ' ORDER BY position) FROM event_log`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != "1 2" {
		t.Errorf("sequences %q, want 1 2", got)
	}
}

func TestDecode(t *testing.T) {
	m := event.Message{ID: "i", Type: "kyodo.proposals.v1.ProposalNoted", Data: []byte(`{"noteText":"x","newer":1}`)}
	if text, err := textOf(m); err != nil || text != "x" {
		t.Errorf("got %q, %v", text, err)
	}
	m.Data = []byte(`{`)
	if _, err := textOf(m); err == nil {
		t.Error("broken JSON was decoded")
	}
	var other proto.Message = wrapperspb.String("")
	if err := m.Decode(other); err == nil {
		t.Error("another type was decoded")
	}
	if got, want := fmt.Sprint(event.Message{Subject: "kyodo.proposals.public.proposal.p1"}.AggregateID()), "p1"; got != want {
		t.Errorf("aggregate id %q, want %q", got, want)
	}
}
