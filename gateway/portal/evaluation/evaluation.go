// Package evaluation has the pages of the mutual evaluation for both sides of a
// project: the own sealed sheet, both side by side, the talk and the agreement.
package evaluation

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/evaluations", list).For(evaluationv1.EvaluationService_GetSheet_FullMethodName),
		web.Public(http.MethodGet, "/evaluations/{id}", show),
		web.SignedIn(http.MethodGet, "/evaluations/{id}/sheet", edit).For(evaluationv1.EvaluationService_GetSheet_FullMethodName),
		web.SignedIn(http.MethodPost, "/evaluations/{id}/sheet", save),
		web.SignedIn(http.MethodGet, "/evaluations/{id}/talk", talk).For(evaluationv1.EvaluationService_RecordDiscussion_FullMethodName),
		web.SignedIn(http.MethodPost, "/evaluations/{id}/talk", record),
		web.SignedIn(http.MethodPost, "/evaluations/{id}/steps/{step}", take),
	}
}

func evaluations(q *web.Request) evaluationv1.EvaluationServiceClient {
	return evaluationv1.NewEvaluationServiceClient(q.Site.Service("evaluation"))
}

// due is the list of evaluations by their due day.
type due struct {
	state       evaluationv1.Evaluation_State
	found       []*evaluationv1.Evaluation
	first, next string
}

// states are the choices of the list.
var states = []evaluationv1.Evaluation_State{
	evaluationv1.Evaluation_STATE_UNSPECIFIED, evaluationv1.Evaluation_PREPARING, evaluationv1.Evaluation_OPEN,
	evaluationv1.Evaluation_ONE_SUBMITTED, evaluationv1.Evaluation_BOTH_SUBMITTED, evaluationv1.Evaluation_DISCUSSED,
	evaluationv1.Evaluation_AGREED, evaluationv1.Evaluation_PUBLISHED,
}

func list(q *web.Request) error {
	d := due{state: evaluationv1.Evaluation_State(evaluationv1.Evaluation_State_value[q.Query("state")])}
	resp, err := evaluations(q).ListEvaluations(q.Context(), &evaluationv1.ListEvaluationsRequest{State: d.state, PageToken: q.Query("page"), PageSize: 30})
	if err != nil {
		return err
	}
	d.found = resp.GetEvaluations()
	d.first, d.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&d))
}

// file is what the page of one evaluation shows the caller.
type file struct {
	*evaluationv1.Evaluation
	form    *ui.Form                  // Of the steps.
	mine    evaluationv1.Project_Side // The side that the caller belongs to.
	own     *evaluationv1.Sheet
	items   []*evaluationv1.ComparisonItem // None while the sheets are sealed for the caller.
	project string                         // Page of the project; "" without one.
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answer(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answer(q *web.Request, id string, form *ui.Form, status int) error {
	f, err := read(q, id)
	if err != nil {
		return err
	}
	f.form = form
	if page := "/projects/" + f.GetProjectId(); q.Site.Reads(page) {
		f.project = page
	}
	return q.RenderAs(status, showPage(f))
}

// read gets the evaluation with what of it is open to the caller: the service
// says what is.
func read(q *web.Request, id string) (*file, error) {
	got, err := evaluations(q).GetEvaluation(q.Context(), &evaluationv1.GetEvaluationRequest{Id: id})
	if err != nil {
		return nil, err
	}
	f := &file{Evaluation: got.GetEvaluation(), mine: sideOf(q, got.GetEvaluation())}
	if side := f.side(); side != "" && ui.Can(q.Context(), evaluationv1.EvaluationService_GetSheet_FullMethodName) {
		sheet, err := evaluations(q).GetSheet(q.Context(), &evaluationv1.GetSheetRequest{EvaluationId: id, Side: side})
		if err != nil && !closed(err) {
			return nil, err
		}
		f.own = sheet.GetSheet()
	}
	if f.GetState() >= evaluationv1.Evaluation_BOTH_SUBMITTED && ui.Can(q.Context(), evaluationv1.EvaluationService_GetComparison_FullMethodName) {
		both, err := evaluations(q).GetComparison(q.Context(), &evaluationv1.GetComparisonRequest{Id: id})
		if err != nil && !closed(err) {
			return nil, err
		}
		f.items = both.GetComparison().GetItems()
	}
	return f, nil
}

// closed reports whether something is not for the caller's eyes.
func closed(err error) bool {
	kind := problem.Fault(err).Kind
	return kind == fault.NotFound || kind == fault.Denied || problem.Fault(err).Reason == "SHEET_SEALED"
}

// side is the caller's own side as it stands in addresses; "" for none.
func (f *file) side() string {
	switch f.mine {
	case evaluationv1.Project_ORGANIZATION:
		return "organization"
	case evaluationv1.Project_WARD:
		return "ward"
	}
	return ""
}

// sideOf is the side whose sheet the caller may ask for. The evaluation names it
// to those who write; an approver or a viewer has the side that he belongs to,
// and the service says whether it is a party.
func sideOf(q *web.Request, e *evaluationv1.Evaluation) evaluationv1.Project_Side {
	switch {
	case e.GetMySide() != evaluationv1.Project_SIDE_UNSPECIFIED:
		return e.GetMySide()
	case len(q.Caller.Memberships) > 0:
		return evaluationv1.Project_ORGANIZATION
	case q.Caller.DepartmentID != "":
		return evaluationv1.Project_WARD
	}
	return evaluationv1.Project_SIDE_UNSPECIFIED
}

// writable reports whether the own sheet still waits to be written or submitted.
func (f *file) writable() bool {
	open := f.GetState() == evaluationv1.Evaluation_OPEN || f.GetState() == evaluationv1.Evaluation_ONE_SUBMITTED
	return open && f.own != nil && f.own.GetSubmitTime() == nil
}

// step is what the page of an evaluation offers besides the sheets.
type step struct {
	name, method string
	offered      func(*file) bool
	take         func(ctx context.Context, q *web.Request, f *file) error
}

// steps are offered in their order.
var steps = []step{
	{
		name: "open", method: evaluationv1.EvaluationService_OpenEvaluation_FullMethodName,
		offered: func(f *file) bool { return f.GetState() == evaluationv1.Evaluation_PREPARING },
		take: func(ctx context.Context, q *web.Request, f *file) error {
			_, err := evaluations(q).OpenEvaluation(ctx, &evaluationv1.OpenEvaluationRequest{Id: f.GetId()})
			return err
		},
	},
	{
		name: "submit", method: evaluationv1.EvaluationService_SubmitSheet_FullMethodName,
		offered: (*file).writable,
		take: func(ctx context.Context, q *web.Request, f *file) error {
			_, err := evaluations(q).SubmitSheet(ctx, &evaluationv1.SubmitSheetRequest{EvaluationId: f.GetId(), Side: f.side(), Reason: q.PostFormValue("reason")})
			return err
		},
	},
	{
		name: "agree", method: evaluationv1.EvaluationService_AgreeEvaluation_FullMethodName,
		offered: func(f *file) bool {
			return f.GetState() == evaluationv1.Evaluation_DISCUSSED && !slices.ContainsFunc(f.GetAgreements(), func(a *evaluationv1.EvaluationAgreement) bool {
				return a.GetSide() == f.mine
			})
		},
		take: func(ctx context.Context, q *web.Request, f *file) error {
			_, err := evaluations(q).AgreeEvaluation(ctx, &evaluationv1.AgreeEvaluationRequest{Id: f.GetId()})
			return err
		},
	},
	{
		name: "publish", method: evaluationv1.EvaluationService_PublishEvaluation_FullMethodName,
		offered: func(f *file) bool { return f.GetState() == evaluationv1.Evaluation_AGREED },
		take: func(ctx context.Context, q *web.Request, f *file) error {
			req := &evaluationv1.PublishEvaluationRequest{Id: f.GetId(), Redactions: lines(q.PostFormValue("redactions"))}
			_, err := evaluations(q).PublishEvaluation(ctx, req)
			return err
		},
	},
}

// take answers the form of a step on the page of its evaluation.
func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(steps, func(s step) bool { return s.name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	f, err := read(q, id)
	if err != nil {
		return err
	}
	err = steps[at].take(q.Once(), q, f)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", steps[at].name)
		form.Labels = ui.Labels{"reason": "evaluation.selfreason", "redactions": "evaluation.redactions"}
		f.missing(q.Context(), form)
		return answer(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/evaluations/"+id, "step")
}

// tone is how a state looks.
func tone(s evaluationv1.Evaluation_State) ui.Tone {
	switch s {
	case evaluationv1.Evaluation_PUBLISHED:
		return ui.Ended
	case evaluationv1.Evaluation_AGREED:
		return ui.Good
	case evaluationv1.Evaluation_OPEN, evaluationv1.Evaluation_ONE_SUBMITTED:
		return ui.Warning
	default:
		return ui.Calm
	}
}

// axes are the compared items for the radar.
func (f *file) axes(ctx context.Context) []ui.Axis {
	var out []ui.Axis
	for _, i := range f.items {
		out = append(out, ui.Axis{
			Name: i.GetCriterion().GetName(), Ward: float64(i.GetWardScore()), Partner: float64(i.GetOrganizationScore()), Most: 5,
			WardShown: score(ctx, i.WardScore), PartnerShown: score(ctx, i.OrganizationScore),
		})
	}
	return out
}

// score is a score in words: a dash of its own for what does not apply.
func score(ctx context.Context, n *int32) string {
	if n == nil {
		return text.S(ctx, "evaluation.score.NA")
	}
	return text.S(ctx, "evaluation.points", *n)
}
