// Package search has the search over everything that is published, and the page
// of feeds and open data.
package search

import (
	"net/http"
	"strings"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/search", list),
		web.Public(http.MethodGet, "/open-data", openData),
	}
}

// shown is how many organizations and proposals stand beside the other hits.
const shown = 5

// search is what was found. What outreach has published is the list that goes
// on; of organizations and proposals the first are shown, with the way to all.
type search struct {
	form          *ui.Form
	hits          []*outreachv1.Hit
	organizations []*directoryv1.Organization
	proposals     []*proposalsv1.ProposalSummary
	first, next   string

	organizationsAway, proposalsAway bool
}

// words are what is looked for; "" before anything is.
func (s *search) words() string { return strings.TrimSpace(s.form.Get("q")) }

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	if s.words() == "" {
		return q.Render(searchPage(&s))
	}
	resp, err := outreachv1.NewSearchServiceClient(q.Site.Service("outreach")).Search(q.Context(), &outreachv1.SearchRequest{
		Q: s.words(), PageSize: 20, PageToken: q.Query("page"),
	})
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, searchPage(&s))
	}
	if err != nil {
		return err
	}
	s.hits = resp.GetHits()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	if q.Query("page") == "" {
		s.beside(q)
	}
	return q.Render(searchPage(&s))
}

// beside finds organizations and proposals; a service that is away leaves the
// others.
func (s *search) beside(q *web.Request) {
	var all sync.WaitGroup
	all.Go(func() {
		resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: s.words(), PageSize: shown})
		s.organizations, s.organizationsAway = resp.GetOrganizations(), err != nil
	})
	all.Go(func() {
		resp, err := proposalsv1.NewProposalServiceClient(q.Site.Service("proposals")).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{Q: s.words(), PageSize: shown})
		s.proposals, s.proposalsAway = resp.GetProposals(), err != nil
	})
	all.Wait()
}

// path is the page of a hit; of an item the address at its source.
func path(h *outreachv1.Hit) string {
	switch h.GetKind() {
	case outreachv1.Hit_ARTICLE:
		return "/articles/" + h.GetId()
	case outreachv1.Hit_EVENT:
		return "/events/" + h.GetId()
	case outreachv1.Hit_OPPORTUNITY:
		return "/opportunities/" + h.GetId()
	default:
		return h.GetUrl()
	}
}

// file is one address for programs, with the key of what it is.
type file struct{ path, key string }

// feeds are for readers and calendars, exports are open data.
var (
	feeds = []file{
		{"/feeds/events.atom", "search.eventsatom"},
		{"/feeds/events.ics", "search.eventsics"},
		{"/feeds/opportunities.atom", "search.opportunitiesatom"},
		{"/feeds/opportunities.ics", "search.opportunitiesics"},
		{"/feeds/articles.atom", "search.articlesatom"},
		{"/feeds/progress.atom", "search.progressatom"},
	}
	exports = []file{
		{"/opendata/131016_event.csv", "search.eventscsv"},
		{"/opendata/131016_event.csv?profile=gif", "search.eventsgif"},
		{"/opendata/131016_public_facility.csv", "search.facilitiescsv"},
	}
)

func openData(q *web.Request) error { return q.Render(openDataPage()) }
