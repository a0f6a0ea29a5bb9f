// Package criterion has the pages of the criteria of evaluations: their versions
// for everybody, and new versions, which the desk writes.
package criterion

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/evaluationTemplates", list),
		web.Public(http.MethodGet, "/evaluationTemplates/{version}", show),
		web.SignedIn(http.MethodGet, "/evaluationTemplates/new", begin).For(evaluationv1.EvaluationService_CreateEvaluationTemplate_FullMethodName),
		web.SignedIn(http.MethodPost, "/evaluationTemplates", create).For(evaluationv1.EvaluationService_CreateEvaluationTemplate_FullMethodName),
	}
}

func evaluations(q *web.Request) evaluationv1.EvaluationServiceClient {
	return evaluationv1.NewEvaluationServiceClient(q.Site.Service("evaluation"))
}

const (
	listed   = 20 // Versions a page.
	walked   = 5  // Pages of 200 versions among which one is looked for.
	spare    = 3  // Empty rows below those that are filled.
	maxItems = 50 // Criteria of a version at most.
)

// versions is the list of the versions, the newest first.
type versions struct {
	found       []*evaluationv1.EvaluationTemplate
	first, next string
}

func list(q *web.Request) error {
	resp, err := evaluations(q).ListEvaluationTemplates(q.Context(), &evaluationv1.ListEvaluationTemplatesRequest{PageSize: listed, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	v := versions{found: resp.GetTemplates()}
	v.first, v.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&v))
}

func show(q *web.Request) error {
	number, err := strconv.ParseInt(q.PathValue("version"), 10, 32)
	if err != nil {
		return fault.ErrNotFound
	}
	token := ""
	for range walked {
		resp, err := evaluations(q).ListEvaluationTemplates(q.Context(), &evaluationv1.ListEvaluationTemplatesRequest{PageSize: 200, PageToken: token})
		if err != nil {
			return err
		}
		for _, t := range resp.GetTemplates() {
			if t.GetVersion() == int32(number) {
				return q.Render(showPage(t))
			}
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	return fault.ErrNotFound
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{"template.title": "criterion.title", "template.criteria": "criterion.criteria"}

// begin is the form of a new version, with the criteria of the newest one.
func begin(q *web.Request) error {
	resp, err := evaluations(q).ListEvaluationTemplates(q.Context(), &evaluationv1.ListEvaluationTemplatesRequest{PageSize: 1})
	if err != nil {
		return err
	}
	form := ui.NewForm(url.Values{})
	if all := resp.GetTemplates(); len(all) > 0 {
		form = ui.NewForm(web.Values("template.", &evaluationv1.EvaluationTemplateInput{Title: all[0].GetTitle(), Criteria: all[0].GetCriteria()}))
	}
	return q.Render(writePage(form))
}

func create(q *web.Request) error {
	for i := range maxItems + spare { // what a row is about is always chosen, so it alone makes none
		if q.PostFormValue(name(i, "no"))+q.PostFormValue(name(i, "name"))+q.PostFormValue(name(i, "question"))+q.PostFormValue(name(i, "phase")) == "" {
			q.PostForm.Del(name(i, "group"))
		}
	}
	req := &evaluationv1.CreateEvaluationTemplateRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *evaluationv1.CreateEvaluationTemplateResponse
	if err == nil {
		resp, err = evaluations(q).CreateEvaluationTemplate(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, writePage(form))
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(resp.GetTemplate()), "criteriaadded")
}

func path(t *evaluationv1.EvaluationTemplate) string {
	return fmt.Sprintf("/evaluationTemplates/%d", t.GetVersion())
}

// name is the name of a field of a criterion in the form.
func name(i int, field string) string { return fmt.Sprintf("template.criteria[%d].%s", i, field) }

// rows are the rows of the form: those that are filled in, and some more.
func rows(f *ui.Form) int {
	n := 0
	for n < maxItems && f.Values.Has(name(n, "name")) {
		n++
	}
	return min(n+spare, maxItems)
}

func groups(ctx context.Context) []ui.Option {
	var out []ui.Option
	for g := evaluationv1.EvaluationCriterion_PROCESS; g <= evaluationv1.EvaluationCriterion_OUTCOME; g++ {
		out = append(out, ui.Option{Value: g.String(), Text: text.Enum(ctx, "evaluation.group", g)})
	}
	return out
}
