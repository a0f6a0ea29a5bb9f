package service_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// keyed is an office behind gRPC whose callers send idempotency keys.
type keyed struct {
	*servicetest.World
	office *office
	t      *testing.T
}

func startKeyed(t *testing.T) *keyed {
	t.Helper()
	o := &office{}
	return &keyed{World: servicetest.Start(t, o.module()), office: o, t: t}
}

func (k *keyed) create(p auth.Principal, key, name string) (*directoryv1.CreateDepartmentResponse, error) {
	ctx := metadata.AppendToOutgoingContext(k.t.Context(), rpc.MetaIdempotencyKey, key)
	return directoryv1.NewDepartmentServiceClient(k.As(p)).CreateDepartment(ctx, request(name))
}

// wantRows counts what the executions wrote: the row, its event and its audit
// entry each.
func (k *keyed) wantRows(want int64) {
	k.t.Helper()
	for _, table := range []string{"department", "event_log", "audit_entry"} {
		wantEqual(k.t, table, []int64{want}, column[int64](k.t, k.DB("directory"), `SELECT count(*) FROM `+table))
	}
}

func TestSameKeyTwentyTimes(t *testing.T) {
	k := startKeyed(t)
	var executions atomic.Int32
	k.office.inside = func(context.Context, string) error { executions.Add(1); return nil }
	answers := make([]*directoryv1.CreateDepartmentResponse, 20)
	var done sync.WaitGroup
	for i := range answers {
		done.Go(func() {
			var err error
			if answers[i], err = k.create(administrator, "key", "企画総務課"); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	wantEqual(t, "executions", 1, executions.Load())
	for _, a := range answers {
		wantEqual(t, "answer", answers[0], a, protocmp.Transform())
	}
	if answers[0].GetDepartment().GetName() != "企画総務課" {
		t.Errorf("answered %v", answers[0])
	}
	k.wantRows(1)
}

func TestKeyOfAnotherRequest(t *testing.T) {
	k := startKeyed(t)
	_, err := k.create(administrator, "key", "first")
	must(t, err)
	_, err = k.create(administrator, "key", "second")
	wantReason(t, err, fault.ErrIdempotencyKeyReused)
	_, err = k.create(administrator, "other key", "second")
	wantReason(t, err, fault.ErrInvalidField) // a blank in it
	_, err = k.create(administrator, "other-key", "second")
	must(t, err)
	other := servicetest.Staff("other", "d", optionsv1.Role_ROLE_ADMINISTRATOR)
	answer, err := k.create(other, "key", "second") // keys of two callers never meet
	must(t, err)
	wantEqual(t, "name", "second", answer.GetDepartment().GetName())
	k.wantRows(3)
}

func TestKeyWhileFirstRuns(t *testing.T) {
	k := startKeyed(t)
	running, release := make(chan struct{}), make(chan struct{})
	k.office.inside = func(context.Context, string) error { close(running); <-release; return nil }
	first := make(chan error, 1)
	go func() {
		_, err := k.create(administrator, "key", "name")
		first <- err
	}()
	<-running
	_, err := k.create(administrator, "key", "name")
	wantReason(t, err, fault.ErrIdempotencyInProgress)
	close(release)
	must(t, <-first)
	_, err = k.create(administrator, "key", "name") // now the stored answer: inside would panic
	must(t, err)
	k.wantRows(1)
}

func TestRefusalIsNotStored(t *testing.T) {
	k := startKeyed(t)
	full := fault.New(fault.Precondition, "FULL", "満員です。", "Full.")
	k.office.inside = func(context.Context, string) error { return full }
	_, err := k.create(administrator, "key", "name")
	wantReason(t, err, full)
	k.office.inside = nil
	_, err = k.create(administrator, "key", "another name")
	must(t, err)
	k.wantRows(1)
}

// TestStoredAnswerIsSealed looks for the answer in everything that is stored.
func TestStoredAnswerIsSealed(t *testing.T) {
	k := startKeyed(t)
	answer, err := k.create(administrator, "key", "plaintext-canary")
	must(t, err)
	rows := column[string](t, k.DB("directory"), `SELECT idempotency::text || encode(answer, 'escape') FROM idempotency`)
	raw, err := proto.Marshal(answer)
	must(t, err)
	if len(rows) != 1 || len(rows[0]) < len(raw) {
		t.Fatalf("rows %q", rows)
	}
	for _, plain := range []string{"canary", answer.GetDepartment().GetId()} {
		if strings.Contains(rows[0], plain) {
			t.Errorf("%q stands in %q", plain, rows[0])
		}
	}
}
