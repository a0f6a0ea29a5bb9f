package benchmark_test

import (
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
)

// BenchmarkStart measures the start on an initialized data folder to readiness,
// and what an installation with nothing to do takes.
func BenchmarkStart(b *testing.B) {
	rig := benchmark.New(b)
	rig.ReportStarts(b, 7)
	rig.ReportIdle(b, 15*time.Second)
}
