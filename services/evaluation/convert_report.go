package evaluation

import (
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// reportFromProto reads a report as it is filed. Errors: INVALID_FIELD for days
// that do not exist.
func reportFromProto(in *evaluationv1.ReportInput) (*project.Report, error) {
	from, err := convert.Day("report.periodFrom", in.GetPeriodFrom())
	if err != nil {
		return nil, err
	}
	to, err := convert.Day("report.periodTo", in.GetPeriodTo())
	if err != nil {
		return nil, err
	}
	r := &project.Report{Kind: project.ReportKind(convert.EnumName(in.GetKind())), Content: project.ReportContent{
		PeriodFrom: from, PeriodTo: to, Activities: in.GetActivities(), ProgressPercent: int(in.GetProgressPercent()),
		Participants: int(in.GetParticipants()), Issues: in.GetIssues(), NextSteps: in.GetNextSteps(),
		Results: convert.List(in.GetResults(), func(v *evaluationv1.GoalResult) project.GoalResult {
			return project.GoalResult{GoalNo: int(v.GetGoalNo()), Value: v.GetValue()}
		}),
	}}
	for i, row := range in.GetRows() {
		paid, err := convert.Day(fmt.Sprintf("report.rows[%d].paidOn", i), row.GetPaidOn())
		if err != nil {
			return nil, err
		}
		r.Content.Rows = append(r.Content.Rows, project.ReportRow{
			Side: project.BudgetSide(convert.EnumName(row.GetSide())), Account: row.GetAccount(), Amount: row.GetAmount(), PaidOn: paid,
			Note: row.GetNote(),
		})
	}
	return r, nil
}

// reportToProto shows a report; the single rows and what was hard are for whoever
// is inside.
func reportToProto(r *project.Report, inside bool) *evaluationv1.Report {
	c := r.Content
	out := &evaluationv1.Report{
		ProjectId: r.ProjectID, Number: int32(r.Number), Kind: value[evaluationv1.Report_Kind](evaluationv1.Report_Kind_value, r.Kind),
		PeriodFrom: convert.Date(c.PeriodFrom), PeriodTo: convert.Date(c.PeriodTo), Activities: c.Activities,
		ProgressPercent: int32(c.ProgressPercent), Participants: int32(c.Participants), NextSteps: c.NextSteps,
		Side: sideToProto(r.Side), FiledOn: convert.Date(jp.DateOf(r.FiledAt)),
		Results: convert.List(c.Results, func(v project.GoalResult) *evaluationv1.GoalResult {
			return &evaluationv1.GoalResult{GoalNo: int32(v.GoalNo), Value: v.Value}
		}),

		Settlement: convert.List(c.Settlement, func(s project.SettlementRow) *evaluationv1.SettlementRow {
			return &evaluationv1.SettlementRow{
				Side: budgetSideToProto(s.Side), Account: s.Account, Budget: s.Budget, Result: s.Result, Difference: s.Budget - s.Result,
			}
		}),
	}
	if inside {
		out.Issues = c.Issues
		out.Rows = convert.List(c.Rows, func(row project.ReportRow) *evaluationv1.ReportRow {
			return &evaluationv1.ReportRow{
				Side: budgetSideToProto(row.Side), Account: row.Account, Amount: row.Amount, PaidOn: convert.Date(row.PaidOn), Note: row.Note,
			}
		})

	}
	return out
}
