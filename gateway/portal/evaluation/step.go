package evaluation

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// late reports whether one side alone has submitted, and the day for it is over.
func (f *file) late(ctx context.Context) bool {
	return f.GetState() == evaluationv1.Evaluation_ONE_SUBMITTED && f.GetDueOn() < ui.ViewOf(ctx).Today.String()
}

// correctable reports whether the caller can correct the own sheet.
func (f *file) correctable(ctx context.Context) bool {
	return f.own != nil && f.GetState() >= evaluationv1.Evaluation_BOTH_SUBMITTED && ui.Can(ctx, evaluationv1.EvaluationService_CorrectSheet_FullMethodName)
}

// steps are those of an evaluation, in the order of the page.
var steps = &step.Table[evaluationv1.Evaluation_State]{
	Texts: "evaluation",
	Labels: ui.Labels{
		"submit.reason": "evaluation.selfreason", "comment.comment": "evaluation.thirdparty", "comment.decidedOn": "evaluation.decidedon",
		"assign.commentatorIds": "evaluation.commentators", "publish.redactions": "evaluation.redactions", "publish.reason": "evaluation.latereason",
		"correct.redactions": "evaluation.redactions", "correct.reason": "evaluation.correctionreason",
	},
	Steps: []step.Step[evaluationv1.Evaluation_State]{
		{
			Name: "open", Method: evaluationv1.EvaluationService_OpenEvaluation_FullMethodName, Done: "evaluationopened",
			From: step.In(evaluationv1.Evaluation_PREPARING),
			Take: step.By(evaluations, evaluationv1.EvaluationServiceClient.OpenEvaluation),
		},
		{
			Name: "submit", Method: evaluationv1.EvaluationService_SubmitSheet_FullMethodName, Sure: true, Done: "sheetsubmitted",
			Take: submit,
		},
		{
			Name: "agree", Method: evaluationv1.EvaluationService_AgreeEvaluation_FullMethodName, Sure: true, Done: "evaluationagreed",
			From: step.In(evaluationv1.Evaluation_DISCUSSED),
			Take: step.By(evaluations, evaluationv1.EvaluationServiceClient.AgreeEvaluation),
		},
		{
			Name: "comment", Method: evaluationv1.EvaluationService_CommentEvaluation_FullMethodName, Sure: true, Done: "evaluationcommented",
			From: step.In(evaluationv1.Evaluation_BOTH_SUBMITTED, evaluationv1.Evaluation_DISCUSSED, evaluationv1.Evaluation_AGREED),
			Take: step.By(evaluations, evaluationv1.EvaluationServiceClient.CommentEvaluation),
		},
		{
			Name: "assign", Method: evaluationv1.EvaluationService_AssignCommentators_FullMethodName, Sure: true, Done: "commentatorsassigned",
			Take: step.By(evaluations, evaluationv1.EvaluationServiceClient.AssignCommentators),
		},
		{
			Name: "publish", Method: evaluationv1.EvaluationService_PublishEvaluation_FullMethodName, Sure: true, Lists: []string{"redactions"}, Done: "evaluationpublished",
			Take: step.By(evaluations, evaluationv1.EvaluationServiceClient.PublishEvaluation),
		},
		{
			Name: "correct", Method: evaluationv1.EvaluationService_CorrectEvaluationReport_FullMethodName, Sure: true, Lists: []string{"redactions"}, Done: "reportcorrected",
			From: step.In(evaluationv1.Evaluation_PUBLISHED),
			Take: step.By(evaluations, evaluationv1.EvaluationServiceClient.CorrectEvaluationReport),
		},
	},
}

// offers are the steps that the page offers to the parties, where the evaluation
// stands so.
func (f *file) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[evaluationv1.Evaluation_State]{
		State: f.GetState(), Path: "/evaluations/" + f.GetId(), Form: f.form,
		Not: func(name string) bool {
			switch {
			case f.GetEtag() == "":
				return true
			case name == "submit":
				return !f.writable()
			case name == "agree":
				return slices.ContainsFunc(f.GetAgreements(), func(a *evaluationv1.EvaluationAgreement) bool { return a.GetSide() == f.mine })
			case name == "assign":
				return f.GetState() >= evaluationv1.Evaluation_PUBLISHED
			case name == "publish":
				return f.GetState() != evaluationv1.Evaluation_AGREED && !f.late(ctx)
			}
			return false
		},
	})
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
	return steps.Take(q, "/evaluations/"+q.PathValue("id"), answer)
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
