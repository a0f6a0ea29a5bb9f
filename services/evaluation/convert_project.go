package evaluation

import (
	"slices"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// termsFromProto reads what a side writes; root is where it stands in the
// request. Errors: INVALID_FIELD for days that do not exist.
func termsFromProto(root string, in *evaluationv1.ProjectInput) (project.Terms, error) {
	from, err := convert.Day(root+".periodFrom", in.GetPeriodFrom())
	if err != nil {
		return project.Terms{}, err
	}
	to, err := convert.Day(root+".periodTo", in.GetPeriodTo())
	if err != nil {
		return project.Terms{}, err
	}
	return project.Terms{
		Title: in.GetTitle(), Purpose: in.GetPurpose(), Form: in.GetForm(), PeriodFrom: from, PeriodTo: to,
		MultiYear: in.GetMultiYear(), WardCost: in.GetWardCost(),
		Goals: convert.List(in.GetGoals(), func(g *evaluationv1.ProjectGoalInput) project.Goal {
			return project.Goal{Indicator: g.GetIndicator(), Baseline: g.GetBaseline(), Target: g.GetTarget(), Method: g.GetMethod()}
		}),

		Roles: convert.List(in.GetRoles(), func(r *evaluationv1.ProjectRole) project.Role {
			return project.Role{Item: r.GetItem(), OrganizationRole: r.GetOrganizationRole(), WardRole: r.GetWardRole()}
		}),

		Budget: convert.List(in.GetBudget(), func(b *evaluationv1.ProjectBudgetRow) project.BudgetRow {
			return project.BudgetRow{Side: project.BudgetSide(convert.EnumName(b.GetSide())), Account: b.GetAccount(), Amount: b.GetAmount(), Note: b.GetNote()}
		}),
	}, nil
}

func partiesFromProto(in *evaluationv1.ProjectInput) project.Parties {
	return project.Parties{
		OrganizationIDs: in.GetOrganizationIds(), LeadDepartmentID: in.GetLeadDepartmentId(),
		JointDepartmentIDs: in.GetJointDepartmentIds(),
	}
}

// termsToInput is what a side would write to get the terms as they are.
func termsToInput(t project.Terms) *evaluationv1.ProjectInput {
	return &evaluationv1.ProjectInput{
		Title: t.Title, Purpose: t.Purpose, Form: t.Form, PeriodFrom: convert.Date(t.PeriodFrom), PeriodTo: convert.Date(t.PeriodTo),
		MultiYear: t.MultiYear, WardCost: t.WardCost,
		Goals: convert.List(t.Goals, func(g project.Goal) *evaluationv1.ProjectGoalInput {
			return &evaluationv1.ProjectGoalInput{Indicator: g.Indicator, Baseline: g.Baseline, Target: g.Target, Method: g.Method}
		}),

		Roles: convert.List(t.Roles, roleToProto), Budget: convert.List(t.Budget, budgetToProto),
	}
}

func roleToProto(r project.Role) *evaluationv1.ProjectRole {
	return &evaluationv1.ProjectRole{Item: r.Item, OrganizationRole: r.OrganizationRole, WardRole: r.WardRole}
}

func budgetToProto(b project.BudgetRow) *evaluationv1.ProjectBudgetRow {
	return &evaluationv1.ProjectBudgetRow{Side: budgetSideToProto(b.Side), Account: b.Account, Amount: b.Amount, Note: b.Note}
}

func budgetSideToProto(s project.BudgetSide) evaluationv1.ProjectBudgetRow_Side {
	return value[evaluationv1.ProjectBudgetRow_Side](evaluationv1.ProjectBudgetRow_Side_value, s)
}

func projectStateToProto(s project.State) evaluationv1.Project_State {
	return value[evaluationv1.Project_State](evaluationv1.Project_State_value, s)
}

func sideToProto(s project.Side) evaluationv1.Project_Side {
	return value[evaluationv1.Project_Side](evaluationv1.Project_Side_value, s)
}

// projectToProto shows a project as far as the reader sees it.
func projectToProto(p *project.Project, by project.Reader) *evaluationv1.Project {
	out := &evaluationv1.Project{
		Id: p.ID, PublicNumber: p.PublicNumber, ProposalId: p.ProposalID, State: projectStateToProto(p.State),
		FiscalYear: int32(p.FiscalYear), Title: p.Title, Purpose: p.Purpose, Form: p.Form, PeriodFrom: convert.Date(p.PeriodFrom),
		PeriodTo: convert.Date(p.PeriodTo), MultiYear: p.MultiYear, WardCost: p.WardCost, Goals: goalsToProto(p.Goals),
		Roles: convert.List(p.Roles, roleToProto), OrganizationIds: p.OrganizationIDs, LeadDepartmentId: p.LeadDepartmentID,
		JointDepartmentIds: p.JointDepartmentIDs, Credits: creditsToProto(p.Credits()), PredecessorId: p.PredecessorID,
		Published: p.Published, AgreementOutdated: p.AgreementOutdated, AgreementNumber: p.AgreementNumber,
		TerminateReason: p.TerminateReason, MySide: sideToProto(by.Side(p)), CreateTime: convert.Instant(p.CreatedAt),
		UpdateTime: convert.Instant(p.UpdatedAt), StartTime: convert.Instant(p.StartedAt), CompleteTime: convert.Instant(p.CompletedAt),
		Etag: rpc.ETag(p.Version),
	}
	if by.Inside(p) {
		out.Budget = convert.List(p.Budget, budgetToProto)
	}
	return out
}

func goalsToProto(goals []project.Goal) []*evaluationv1.ProjectGoal {
	out := make([]*evaluationv1.ProjectGoal, len(goals))
	for i, g := range goals {
		out[i] = &evaluationv1.ProjectGoal{
			No: int32(i + 1), Indicator: g.Indicator, Baseline: g.Baseline, Target: g.Target, Method: g.Method, Result: g.Result,
		}
	}
	return out
}

func creditsToProto(credits []project.Credit) []*typev1.Credit {
	return convert.List(credits, func(c project.Credit) *typev1.Credit {
		return &typev1.Credit{
			Part: value[typev1.Credit_Part](typev1.Credit_Part_value, c.Part), OrganizationId: c.OrganizationID,
			DepartmentId: c.DepartmentID, Name: c.Name,
		}
	})
}

// summaryToProto is what everybody may know of a project.
func summaryToProto(p *project.Project) *evaluationv1.ProjectSummary {
	return &evaluationv1.ProjectSummary{
		Id: p.ID, PublicNumber: p.PublicNumber, Title: p.Title, State: projectStateToProto(p.State), FiscalYear: int32(p.FiscalYear),
		Form: p.Form, OrganizationIds: p.OrganizationIDs, LeadDepartmentId: p.LeadDepartmentID,
		JointDepartmentIds: p.JointDepartmentIDs, Credits: creditsToProto(p.Credits()), ProposalId: p.ProposalID,
		PredecessorId: p.PredecessorID, PeriodFrom: convert.Date(p.PeriodFrom), PeriodTo: convert.Date(p.PeriodTo), Published: p.Published,
		UpdateTime: convert.Instant(p.UpdatedAt),
	}
}

func milestoneToProto(m *project.Milestone) *evaluationv1.Milestone {
	return &evaluationv1.Milestone{
		Id: m.ID, ProjectId: m.ProjectID, Title: m.Title, DueOn: convert.Date(m.DueOn), DoneOn: convert.Date(m.DoneOn), Note: m.Note,
		Etag: rpc.ETag(m.Version),
	}
}

func entryToProto(e *project.Entry) *evaluationv1.ProjectProgressEntry {
	return &evaluationv1.ProjectProgressEntry{
		Id: e.ID, ProjectId: e.ProjectID, Date: convert.Date(e.Date), State: projectStateToProto(e.State), Title: e.Title, Body: e.Body,
		Side: sideToProto(e.Side), Credits: creditsToProto(e.Credits), Published: e.Published, CreateTime: convert.Instant(e.CreatedAt),
	}
}

// changeToProto shows a change request; the fields before of an open one are those
// of the project now.
func changeToProto(c *project.Change, p *project.Project) *evaluationv1.ProjectChange {
	before := c.Before
	if c.State == project.Requested {
		before = p.Only(c.Fields)
	}
	return &evaluationv1.ProjectChange{
		Id: c.ID, ProjectId: c.ProjectID, State: value[evaluationv1.ProjectChange_State](evaluationv1.ProjectChange_State_value, c.State),
		Side: sideToProto(c.Side), ChangeMask: &fieldmaskpb.FieldMask{Paths: slices.Clone(c.Fields)}, Before: termsToInput(before),
		After: termsToInput(c.After), Reason: c.Reason, Answer: c.Answer, CreateTime: convert.Instant(c.AskedAt), AnswerTime: convert.Instant(c.AnsweredAt),
	}
}
