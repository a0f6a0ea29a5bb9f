package rpc

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// took measures every call of every server in the process.
var took = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "kyodo_rpc_seconds",
	Help:    "Time that RPCs took, by method and gRPC code.",
	Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
}, []string{"method", "code"})
