package evaluation

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/stepform"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// offer is a step that the page of an evaluation offers, to whom the RPC's roles
// admit it, where the evaluation stands so.
type offer struct {
	name, method string
	asks         bool // Whether it needs more than a button, or to be confirmed.
	offered      func(context.Context, *file) bool
}

// offers are in the order of the page.
var offers = []offer{
	{"open", evaluationv1.EvaluationService_OpenEvaluation_FullMethodName, false, standing(evaluationv1.Evaluation_PREPARING)},
	{"submit", evaluationv1.EvaluationService_SubmitSheet_FullMethodName, true, func(_ context.Context, f *file) bool { return f.writable() }},
	{"agree", evaluationv1.EvaluationService_AgreeEvaluation_FullMethodName, true, func(_ context.Context, f *file) bool {
		return f.GetState() == evaluationv1.Evaluation_DISCUSSED && !slices.ContainsFunc(f.GetAgreements(), func(a *evaluationv1.EvaluationAgreement) bool {
			return a.GetSide() == f.mine
		})
	}},
	{
		"comment", evaluationv1.EvaluationService_CommentEvaluation_FullMethodName, true,
		standing(evaluationv1.Evaluation_BOTH_SUBMITTED, evaluationv1.Evaluation_DISCUSSED, evaluationv1.Evaluation_AGREED),
	},
	{"assign", evaluationv1.EvaluationService_AssignCommentators_FullMethodName, true, func(_ context.Context, f *file) bool {
		return f.GetState() < evaluationv1.Evaluation_PUBLISHED
	}},
	{"publish", evaluationv1.EvaluationService_PublishEvaluation_FullMethodName, true, func(ctx context.Context, f *file) bool {
		return f.GetState() == evaluationv1.Evaluation_AGREED || f.late(ctx)
	}},
	{"correct", evaluationv1.EvaluationService_CorrectEvaluationReport_FullMethodName, true, standing(evaluationv1.Evaluation_PUBLISHED)},
}

func standing(states ...evaluationv1.Evaluation_State) func(context.Context, *file) bool {
	return func(_ context.Context, f *file) bool { return slices.Contains(states, f.GetState()) }
}

// late reports whether one side alone has submitted, and the day for it is over.
func (f *file) late(ctx context.Context) bool {
	return f.GetState() == evaluationv1.Evaluation_ONE_SUBMITTED && f.GetDueOn() < ui.ViewOf(ctx).Today.String()
}

// correctable reports whether the caller can correct the own sheet.
func (f *file) correctable(ctx context.Context) bool {
	return f.own != nil && f.GetState() >= evaluationv1.Evaluation_BOTH_SUBMITTED && ui.Can(ctx, evaluationv1.EvaluationService_CorrectSheet_FullMethodName)
}

// steps answer the forms of the page.
var steps = []stepform.Step{
	{Name: "open", Done: "evaluationopened", Take: stepform.By(evaluations, evaluationv1.EvaluationServiceClient.OpenEvaluation, "id")},
	{Name: "submit", Done: "sheetsubmitted", Labels: ui.Labels{"reason": "evaluation.selfreason"}, Take: submit},
	{Name: "agree", Done: "evaluationagreed", Take: stepform.By(evaluations, evaluationv1.EvaluationServiceClient.AgreeEvaluation, "id")},
	{
		Name: "comment", Done: "evaluationcommented", Labels: ui.Labels{"comment": "evaluation.thirdparty", "decidedOn": "evaluation.decidedon"},
		Take: stepform.By(evaluations, evaluationv1.EvaluationServiceClient.CommentEvaluation, "id"),
	},
	{
		Name: "assign", Done: "commentatorsassigned", Labels: ui.Labels{"commentatorIds": "evaluation.commentators"},
		Take: stepform.By(evaluations, evaluationv1.EvaluationServiceClient.AssignCommentators, "id"),
	},
	{
		Name: "publish", Done: "evaluationpublished", Labels: ui.Labels{"redactions": "evaluation.redactions", "reason": "evaluation.latereason"}, Lists: []string{"redactions"},
		Take: stepform.By(evaluations, evaluationv1.EvaluationServiceClient.PublishEvaluation, "id"),
	},
	{
		Name: "correct", Done: "reportcorrected", Labels: ui.Labels{"redactions": "evaluation.redactions", "reason": "evaluation.correctionreason"}, Lists: []string{"redactions"},
		Take: stepform.By(evaluations, evaluationv1.EvaluationServiceClient.CorrectEvaluationReport, "id"),
	},
}

// submit submits the own side's sheet.
func submit(ctx context.Context, q *web.Request, in url.Values) error {
	f, err := read(q, q.PathValue("id"))
	if err != nil {
		return err
	}
	_, err = evaluations(q).SubmitSheet(ctx, &evaluationv1.SubmitSheetRequest{EvaluationId: f.GetId(), Side: f.side(), Reason: in.Get("reason")})
	return err
}

// take answers the form of a step on the page of its evaluation.
func take(q *web.Request) error {
	if _, err := q.ID("id"); err != nil {
		return err
	}
	return stepform.Take(q, steps, stepform.Page{Path: "/evaluations/" + q.PathValue("id"), Again: func(form *ui.Form, status int) error { return answer(q, form, status) }})
}

// beginning is the form that opens an evaluation of a project.
type beginning struct {
	project *evaluationv1.Project
	form    *ui.Form
}

func begin(q *web.Request) error {
	form := ui.NewForm(url.Values{"projectId": {q.Query("projectId")}, "kind": {evaluationv1.Evaluation_INTERIM.String()}})
	return answerBegin(q, form, http.StatusOK)
}

func answerBegin(q *web.Request, form *ui.Form, status int) error {
	if form.Get("projectId") == "" {
		return fault.ErrNotFound
	}
	got, err := evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation")).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: form.Get("projectId")})
	if err != nil {
		return err
	}
	if got.GetProject().GetState() == evaluationv1.Project_COMPLETED && form.Refusal == nil {
		form.Values.Set("kind", evaluationv1.Evaluation_FINAL.String())
	}
	return q.RenderAs(status, beginPage(&beginning{got.GetProject(), form}))
}

func create(q *web.Request) error {
	in := &evaluationv1.EvaluationInput{}
	err := web.Bind(q.PostForm, in)
	var resp *evaluationv1.CreateEvaluationResponse
	if err == nil {
		resp, err = evaluations(q).CreateEvaluation(q.Once(), &evaluationv1.CreateEvaluationRequest{Evaluation: in})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = ui.Labels{"kind": "evaluation.kindname", "opensOn": "evaluation.opens", "dueOn": "evaluation.dueon"}
		return answerBegin(q, form.Trim("evaluation."), form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/evaluations/"+resp.GetEvaluation().GetId(), "evaluationbegun")
}

// editCorrection is the form that corrects the own sheet, as it stands.
func editCorrection(q *web.Request) error {
	s, err := readSheet(q)
	if err != nil {
		return err
	}
	if !s.correctable(q.Context()) {
		return q.Redirect("/evaluations/"+s.GetId(), "")
	}
	s.form = ui.NewForm(s.stands())
	return q.Render(correctionPage(s))
}

func correct(q *web.Request) error {
	s, err := readSheet(q)
	if err != nil {
		return err
	}
	in, err := s.written(q)
	if err == nil {
		_, err = evaluations(q).CorrectSheet(q.Once(), &evaluationv1.CorrectSheetRequest{EvaluationId: s.GetId(), Side: s.side(), Sheet: in, Reason: q.PostFormValue("reason")})
	}
	if form, refused := q.Refused(err); refused {
		s.form = form.Trim("sheet.")
		s.form.Labels = ui.Labels{"reason": "evaluation.correctionreason"}
		s.renumber(in)
		s.missing(q.Context(), form)
		return q.RenderAs(form.Status, correctionPage(s))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/evaluations/"+s.GetId(), "sheetcorrected")
}
