package benchmark

import (
	"testing"
	"time"
)

// Idle reports the starts that were measured, and waits to see what an
// installation takes that has nothing to do.
func (r *Rig) Idle(b *testing.B, wait, first, again time.Duration) {
	b.Helper()
	time.Sleep(wait / 3) // until the work of the start is done
	app, db := cpuOf(r.kyodo.Process.Pid), cpuOfTree(r.db)
	time.Sleep(wait)
	share := func(used time.Duration) float64 { return 100 * used.Seconds() / wait.Seconds() }
	appShare, dbShare := share(cpuOf(r.kyodo.Process.Pid).since(app)), share(cpuOfTree(r.db).since(db))
	memory := float64(r.Memory()) / (1 << 20)
	r.report.add(b.Name(), "ready after %d ms on an initialized folder (median), %d ms on the first start with sample data",
		again.Milliseconds(), first.Milliseconds())
	r.report.add(b.Name(), "idle: %.1f MiB resident in the Go process, CPU %.1f %% app and %.1f %% db of one core", memory, appShare, dbShare)
	b.ReportMetric(float64(again.Milliseconds()), "start-ms")
	b.ReportMetric(memory, "idle-MiB")
	b.ReportMetric(appShare+dbShare, "idle-cpu-%")
	b.ReportMetric(0, "ns/op")
}
