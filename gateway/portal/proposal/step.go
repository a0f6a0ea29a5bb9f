package proposal

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// steps are the steps that the page of a proposal offers, in their order.
var steps = &step.Table[proposalsv1.Proposal_State]{
	Texts: "desk", Done: "step", Labels: stepLabels,
	Steps: []step.Step[proposalsv1.Proposal_State]{
		{
			Name: "accept", Method: proposalsv1.ProposalService_AcceptProposal_FullMethodName,
			From: step.In(proposalsv1.Proposal_SUBMITTED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.AcceptProposal),
		},
		{
			Name: "return", Method: proposalsv1.ProposalService_ReturnProposal_FullMethodName, Form: true,
			From: step.In(proposalsv1.Proposal_SUBMITTED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.ReturnProposal),
		},
		{
			Name: "assign", Method: proposalsv1.ProposalService_AssignDepartments_FullMethodName, Form: true,
			From: step.In(proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.AssignDepartments),
		},
		{
			Name: "respond", Method: proposalsv1.ProposalService_RespondToAssignment_FullMethodName, Form: true,
			From: step.In(proposalsv1.Proposal_ASSIGNED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.RespondToAssignment),
		},
		{
			Name: "review", Method: proposalsv1.ProposalService_StartReview_FullMethodName,
			From: step.In(proposalsv1.Proposal_ASSIGNED, proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_CARRIED_OVER),
			Take: step.By(proposals, proposalsv1.ProposalServiceClient.StartReview),
		},
		{
			Name: "negotiate", Method: proposalsv1.ProposalService_Negotiate_FullMethodName,
			From: step.In(proposalsv1.Proposal_ASSIGNED, proposalsv1.Proposal_UNDER_REVIEW), Take: step.By(proposals, proposalsv1.ProposalServiceClient.Negotiate),
		},
		{
			Name: "draft", Method: proposalsv1.ProposalService_DraftDecision_FullMethodName, Form: true, Lists: []string{"conditions"},
			From: step.In(proposalsv1.Proposal_UNDER_REVIEW, proposalsv1.Proposal_IN_NEGOTIATION), Take: step.By(proposals, proposalsv1.ProposalServiceClient.DraftDecision),
		},
		{
			Name: "approve", Method: proposalsv1.ProposalService_ApproveDecision_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Proposal_DECISION_DRAFTED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.ApproveDecision),
		},
		{
			Name: "sendback", Method: proposalsv1.ProposalService_ReturnDecision_FullMethodName, Form: true,
			From: step.In(proposalsv1.Proposal_DECISION_DRAFTED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.ReturnDecision),
		},
		{
			Name: "confirm", Method: proposalsv1.ProposalService_ConfirmConditions_FullMethodName, Form: true,
			From: step.In(proposalsv1.Proposal_CONDITIONALLY_ADOPTED), Take: step.By(proposals, proposalsv1.ProposalServiceClient.ConfirmConditions),
		},
		{
			Name: "withdraw", Method: proposalsv1.ProposalService_WithdrawProposal_FullMethodName, Sure: true, Form: true,
			From: step.In(proposalsv1.Proposal_SUBMITTED, proposalsv1.Proposal_RETURNED, proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED,
				proposalsv1.Proposal_UNDER_REVIEW, proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_DECISION_DRAFTED),
			Take: step.By(proposals, proposalsv1.ProposalServiceClient.WithdrawProposal),
		},
	},
}

// offers are the steps that the page offers: where the caller is the party that
// takes them. What else is needed, the service says.
func (f *file) offers(ctx context.Context) []step.Offer {
	own := ui.ViewOf(ctx).Caller.DepartmentID
	lead, pending := f.part(func(a *proposalsv1.Assignment) bool { return a.GetRole() == proposalsv1.Assignment_LEAD }),
		f.part(func(a *proposalsv1.Assignment) bool {
			return a.GetDepartmentId() == own && a.GetResponse() == proposalsv1.Assignment_PENDING
		})
	return steps.Offers(ctx, &step.Thing[proposalsv1.Proposal_State]{
		State: f.proposal.GetState(), Path: "/proposals/" + f.proposal.GetId(), Form: f.form,
		Not: func(name string) bool {
			switch name {
			case "respond":
				return pending == nil
			case "review":
				return lead.GetResponse() != proposalsv1.Assignment_ACCEPTED
			case "negotiate", "draft", "confirm":
				return lead.GetDepartmentId() != own || lead.GetResponse() != proposalsv1.Assignment_ACCEPTED
			case "withdraw":
				return !f.submits(ctx)
			}
			return false
		},
	})
}

// part is the first department's part that fits; nil for none.
func (f *file) part(fits func(*proposalsv1.Assignment) bool) *proposalsv1.Assignment {
	for _, a := range f.proposal.GetAssignments() {
		if fits(a) {
			return a
		}
	}
	return nil
}

// submits reports whether the caller acts for the organization: as its member, by
// delegation, or as the desk for what came on paper.
func (f *file) submits(ctx context.Context) bool {
	paper := f.proposal.GetChannel() > proposalsv1.Proposal_WEB
	return f.member || paper && ui.Can(ctx, proposalsv1.ProposalService_AcceptProposal_FullMethodName)
}

// assignRows is how many departments the form of the assignment takes.
const assignRows = 6

// assigned is the form of the assignment: what was typed, else the departments of
// today, to be changed.
func (f *file) assigned() *ui.Form {
	if step.Open(f.form, "assign") {
		return f.form
	}
	values := url.Values{}
	for i, a := range f.proposal.GetAssignments() {
		values.Set(fmt.Sprintf("assign.assignments[%d].departmentId", i), a.GetDepartmentId())
		values.Set(fmt.Sprintf("assign.assignments[%d].role", i), a.GetRole().String())
		values.Set(fmt.Sprintf("assign.assignments[%d].duty", i), a.GetDuty())
	}
	return ui.NewForm(values)
}

// outcomes are the choices of a decision.
var outcomes = []proposalsv1.Decision_Outcome{
	proposalsv1.Decision_ADOPTED, proposalsv1.Decision_CONDITIONALLY_ADOPTED, proposalsv1.Decision_REJECTED, proposalsv1.Decision_CARRIED_OVER,
}

// correctable are the fields that a correction can name, as choices.
func (f *file) correctable(label func(string) string) []ui.Option {
	var out []ui.Option
	for _, name := range append(slices.Clone(masked), "jointOrganizationIds", "attachments") {
		out = append(out, ui.Option{Value: name, Text: label("proposal." + strings.ToLower(name))})
	}
	return out
}
