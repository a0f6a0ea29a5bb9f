package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// compared are pages beside the REST calls that read the same.
var compared = []struct {
	name, page, as string
	calls          []string
}{
	{"halls of a day", "/halls?date={day}", "", []string{"/v1/facilities?pageSize=200", "/v1/userClasses?pageSize=200", "/v1/availability?from={day}&to={day}"}},
	{"halls of a week", "/halls?view=week&date={day}", "", []string{"/v1/facilities?pageSize=200", "/v1/userClasses?pageSize=200", "/v1/availability?from={day}&to={week}"}},
	{"proposals", "/proposals", "", []string{"/v1/proposals?pageSize=20"}},
	{"organizations", "/organizations", "", []string{"/v1/organizations?pageSize=30"}},
	{"events", "/events", "", []string{"/v1/events?pageSize=20&from={today}"}},
	{"opportunities", "/opportunities", "", []string{"/v1/opportunities?pageSize=20"}},
	{"calls", "/calls", "", []string{"/v1/calls?pageSize=20"}},
	{"articles", "/articles", "", []string{"/v1/articles?pageSize=20"}},
	{"own proposals", "/proposals", "representative", []string{"/v1/proposals?pageSize=20"}},
	{"own bookings", "/bookings", "representative", []string{"/v1/bookings?pageSize=20"}},
	{"tasks of the desk", "/tasks", "desk", []string{"/v1/tasks"}},
}

// rounds is how often a page and its calls are asked in turn.
const rounds = 150

// BenchmarkPages compares the server's time for the vacancy grid and the lists
// with that of the REST calls that read the same, each the median of many, asked
// in turn on one connection. The portal promises at most twice.
func BenchmarkPages(b *testing.B) {
	start(b)
	where := []string{"{day}", day(9), "{week}", day(15), "{today}", day(0)}
	for _, c := range compared {
		b.Run(c.name, func(b *testing.B) {
			client := newClient(b)
			if c.as != "" {
				client.signIn(c.as)
			}
			page, calls := replaced(c.page, where), make([]string, len(c.calls))
			for i, call := range c.calls {
				calls[i] = replaced(call, where)
			}
			for b.Loop() {
				var pages, rest []time.Duration
				for range rounds {
					pages = append(pages, client.timed(page, "text/html"))
					sum := time.Duration(0)
					for _, call := range calls {
						sum += client.timed(call, "application/json")
					}
					rest = append(rest, sum)
				}
				p, r := median(pages), median(rest)
				b.ReportMetric(float64(p.Microseconds())/1000, "page-ms")
				b.ReportMetric(float64(r.Microseconds())/1000, "rest-ms")
				b.ReportMetric(float64(p)/float64(r), "page/rest")
			}
		})
	}
}

func replaced(s string, pairs []string) string {
	for i := 0; i < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, pairs[i], url.QueryEscape(pairs[i+1]))
	}
	return s
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// timed reads an address and returns how long it took.
func (c *client) timed(path, media string) time.Duration {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, shared.process.Origin+path, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept", media)
	begin := time.Now()
	resp, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	took := time.Since(begin)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatal(fmt.Errorf("%s: %s %.300s %w", path, resp.Status, body, err))
	}
	return took
}
