package benchmark

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Cost is what one request costs.
type Cost struct {
	App, DB  time.Duration // CPU time a request.
	P50, P99 time.Duration // Time to the answer.
	Rate     float64       // Requests a second.
}

// CPU is application and database together.
func (c Cost) CPU() time.Duration { return c.App + c.DB }

// Side is one way of doing the same thing.
type Side struct {
	Name string
	Do   func(ctx context.Context, i int) error
}

// Load says how much is asked.
type Load struct {
	Warm, Requests int // Requests before and while measuring.
	Clients        int // Side by side.
}

// Compare measures the floor and then each side under the same load, and reports
// costs and ratios as metrics of the benchmark.
func (r *Rig) Compare(b *testing.B, load Load, floor Side, sides ...Side) {
	b.Helper()
	base := r.measure(b, load, floor, r.floor.Process.Pid)
	r.report(b, floor.Name, base)
	for _, s := range sides {
		c := r.measure(b, load, s, r.kyodo.Process.Pid)
		r.report(b, s.Name, c)
		b.ReportMetric(float64(c.CPU())/float64(base.CPU()), s.Name+"-ratio")
	}
	b.ReportMetric(0, "ns/op") // one run is many requests; its own time says nothing
}

func (r *Rig) report(b *testing.B, name string, c Cost) {
	b.ReportMetric(float64(c.App.Microseconds()), name+"-app-µs")
	b.ReportMetric(float64(c.DB.Microseconds()), name+"-db-µs")
	fmt.Printf("%-40s %-8s app %6d µs  db %6d µs  p50 %6.2f ms  p99 %6.2f ms  %7.0f/s\n", b.Name(), name,
		c.App.Microseconds(), c.DB.Microseconds(), ms(c.P50), ms(c.P99), c.Rate)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r *Rig) measure(b *testing.B, load Load, s Side, app int) Cost {
	b.Helper()
	r.run(b, load.Warm, load.Clients, 0, s)
	appBefore, dbBefore := cpuOf(b, app), cpuOfTree(b, r.db)
	began := time.Now()
	times := r.run(b, load.Requests, load.Clients, load.Warm, s)
	took := time.Since(began)
	slices.Sort(times)
	n := time.Duration(len(times))
	return Cost{
		App: (cpuOf(b, app) - appBefore) / n,
		DB:  (cpuOfTree(b, r.db) - dbBefore) / n,
		P50: times[len(times)/2], P99: times[len(times)*99/100],
		Rate: float64(n) / took.Seconds(),
	}
}

// run makes n requests by clients side by side; request numbers start at first.
func (r *Rig) run(b *testing.B, n, clients, first int, s Side) []time.Duration {
	b.Helper()
	times := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range clients {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || failed.Load() != nil {
					return
				}
				began := time.Now()
				if err := s.Do(b.Context(), first+i); err != nil {
					failed.Store(&err)
					return
				}
				times[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		b.Fatalf("%s: %v", s.Name, *err)
	}
	return times
}

// client keeps a connection for every worker.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

// Fetch makes one HTTP request and reads the answer; anything but 2xx is an
// error.
func Fetch(ctx context.Context, method, url, token string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.300s", method, url, resp.Status, raw)
	}
	return nil
}
