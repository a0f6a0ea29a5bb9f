package call

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func surveys(q *web.Request) proposalsv1.SchemeSurveyServiceClient {
	return proposalsv1.NewSchemeSurveyServiceClient(q.Site.Service("proposals"))
}

// survey is the form by which an organization says how it found the scheme.
type survey struct {
	form          *ui.Form
	call          *proposalsv1.Call
	questions     []*proposalsv1.SchemeSurveyResult
	organizations []ui.Option
}

func askSurvey(q *web.Request) error {
	return answerSurvey(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerSurvey(q *web.Request, form *ui.Form, status int) error {
	c, err := read(q)
	if err != nil {
		return err
	}
	s := &survey{form: form, call: c}
	got, err := surveys(q).GetSchemeSurvey(q.Context(), &proposalsv1.GetSchemeSurveyRequest{FiscalYear: c.GetFiscalYear()})
	if err != nil {
		return err
	}
	s.questions = got.GetSurvey().GetResults()
	own, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
	if err != nil {
		return err
	}
	for _, o := range own.GetOrganizations() {
		s.organizations = append(s.organizations, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	form.Labels = ui.Labels{"organizationId": "proposal.organization", "scores": "schemesurvey.answers", "text": "schemesurvey.text"}
	return q.RenderAs(status, surveyPage(s))
}

func reply(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	req := &proposalsv1.ReplySchemeSurveyRequest{}
	q.PostForm.Set("callId", id)
	if err = web.Bind(q.PostForm, req); err == nil {
		_, err = surveys(q).ReplySchemeSurvey(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerSurvey(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/calls/"+id, "surveyed")
}

// year is the page of the figures of a fiscal year.
type year struct {
	of int32
	*proposalsv1.ProposalStatistics
}

// yearOf is the fiscal year of the query, or this one.
func yearOf(q *web.Request) int32 {
	if n, err := strconv.ParseInt(q.Query("year"), 10, 32); err == nil && n >= 1900 && n <= 2100 {
		return int32(n)
	}
	return int32(fiscalYear(q))
}

func showYear(q *web.Request) error {
	y := &year{of: yearOf(q)}
	resp, err := statistics(q).GetProposalStatistics(q.Context(), &proposalsv1.GetProposalStatisticsRequest{FiscalYear: y.of})
	if err != nil {
		return err
	}
	y.ProposalStatistics = resp.GetStatistics()
	return q.Render(yearPage(y))
}

// texts is the page of what organizations wrote about the scheme, for the ward.
type texts struct {
	of          int32
	found       []string
	first, next string
}

func showTexts(q *web.Request) error {
	t := &texts{of: yearOf(q)}
	resp, err := surveys(q).ListSchemeSurveyTexts(q.Context(), &proposalsv1.ListSchemeSurveyTextsRequest{FiscalYear: t.of, PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	t.found = resp.GetTexts()
	t.first, t.next = q.Pages(resp.GetNextPageToken())
	return q.Render(textsPage(t))
}

// choices are the answers to a question, from 5 to 1.
func choices() []string { return []string{"5", "4", "3", "2", "1"} }

// average is a mean in hundredths in words.
func average(x100 int32) string { return fmt.Sprintf("%d.%02d", x100/100, x100%100) }
