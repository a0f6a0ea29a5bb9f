package service_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// TestStartAndStop: a stopped installation leaves nothing running, and a second
// start goes on with the same data.
func TestStartAndStop(t *testing.T) {
	b := newBroker(t)
	s := newSite(t, b.Connect)
	s.Sample = true
	o := &office{seen: make(chan event.Message, 10)}
	for i := range 3 {
		before := goroutines()
		r := s.start(o)
		conn := s.dial()
		must(t, s.create(conn, fmt.Sprint("department ", i)))
		<-o.seen
		_, err := directoryv1.NewDepartmentServiceClient(conn).ListDepartments(t.Context(), &directoryv1.ListDepartmentsRequest{})
		wantReason(t, err, fault.ErrPermissionDenied) // a peer was dialled
		conn.Close()
		must(t, r.Stop(t.Context()))
		if i > 0 { // the first start fills caches that stay
			eventually(t, "all goroutines are gone", func() bool { return goroutines() <= before })
		}
		wantEqual(t, "samples loaded", int32(i+1), o.samples.Load())
	}
	s.Sample = false
	r := s.start(o)
	wantEqual(t, "samples loaded when not asked to", 3, o.samples.Load())
	wantEqual(t, "departments", []string{"department 0", "department 1", "department 2"},
		column[string](t, o.deps.DB, `SELECT name FROM department ORDER BY name`))
	must(t, r.Stop(t.Context()))
}

// goroutines counts those that are not the broker's: it runs in this process too,
// and makes mirrors for new streams when it likes.
func goroutines() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if !strings.Contains(stack, "nats-server") && !strings.Contains(stack, "event/broker") && !strings.Contains(stack, "nats.go") {
			n++
		}
	}
	return n
}

// TestHealth: each part has an entry; without the broker the service is ready.
func TestHealth(t *testing.T) {
	b := newBroker(t)
	s := newSite(t, b.Connect)
	r := s.start(&office{})
	conn := s.dial()
	defer conn.Close()
	check := func(name string) healthv1.HealthCheckResponse_ServingStatus {
		resp, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{Service: name})
		if err != nil && status.Code(err) != codes.NotFound {
			t.Errorf("%s: %v", name, err)
		}
		return resp.GetStatus()
	}
	const serving, notServing = healthv1.HealthCheckResponse_SERVING, healthv1.HealthCheckResponse_NOT_SERVING
	self, postgres, nats := service.Health("directory")
	for _, name := range []string{"", self, postgres, nats} {
		eventually(t, name+" serves", func() bool { return check(name) == serving })
	}
	b.Shutdown()
	eventually(t, "the broker is missed", func() bool { return check(nats) == notServing })
	wantEqual(t, "the service without a broker", serving, check(self))
	must(t, s.create(conn, "without a broker"))
	must(t, r.Stop(t.Context()))
}

// TestBrokerComesLate: calls are answered without the broker, and the events
// follow when it is there.
func TestBrokerComesLate(t *testing.T) {
	cfg := brokerConfig(t.TempDir())
	b, err := broker.Start(t.Context(), cfg)
	must(t, err)
	cfg.Listen = b.Addr()
	passwords := map[string]string{}
	for _, user := range []string{"directory", broker.Steward} {
		passwords[user], err = b.Password(user)
		must(t, err)
	}
	b.Shutdown()

	s := newSite(t, func(user string) (*nats.Conn, error) {
		opts := append(broker.ClientOptions(user, passwords[user], cfg.Log), nats.RetryOnFailedConnect(true))
		return nats.Connect("nats://"+cfg.Listen, opts...)
	})
	o := &office{seen: make(chan event.Message, 10)}
	r := s.start(o)
	conn := s.dial()
	defer conn.Close()
	for i := range 3 {
		must(t, s.create(conn, fmt.Sprint("department ", i)))
	}
	wantEqual(t, "waiting events", []int64{3}, column[int64](t, o.deps.DB, `SELECT count(*) FROM outbox`))
	b, err = broker.Start(t.Context(), cfg)
	must(t, err)
	defer b.Shutdown()
	names := map[string]bool{}
	for range 3 {
		var changed directoryv1.DepartmentChanged
		m := <-o.seen
		must(t, m.Decode(&changed))
		names[changed.GetDepartment().GetName()] = true
	}
	wantEqual(t, "departments", map[string]bool{"department 0": true, "department 1": true, "department 2": true}, names)
	eventually(t, "nothing waits", func() bool {
		return column[int64](t, o.deps.DB, `SELECT count(*) FROM outbox`)[0] == 0
	})
	must(t, r.Stop(t.Context()))
}

// TestStopLetsWorkFinish: a call and a job that run when the service stops end
// as if it had not, with the database still there.
func TestStopLetsWorkFinish(t *testing.T) {
	b := newBroker(t)
	s := newSite(t, b.Connect)
	releaseCall, releaseJob := make(chan struct{}), make(chan struct{})
	inCall, inJob := make(chan struct{}), make(chan struct{})
	jobEnded := make(chan error, 1)
	o := &office{inside: func(context.Context, string) error { close(inCall); <-releaseCall; return nil }}
	var once sync.Once
	o.tasks = []job.Task{{Name: "long", Every: time.Hour, Run: func(ctx context.Context) error {
		once.Do(func() {
			close(inJob)
			select {
			case <-releaseJob:
			case <-ctx.Done():
			}
			jobEnded <- errors.Join(ctx.Err(), o.deps.DB.Ping(ctx))
		})
		return nil
	}}}
	r := s.start(o)
	conn := s.dial()
	defer conn.Close()
	called, stopped := make(chan error, 1), make(chan error, 1)
	go func() { called <- s.create(conn, "in flight") }()
	<-inCall
	<-inJob
	go func() { stopped <- r.Stop(context.WithoutCancel(t.Context())) }()
	late := s.dial()
	defer late.Close()
	eventually(t, "new calls are refused", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := healthv1.NewHealthClient(late).Check(ctx, &healthv1.HealthCheckRequest{})
		return err != nil
	})
	close(releaseCall)
	must(t, <-called)
	select { // The server has ended; the job has time left.
	case err := <-jobEnded:
		t.Errorf("the job was cut off: %v", err)
	case <-time.After(500 * time.Millisecond):
		close(releaseJob)
		must(t, <-jobEnded)
	}
	must(t, <-stopped)
}

// TestStuckJob: a job that does not end is cancelled, and the service stops.
func TestStuckJob(t *testing.T) {
	t.Parallel()
	b := newBroker(t)
	s := newSite(t, b.Connect)
	running := make(chan struct{})
	var once sync.Once
	r := s.start(&office{tasks: []job.Task{{Name: "stuck", Every: time.Hour, Run: func(ctx context.Context) error {
		once.Do(func() { close(running) })
		<-ctx.Done()
		return ctx.Err()
	}}}})
	<-running
	must(t, r.Stop(t.Context()))
}

// TestPanic: a wrong handler costs its call, not the process.
func TestPanic(t *testing.T) {
	o := &office{}
	w := servicetest.Start(t, o.module())
	gateway := directoryv1.NewDepartmentServiceClient(w.As(auth.Service(auth.Gateway)))
	_, err := gateway.BatchGetDepartments(t.Context(), &directoryv1.BatchGetDepartmentsRequest{Ids: []string{"0190aaaa-0000-7000-8000-000000000001"}})
	wantReason(t, err, fault.ErrInternal)
	_, err = directoryv1.NewDepartmentServiceClient(w.As(administrator)).CreateDepartment(t.Context(), request("next"))
	must(t, err)
}

// TestStartFails: what began is ended.
func TestStartFails(t *testing.T) {
	b := newBroker(t)
	broken := errors.New("broken")
	for name, change := range map[string]func(*site, *service.Module){
		"migration": func(_ *site, m *service.Module) {
			m.Migrations = fstest.MapFS{"00001_x.sql": {Data: []byte("-- +goose Up\nSELECT FROM nothing;")}}
		},
		"broker": func(s *site, _ *service.Module) { s.Broker = func(string) (*nats.Conn, error) { return nil, broken } },
		"sample data": func(_ *site, m *service.Module) {
			m.Sample = func(context.Context, service.Deps) error { return broken }
		},
		"jobs": func(_ *site, m *service.Module) {
			task := job.Task{Name: "twice", Every: time.Hour, Run: func(context.Context) error { return nil }}
			m.Tasks = func(service.Deps) []job.Task { return []job.Task{task, task} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, b.Connect)
			s.Sample = true
			s.listener = rpc.NewInProcess()
			s.Listener = s.listener
			m := (&office{}).module()
			change(s, &m)
			before := goroutines()
			if r, err := service.Start(t.Context(), s.Host, m); err == nil || r != nil {
				t.Fatalf("started: %v, %v", r, err)
			}
			eventually(t, "all goroutines are gone", func() bool { return goroutines() <= before })
		})
	}
}

// TestRun serves until its context ends.
func TestRun(t *testing.T) {
	b := newBroker(t)
	s := newSite(t, b.Connect)
	s.listener = rpc.NewInProcess()
	s.Listener = s.listener
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var o office
	go func() { ended <- service.Run(ctx, s.Host, o.module()) }()
	conn := s.dial()
	defer conn.Close()
	eventually(t, "it answers", func() bool { return s.create(conn, "x") == nil })
	cancel()
	must(t, <-ended)

	s.listener = rpc.NewInProcess()
	s.Listener = s.listener
	go func() { ended <- service.Run(t.Context(), s.Host, o.module()) }()
	again := s.dial()
	defer again.Close()
	eventually(t, "it answers again", func() bool { return s.create(again, "y") == nil })
	s.listener.Close() // the server loses its listener
	if err := <-ended; err == nil {
		t.Error("ended without an error")
	}
}

// TestAnswersAreForgotten: stored answers are kept for 72 hours.
func TestAnswersAreForgotten(t *testing.T) {
	b := newBroker(t)
	s := newSite(t, b.Connect)
	var o office
	r := s.start(&o)
	conn := s.dial()
	raw, err := s.signer.Sign(administrator, time.Now())
	must(t, err)
	for _, key := range []string{"old", "new"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), rpc.MetaAuthorization, "Bearer "+raw, rpc.MetaIdempotencyKey, key)
		_, err := directoryv1.NewDepartmentServiceClient(conn).CreateDepartment(ctx, request(key))
		must(t, err)
	}
	conn.Close()
	column[string](t, o.deps.DB, `
		UPDATE idempotency
		SET created_at = now() - CASE key WHEN 'old' THEN interval '73 hours' ELSE interval '71 hours' END
		RETURNING key`)
	must(t, r.Stop(t.Context()))
	r = s.start(&o)
	eventually(t, "the old answer is gone", func() bool { return len(column[string](t, o.deps.DB, `SELECT key FROM idempotency`)) == 1 })
	wantEqual(t, "kept", []string{"new"}, column[string](t, o.deps.DB, `SELECT key FROM idempotency`))
	must(t, r.Stop(t.Context()))
}
