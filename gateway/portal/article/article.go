// Package article has the public pages of articles: what the ward and the
// organizations report, newest first.
package article

import (
	"context"
	"net/http"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/articles", list),
		web.Public(http.MethodGet, "/articles/{id}", show),
	}
}

func articles(q *web.Request) outreachv1.ArticleServiceClient {
	return outreachv1.NewArticleServiceClient(q.Site.Service("outreach"))
}

// search is the list and what it was asked for.
type search struct {
	form        *ui.Form
	found       []*outreachv1.Article
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	resp, err := articles(q).ListArticles(q.Context(), &outreachv1.ListArticlesRequest{
		State: outreachv1.Article_PUBLISHED, Q: strings.TrimSpace(q.Query("q")), PageSize: 20, PageToken: q.Query("page"),
	})
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetArticles()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := articles(q).GetArticle(q.Context(), &outreachv1.GetArticleRequest{Id: id})
	if err != nil {
		return err
	}
	return q.Render(showPage(resp.GetArticle()))
}

// body is the text as safe HTML: in plain Japanese where there is one and it is
// asked for. The service has taken out whatever is not text.
func body(ctx context.Context, a *outreachv1.Article) string {
	if text.Of(ctx) == text.Plain && a.GetPlainJaHtml() != "" {
		return a.GetPlainJaHtml()
	}
	return a.GetBodyHtml()
}
