package benchmark_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
)

// BenchmarkStart measures the start on an initialized data folder to readiness,
// and what an installation with nothing to do takes.
func BenchmarkStart(b *testing.B) {
	rig := benchmark.New(b)
	first := rig.Ready
	var times []time.Duration
	for range 7 {
		rig.Stop()
		rig.Start()
		times = append(times, rig.Ready)
	}
	slices.Sort(times)
	rig.Idle(b, 15*time.Second, first, times[len(times)/2])
}
