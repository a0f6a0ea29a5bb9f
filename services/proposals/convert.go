package proposals

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

func stateToProto(s proposal.State) proposalsv1.Proposal_State {
	return proposalsv1.Proposal_State(proposalsv1.Proposal_State_value[string(s)])
}

func publicStateToProto(s proposal.PublicState) proposalsv1.ProgressEntry_PublicState {
	return proposalsv1.ProgressEntry_PublicState(proposalsv1.ProgressEntry_PublicState_value[string(s)])
}

// toProto shows a proposal as far as the reader sees it.
func toProto(p *proposal.Proposal, by proposal.Reader) *proposalsv1.Proposal {
	view := by.View(p)
	totals := p.Content.Totals()
	out := &proposalsv1.Proposal{
		Id: p.ID, Number: p.Number, CallId: p.CallID, FiscalYear: int32(p.FiscalYear),
		OrganizationId: p.OrganizationID, OrganizationName: p.OrganizationName(),
		PublicState: publicStateToProto(p.PublicState()), Content: contentToProto(visibleContent(p, by)),
		Decision: decisionToProto(p, by), Revision: int32(p.Revision),
		BudgetTotal: max(totals.Income, totals.Expense), WardTotal: totals.Ward,
		UpdateTime: convert.Instant(p.UpdatedAt), SubmitTime: convert.Instant(p.SubmittedAt), Etag: rpc.ETag(p.Version),
	}
	for _, id := range p.JointIDs() {
		out.JointOrganizationNames = append(out.JointOrganizationNames, p.Names.Organizations[id])
	}
	out.Assignments = assignmentsToProto(p, view)
	if view > proposal.ForPublic || p.State.IsOutcome() {
		out.State = stateToProto(p.State)
	}
	if view <= proposal.ForPublic {
		return out
	}
	out.Channel = proposalsv1.Proposal_Channel(proposalsv1.Proposal_Channel_value[p.Channel])
	out.PostmarkOn, out.CreateTime, out.Step = convert.Date(p.PostmarkOn), convert.Instant(p.CreatedAt), int32(p.Step)
	if view == proposal.ForWard || by.Owns(p) {
		out.PredecessorId, out.SuccessorId, out.WithdrawReason = p.PredecessorID, p.SuccessorID, p.WithdrawReason
		out.ConsultationId = p.ConsultationID
		out.Correction = correctionToProto(p)
	}
	if view == proposal.ForWard {
		out.PaperNote = p.PaperNote
	}
	return out
}

// visibleContent leaves out what is not for the reader: the contact is for the
// own organization, the desk and the departments with a part.
func visibleContent(p *proposal.Proposal, by proposal.Reader) *proposal.Content {
	switch {
	case by.Owns(p) || by.InWard(p):
		return &p.Content
	case by.View(p) > proposal.ForPublic:
		c := p.Content.WithoutContact()
		return &c
	default:
		c := p.Content.ForEverybody()
		return &c
	}
}

func assignmentsToProto(p *proposal.Proposal, view proposal.View) []*proposalsv1.Assignment {
	var out []*proposalsv1.Assignment
	for _, a := range p.Assignments {
		if view <= proposal.ForPublic && (a.Part == proposal.Informed || a.Response == proposal.DeclinedBy) {
			continue
		}
		v := &proposalsv1.Assignment{
			DepartmentId: a.DepartmentID, DepartmentName: p.Names.Departments[a.DepartmentID],
			Role: proposalsv1.Assignment_Role(proposalsv1.Assignment_Role_value[string(a.Part)]),
		}
		if view > proposal.ForPublic {
			v.Response = proposalsv1.Assignment_Response(proposalsv1.Assignment_Response_value[string(a.Response)])
		}
		if view == proposal.ForWard {
			v.Reason, v.Duty = a.Reason, a.Duty
		}
		out = append(out, v)
	}
	return out
}

func correctionToProto(p *proposal.Proposal) *proposalsv1.Correction {
	c := p.Correction
	if c == nil || p.State != proposal.Returned {
		return nil
	}
	return &proposalsv1.Correction{Fields: c.Fields, Message: c.Message, DueOn: convert.Date(c.DueOn), CreateTime: convert.Instant(c.AskedAt)}
}

// decisionToProto shows a decision that is public, or drafted where the reader
// sees drafts.
func decisionToProto(p *proposal.Proposal, by proposal.Reader) *proposalsv1.Decision {
	d := p.Decision
	drafts := by.View(p) == proposal.ForWard && by.SeesDraftDecision(p)
	if d == nil || !p.State.IsOutcome() && !drafts {
		return nil
	}
	out := &proposalsv1.Decision{
		Outcome: proposalsv1.Decision_Outcome(proposalsv1.Decision_Outcome_value[string(d.Outcome)]),
		Reason:  d.Reason, Cost: d.Cost, Conditions: d.Conditions, DecidedBy: d.DecidedBy, DecidedOn: convert.Date(d.DecidedOn),
		ConditionsMetOn: convert.Date(d.ConditionsMetOn),
	}
	if drafts {
		out.ReturnReason = d.ReturnReason
	}
	return out
}

// summaryTime is RFC 3339 in UTC with microseconds.
const summaryTime = "2006-01-02T15:04:05.000000Z"

func summaryToProto(s *store.Summary) *proposalsv1.ProposalSummary {
	out := &proposalsv1.ProposalSummary{
		Id: s.ID, Number: s.Number, Title: s.Title, PublicState: publicStateToProto(s.PublicState), CallId: s.CallID,
		FiscalYear: int32(s.FiscalYear), OrganizationId: s.OrganizationID, OrganizationName: s.OrganizationName,
		LeadDepartmentId: s.LeadID, LeadDepartmentName: s.LeadName, UpdateTime: s.UpdatedAt.UTC().Format(summaryTime),
	}
	if s.Inside || s.State.IsOutcome() {
		out.State = stateToProto(s.State)
	}
	return out
}
