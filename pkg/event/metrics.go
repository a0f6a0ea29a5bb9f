package event

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Metrics are the figures of relays and consumers; one for a process.
type Metrics struct {
	outboxRows   *prometheus.GaugeVec
	outboxOldest *prometheus.GaugeVec
	published    *prometheus.CounterVec
	duplicates   *prometheus.CounterVec
	consumed     *prometheus.CounterVec
}

// NewMetrics makes the figures and registers them with r; nil registers
// nowhere.
func NewMetrics(r prometheus.Registerer) *Metrics {
	f := promauto.With(r)
	gauge := func(name, help string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"service"})
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return &Metrics{
		outboxRows:   gauge("kyodo_outbox_rows", "Events not yet acknowledged by the broker."),
		outboxOldest: gauge("kyodo_outbox_oldest_seconds", "Age of the oldest event not yet acknowledged."),
		published:    counter("kyodo_events_published_total", "Events acknowledged by the broker.", "service"),
		duplicates:   counter("kyodo_events_unexpected_duplicates_total", "First publications that the broker took for a repeat.", "service"),
		consumed:     counter("kyodo_events_consumed_total", "Deliveries by their end: done, repeat, gap, failed, dead.", "consumer", "stream", "end"),
	}
}

// ReconcilerConfig says what RunReconciler watches.
type ReconcilerConfig struct {
	DB      *pg.DB
	Service string
	Every   time.Duration // Between looks; zero for 60 s.
	Log     *slog.Logger
	Metrics *Metrics // nil for none.
}

// RunReconciler measures the outbox until ctx ends and warns of events that
// wait for more than 60 s. Every replica may run it. The figures come from the
// database: the broker's own are not trusted.
func RunReconciler(ctx context.Context, cfg ReconcilerConfig) error {
	if cfg.Every == 0 {
		cfg.Every = time.Minute
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	tick := time.NewTicker(cfg.Every)
	defer tick.Stop()
	for {
		if err := reconcile(ctx, cfg); err != nil && ctx.Err() == nil {
			cfg.Log.WarnContext(ctx, "outbox cannot be measured", slog.String("service", cfg.Service), slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func reconcile(ctx context.Context, cfg ReconcilerConfig) error {
	var rows, late int64
	var oldest float64
	err := cfg.DB.QueryRow(ctx, `
		SELECT
			count(*),
			count(*) FILTER (WHERE created_at < now() - INTERVAL '60 seconds'),
			coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
		FROM outbox`,
	).Scan(&rows, &late, &oldest)
	if err != nil {
		return err
	}
	cfg.Metrics.outboxRows.WithLabelValues(cfg.Service).Set(float64(rows))
	cfg.Metrics.outboxOldest.WithLabelValues(cfg.Service).Set(oldest)
	if late > 0 {
		cfg.Log.WarnContext(ctx, "events wait for the broker",
			slog.String("service", cfg.Service), slog.Int64("late", late), slog.Int64("rows", rows),
			slog.Float64("oldest_seconds", oldest))
	}
	return nil
}
