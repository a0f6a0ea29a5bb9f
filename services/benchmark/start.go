package benchmark

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Phases says how long after the start of the process things were there.
type Phases struct {
	Postgres  time.Duration // The private Postgres took connections.
	Listening time.Duration // The REST edge took connections.
	Ready     time.Duration // /readyz said so.
}

// until waits for something and returns how long after began it was there.
func (r *Rig) until(began time.Time, there func() bool) time.Duration {
	r.b.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		if <-tick.C; time.Since(began) > startWait {
			r.b.Fatal("not ready in time")
		}
	}
	return time.Since(began)
}

// postgresIsReady reads what the postmaster writes when it takes connections.
func (r *Rig) postgresIsReady() bool {
	raw, err := os.ReadFile(filepath.Join(r.Data, "postgres", "data", "postmaster.pid"))
	return err == nil && strings.Contains(string(raw), "\nready")
}

func listens(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	_ = conn.Close() // it was only asked whether there is one
	return true
}

func isOK(b *testing.B, url string) bool {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	must(b, err)
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// ReportStarts reports the start from an empty folder, and the median of several on the
// initialized folder, by phases.
func (r *Rig) ReportStarts(b *testing.B, count int) {
	b.Helper()
	first := r.Phases
	var again []Phases
	for range count {
		r.Stop()
		r.Start()
		again = append(again, r.Phases)
	}
	typical := Phases{
		Postgres:  median(again, func(p Phases) time.Duration { return p.Postgres }),
		Listening: median(again, func(p Phases) time.Duration { return p.Listening }),
		Ready:     median(again, func(p Phases) time.Duration { return p.Ready }),
	}
	line := func(name string, p Phases) {
		r.report.add(b.Name(), "%-22s Postgres %5d ms   REST listens %5d ms   ready %5d ms", name,
			p.Postgres.Milliseconds(), p.Listening.Milliseconds(), p.Ready.Milliseconds())
	}
	line("empty folder, samples", first)
	line("initialized folder", typical)
	b.ReportMetric(float64(typical.Ready.Milliseconds()), "start-ms")
}

// ReportIdle reports what an installation takes that has nothing to do.
func (r *Rig) ReportIdle(b *testing.B, wait time.Duration) {
	b.Helper()
	<-time.After(wait / 3) // until the work of the start is done
	app, db := cpuOf(r.kyodo.Process.Pid), cpuOfTree(r.db)
	<-time.After(wait)
	share := func(used time.Duration) float64 { return 100 * used.Seconds() / wait.Seconds() }
	appShare, dbShare := share(cpuOf(r.kyodo.Process.Pid).since(app)), share(cpuOfTree(r.db).since(db))
	memory := float64(resident(b, r.kyodo.Process.Pid)) / (1 << 20)
	r.report.add(b.Name(), "%-22s %.1f MiB in the Go process, CPU %.1f %% app and %.1f %% db of one core", "idle", memory, appShare, dbShare)
	b.ReportMetric(memory, "idle-MiB")
	b.ReportMetric(appShare+dbShare, "idle-cpu-%")
	b.ReportMetric(0, "ns/op")
}
