package outreach

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// pendingStates are those of a proposal that is not decided yet.
var pendingStates = []proposalsv1.Proposal_State{
	proposalsv1.Proposal_SUBMITTED, proposalsv1.Proposal_RETURNED, proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED,
	proposalsv1.Proposal_UNDER_REVIEW, proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_DECISION_DRAFTED,
	proposalsv1.Proposal_DECISION_APPROVED,
}

// proposalMoved keeps whose a proposal is, who is in charge and whether it is
// decided: whom not to place with its organizations. The ward is told every step.
func (c *consumer) proposalMoved(_ context.Context, tx *pg.Tx, _ event.Message, e *proposalsv1.ProposalStatusChanged) error {
	store.KeepProposal(tx, e.GetProposalId(), training.Pending{
		OrganizationIDs: append([]string{e.GetOrganizationId()}, e.GetJointOrganizationIds()...), DepartmentIDs: e.GetDepartmentIds(),
	}, slices.Contains(pendingStates, e.GetTo()), e.GetVersion())
	return nil
}
