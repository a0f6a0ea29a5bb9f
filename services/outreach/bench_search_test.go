package outreach

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

const benchEntries = 100_000

// search writes the hits as JSON, as they come from the store.
func (f floor) search(w http.ResponseWriter, r *http.Request) {
	words, err := jp.QueryTerms(r.URL.Query().Get("q"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rows, err := store.Search(r.Context(), f.db, words, r.URL.Query().Get("kind"), pg.Page{Size: benchPage})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"hits": rows[:min(len(rows), benchPage)]}) // the caller is gone when it fails
}

// BenchmarkSearch searches 100,000 entries for rare and common words.
func BenchmarkSearch(b *testing.B) {
	rig := benchmark.New(b)
	of := rig.Texts(b, "outreach", `SELECT id FROM search_entry WHERE kind = 'EVENT' ORDER BY id LIMIT 1`)[0]
	rig.Fill(b, benchmark.Copies{Service: "outreach", Table: "search_entry", Of: of, Count: benchEntries, Changes: benchedEntry})
	client := outreachv1.NewSearchServiceClient(rig.GRPC)
	for _, c := range []struct{ q, kind string }{{"囲碁", ""}, {"図書館", ""}, {"子育て", ""}, {"子育ての地域", ""}, {"子育て", "EVENT"}, {"存在しない語", ""}} {
		query := url.Values{"q": {c.q}, "kind": {c.kind}}
		rest := url.Values{"q": {c.q}, "pageSize": {strconv.Itoa(benchPage)}}
		if c.kind != "" {
			rest.Set("kind", c.kind)
		}
		b.Run(c.q+c.kind, func(b *testing.B) {
			rig.Compare(b, benchmark.Load{Requests: 80, Clients: 2},
				benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, rig.Floor+"/search?"+query.Encode(), "", nil)
				}},
				benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, rig.Origin+"/v1/search?"+rest.Encode(), "", nil)
				}},
				benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, _ int) error {
					_, err := client.Search(ctx, &outreachv1.SearchRequest{
						Q: c.q, Kind: outreachv1.Hit_Kind(outreachv1.Hit_Kind_value[c.kind]), PageSize: benchPage,
					})
					return err
				}})
		})
	}
}

// benchedEntry changes an entry of the search into the i-th of many.
func benchedEntry(i int) map[string]any {
	title := fmt.Sprintf("地域と区で進める協働の催し 第%d号", i)
	for _, rare := range []struct {
		every int
		text  string
	}{{33_331, "囲碁の"}, {49, "図書館の"}, {3, "子育ての"}} {
		if i%rare.every == 1 {
			title = rare.text + title
		}
	}
	key := jp.SearchKey(title)
	return map[string]any{
		"id": fmt.Sprintf("01990000-0000-7000-8000-%012d", i), "kind": []string{"ARTICLE", "EVENT", "ITEM", "ITEM"}[i%4], "title": title,
		"published_at": time.Date(2010, 4, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute),
		"search_key":   key, "terms": benchmark.Vector(jp.IndexTerms(key)),
	}
}
