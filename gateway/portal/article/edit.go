package article

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"title": "article.title", "summary": "article.summary", "body": "article.body", "plainJa": "article.plainJa", "topics": "article.topics",
	"publicUntil": "article.publicUntil", "organizationId": "article.organization", "projectId": "article.project", "credits": "article.credits",
}

// draft is an article that is being written, with what its form offers.
type draft struct {
	form                                         *ui.Form
	article                                      *outreachv1.Article // nil before it is begun.
	organizations, owners, departments, projects []ui.Option
	topics                                       []ui.Option
}

func begin(q *web.Request) error {
	return answerDraft(q, &draft{form: ui.NewForm(url.Values{})}, http.StatusOK)
}

// answerDraft shows the form with what can be chosen in it.
func answerDraft(q *web.Request, d *draft, status int) error {
	ctx := q.Context()
	own, err := partner.Organizations(q)
	if err != nil {
		return err
	}
	if d.organizations, err = partner.Found(q, d.form.Get("_find")); err != nil {
		return err
	}
	d.owners = own
	if partner.Desk(ctx) {
		d.owners = append(d.owners, d.organizations...)
	}
	if partner.Ward(ctx) {
		d.owners = append([]ui.Option{{Text: text.S(ctx, "article.ward")}}, d.owners...)
	}
	d.organizations = append(own, d.organizations...)
	for _, c := range d.article.GetCredits() {
		d.organizations = append(d.organizations, ui.Option{Value: c.GetOrganizationId(), Text: c.GetName()})
	}
	d.organizations = once(d.organizations)
	if d.departments, err = partner.Departments(q); err != nil {
		return err
	}
	if d.projects, err = projects(q, d.article); err != nil {
		return err
	}
	if d.topics, err = topics(q, d.form.Values["topics"]); err != nil {
		return err
	}
	d.form.Labels = labels
	return q.RenderAs(status, editPage(d))
}

// once takes out what stands twice and what is none.
func once(options []ui.Option) []ui.Option {
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(options, func(o ui.Option) bool {
		twice := seen[o.Value]
		seen[o.Value] = true
		return twice
	})
}

// projects are those of the caller's side, newest first.
func projects(q *web.Request, a *outreachv1.Article) ([]ui.Option, error) {
	req := &evaluationv1.ListProjectsRequest{OrganizationId: a.GetOrganizationId(), PageSize: 50}
	if a == nil {
		req.OrganizationId = firstOf(q.Caller.Organizations())
	}
	if req.GetOrganizationId() == "" && !partner.Desk(q.Context()) {
		req.DepartmentId = q.Caller.DepartmentID
	}
	resp, err := evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation")).ListProjects(q.Context(), req)
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), "article.noproject")}}
	for _, p := range resp.GetProjects() {
		out = append(out, ui.Option{Value: p.GetId(), Text: strings.TrimSpace(p.GetPublicNumber() + " " + p.GetTitle())})
	}
	if id := a.GetProjectId(); id != "" && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == id }) {
		out = append(out, ui.Option{Value: id, Text: text.S(q.Context(), "article.thisproject")})
	}
	return out, nil
}

// topics are those of the mail magazine, and those that the form has besides.
func topics(q *web.Request, chosen []string) ([]ui.Option, error) {
	resp, err := outreachv1.NewNewsletterTopicServiceClient(q.Site.Service("outreach")).ListNewsletterTopics(q.Context(), &outreachv1.ListNewsletterTopicsRequest{})
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, t := range resp.GetTopics() {
		out = append(out, ui.Option{Value: t.GetCode(), Text: t.GetName()})
	}
	for _, code := range chosen {
		out = append(out, ui.Option{Value: code, Text: code})
	}
	return once(out), nil
}

func create(q *web.Request) error {
	if q.PostFormValue("step") == "find" {
		return answerDraft(q, &draft{form: q.Posted()}, http.StatusOK)
	}
	req := &outreachv1.CreateArticleRequest{Article: &outreachv1.ArticleInput{}}
	err := web.Bind(q.PostForm, req.GetArticle())
	var resp *outreachv1.CreateArticleResponse
	if err == nil {
		resp, err = articles(q).CreateArticle(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerDraft(q, &draft{form: form.Trim("article.")}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(resp.GetArticle().GetId()), "articleBegun")
}

func edit(q *web.Request) error {
	a, err := read(q)
	if err != nil {
		return err
	}
	switch s := (&sheet{Article: a}); {
	case !s.writes(q.Context()):
		return fault.ErrPermissionDenied
	case !s.editable():
		return q.Redirect(path(a.GetId()), "")
	}
	return answerDraft(q, &draft{article: a, form: ui.NewForm(web.Values("", a))}, http.StatusOK)
}

func save(q *web.Request) error {
	a, err := read(q)
	if err != nil {
		return err
	}
	if q.PostFormValue("step") == "find" {
		return answerDraft(q, &draft{article: a, form: q.Posted()}, http.StatusOK)
	}
	req := &outreachv1.UpdateArticleRequest{Id: a.GetId(), Article: &outreachv1.ArticleInput{}, UpdateMask: &fieldmaskpb.FieldMask{
		Paths: []string{"title", "summary", "body", "plain_ja", "topics", "public_until", "project_id", "credits"},
	}}
	if err = web.Bind(q.PostForm, req.GetArticle()); err == nil {
		_, err = articles(q).UpdateArticle(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerDraft(q, &draft{article: a, form: form.Trim("article.")}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(a.GetId()), "articleSaved")
}

// spare is how many empty rows the credits show behind those that are filled.
const spare = 2

func creditField(i int, name string) string { return fmt.Sprintf("credits[%d].%s", i, name) }

// rows is how many rows of credits the form shows.
func (d *draft) rows() int {
	n := 0
	for i := range 20 {
		for _, name := range []string{"part", "organizationId", "departmentId"} {
			if d.form.Get(creditField(i, name)) != "" {
				n = i + 1
			}
		}
	}
	return min(n+spare, 20)
}

func partOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, p := range []typev1.Credit_Part{
		typev1.Credit_ORGANIZER, typev1.Credit_CO_ORGANIZER, typev1.Credit_PATRON, typev1.Credit_SUPPORTER, typev1.Credit_CONTRACTOR,
	} {
		out = append(out, ui.Option{Value: p.String(), Text: text.Enum(ctx, "ui.credit", p)})
	}
	return out
}

// history are the versions of an article that were put forward.
type history struct {
	article     *outreachv1.Article
	versions    []*outreachv1.ArticleRevision
	first, next string
}

func revisions(q *web.Request) error {
	a, err := read(q)
	if err != nil {
		return err
	}
	resp, err := articles(q).ListArticleRevisions(q.Context(), &outreachv1.ListArticleRevisionsRequest{Id: a.GetId(), PageSize: 2, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	h := &history{article: a, versions: resp.GetRevisions()}
	h.first, h.next = q.Pages(resp.GetNextPageToken())
	return q.Render(revisionsPage(h))
}
