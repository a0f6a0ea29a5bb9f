package proposal

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// graph are the steps that the page of a proposal offers, in their order.
var graph = []step{
	{
		name: "accept", method: proposalsv1.ProposalService_AcceptProposal_FullMethodName,
		from: in(proposalsv1.Proposal_SUBMITTED), take: by(proposalsv1.ProposalServiceClient.AcceptProposal),
	},
	{
		name: "return", method: proposalsv1.ProposalService_ReturnProposal_FullMethodName, form: true,
		from: in(proposalsv1.Proposal_SUBMITTED), take: by(proposalsv1.ProposalServiceClient.ReturnProposal),
	},
	{
		name: "assign", method: proposalsv1.ProposalService_AssignDepartments_FullMethodName, form: true,
		from: in(proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED), take: by(proposalsv1.ProposalServiceClient.AssignDepartments),
	},
	{
		name: "respond", method: proposalsv1.ProposalService_RespondToAssignment_FullMethodName, form: true,
		from: in(proposalsv1.Proposal_ASSIGNED), take: by(proposalsv1.ProposalServiceClient.RespondToAssignment),
	},
	{
		name: "review", method: proposalsv1.ProposalService_StartReview_FullMethodName,
		from: in(proposalsv1.Proposal_ASSIGNED, proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_CARRIED_OVER),
		take: by(proposalsv1.ProposalServiceClient.StartReview),
	},
	{
		name: "negotiate", method: proposalsv1.ProposalService_Negotiate_FullMethodName,
		from: in(proposalsv1.Proposal_ASSIGNED, proposalsv1.Proposal_UNDER_REVIEW), take: by(proposalsv1.ProposalServiceClient.Negotiate),
	},
	{
		name: "draft", method: proposalsv1.ProposalService_DraftDecision_FullMethodName, form: true,
		from: in(proposalsv1.Proposal_UNDER_REVIEW, proposalsv1.Proposal_IN_NEGOTIATION), take: by(proposalsv1.ProposalServiceClient.DraftDecision),
	},
	{
		name: "approve", method: proposalsv1.ProposalService_ApproveDecision_FullMethodName,
		from: in(proposalsv1.Proposal_DECISION_DRAFTED), take: by(proposalsv1.ProposalServiceClient.ApproveDecision),
	},
	{
		name: "sendback", method: proposalsv1.ProposalService_ReturnDecision_FullMethodName, form: true,
		from: in(proposalsv1.Proposal_DECISION_DRAFTED), take: by(proposalsv1.ProposalServiceClient.ReturnDecision),
	},
	{
		name: "withdraw", method: proposalsv1.ProposalService_WithdrawProposal_FullMethodName, form: true,
		from: in(proposalsv1.Proposal_SUBMITTED, proposalsv1.Proposal_RETURNED, proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED,
			proposalsv1.Proposal_UNDER_REVIEW, proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_DECISION_DRAFTED),
		take: by(proposalsv1.ProposalServiceClient.WithdrawProposal),
	},
}

// by takes a step by its RPC: the request is what the form says, and the id.
func by[Q any, P interface {
	*Q
	proto.Message
}, R any](rpc func(proposalsv1.ProposalServiceClient, context.Context, P, ...grpc.CallOption) (R, error)) func(context.Context, *web.Request, string) error {
	return func(ctx context.Context, q *web.Request, id string) error {
		q.PostForm.Set("id", id)
		req := P(new(Q))
		if err := web.Bind(q.PostForm, req); err != nil {
			return err
		}
		_, err := rpc(proposals(q), ctx, req)
		return err
	}
}

func in(states ...proposalsv1.Proposal_State) []proposalsv1.Proposal_State { return states }

// lines makes every line of a text area a value of its own.
func lines(q *web.Request, name string) {
	var out []string
	for l := range strings.Lines(q.PostForm.Get(name)) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	q.PostForm[name] = out
}

// assignRows is how many departments the form of the assignment takes.
const assignRows = 4

// outcomes are the choices of a decision.
var outcomes = []proposalsv1.Decision_Outcome{
	proposalsv1.Decision_ADOPTED, proposalsv1.Decision_CONDITIONALLY_ADOPTED, proposalsv1.Decision_REJECTED, proposalsv1.Decision_CARRIED_OVER,
}

// correctable are the fields that a correction can name, as choices.
func (f *file) correctable(label func(string) string) []ui.Option {
	var out []ui.Option
	for _, name := range masked {
		out = append(out, ui.Option{Value: name, Text: label("proposal." + strings.ToLower(name))})
	}
	return out
}
