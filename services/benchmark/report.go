package benchmark

import (
	"fmt"
	"strings"
	"time"
)

// report collects lines for people. They are printed when the benchmark ends,
// because go test writes its own lines in between.
type report struct{ lines []string }

// cost adds the line of one side of a case.
func (r *report) cost(name, side string, c Cost, ratio float64) {
	times := fmt.Sprintf("%5.2f×", ratio)
	if side == "floor" {
		times = "     "
	}
	r.add(name, "%-5s %s  app %6d µs  db %6d µs  p50 %7.2f ms  p99 %7.2f ms  %6.0f/s", side, times,
		c.App.Microseconds(), c.DB.Microseconds(), ms(c.P50), ms(c.P99), c.Rate)
}

// add adds a line of a case.
func (r *report) add(name, format string, args ...any) {
	name = strings.TrimPrefix(name, "Benchmark")
	r.lines = append(r.lines, pad(name, 56)+fmt.Sprintf(format, args...))
}

func (r *report) print() {
	fmt.Printf("\n%s\n\n", strings.Join(r.lines, "\n"))
}

// pad fills a text up to so many columns of a terminal, on which Japanese
// characters take two.
func pad(s string, columns int) string {
	for _, c := range s {
		if columns--; c >= 0x2E80 {
			columns--
		}
	}
	return s + strings.Repeat(" ", max(columns, 1))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
