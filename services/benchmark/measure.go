package benchmark

import (
	"cmp"
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

// Load says how much is asked, of each side.
type Load struct {
	Requests int // In one round.
	Clients  int // Side by side.
}

// rounds is how often the sides take turns. The medians count, so that what
// else the machine does in one of them does not.
const rounds = 5

// All is how many requests Compare makes of so many sides together.
func (l Load) All(sides int) int { return sides * (rounds*l.Requests + l.warm()) }

func (l Load) warm() int { return max(l.Requests/4, 4*l.Clients) }

// Compare measures the floor and the sides under the same load, in turns, and
// reports costs and ratios. Each request of the whole comparison has a number
// of its own, from 0.
func (r *Rig) Compare(b *testing.B, load Load, floor Side, sides ...Side) {
	b.Helper()
	r.startFloor()
	all := append([]Side{floor}, sides...)
	process := func(i int) int {
		if i == 0 {
			return r.floor.Process.Pid
		}
		return r.kyodo.Process.Pid
	}
	costs := make([][]Cost, len(all))
	next := 0
	for _, s := range all {
		r.run(b, load.warm(), load.Clients, next, s)
		next += load.warm()
	}
	for round := range rounds {
		for turn := range all {
			i := (round + turn) % len(all) // Whoever comes first finds the caches cold.
			costs[i] = append(costs[i], r.measure(b, load, all[i], process(i), next))
			next += load.Requests
		}
	}
	base := middle(costs[0])
	for i, s := range all {
		c := middle(costs[i])
		ratio := float64(c.CPU()) / float64(base.CPU())
		r.report.cost(b.Name(), s.Name, c, ratio)
		b.ReportMetric(float64(c.CPU().Microseconds()), s.Name+"-µs")
		if i > 0 {
			b.ReportMetric(ratio, s.Name+"-ratio")
		}
	}
	b.ReportMetric(0, "ns/op") // one run is many requests; its own time says nothing
}

// middle returns the median of each figure.
func middle(costs []Cost) Cost {
	return Cost{
		App: median(costs, func(c Cost) time.Duration { return c.App }), DB: median(costs, func(c Cost) time.Duration { return c.DB }),
		P50: median(costs, func(c Cost) time.Duration { return c.P50 }), P99: median(costs, func(c Cost) time.Duration { return c.P99 }),
		Rate: median(costs, func(c Cost) float64 { return c.Rate }),
	}
}

func median[C any, T cmp.Ordered](of []C, figure func(C) T) T {
	values := make([]T, len(of))
	for i, v := range of {
		values[i] = figure(v)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (r *Rig) measure(b *testing.B, load Load, s Side, app, first int) Cost {
	b.Helper()
	appBefore, dbBefore := cpuOf(app), cpuOfTree(r.db)
	began := time.Now()
	times := r.run(b, load.Requests, load.Clients, first, s)
	took := time.Since(began)
	slices.Sort(times)
	n := time.Duration(len(times))
	return Cost{
		App: cpuOf(app).since(appBefore) / n,
		DB:  cpuOfTree(r.db).since(dbBefore) / n,
		P50: at(times, 50), P99: at(times, 99),
		Rate: float64(n) / took.Seconds(),
	}
}

// at returns a percentile of sorted times.
func at(times []time.Duration, percent int) time.Duration {
	return times[min(len(times)*percent/100, len(times)-1)]
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

// client keeps a connection for every worker. It asks for no compression, which
// the floor does not have.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}

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
