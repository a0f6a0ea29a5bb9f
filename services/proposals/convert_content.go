package proposals

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

func contentFromProto(c *proposalsv1.ProposalContent) proposal.Content {
	return proposal.Content{
		Title: c.GetTitle(), Theme: c.GetTheme(), DesiredDepartmentIDs: c.GetDesiredDepartmentIds(),
		ContactName: c.GetContactName(), ContactPhone: c.GetContactPhone(), ContactEmail: c.GetContactEmail(),
		ContactByDay: c.GetContactByDay(), Purpose: c.GetPurpose(), Background: c.GetBackground(),
		Beneficiaries: c.GetBeneficiaries(), BeneficiaryCount: c.GetBeneficiaryCount(), Activities: c.GetActivities(),
		Place: c.GetPlace(), Necessity: c.GetNecessity(), Synergy: c.GetSynergy(), Form: c.GetForm(),
		Novelty: c.GetNovelty(), Continuity: c.GetContinuity(), Publicity: c.GetPublicity(),
		ActivityFields: c.GetActivityFields(), Answers: c.GetAnswers(), Declarations: c.GetDeclarations(),
		JointOrganizationIDs: c.GetJointOrganizationIds(), PublishConsent: c.GetPublishConsent(),
		PreConsultation: c.GetPreConsultation(), UseOrganizationProfile: c.GetUseOrganizationProfile(), ChallengeID: c.GetChallengeId(),
		Schedule: convert.List(c.GetSchedule(), func(r *proposalsv1.ScheduleRow) proposal.ScheduleRow {
			return proposal.ScheduleRow{Month: r.GetMonth(), Activity: r.GetActivity()}
		}),

		Roles: convert.List(c.GetRoles(), func(r *proposalsv1.RoleRow) proposal.RoleRow {
			return proposal.RoleRow{Item: r.GetItem(), OrganizationRole: r.GetOrganizationRole(), WardRole: r.GetWardRole()}
		}),

		Goals: convert.List(c.GetGoals(), func(g *proposalsv1.Goal) proposal.Goal {
			return proposal.Goal{Indicator: g.GetIndicator(), Baseline: g.GetBaseline(), Target: g.GetTarget(), Method: g.GetMethod()}
		}),

		Structure: convert.List(c.GetStructure(), func(r *proposalsv1.StructureRow) proposal.StructureRow {
			return proposal.StructureRow{Role: r.GetRole(), Persons: r.GetPersons()}
		}),

		Budget: convert.List(c.GetBudget(), func(r *proposalsv1.BudgetRow) proposal.BudgetRow {
			return proposal.BudgetRow{
				Side: convert.EnumName(r.GetSide()), Account: r.GetAccount(), Amount: r.GetAmount(), Basis: r.GetBasis(), Bearer: convert.EnumName(r.GetBearer()),
			}
		}),
	}
}

func contentToProto(c *proposal.Content) *proposalsv1.ProposalContent {
	return &proposalsv1.ProposalContent{
		Title: c.Title, Theme: c.Theme, DesiredDepartmentIds: c.DesiredDepartmentIDs,
		ContactName: c.ContactName, ContactPhone: c.ContactPhone, ContactEmail: c.ContactEmail,
		ContactByDay: c.ContactByDay, Purpose: c.Purpose, Background: c.Background,
		Beneficiaries: c.Beneficiaries, BeneficiaryCount: c.BeneficiaryCount, Activities: c.Activities,
		Place: c.Place, Necessity: c.Necessity, Synergy: c.Synergy, Form: c.Form,
		Novelty: c.Novelty, Continuity: c.Continuity, Publicity: c.Publicity,
		ActivityFields: c.ActivityFields, Answers: c.Answers, Declarations: c.Declarations,
		JointOrganizationIds: c.JointOrganizationIDs, PublishConsent: c.PublishConsent,
		PreConsultation: c.PreConsultation, UseOrganizationProfile: c.UseOrganizationProfile, ChallengeId: c.ChallengeID,
		Schedule: convert.List(c.Schedule, func(r proposal.ScheduleRow) *proposalsv1.ScheduleRow {
			return &proposalsv1.ScheduleRow{Month: r.Month, Activity: r.Activity}
		}),

		Roles: convert.List(c.Roles, func(r proposal.RoleRow) *proposalsv1.RoleRow {
			return &proposalsv1.RoleRow{Item: r.Item, OrganizationRole: r.OrganizationRole, WardRole: r.WardRole}
		}),

		Goals: convert.List(c.Goals, func(g proposal.Goal) *proposalsv1.Goal {
			return &proposalsv1.Goal{Indicator: g.Indicator, Baseline: g.Baseline, Target: g.Target, Method: g.Method}
		}),

		Structure: convert.List(c.Structure, func(r proposal.StructureRow) *proposalsv1.StructureRow {
			return &proposalsv1.StructureRow{Role: r.Role, Persons: r.Persons}
		}),

		Budget: convert.List(c.Budget, func(r proposal.BudgetRow) *proposalsv1.BudgetRow {
			return &proposalsv1.BudgetRow{
				Side:    proposalsv1.BudgetRow_Side(proposalsv1.BudgetRow_Side_value[r.Side]),
				Account: r.Account, Amount: r.Amount, Basis: r.Basis,
				Bearer: proposalsv1.BudgetRow_Bearer(proposalsv1.BudgetRow_Bearer_value[r.Bearer]),
			}
		}),
	}
}
