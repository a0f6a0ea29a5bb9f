package evaluation_test

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// rulebook adopts a version that has a clause for every required item, in force
// today.
func (w *world) rulebook() *evaluationv1.RulebookVersion {
	w.t.Helper()
	made, err := w.rules(desk).CreateRulebookVersion(w.t.Context(), &evaluationv1.CreateRulebookVersionRequest{Version: &evaluationv1.RulebookVersionInput{
		Clauses:       clauses(),
		ReviewMeeting: &evaluationv1.ReviewMeeting{HeldOn: today().String(), OrganizationIds: []string{org1}},
	}})
	w.must(err)
	adopted, err := w.rules(desk).AdoptRulebookVersion(w.t.Context(), &evaluationv1.AdoptRulebookVersionRequest{
		Id: made.GetVersion().GetId(), EffectiveFrom: today().String(),
	})
	w.must(err)
	return adopted.GetVersion()
}

// clauses have a model text for every item.
func clauses() []*evaluationv1.Clause {
	out := []*evaluationv1.Clause{{No: 1, Section: evaluationv1.Clause_PRINCIPLES, Title: "対等の原則", Text: "区と団体は対等の立場に立つ。"}}
	texts := map[evaluationv1.Clause_Item]string{
		evaluationv1.Clause_PURPOSE: "{目的}", evaluationv1.Clause_PROJECT: "{事業名}", evaluationv1.Clause_FORM: "{協働の形態}",
		evaluationv1.Clause_ROLES: "{役割分担}", evaluationv1.Clause_PERIOD: "{実施期間}", evaluationv1.Clause_COST: "{区の負担額}",
		evaluationv1.Clause_CONTACT: "甲は{担当部課}、乙は{団体名}とする。",
	}
	for i := evaluationv1.Clause_PURPOSE; i < evaluationv1.Clause_SIGNATURES; i++ {
		model := texts[i]
		if model == "" {
			model = "別に定める。"
		}
		out = append(out, &evaluationv1.Clause{
			No: int32(i) + 10, Section: evaluationv1.Clause_AGREEMENT_TERMS, Title: i.String(), Text: "定めること。", Item: i, ModelText: model,
		})
	}
	return out
}

// projectInput is whole: it can be agreed on, started and reported.
func projectInput() *evaluationv1.ProjectInput {
	year := jp.FiscalYear(today())
	return &evaluationv1.ProjectInput{
		Title: "神田の記憶を伝える街歩き", Purpose: "地域の歴史を伝える", Form: "cohost", OrganizationIds: []string{org1},
		LeadDepartmentId: dept1, JointDepartmentIds: []string{dept2}, WardCost: 300000,
		PeriodFrom: jp.FiscalYearStart(year).String(), PeriodTo: jp.FiscalYearEnd(year).String(),
		Goals: []*evaluationv1.ProjectGoalInput{{Indicator: "参加者数", Baseline: "0人", Target: "120人", Method: "受付簿"}},
		Roles: []*evaluationv1.ProjectRole{{Item: "広報", OrganizationRole: "原稿", WardRole: "掲載"}},
		Budget: []*evaluationv1.ProjectBudgetRow{
			{Side: evaluationv1.ProjectBudgetRow_INCOME, Account: "区負担金", Amount: 300000},
			{Side: evaluationv1.ProjectBudgetRow_EXPENSE, Account: "報償費", Amount: 200000},
			{Side: evaluationv1.ProjectBudgetRow_EXPENSE, Account: "印刷製本費", Amount: 100000},
		},
	}
}

// project makes a project by the desk; change edits it before.
func (w *world) project(change func(*evaluationv1.ProjectInput)) *evaluationv1.Project {
	w.t.Helper()
	in := projectInput()
	if change != nil {
		change(in)
	}
	made, err := w.projects(desk).CreateProject(w.t.Context(), &evaluationv1.CreateProjectRequest{Project: in})
	w.must(err)
	return made.GetProject()
}

// bring takes a new project to a state on the straight way; the rulebook is in
// force.
func (w *world) bring(to evaluationv1.Project_State, change func(*evaluationv1.ProjectInput)) string {
	w.t.Helper()
	id := w.project(change).GetId()
	for _, s := range w.way(id) {
		if w.state(id) == to {
			return id
		}
		w.must(s())
	}
	if got := w.state(id); got != to {
		w.t.Fatalf("on the straight way to %v: %v", to, got)
	}
	return id
}

// way is the straight way from preparation to completion.
func (w *world) way(id string) []func() error {
	ctx := w.t.Context()
	return []func() error{
		func() error {
			return err2(w.agreements(staff).DraftAgreement(ctx, &evaluationv1.DraftAgreementRequest{ProjectId: id}))
		},
		func() error { return w.sign(head, id) },
		func() error { return w.sign(approver, id) },
		func() error {
			return err2(w.projects(staff).StartProject(ctx, &evaluationv1.StartProjectRequest{Id: id}))
		},
		func() error {
			return err2(w.projects(editor).FileReport(ctx, &evaluationv1.FileReportRequest{ProjectId: id, Report: reportInput()}))
		},
		func() error {
			return err2(w.projects(staff).CompleteProject(ctx, &evaluationv1.CompleteProjectRequest{Id: id}))
		},
	}
}

func (w *world) sign(by auth.Principal, id string) error {
	return err2(w.agreements(by).SignAgreement(w.t.Context(), &evaluationv1.SignAgreementRequest{ProjectId: id}))
}

// reportInput is a report of results that fits projectInput.
func reportInput() *evaluationv1.ReportInput {
	return &evaluationv1.ReportInput{
		Kind: evaluationv1.Report_FINAL, PeriodFrom: today().AddDays(-30).String(), PeriodTo: today().String(),
		Activities: "月に一度の街歩き", ProgressPercent: 100, Participants: 130, Issues: "雨の日の代わりの日",
		Results: []*evaluationv1.GoalResult{{GoalNo: 1, Value: "130人"}},
		Rows: []*evaluationv1.ReportRow{
			{Side: evaluationv1.ProjectBudgetRow_INCOME, Account: "区負担金", Amount: 300000},
			{Side: evaluationv1.ProjectBudgetRow_EXPENSE, Account: "報償費", Amount: 120000, PaidOn: today().String()},
			{Side: evaluationv1.ProjectBudgetRow_EXPENSE, Account: "報償費", Amount: 60000, PaidOn: today().String()},
			{Side: evaluationv1.ProjectBudgetRow_EXPENSE, Account: "印刷製本費"},
		},
	}
}
