package outreach_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fetch"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// intermediary keeps the sources of organization 2.
var intermediary = func() auth.Principal {
	p := servicetest.Member("intermediary", org2, optionsv1.Role_ROLE_EDITOR)
	p.Roles = append(p.Roles, optionsv1.Role_ROLE_COORDINATOR)
	return p
}()

func (w *world) sources(p auth.Principal) outreachv1.SourceServiceClient {
	return outreachv1.NewSourceServiceClient(w.As(p))
}

// partner is a partner's server of which the test says what it answers.
type partner struct {
	*httptest.Server

	mu       sync.Mutex
	answer   http.HandlerFunc
	requests []*http.Request
}

func (w *world) partner(answer http.HandlerFunc) *partner {
	p := &partner{answer: answer}
	p.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests = append(p.requests, r)
		answer := p.answer
		p.mu.Unlock()
		answer(rw, r)
	}))
	w.t.Cleanup(p.Close)
	return p
}

func (p *partner) now(answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *partner) asked() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// client may reach the servers of the test.
func (p *partner) client(timeout time.Duration) *fetch.Client {
	own := netip.MustParseAddrPort(strings.TrimPrefix(p.URL, "http://"))
	return fetch.New(fetch.Config{UserAgent: "test", Timeout: timeout, Allow: func(to netip.AddrPort) bool { return to == own }})
}

// file answers a feed.
func file(mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write([]byte(body))
	}
}

// rss is a feed of items as they stand in it.
func rss(items ...string) http.HandlerFunc {
	return file("application/rss+xml", `<rss version="2.0"><channel><title>x</title>`+strings.Join(items, "")+`</channel></rss>`)
}

// source registers a source of the desk's; change edits it before.
func (w *world) source(address string, change func(*outreachv1.SourceInput)) *outreachv1.Source {
	w.t.Helper()
	in := &outreachv1.SourceInput{Name: "見本の団体だより", Url: address}
	if change != nil {
		change(in)
	}
	resp, err := w.sources(desk).CreateSource(w.t.Context(), &outreachv1.CreateSourceRequest{Source: in})
	w.must(err)
	return resp.GetSource()
}

// at moves a source to a server of the test, which no RPC takes.
func (w *world) at(id, address string) {
	w.t.Helper()
	w.exec(`UPDATE source SET url = $2, host = '127.0.0.1' WHERE id = $1`, id, address)
	w.exec(`INSERT INTO source_host (host, free_at) VALUES ('127.0.0.1', now()) ON CONFLICT DO NOTHING`)
}

// read reads all sources now.
func (w *world) read(p *partner) {
	w.t.Helper()
	w.exec(`UPDATE source SET due_at = now()`)
	w.readDue(p)
}

func (w *world) readDue(p *partner) {
	w.t.Helper()
	w.exec(`UPDATE source_host SET free_at = now()`)
	w.must(outreach.ReadSources(w.t.Context(), w.deps, p.client(2*time.Second)))
}

func (w *world) getSource(by auth.Principal, id string) (*outreachv1.Source, error) {
	resp, err := w.sources(by).GetSource(w.t.Context(), &outreachv1.GetSourceRequest{Id: id})
	return resp.GetSource(), err
}

func (w *world) items(by auth.Principal, req *outreachv1.ListItemsRequest) []*outreachv1.Item {
	w.t.Helper()
	resp, err := w.sources(by).ListItems(w.t.Context(), req)
	w.must(err)
	return resp.GetItems()
}

func (w *world) release(id string) {
	w.t.Helper()
	w.must(err2(w.sources(desk).ReleaseSource(w.t.Context(), &outreachv1.ReleaseSourceRequest{Id: id})))
}

// titles joins the titles of items.
func titles(items []*outreachv1.Item) string {
	return numbers(items, (*outreachv1.Item).GetTitle)
}

func (w *world) search(q string, kind outreachv1.Hit_Kind) []*outreachv1.Hit {
	w.t.Helper()
	resp, err := outreachv1.NewSearchServiceClient(w.As(auth.Anonymous)).Search(w.t.Context(), &outreachv1.SearchRequest{Q: q, Kind: kind})
	w.must(err)
	return resp.GetHits()
}
