package outreach

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// TestFloor is the floor's process when the benchmark starts it.
func TestFloor(t *testing.T) {
	benchmark.ServeFloor(t, "outreach", func(db *pg.DB) http.Handler {
		f := floor{db: db}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /list", f.list)
		mux.HandleFunc("GET /export", f.export)
		mux.HandleFunc("GET /search", f.search)
		return mux
	})
}

// floor is the plain handler: the same SQL, without login, contract and gRPC.
type floor struct{ db *pg.DB }

// list writes the rows as JSON, as they come from the store.
func (f floor) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filter := store.PublicationFilter{Kind: publication.Event, Order: store.ByStart}
	if text := q.Get("q"); text != "" {
		words, err := jp.QueryTerms(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		filter.Words = &words
	}
	if from := q.Get("from"); from != "" {
		filter.From, _ = jp.ParseDate(from) // the benchmark's own
		filter.To = filter.From.AddDays(30)
	}
	rows, err := store.ListPublications(r.Context(), f.db, publication.Reader{}, filter, pg.Page{Size: benchPage, After: q["after"]})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"events": rows[:min(len(rows), benchPage)]}) // the caller is gone when it fails
}

// export is the raw COPY.
func (f floor) export(w http.ResponseWriter, r *http.Request) {
	conn, err := f.db.Pool().Acquire(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Release()
	_, _ = conn.Conn().PgConn().CopyTo(r.Context(), w, `COPY (SELECT csv FROM event_export ORDER BY publication_id) TO STDOUT`) // cut short, the caller sees it
}

const (
	benchPage   = 50
	benchEvents = 100_000
)

// many fills the installation with 100,000 public events and their lines of the
// open data.
func many(b *testing.B) *benchmark.Rig {
	rig := benchmark.New(b)
	of := rig.Texts(b, "outreach", `SELECT id FROM publication WHERE kind = 'EVENT' AND visible ORDER BY length(body) LIMIT 1`)[0]
	rig.Fill(b, benchmark.Copies{Service: "outreach", Table: "publication", Of: of, Count: benchEvents, Changes: benched})
	rig.Exec(b, "outreach", `
		INSERT INTO event_export (publication_id, csv, gif)
		SELECT p.id, e.csv, e.gif
		FROM event_export e, publication p
		WHERE e.publication_id = $1 AND p.id::text LIKE '01990000-%'`, of)
	rig.Exec(b, "outreach", `VACUUM ANALYZE event_export`)
	return rig
}

// benched changes a sample event into the i-th of many, over ten years.
func benched(i int) map[string]any {
	title := fmt.Sprintf("地域の集い 第%d回", i)
	for _, rare := range []struct {
		every int
		text  string
	}{{33_331, "囲碁の"}, {49, "図書館の"}, {3, "子育ての"}} {
		if i%rare.every == 1 {
			title = rare.text + title
		}
	}
	on := jp.NewDate(2017, 1, 1).AddDays(i % 3650)
	key := jp.SearchKey(title)
	at := time.Date(2010, 4, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute)
	return map[string]any{
		"id": fmt.Sprintf("01990000-0000-7000-8000-%012d", i), "title": title, "starts_on": on.String(), "last_on": on.String(),
		"occurs": "{[" + on.String() + "," + on.AddDays(1).String() + ")}", "publish_at": at, "updated_at": at, "changed_at": at,
		"search_key": key, "search": benchmark.Vector(jp.IndexTerms(key)),
	}
}

// BenchmarkListEvents lists 100,000 events: the first page, a month, a page in the
// middle, and searches.
func BenchmarkListEvents(b *testing.B) {
	rig := many(b)
	client := outreachv1.NewEventServiceClient(rig.GRPC)
	for _, c := range []struct{ name, q, from string }{{"page 1", "", ""}, {"a month", "", "2026-12-01"}, {"図書館", "図書館", ""}, {"子育て", "子育て", ""}, {"囲碁", "囲碁", ""}} {
		floor := rig.Floor + "/list?" + url.Values{"q": {c.q}, "from": {c.from}}.Encode()
		query := url.Values{"q": {c.q}, "pageSize": {strconv.Itoa(benchPage)}}
		req := &outreachv1.ListEventsRequest{Q: c.q, PageSize: benchPage}
		if c.from != "" {
			req.From, req.To = c.from, "2026-12-31"
			query["from"], query["to"] = []string{req.GetFrom()}, []string{req.GetTo()}
		}
		b.Run(c.name, func(b *testing.B) {
			rig.Compare(b, benchmark.Load{Requests: 80, Clients: 2},
				benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, floor, "", nil)
				}},
				benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, rig.Origin+"/v1/events?"+query.Encode(), "", nil)
				}},
				benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, _ int) error {
					_, err := client.ListEvents(ctx, req)
					return err
				}})
		})
	}
}

// BenchmarkRegister registers people for one event, each with mail, audit entry
// and place.
func BenchmarkRegister(b *testing.B) {
	rig := benchmark.New(b)
	id := rig.Texts(b, "outreach", `SELECT event_id FROM event_seat LIMIT 1`)[0]
	client := outreachv1.NewRegistrationServiceClient(rig.GRPC)
	var took []time.Duration
	for i := range 400 {
		began := time.Now()
		_, err := client.CreateRegistration(metadata.AppendToOutgoingContext(b.Context(), rpc.MetaLanguage, "ja"), &outreachv1.CreateRegistrationRequest{
			EventId: id, Registration: &outreachv1.Registrant{Name: "見本", Email: fmt.Sprintf("p%d@example.com", i)},
		})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op") // one run is many requests; its own time says nothing
}

// BenchmarkExportEvents exports 100,000 events as open data, beside a raw COPY of
// the same lines. The aim is 0.6 of its rate.
func BenchmarkExportEvents(b *testing.B) {
	rig := many(b)
	var copied, exported []float64
	side := func(name, from string, rates *[]float64) benchmark.Side {
		return benchmark.Side{Name: name, Do: func(ctx context.Context, _ int) error {
			rate, err := download(ctx, from)
			*rates = append(*rates, rate)
			return err
		}}
	}
	rig.Compare(b, benchmark.Load{Requests: 1, Clients: 1},
		side("floor", rig.Floor+"/export", &copied), side("REST", rig.Origin+"/opendata/131016_event.csv", &exported))
	slices.Sort(copied)
	slices.Sort(exported)
	base, rate := copied[len(copied)/2], exported[len(exported)/2]
	b.ReportMetric(base, "COPY-MB/s")
	b.ReportMetric(rate, "REST-MB/s")
	b.ReportMetric(rate/base, "of-COPY")
}

// download reads an answer to its end and returns its rate in MB/s.
func download(ctx context.Context, from string) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, strings.NewReader(""))
	if err != nil {
		return 0, err
	}
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || n < benchEvents*100) {
		err = fmt.Errorf("%s: %s, %d bytes", from, resp.Status, n)
	}
	return float64(n) / 1e6 / time.Since(began).Seconds(), err
}
