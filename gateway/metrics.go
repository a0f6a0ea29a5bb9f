package gateway

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts what the edge answers. Labels are routes, methods and classes of
// status, never what callers send.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	byRoute  map[*route]routeMetrics
	other    routeMetrics
}

type routeMetrics struct {
	seconds prometheus.Observer
	classes [6]prometheus.Counter // By the first digit of the status.
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kyodo_http_requests_total", Help: "Answered requests by method, route and class of status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kyodo_http_request_seconds", Help: "Time until the answer was written, by method and route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route"}),
		byRoute: map[*route]routeMetrics{},
	}
	m.registry.MustRegister(m.requests, m.seconds)
	m.other = m.of("any", "other")
	return m
}

func (m *metrics) prepare(r *route) { m.byRoute[r] = m.of(r.method, r.pattern) }

func (m *metrics) of(method, pattern string) routeMetrics {
	out := routeMetrics{seconds: m.seconds.WithLabelValues(method, pattern)}
	for i := range out.classes {
		out.classes[i] = m.requests.WithLabelValues(method, pattern, statusClass(i*100))
	}
	return out
}

func (m *metrics) observe(w *response, took time.Duration) {
	of, ok := m.byRoute[w.route]
	if !ok {
		of = m.other
	}
	of.seconds.Observe(took.Seconds())
	of.classes[min(max(w.status/100, 0), 5)].Inc()
}

// handler serves the metrics of the edge and of everything else in the process.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{prometheus.DefaultGatherer, m.registry}, promhttp.HandlerOpts{})
}
