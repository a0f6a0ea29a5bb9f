package service

import (
	"context"
	"errors"
	"slices"
	"time"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

const (
	inFlight = 10 * time.Second // For calls that run when the server stops.
	drain    = 10 * time.Second // For consumers and jobs.
	// cancelled is for jobs to notice that they were cancelled.
	cancelled = 2 * time.Second

	answersKept = 72 * time.Hour
	healthEvery = time.Second
)

// Stop ends the modules in reverse: not ready, no new calls, calls in flight,
// relays and consumers, jobs, broker, pools.
func (r *Running) Stop(ctx context.Context) error {
	r.health.Shutdown()
	if r.host.Grace > 0 {
		wait(ctx, r.host.Grace)
	}
	stopped := make(chan struct{})
	go func() { r.server.GracefulStop(); close(stopped) }()
	select {
	case <-stopped:
	case <-time.After(inFlight):
		r.server.Stop()
	}
	if r.stop != nil {
		r.stop()
	}
	var errs []error
	short, cancel := context.WithTimeout(ctx, drain)
	defer cancel()
	for _, p := range slices.Backward(r.parts) {
		if p.jobs != nil {
			errs = append(errs, stopJobs(short, p.jobs))
		}
	}
	r.workers.Wait()
	r.close()
	return errors.Join(errs...)
}

// stopJobs lets running jobs finish until ctx ends and cancels them then: they
// run again at the next start.
func stopJobs(ctx context.Context, jobs *job.Client) error {
	err := jobs.Stop(ctx)
	if err == nil {
		return nil
	}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelled)
	defer cancel()
	return jobs.StopAndCancel(short)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// close gives connections and the server's goroutines back; it is safe on what never
// opened.
func (r *Running) close() {
	r.server.Stop()
	for _, p := range slices.Backward(r.parts) {
		if p.peers != nil {
			p.peers.close()
		}
		if p.nats != nil {
			_ = p.nats.Drain() // a closed connection has nothing to drain
		}
		if p.deps.DB != nil {
			p.deps.DB.Close()
		}
	}
}

// Health names the health entries of a service: the service itself and what it
// depends on.
func Health(service string) (self, postgres, broker string) {
	return service, service + "/postgres", service + "/broker"
}

// watchHealth keeps the gRPC health entries of a part true. The service stays
// ready without the broker: events wait in the outbox.
func (r *Running) watchHealth(ctx context.Context, p *part) {
	self, postgres, broker := Health(p.Name)
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		ping, cancel := context.WithTimeout(ctx, healthEvery)
		db := serving(p.deps.DB.Ping(ping) == nil)
		cancel()
		r.health.SetServingStatus(self, db)
		r.health.SetServingStatus(postgres, db)
		r.health.SetServingStatus(broker, serving(p.nats.IsConnected()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func serving(ok bool) healthv1.HealthCheckResponse_ServingStatus {
	if ok {
		return healthv1.HealthCheckResponse_SERVING
	}
	return healthv1.HealthCheckResponse_NOT_SERVING
}

// forgetAnswers deletes stored answers of idempotent calls after 72 hours.
func forgetAnswers(db *pg.DB) job.Task {
	return job.Task{Name: "forget-answers", Every: time.Hour, Run: func(ctx context.Context) error {
		_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, `
				DELETE FROM idempotency
				WHERE created_at < $1`, tx.Now.Add(-answersKept))
			return tag.RowsAffected(), err
		})
		return err
	}}
}

// inboxKept is longer than the streams keep their events.
const inboxKept = 45 * 24 * time.Hour

// forgetDeliveries deletes what consumers remember of events that the streams
// do not hold any more.
func forgetDeliveries(db *pg.DB) job.Task {
	return job.Task{Name: "forget-deliveries", Every: 24 * time.Hour, Run: func(ctx context.Context) error {
		_, err := pg.InTx(ctx, db, func(_ context.Context, tx *pg.Tx) (struct{}, error) {
			event.PruneInbox(tx, tx.Now.Add(-inboxKept))
			return struct{}{}, nil
		})
		return err
	}}
}
