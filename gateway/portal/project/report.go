package project

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// report is the page of one report.
type report struct {
	*evaluationv1.Report
	project *evaluationv1.Project
}

func reportPath(r *evaluationv1.Report) string {
	return fmt.Sprintf("/projects/%s/reports/%d", r.GetProjectId(), r.GetNumber())
}

func showReport(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(q.PathValue("number"), 10, 32)
	if err != nil || number < 1 {
		return fault.ErrNotFound
	}
	p, err := projects(q).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: id})
	if err != nil {
		return err
	}
	got, err := projects(q).GetReport(q.Context(), &evaluationv1.GetReportRequest{ProjectId: id, Number: int32(number)})
	if err != nil {
		return err
	}
	return q.Render(reportPage(&report{got.GetReport(), p.GetProject()}))
}

// goal is the name of a goal by its number.
func (r *report) goal(no int32) string {
	for _, g := range r.project.GetGoals() {
		if g.GetNo() == no {
			return fmt.Sprintf("%d. %s（%s）", no, g.GetIndicator(), g.GetTarget())
		}
	}
	return strconv.Itoa(int(no))
}

// filing is the form of a report: a row for each account of the budget, and some
// more, since an account may have several expenses.
type filing struct {
	project *evaluationv1.Project
	form    *ui.Form
}

// moreRows are the rows for further expenses.
const moreRows = 6

// rowCount is how many rows of money the form has.
func (f *filing) rowCount() int {
	return rows(f.form, "rows", "account", len(f.project.GetBudget())+moreRows)
}

func beginReport(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	values := url.Values{"periodFrom": {p.GetPeriodFrom()}, "periodTo": {p.GetPeriodTo()}, "kind": {evaluationv1.Report_FINAL.String()}}
	if q.Query("kind") == evaluationv1.Report_INTERIM.String() || q.Today().String() < p.GetPeriodTo() {
		values.Set("kind", evaluationv1.Report_INTERIM.String())
		values.Set("periodTo", q.Today().String())
	}
	for i, b := range p.GetBudget() {
		values.Set(rowName("rows", i, "side"), b.GetSide().String())
		values.Set(rowName("rows", i, "account"), b.GetAccount())
	}
	return q.Render(filePage(&filing{p, ui.NewForm(values)}))
}

var reportLabels = ui.Labels{
	"kind": "project.reportkind", "periodFrom": "project.periodfrom", "periodTo": "project.periodto", "activities": "project.activities",
	"progressPercent": "project.percent", "participants": "project.participants", "results": "project.results", "rows": "project.rows",
	"issues": "project.issues", "nextSteps": "project.nextsteps",
}

func fileReport(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	in := &evaluationv1.ReportInput{}
	if err = web.Bind(filled(q.PostForm), in); err == nil {
		_, err = projects(q).FileReport(q.Once(), &evaluationv1.FileReportRequest{ProjectId: p.GetId(), Report: in})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = reportLabels
		return q.RenderAs(form.Status, filePage(&filing{p, form.Trim("report.")}))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/projects/"+p.GetId(), "reportfiled")
}

// filled is the form without the rows that say nothing: a goal without a value,
// money without an account.
func filled(values url.Values) url.Values {
	for i := range len(values) {
		if values.Get(rowName("results", i, "value")) == "" {
			values.Del(rowName("results", i, "goalNo"))
		}
		if values.Get(rowName("rows", i, "account")) == "" {
			values.Del(rowName("rows", i, "side"))
		}
	}
	return values
}

func reportKinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range []evaluationv1.Report_Kind{evaluationv1.Report_INTERIM, evaluationv1.Report_FINAL} {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "project.report", k)})
	}
	return out
}
