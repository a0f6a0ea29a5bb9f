// Package evaluation has the pages of the mutual evaluation for both sides of a
// project: the own sealed sheet, both side by side, the talk and the agreement.
package evaluation

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
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
		web.Public(http.MethodGet, "/evaluations/statistics", statistics),
		web.SignedIn(http.MethodGet, "/evaluations/new", begin).For(evaluationv1.EvaluationService_CreateEvaluation_FullMethodName),
		web.SignedIn(http.MethodPost, "/evaluations/new", create),
		web.SignedIn(http.MethodGet, "/evaluations/{id}/correction", editCorrection).For(evaluationv1.EvaluationService_CorrectSheet_FullMethodName),
		web.SignedIn(http.MethodPost, "/evaluations/{id}/correction", correct),
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
	form  *ui.Form                  // Of the steps.
	mine  evaluationv1.Project_Side // The side that the caller belongs to.
	own   *evaluationv1.Sheet
	items []*evaluationv1.ComparisonItem // None while the sheets are sealed for the caller.
	open  []*evaluationv1.Sheet          // Both sides' sheets, as far as the caller reads them.
	third []ui.Option                    // Who can be named as a third person; for the desk.

	report   *evaluationv1.EvaluationReport // nil before the publication.
	versions []*evaluationv1.EvaluationReportVersion
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	f, err := read(q, id)
	if err != nil {
		return err
	}
	f.form = form
	if step.Open(form, "submit") {
		f.missing(q.Context(), form)
	}
	if f.GetReportVersion() > 0 {
		if err := f.readReport(q); err != nil {
			return err
		}
	}
	if err := f.readOpen(q); err != nil {
		return err
	}
	if err := f.readThird(q); err != nil {
		return err
	}
	return q.RenderAs(status, showPage(f))
}

// readReport reads what is published, and its versions.
func (f *file) readReport(q *web.Request) error {
	reports := evaluationv1.NewEvaluationReportServiceClient(q.Site.Service("evaluation"))
	got, err := reports.GetEvaluationReport(q.Context(), &evaluationv1.GetEvaluationReportRequest{Id: f.GetId()})
	if err != nil {
		return err
	}
	versions, err := reports.ListEvaluationReportVersions(q.Context(), &evaluationv1.ListEvaluationReportVersionsRequest{Id: f.GetId()})
	f.report, f.versions = got.GetReport(), versions.GetVersions()
	return err
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

// readOpen reads what both sides wrote besides the scores, until it is published.
func (f *file) readOpen(q *web.Request) error {
	if len(f.items) == 0 || f.report != nil {
		return nil
	}
	for _, side := range []string{"organization", "ward"} {
		if f.own != nil && f.side() == side {
			f.open = append(f.open, f.own)
			continue
		}
		got, err := evaluations(q).GetSheet(q.Context(), &evaluationv1.GetSheetRequest{EvaluationId: f.GetId(), Side: side})
		if err != nil && !closed(err) {
			return err
		}
		if got.GetSheet() != nil {
			f.open = append(f.open, got.GetSheet())
		}
	}
	return nil
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
func axes(ctx context.Context, items []*evaluationv1.ComparisonItem) []ui.Axis {
	var out []ui.Axis
	for _, i := range items {
		out = append(out, ui.Axis{
			Name: i.GetCriterion().GetName(), Ward: float64(i.GetWardScore()), Partner: float64(i.GetOrganizationScore()), Most: 5,
			WardShown: score(ctx, i.WardScore), PartnerShown: score(ctx, i.OrganizationScore),
		})
	}
	return out
}

// surveyBars are the replies to a question, the best step first.
func surveyBars(ctx context.Context, r *evaluationv1.SurveyQuestionResult) []ui.Bar {
	var out []ui.Bar
	for i := len(r.GetCounts()) - 1; i >= 0; i-- {
		n := r.GetCounts()[i]
		out = append(out, ui.Bar{Name: text.S(ctx, fmt.Sprintf("survey.score.%d", i+1)), Value: int64(n), Shown: text.S(ctx, "survey.people", n)})
	}
	return out
}

// ImprovementTone is how the state of an improvement looks.
func ImprovementTone(s evaluationv1.Improvement_State) ui.Tone {
	if s == evaluationv1.Improvement_OPEN {
		return ui.Warning
	}
	return ui.Good
}

// score is a score in words: a dash of its own for what does not apply.
func score(ctx context.Context, n *int32) string {
	if n == nil {
		return text.S(ctx, "evaluation.score.NA")
	}
	return text.S(ctx, "evaluation.points", *n)
}
