package event_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
)

// buried has the service give up the first three events of a and the first of b.
func (f *fixture) buried() *event.DeadLetterServer {
	f.t.Helper()
	f.setHandle(func(event.Message) error { return event.Permanent(errors.New("of 見本 花子")) })
	f.consume()
	for sequence := 1; sequence <= 3; sequence++ {
		f.publish("a", sequence, "E1")
	}
	f.publish("b", 1, "E1")
	eventually(f.t, "the deaths", func() bool { return f.count(f.sink, "dead_letter") == 4 })
	return &event.DeadLetterServer{
		Services: map[string]*pg.DB{"directory": f.sink}, Log: quiet, Consumers: map[string][]event.Consumer{"directory": {f.consumer().Consumer}},
	}
}

// because is the context of a call with a stated reason.
func because(ctx context.Context, reason string) context.Context {
	return metadata.NewIncomingContext(ctx, metadata.Pairs(rpc.MetaReason, reason))
}

func TestDeadLettersAreRedrivenForAReason(t *testing.T) {
	f := newFixture(t)
	s := f.buried()
	f.setHandle(func(m event.Message) error {
		if m.AggregateID() == "a" && m.Sequence == 2 {
			return fmt.Errorf("of 見本 花子: %w", fault.ErrNotFound)
		}
		return nil
	})
	req := &operationv1.RedriveDeadLettersRequest{Service: "directory"}
	if _, err := s.RedriveDeadLetters(t.Context(), req); !errors.Is(err, fault.ErrReasonRequired) {
		t.Errorf("without a reason: %v", err)
	}
	ctx := because(t.Context(), "the cause is mended")
	if _, err := s.RedriveDeadLetters(ctx, &operationv1.RedriveDeadLettersRequest{Service: "nothing"}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("of a service that there is not: %v", err)
	}
	if n := f.count(f.sink, "audit_entry"); n != 0 {
		t.Errorf("%d entries of the audit log of what was refused", n)
	}
	resp, err := s.RedriveDeadLetters(ctx, req)
	if err != nil || resp.GetRedrivenCount() != 2 || resp.GetRemainingCount() != 2 || len(resp.GetFailures()) != 1 {
		t.Fatalf("%v, %v; want a 1 and b 1 taken, a 2 failed and a 3 behind it", resp, err)
	}
	if fail := resp.GetFailures()[0]; fail.GetReason() != "RESOURCE_NOT_FOUND" || !strings.HasSuffix(fail.GetSubject(), ".a") || strings.Contains(resp.String(), "花子") {
		t.Errorf("the failure is told as %v", fail)
	}
	var reason, object string
	if err := f.sink.QueryRow(t.Context(), `SELECT reason, object_type || ' ' || object_id FROM audit_entry WHERE action = 'operation.deadLetter.redrive'`).Scan(&reason, &object); err != nil || reason != "the cause is mended" || object != "service directory" {
		t.Errorf("the audit log has %q of %q, %v", reason, object, err)
	}
	f.setHandle(func(event.Message) error { return errors.New("of 見本 花子") })
	if resp, err := s.RedriveDeadLetters(ctx, req); err != nil || resp.GetRemainingCount() != 2 || resp.GetFailures()[0].GetReason() != "INTERNAL" {
		t.Errorf("an error that is no refusal: %v, %v", resp, err)
	}
}

// TestRedriveIsIdempotent: a repeat with the key answers the first result and takes
// nothing, two at once take no event twice, and the key of another request is refused.
func TestRedriveIsIdempotent(t *testing.T) {
	f := newFixture(t)
	s := f.buried()
	f.setHandle(func(m event.Message) error {
		if m.AggregateID() == "b" {
			return errors.New("later")
		}
		return nil
	})
	req := &operationv1.RedriveDeadLettersRequest{Service: "directory"}
	call := func(fingerprint string) (*operationv1.RedriveDeadLettersResponse, error) {
		return s.RedriveDeadLetters(idempotency.With(because(t.Context(), "mended"), &idempotency.Claim{
			Caller: "person", Method: "redrive", Key: "key", Fingerprint: []byte(fingerprint),
			Seal: func(answer any) ([]byte, error) {
				if _, ok := answer.(*operationv1.RedriveDeadLettersResponse); !ok {
					return nil, fmt.Errorf("%T is stored as the answer", answer)
				}
				return []byte("the first answer"), nil
			},
		}), req)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			var replay *idempotency.Replay
			if _, err := call("same"); err != nil && !errors.As(err, &replay) {
				t.Errorf("one of two at once: %v", err)
			}
		})
	}
	both.Wait()
	if n := f.count(f.sink, "seen"); n != 3 {
		t.Errorf("%d events taken by two calls at once, want 3", n)
	}
	f.setHandle(nil)
	var replay *idempotency.Replay
	if _, err := call("same"); !errors.As(err, &replay) || string(replay.Sealed) != "the first answer" {
		t.Errorf("a repeat: %v", err)
	}
	if _, err := call("other"); !errors.Is(err, fault.ErrIdempotencyKeyReused) {
		t.Errorf("the key of another request: %v", err)
	}
	if n := f.count(f.sink, "seen"); n != 3 {
		t.Errorf("%d events taken after the repeat, want 3 as before", n)
	}
}
