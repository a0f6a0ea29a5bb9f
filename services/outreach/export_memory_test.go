package outreach_test

import (
	"errors"
	"io"
	"runtime"
	"testing"

	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// An export of 100,000 events streams: the memory in use stays far below what is
// sent. It runs alone, because it looks at the memory of the whole process.
func TestExportHoldsLittle(t *testing.T) { //nolint:paralleltest // See above.
	w := quiet(t)
	const events, line = 100_000, 600
	for _, sql := range []string{
		`ALTER TABLE event_export DROP CONSTRAINT event_export_publication_known`, // The lines alone count.
		`INSERT INTO event_export (publication_id, csv, gif)
			SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, repeat('x', 598) || E'\r\n', '{}' FROM generate_series(1, 100000) AS i`,
		`ANALYZE event_export`,
	} {
		w.exec(sql)
	}
	stream, err := w.feeds().ExportEvents(t.Context(), &outreachv1.ExportEventsRequest{})
	w.must(err)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak, sent := m.HeapAlloc, uint64(0), 0
	for piece := 0; ; piece++ {
		got, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		w.must(err)
		sent += len(got.GetDocument().GetContent())
		if piece%25 == 0 {
			runtime.GC() // What is held counts, not what was already given up.
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	if sent < events*line {
		t.Fatalf("%d bytes, want %d", sent, events*line)
	}
	if held := int64(peak) - int64(before); held > 16<<20 {
		t.Errorf("%d MiB are held while %d MiB are sent", held>>20, sent>>20)
	}
}
