// Package improvement has the pages of the improvements that evaluations called
// for, until each has come to its end.
package improvement

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/improvements", list),
		web.Public(http.MethodGet, "/improvements/{id}", show),
		web.SignedIn(http.MethodPost, "/improvements/{id}/steps/{step}", take),
	}
}

func improvements(q *web.Request) evaluationv1.ImprovementServiceClient {
	return evaluationv1.NewImprovementServiceClient(q.Site.Service("evaluation"))
}

// search is the list of improvements and what it was asked for.
type search struct {
	form        *ui.Form
	found       []*evaluationv1.Improvement
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	req := &evaluationv1.ListImprovementsRequest{
		State:     evaluationv1.Improvement_State(evaluationv1.Improvement_State_value[q.Query("state")]),
		ProjectId: q.Query("projectId"), EvaluationId: q.Query("evaluationId"), PageToken: q.Query("page"), PageSize: 20,
	}
	if year, err := strconv.ParseInt(q.Query("fiscalYear"), 10, 32); err == nil {
		req.FiscalYear = int32(year)
	}
	resp, err := improvements(q).ListImprovements(q.Context(), req)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetImprovements()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// file is the page of one improvement.
type file struct {
	*evaluationv1.Improvement
	project *evaluationv1.Project
	form    *ui.Form
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := improvements(q).GetImprovement(q.Context(), &evaluationv1.GetImprovementRequest{Id: id})
	if err != nil {
		return err
	}
	f := &file{Improvement: got.GetImprovement(), form: form}
	p, err := evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation")).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: f.GetProjectId()})
	if err != nil {
		return err
	}
	f.project = p.GetProject()
	if !step.Open(form, "update") {
		for name, v := range map[string]string{"responsible": f.GetResponsible().String(), "dueOn": f.GetDueOn(), "progress": f.GetProgress()} {
			form.Values.Set("update."+name, v)
		}
	}
	return q.RenderAs(status, showPage(f))
}

// steps are what the parties do with an improvement.
var steps = &step.Table[evaluationv1.Improvement_State]{
	Texts: "improvement",
	Labels: ui.Labels{
		"update.responsible": "improvement.responsible", "update.dueOn": "improvement.dueon", "update.progress": "improvement.progress",
		"close.outcome": "improvement.outcome", "close.result": "improvement.result",
	},
	Steps: []step.Step[evaluationv1.Improvement_State]{
		{Name: "update", Done: "improvementsaved", Method: evaluationv1.ImprovementService_UpdateImprovement_FullMethodName, Form: true, Inner: "improvement.", Take: update},
		{
			Name: "close", Done: "improvementclosed", Method: evaluationv1.ImprovementService_CloseImprovement_FullMethodName, Sure: true,
			Take: step.By(improvements, evaluationv1.ImprovementServiceClient.CloseImprovement),
		},
	},
}

// update writes how far it is.
func update(ctx context.Context, q *web.Request, in url.Values) error {
	req := &evaluationv1.UpdateImprovementRequest{Improvement: &evaluationv1.ImprovementInput{}}
	if err := web.Bind(in, req); err != nil {
		return err
	}
	req.Id, req.Etag = q.PathValue("id"), req.GetImprovement().GetEtag()
	req.UpdateMask = &fieldmaskpb.FieldMask{Paths: []string{"responsible", "due_on", "progress"}}
	_, err := improvements(q).UpdateImprovement(ctx, req)
	return err
}

// offers are the steps that the page offers.
func (f *file) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[evaluationv1.Improvement_State]{State: f.GetState(), Path: "/improvements/" + f.GetId(), Etag: f.GetEtag(), Form: f.form})
}

func take(q *web.Request) error { return steps.Take(q, "/improvements/"+q.PathValue("id"), answer) }

// open reports whether the caller works on what is still to be improved.
func (f *file) open() bool {
	return f.GetState() == evaluationv1.Improvement_OPEN && f.project.GetMySide() != evaluationv1.Project_SIDE_UNSPECIFIED
}
