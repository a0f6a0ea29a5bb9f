package evaluation_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// file files the report of results; change edits it before.
func (w *world) file(by auth.Principal, project string, change func(*evaluationv1.ReportInput)) (*evaluationv1.Report, error) {
	in := reportInput()
	if change != nil {
		change(in)
	}
	resp, err := w.projects(by).FileReport(w.t.Context(), &evaluationv1.FileReportRequest{ProjectId: project, Report: in})
	return resp.GetReport(), err
}

func TestReportRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	for name, c := range map[string]struct {
		by     auth.Principal
		want   string
		change func(*evaluationv1.ReportInput)
	}{
		"another organization": {head2, "PERMISSION_DENIED", nil},
		"an account less":      {editor, "ACCOUNTS_DIFFER", func(in *evaluationv1.ReportInput) { in.Rows = in.Rows[:3] }},
		"an account more":      {editor, "ACCOUNTS_DIFFER", func(in *evaluationv1.ReportInput) { in.Rows[1].Account = "旅費" }},
		"the year before": {editor, "COST_OUTSIDE_FISCAL_YEAR", func(in *evaluationv1.ReportInput) {
			in.Rows[1].PaidOn = today().AddMonths(-12).String()
		}},
		"without a day":     {editor, "INVALID_FIELD", func(in *evaluationv1.ReportInput) { in.Rows[1].PaidOn = "" }},
		"a goal too few":    {editor, "INVALID_FIELD", func(in *evaluationv1.ReportInput) { in.Results = nil }},
		"a goal that is no": {editor, "INVALID_FIELD", func(in *evaluationv1.ReportInput) { in.Results[0].GoalNo = 2 }},
	} {
		if got := reason(err2(w.file(c.by, id, c.change))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if n := w.count(`SELECT count(*) FROM project_report`); n != 0 {
		t.Errorf("%d reports after refusals", n)
	}
	w.must(err2(w.file(editor, id, nil)))
	w.must(err2(w.projects(staff).CompleteProject(t.Context(), &evaluationv1.CompleteProjectRequest{Id: id})))
	_, err := w.file(editor, id, func(in *evaluationv1.ReportInput) { in.Kind = evaluationv1.Report_INTERIM })
	refused(t, err, "INVALID_STATE_TRANSITION")
}

// Budget and result stand side by side; a corrected report counts instead of the
// one before.
func TestReports(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	interim, err := w.file(staff, id, func(in *evaluationv1.ReportInput) { in.Kind, in.Results = evaluationv1.Report_INTERIM, nil })
	w.must(err)
	final, err := w.file(editor, id, nil)
	w.must(err)
	if interim.GetNumber() != 1 || interim.GetSide() != evaluationv1.Project_WARD || final.GetNumber() != 2 || final.GetSide() != evaluationv1.Project_ORGANIZATION {
		t.Errorf("reports = %v, %v", interim, final)
	}
	if s := final.GetSettlement()[1]; s.GetAccount() != "報償費" || s.GetBudget() != 200000 || s.GetResult() != 180000 || s.GetDifference() != 20000 {
		t.Errorf("settlement = %v", final.GetSettlement())
	}
	get := func(by auth.Principal) *evaluationv1.Report {
		resp, err := w.projects(by).GetReport(t.Context(), &evaluationv1.GetReportRequest{ProjectId: id, Number: 2})
		w.must(err)
		return resp.GetReport()
	}
	if r := get(auth.Anonymous); r.GetRows() != nil || r.GetIssues() != "" || len(r.GetSettlement()) != 3 {
		t.Errorf("everybody sees %v", r)
	}
	if r := get(viewer); len(r.GetRows()) != 4 || r.GetIssues() == "" {
		t.Errorf("a party sees %v", r)
	}
	w.must(err2(w.projects(staff).CompleteProject(t.Context(), &evaluationv1.CompleteProjectRequest{Id: id})))
	corrected, err := w.file(editor, id, func(in *evaluationv1.ReportInput) { in.Results[0].Value = "131人" })
	w.must(err)
	p, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
	w.must(err)
	if corrected.GetNumber() != 3 || p.GetProject().GetGoals()[0].GetResult() != "131人" {
		t.Errorf("corrected = %v, goals %v", corrected, p.GetProject().GetGoals())
	}
	list, err := w.projects(auth.Anonymous).ListReports(t.Context(), &evaluationv1.ListReportsRequest{ProjectId: id, PageSize: 2})
	w.must(err)
	if len(list.GetReports()) != 2 || list.GetNextPageToken() == "" {
		t.Errorf("reports = %v", list)
	}
}
