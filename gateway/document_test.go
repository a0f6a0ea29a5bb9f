package gateway

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// feeds answers documents: one in one piece, one as a stream.
type feeds struct {
	outreachv1.UnimplementedFeedServiceServer
}

var changed = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

func (feeds) GetFeed(_ context.Context, req *outreachv1.GetFeedRequest) (*outreachv1.GetFeedResponse, error) {
	if req.GetName() == "unknown.atom" {
		return nil, fault.ErrNotFound
	}
	return &outreachv1.GetFeedResponse{Document: &typev1.Document{
		MediaType: "text/calendar; charset=utf-8", FileName: "催し.ics", Content: []byte("topic " + req.GetTopic()), Etag: "abc", ModifyTime: timestamppb.New(changed), MaxAge: 300,
	}}, nil
}

// ExportEvents sends three pieces; with a profile it fails behind the first.
func (feeds) ExportEvents(req *outreachv1.ExportEventsRequest, out grpc.ServerStreamingServer[outreachv1.ExportEventsResponse]) error {
	for i, piece := range []string{"名称\r\n", strings.Repeat("催し\r\n", 20_000), "終\r\n"} {
		d := &typev1.Document{Content: []byte(piece)}
		if i == 0 {
			d.MediaType, d.FileName = "text/csv; charset=utf-8", "131016_event.csv"
		}
		if i == 1 && req.GetProfile() != "" {
			return fault.ErrOverloaded
		}
		if err := out.Send(&outreachv1.ExportEventsResponse{Document: d}); err != nil {
			return err
		}
	}
	return nil
}

func TestDocument(t *testing.T) {
	e := start(t)
	resp := e.do(ask{method: "GET", path: "/feeds/events.ics?topic=bosai", header: []string{"Accept: text/calendar"}})
	if body := text(t, resp); resp.StatusCode != http.StatusOK || body != "topic bosai" {
		t.Fatalf("%s %q", resp.Status, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/calendar; charset=utf-8", "ETag": `"abc"`, "Last-Modified": "Mon, 01 Jun 2026 03:00:00 GMT", "Cache-Control": "public, max-age=300",
		"Content-Disposition": "attachment; filename*=utf-8''%E5%82%AC%E3%81%97.ics", "X-Content-Type-Options": "nosniff",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for header, want := range map[string]int{
		`If-None-Match: "abc"`: 304, `If-None-Match: W/"abc"`: 304, `If-None-Match: "x", "abc"`: 304, `If-None-Match: "x"`: 200, "If-None-Match: *": 304,
		"If-Modified-Since: Mon, 01 Jun 2026 03:00:00 GMT": 304, "If-Modified-Since: Mon, 01 Jun 2026 02:59:59 GMT": 200, "If-Modified-Since: yesterday": 200,
	} {
		if resp := e.do(ask{method: "GET", path: "/feeds/events.ics", header: []string{header}}); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", header, resp.Status, want)
		}
	}
	if resp := e.do(ask{method: "HEAD", path: "/feeds/events.ics"}); resp.StatusCode != http.StatusOK || resp.ContentLength != int64(len("topic ")) {
		t.Errorf("HEAD: %s, %d bytes", resp.Status, resp.ContentLength)
	}
}

func TestStreamedDocument(t *testing.T) {
	e := start(t)
	resp := e.do(ask{method: "GET", path: "/opendata/131016_event.csv"})
	if body := text(t, resp); !strings.HasPrefix(body, "名称\r\n") || !strings.HasSuffix(body, "終\r\n") || len(body) < 100_000 {
		t.Errorf("%s, %d bytes", resp.Status, len(body))
	}
	if got := resp.Header.Get("Content-Disposition"); got != "attachment; filename=131016_event.csv" {
		t.Error(got)
	}
}

// TestHalfADocument holds that what fails in the middle does not look whole.
func TestHalfADocument(t *testing.T) {
	e := start(t)
	resp, err := http.Get(e.url + "/opendata/131016_event.csv?profile=gif")
	if err != nil {
		return // cut before its head was sent
	}
	defer resp.Body.Close()
	if raw, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("%s: %d bytes look like all", resp.Status, len(raw))
	}
}

func TestDocumentRefusals(t *testing.T) {
	e := start(t)
	for _, c := range []struct {
		path, method, reason string
		status               int
	}{
		{"/feeds/unknown.atom", "GET", "RESOURCE_NOT_FOUND", 404},
		{"/feeds/events.ics?page=2", "GET", "UNKNOWN_PARAMETER", 400},
		{"/feeds/events.ics?topic=a&topic=b", "GET", "DUPLICATE_PARAMETER", 400},
		{"/feeds/events.ics?organizationId=1", "GET", "INVALID_FIELD", 400},
		{"/feeds/events.ics", "POST", "METHOD_NOT_ALLOWED", 405},
		{"/opendata/other.csv", "GET", "ROUTE_NOT_FOUND", 404},
		{"/opendata/131016_event.csv?profile=OLD", "GET", "INVALID_FIELD", 400},
	} {
		doc, resp := e.problem(ask{method: c.method, path: c.path})
		if doc.Reason != c.reason || resp.StatusCode != c.status {
			t.Errorf("%s %s: %s %s, want %d %s", c.method, c.path, resp.Status, doc.Reason, c.status, c.reason)
		}
	}
	without := start(t, func(c *Config) { delete(c.Backends, "outreach") })
	if doc, _ := without.problem(ask{method: "GET", path: "/feeds/events.ics"}); doc.Reason != "DEPENDENCY_UNAVAILABLE" {
		t.Error(doc.Reason)
	}
}
