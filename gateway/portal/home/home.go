// Package home has the portal's first page and the pages about the portal
// itself.
package home

import (
	"context"
	"net/http"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/{$}", start),
		web.Public(http.MethodGet, "/preferences", preferences),
		web.Public(http.MethodPost, "/preferences", setPreferences).WithoutToken(),
		web.Public(http.MethodGet, "/accessibility", accessibility),
		web.Public(http.MethodGet, "/signed-in", signedIn),
	}
}

// news is what the first page shows; a part whose service is away is absent, the
// others are shown all the same.
type news struct {
	calls       []*proposalsv1.Call
	proposals   []*proposalsv1.ProposalSummary
	events      []*outreachv1.Event
	articles    []*outreachv1.Article
	evaluations []*evaluationv1.Evaluation

	callsAway, proposalsAway, eventsAway, articlesAway, evaluationsAway bool
}

// shownNews is how many of each the first page has.
const shownNews = 3

func start(q *web.Request) error {
	var n news
	var all sync.WaitGroup
	for _, read := range []func(context.Context, *web.Request){n.readCalls, n.readProposals, n.readEvents, n.readArticles, n.readEvaluations} {
		all.Go(func() { read(q.Context(), q) })
	}
	all.Wait()
	return q.Render(startPage(&n))
}

func (n *news) readCalls(ctx context.Context, q *web.Request) {
	resp, err := proposalsv1.NewCallServiceClient(q.Site.Service("proposals")).ListCalls(ctx, &proposalsv1.ListCallsRequest{
		State: proposalsv1.Call_PUBLISHED, PageSize: shownNews,
	})
	n.calls, n.callsAway = resp.GetCalls(), err != nil
}

func (n *news) readProposals(ctx context.Context, q *web.Request) {
	resp, err := proposalsv1.NewProposalServiceClient(q.Site.Service("proposals")).ListProposals(ctx, &proposalsv1.ListProposalsRequest{PageSize: shownNews})
	n.proposals, n.proposalsAway = resp.GetProposals(), err != nil
}

func (n *news) readEvents(ctx context.Context, q *web.Request) {
	resp, err := outreachv1.NewEventServiceClient(q.Site.Service("outreach")).ListEvents(ctx, &outreachv1.ListEventsRequest{
		State: outreachv1.Event_PUBLISHED, From: q.Today().String(), PageSize: shownNews,
	})
	n.events, n.eventsAway = resp.GetEvents(), err != nil
}

func (n *news) readArticles(ctx context.Context, q *web.Request) {
	resp, err := outreachv1.NewArticleServiceClient(q.Site.Service("outreach")).ListArticles(ctx, &outreachv1.ListArticlesRequest{
		State: outreachv1.Article_PUBLISHED, OrderBy: "publishTime desc", PageSize: shownNews,
	})
	n.articles, n.articlesAway = resp.GetArticles(), err != nil
}

func (n *news) readEvaluations(ctx context.Context, q *web.Request) {
	resp, err := evaluationv1.NewEvaluationServiceClient(q.Site.Service("evaluation")).ListEvaluations(ctx, &evaluationv1.ListEvaluationsRequest{
		State: evaluationv1.Evaluation_PUBLISHED, PageSize: shownNews,
	})
	n.evaluations, n.evaluationsAway = resp.GetEvaluations(), err != nil
}

func accessibility(q *web.Request) error { return q.Render(accessibilityPage(tested)) }

func signedIn(q *web.Request) error { return q.Render(signedInPage()) }

func preferences(q *web.Request) error {
	size := q.View.Size
	if size == "" {
		size = "normal"
	}
	return q.Render(preferencesPage(ui.NewForm(map[string][]string{"lang": {string(q.View.Lang)}, "size": {size}})))
}

// setPreferences keeps the choices in this browser for a year. It changes
// nothing else, so that it takes the form of any page.
func setPreferences(q *web.Request) error {
	if lang, ok := text.Parse(q.PostFormValue("lang")); ok {
		q.Remember("kyodo-lang", string(lang))
	}
	if size := q.PostFormValue("size"); size == "normal" || size == "large" || size == "larger" {
		q.Remember("kyodo-size", size)
	}
	return q.Redirect(q.Back(), "")
}
