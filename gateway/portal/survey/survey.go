// Package survey has the survey of the beneficiaries of a project: the anonymous
// form for who holds a link, and what the sides of the project do with it.
package survey

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
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages. The code of a link stands behind # or in a form,
// never in an address.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/survey", ask),
		web.Public(http.MethodPost, "/survey", open),
		web.Public(http.MethodPost, "/survey/answer", reply),
		web.Public(http.MethodGet, "/survey/thanks", thank),
		web.SignedIn(http.MethodGet, "/evaluations/{evaluationId}/survey", show).For(evaluationv1.SurveyService_GetSurvey_FullMethodName),
		web.SignedIn(http.MethodPost, "/evaluations/{evaluationId}/survey/steps/{step}", take),
		web.SignedIn(http.MethodPost, "/evaluations/{evaluationId}/survey/links", issue),
	}
}

func surveys(q *web.Request) evaluationv1.SurveyServiceClient {
	return evaluationv1.NewSurveyServiceClient(q.Site.Service("evaluation"))
}

// ask asks for the code of the link.
func ask(q *web.Request) error { return q.Render(askPage(ui.NewForm(url.Values{}))) }

// open shows the questions to who has the code.
func open(q *web.Request) error {
	resp, err := surveys(q).GetSurveyForm(q.Context(), &evaluationv1.GetSurveyFormRequest{Token: q.PostFormValue("token")})
	if form, refused := refusal(q, err); refused {
		return q.RenderAs(form.Status, askPage(form))
	}
	if err != nil {
		return err
	}
	return q.Render(formPage(resp.GetForm(), ui.NewForm(url.Values{"token": {q.PostFormValue("token")}})))
}

// refusal is web.Request.Refused, with a code that is none as a refusal too: the
// person can enter another one.
func refusal(q *web.Request, err error) (*ui.Form, bool) {
	if !web.NotFound(err) {
		return q.Refused(err)
	}
	form := q.Posted()
	form.Refusal, form.Status = problem.Fault(err), http.StatusNotFound
	return form, true
}

var labels = ui.Labels{"scores": "survey.questions", "text": "survey.text"}

func scoreName(i int, field string) string { return fmt.Sprintf("scores[%d].%s", i, field) }

// reply sends the answers; the code is used up.
func reply(q *web.Request) error {
	typed := url.Values{}
	for name, v := range q.PostForm {
		typed[name] = v
	}
	for i := range maxQuestions {
		if q.PostFormValue(scoreName(i, "score")) == "" { // a question that was passed over
			q.PostForm.Del(scoreName(i, "no"))
		}
	}
	req := &evaluationv1.AnswerSurveyRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		_, err = surveys(q).AnswerSurvey(q.Once(), req)
	}
	form, refused := refusal(q, err)
	if !refused {
		if err != nil {
			return err
		}
		return q.Redirect("/survey/thanks", "")
	}
	form.Values, form.Labels = typed, labels
	resp, err := surveys(q).GetSurveyForm(q.Context(), &evaluationv1.GetSurveyFormRequest{Token: typed.Get("token")})
	if err != nil { // the code is used up, or the survey has ended
		return q.RenderAs(form.Status, askPage(form))
	}
	return q.RenderAs(form.Status, formPage(resp.GetForm(), form))
}

const maxQuestions = 20

func thank(q *web.Request) error { return q.Render(thanksPage()) }

// scale are the choices of an answer, the best first.
func scale(ctx context.Context) []ui.Option {
	var out []ui.Option
	for n := 5; n > 0; n-- {
		out = append(out, ui.Option{Value: fmt.Sprint(n), Text: text.S(ctx, fmt.Sprintf("survey.score.%d", n))})
	}
	return out
}

// file is the survey as the sides of the project see it.
type file struct {
	evaluation *evaluationv1.Evaluation
	survey     *evaluationv1.Survey // nil before it is made.
	texts      []string
	first      string
	next       string
	links      []string // Just made; shown once.
	form       *ui.Form
}

func show(q *web.Request) error {
	return answer(q, &file{form: ui.NewForm(url.Values{})}, http.StatusOK)
}

// answer shows the survey of the evaluation.
func answer(q *web.Request, f *file, status int) error {
	id, err := q.ID("evaluationId")
	if err != nil {
		return err
	}
	e, err := evaluationv1.NewEvaluationServiceClient(q.Site.Service("evaluation")).GetEvaluation(q.Context(), &evaluationv1.GetEvaluationRequest{Id: id})
	if err != nil {
		return err
	}
	f.evaluation = e.GetEvaluation()
	got, err := surveys(q).GetSurvey(q.Context(), &evaluationv1.GetSurveyRequest{EvaluationId: id})
	if err != nil && !web.NotFound(err) {
		return err
	}
	f.survey = got.GetSurvey()
	if f.survey.GetClosed() {
		texts, err := surveys(q).ListSurveyTexts(q.Context(), &evaluationv1.ListSurveyTextsRequest{EvaluationId: id, PageSize: 50, PageToken: q.Query("page")})
		if err != nil {
			return err
		}
		f.texts = texts.GetTexts()
		f.first, f.next = q.Pages(texts.GetNextPageToken())
	}
	return q.RenderAs(status, showPage(f))
}

// steps are those of a survey.
var steps = &step.Table[struct{}]{
	Texts: "survey",
	Labels: ui.Labels{
		"create.title": "survey.name", "create.introduction": "survey.introduction", "create.questions": "survey.questions", "create.closesOn": "survey.closeson",
	},
	Steps: []step.Step[struct{}]{
		{Name: "create", Done: "surveycreated", Inner: "survey.", Lists: []string{"questions"}, Take: step.By(surveys, evaluationv1.SurveyServiceClient.CreateSurvey, "evaluationId")},
		{Name: "close", Done: "surveyclosed", Sure: true, Take: step.By(surveys, evaluationv1.SurveyServiceClient.CloseSurvey, "evaluationId")},
	},
}

// path is the address of the page.
func (f *file) path() string { return "/evaluations/" + f.evaluation.GetId() + "/survey" }

func take(q *web.Request) error {
	return steps.Take(q, "/evaluations/"+q.PathValue("evaluationId")+"/survey", func(q *web.Request, form *ui.Form, status int) error {
		return answer(q, &file{form: form}, status)
	})
}

// issue makes links and shows them, once: they cannot be read again.
func issue(q *web.Request) error {
	req := &evaluationv1.IssueSurveyLinksRequest{}
	err := web.Bind(q.PostForm, req)
	req.EvaluationId = q.PathValue("evaluationId")
	var resp *evaluationv1.IssueSurveyLinksResponse
	if err == nil {
		resp, err = surveys(q).IssueSurveyLinks(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "links")
		form.Labels = ui.Labels{"count": "survey.linkcount"}
		return answer(q, &file{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return answer(q, &file{form: ui.NewForm(url.Values{}), links: resp.GetLinks()}, http.StatusOK)
}

// asks reports whether the caller makes the survey.
func (f *file) asks(ctx context.Context) bool {
	return f.evaluation.GetMySide() != evaluationv1.Project_SIDE_UNSPECIFIED && ui.Can(ctx, evaluationv1.SurveyService_CreateSurvey_FullMethodName)
}
