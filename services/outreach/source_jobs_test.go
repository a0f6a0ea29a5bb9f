package outreach_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// A source is asked whether it changed; how it answers is told.
func TestConditionalReading(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.partner(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", `"a"`)
		rw.Header().Set("Last-Modified", "Mon, 02 Nov 2026 00:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"a"` && r.Header.Get("If-Modified-Since") != "" {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		rss(`<item><guid>1</guid><title>見本</title></item>`)(rw, r)
	})
	id := w.source("https://partner.example/a", nil).GetId()
	w.at(id, p.URL)
	for _, status := range []int32{http.StatusOK, http.StatusNotModified, http.StatusNotModified} {
		w.read(p)
		s, err := w.getSource(desk, id)
		w.must(err)
		if s.GetStatusCode() != status || s.GetHealth() != outreachv1.Source_OK || !s.GetModifyTime().AsTime().Equal(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("source = %v", s)
		}
		if wait := time.Until(s.GetNextTime().AsTime()); wait < 55*time.Minute || wait > time.Hour {
			t.Errorf("next reading in %v", wait)
		}
	}
	if got := p.asked()[0].Header; got.Get("User-Agent") != "test" || got.Get("Cookie") != "" {
		t.Errorf("headers = %v", got)
	}
}

// What fails is tried later and later; after five times it is dead, told to the ward
// once, and alive again with the first success.
func TestDeadSource(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.partner(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusInternalServerError) })
	id := w.source("https://partner.example/a", nil).GetId()
	w.at(id, p.URL)
	w.release(id)
	for i, wait := range []time.Duration{2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
		w.read(p)
		s, err := w.getSource(desk, id)
		w.must(err)
		health := outreachv1.Source_FAILING
		if i >= 4 {
			health = outreachv1.Source_DEAD
		}
		if s.GetHealth() != health || s.GetFailures() != int32(i+1) || s.GetFailure() != "HTTP_STATUS" || s.GetStatusCode() != 500 {
			t.Errorf("after %d failures: %v", i+1, s)
		}
		if got := time.Until(s.GetNextTime().AsTime()); got > wait || got < wait-time.Minute {
			t.Errorf("after %d failures: next in %v, want %v", i+1, got, wait)
		}
	}
	if n := w.count(`SELECT count(*) FROM event_log WHERE aggregate_id = $1 AND visibility = 'ward' AND headers->>'ce-type' = 'kyodo.outreach.v1.SourceFailed'`, id); n != 1 {
		t.Errorf("told %d times", n)
	}
	dead, err := w.sources(desk).ListSources(t.Context(), &outreachv1.ListSourcesRequest{Health: outreachv1.Source_DEAD})
	w.must(err)
	public, err := w.sources(auth.Anonymous).ListSources(t.Context(), &outreachv1.ListSourcesRequest{})
	w.must(err)
	if len(dead.GetSources()) != 1 || public.GetSources()[0].GetFailure() != "" || public.GetSources()[0].GetHealth() != outreachv1.Source_DEAD {
		t.Errorf("dead = %v, public = %v", dead, public)
	}
	p.now(rss(`<item><guid>1</guid><title>見本</title></item>`))
	w.read(p)
	if s, err := w.getSource(desk, id); err != nil || s.GetHealth() != outreachv1.Source_OK || s.GetFailures() != 0 || s.GetFailure() != "" {
		t.Errorf("alive again: %v %v", s, err)
	}
}

func TestFailuresOfReadings(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.source("https://partner.example/a", nil).GetId()
	done := make(chan struct{})
	defer close(done)
	p := w.partner(nil)
	w.at(id, p.URL)
	for want, answer := range map[string]http.HandlerFunc{
		"WRONG_TYPE": file("text/html", "<html></html>"), "UNREADABLE": file("application/rss+xml", "no feed"),
		"TOO_LARGE": file("application/rss+xml", strings.Repeat("x", 3<<20)),
		"FETCH_REFUSED": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://169.254.169.254/", http.StatusFound)
		},
		"FETCH_TIMEOUT": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-done:
			case <-r.Context().Done():
			}
		},
		"UNREACHABLE": func(rw http.ResponseWriter, _ *http.Request) {
			if conn, _, err := rw.(http.Hijacker).Hijack(); err == nil {
				_ = conn.Close()
			}
		},
	} {
		p.now(answer)
		w.read(p)
		if s, err := w.getSource(desk, id); err != nil || s.GetFailure() != want {
			t.Errorf("failure = %q, want %q (%v)", s.GetFailure(), want, err)
		}
	}
	// The client of the service itself never reaches this machine.
	asked := len(p.asked())
	w.exec(`UPDATE source SET due_at = now()`)
	w.exec(`UPDATE source_host SET free_at = now()`)
	w.run("read-sources")
	if s, err := w.getSource(desk, id); err != nil || s.GetFailure() != "FETCH_REFUSED" || len(p.asked()) != asked {
		t.Errorf("failure = %q, %d requests more (%v)", s.GetFailure(), len(p.asked())-asked, err)
	}
}

// Readers side by side ask a source once, a host one at a time and then leave it
// alone; what a server asks for is kept.
func TestPoliteReaders(t *testing.T) {
	t.Parallel()
	w := start(t)
	var running, most atomic.Int32
	p := w.partner(func(rw http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		if strings.HasSuffix(r.URL.Path, "/9") {
			rw.Header().Set("Retry-After", "7200")
			rw.WriteHeader(http.StatusTooManyRequests)
			return
		}
		rss(`<item><guid>`+r.URL.Path+`</guid><title>見本`+r.URL.Path+`</title></item>`)(rw, r)
	})
	for i := range 10 {
		id := w.source(fmt.Sprintf("https://partner.example/%d", i), nil).GetId()
		w.at(id, fmt.Sprintf("%s/%d", p.URL, i))
	}
	w.exec(`UPDATE source SET due_at = now()`)
	for range 10 { // A host is free for one reading; the pause is made short here.
		w.exec(`UPDATE source_host SET free_at = now()`)
		before := len(p.asked())
		got := atOnce(4, func(int) error { return outreach.ReadSources(t.Context(), w.deps, p.client(2*time.Second)) })
		if got[""] != 4 || len(p.asked()) != before+1 {
			t.Errorf("%d requests, %v", len(p.asked())-before, got)
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d requests at a time", most.Load())
	}
	if n := w.count(`SELECT count(*) FROM source WHERE due_at > now()`); n != 10 {
		t.Errorf("%d of 10 were read", n)
	}
	if n := w.count(`SELECT count(*) FROM source WHERE url LIKE '%/9' AND due_at > now() + interval '119 minutes'`); n != 1 {
		t.Error("the server's Retry-After is not kept")
	}
	if n := w.count(`SELECT count(*) FROM source_host WHERE host = '127.0.0.1' AND free_at > now()`); n != 1 {
		t.Error("the host is not left alone")
	}
}

// What was read is dropped where the source was paused meanwhile.
func TestPausedWhileRead(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.source("https://partner.example/a", nil).GetId()
	p := w.partner(func(rw http.ResponseWriter, r *http.Request) {
		_, err := w.sources(desk).PauseSource(t.Context(), &outreachv1.PauseSourceRequest{Id: id})
		if err != nil {
			t.Error(err)
		}
		rss(`<item><guid>1</guid><title>見本</title></item>`)(rw, r)
	})
	w.at(id, p.URL)
	w.read(p)
	if n := w.count(`SELECT count(*) FROM item`); n != 0 {
		t.Errorf("%d items", n)
	}
	if s, err := w.getSource(desk, id); err != nil || s.GetCheckTime() != nil {
		t.Errorf("source = %v %v", s, err)
	}
}

// A link is checked, not read: the directory of links tells when and how it
// answered.
func TestLinkDirectory(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.partner(file("text/html", strings.Repeat("<p>見本</p>", 300_000)))
	link := w.source("https://partner.example/", func(in *outreachv1.SourceInput) { in.Kind, in.Name = outreachv1.Source_LINK, "い 見本の会" })
	calendar := w.source("https://partner.example/c.ics", func(in *outreachv1.SourceInput) {
		in.Kind, in.Name = outreachv1.Source_CALENDAR, "あ 見本の会の予定"
	})
	if link.GetIntervalMinutes() != 1440 {
		t.Errorf("interval = %d", link.GetIntervalMinutes())
	}
	w.at(link.GetId(), p.URL)
	w.exec(`UPDATE source SET due_at = now() + interval '1 day' WHERE id = $1`, calendar.GetId())
	w.release(link.GetId())
	w.release(calendar.GetId())
	w.readDue(p)
	list := func(req *outreachv1.ListSourcesRequest) []*outreachv1.Source {
		t.Helper()
		resp, err := w.sources(auth.Anonymous).ListSources(t.Context(), req)
		w.must(err)
		return resp.GetSources()
	}
	links := list(&outreachv1.ListSourcesRequest{Kind: outreachv1.Source_LINK})
	if len(links) != 1 || links[0].GetStatusCode() != 200 || links[0].GetCheckTime() == nil || links[0].GetHealth() != outreachv1.Source_OK {
		t.Errorf("links = %v", links)
	}
	if got := numbers(list(&outreachv1.ListSourcesRequest{}), (*outreachv1.Source).GetName); got != "あ 見本の会の予定 い 見本の会" {
		t.Errorf("sources = %s", got)
	}
	first, err := w.sources(auth.Anonymous).ListSources(t.Context(), &outreachv1.ListSourcesRequest{PageSize: 1})
	w.must(err)
	if got := list(&outreachv1.ListSourcesRequest{PageSize: 1, PageToken: first.GetNextPageToken()}); len(got) != 1 || got[0].GetId() != link.GetId() {
		t.Errorf("second page = %v", got)
	}
	if n := w.count(`SELECT count(*) FROM item`); n != 0 {
		t.Errorf("%d items of a link", n)
	}
}
