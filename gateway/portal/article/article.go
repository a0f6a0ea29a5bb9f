// Package article has the pages of articles: what the ward and the organizations
// report, for everybody newest first; and for who writes and checks them the way
// from draft to publication.
package article

import (
	"context"
	"net/http"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
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
		web.SignedIn(http.MethodPost, "/articles", create),
		web.SignedIn(http.MethodGet, "/articles/new", begin).For(outreachv1.ArticleService_CreateArticle_FullMethodName),
		web.SignedIn(http.MethodGet, "/articles/drafts", drafts).For(outreachv1.ArticleService_ListArticleRevisions_FullMethodName),
		web.Public(http.MethodGet, "/articles/{id}", show),
		web.SignedIn(http.MethodGet, "/articles/{id}/edit", edit).For(outreachv1.ArticleService_UpdateArticle_FullMethodName),
		web.SignedIn(http.MethodPost, "/articles/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/articles/{id}/revisions", revisions).For(outreachv1.ArticleService_ListArticleRevisions_FullMethodName),
		web.SignedIn(http.MethodPost, "/articles/{id}/steps/{step}", take),
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

func read(q *web.Request) (*outreachv1.Article, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := articles(q).GetArticle(q.Context(), &outreachv1.GetArticleRequest{Id: id})
	return resp.GetArticle(), err
}

func show(q *web.Request) error { return answer(q, nil, http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	a, err := read(q)
	if err != nil {
		return err
	}
	return q.RenderAs(status, showPage(&sheet{a, form}))
}

func path(id string) string { return "/articles/" + id }

// body is the text as safe HTML: in plain Japanese where there is one and it is
// asked for. The service has taken out whatever is not text.
func body(ctx context.Context, a *outreachv1.Article) string {
	if text.Of(ctx) == text.Plain && a.GetPlainJaHtml() != "" {
		return a.GetPlainJaHtml()
	}
	return a.GetBodyHtml()
}

// table is the list of those who write and check, with its filters.
type table struct {
	search
	whose []ui.Option
}

// drafts lists what the caller sees beyond the public, last changed first.
func drafts(q *web.Request) error {
	p := q.Caller.Principal
	form := ui.NewForm(q.URL.Query())
	t := &table{search: search{form: form}, whose: whose(q.Context())}
	if !form.Values.Has("whose") && len(t.whose) > 1 && !partner.Desk(q.Context()) {
		form.Values.Set("whose", t.whose[1].Value)
	}
	req := &outreachv1.ListArticlesRequest{
		State:   outreachv1.Article_State(outreachv1.Article_State_value[form.Get("state")]),
		OrderBy: "updateTime desc", PageSize: 30, PageToken: q.Query("page"),
	}
	switch form.Get("whose") {
	case "department":
		req.DepartmentId = p.DepartmentID
	case "organization":
		req.OrganizationId = firstOf(p.Organizations())
	}
	resp, err := articles(q).ListArticles(q.Context(), req)
	if err != nil {
		return err
	}
	t.found = resp.GetArticles()
	t.first, t.next = q.Pages(resp.GetNextPageToken())
	return q.Render(draftsPage(t))
}

func firstOf(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// whose are the filters by owner; the first is everybody's.
func whose(ctx context.Context) []ui.Option {
	p := ui.ViewOf(ctx).Caller
	out := []ui.Option{{Value: "all", Text: text.S(ctx, "article.whose.all")}}
	if len(p.Organizations()) > 0 {
		out = append(out, ui.Option{Value: "organization", Text: text.S(ctx, "article.whose.organization")})
	}
	if p.DepartmentID != "" {
		out = append(out, ui.Option{Value: "department", Text: text.S(ctx, "article.whose.department")})
	}
	return out
}
