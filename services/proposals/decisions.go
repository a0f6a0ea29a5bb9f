package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// DraftDecision drafts the decision at the last step.
func (s *proposals) DraftDecision(ctx context.Context, req *proposalsv1.DraftDecisionRequest) (*proposalsv1.DraftDecisionResponse, error) {
	return step(ctx, s, req, func(ctx context.Context, p locked) (proposal.Move, error) {
		c, err := store.GetCall(ctx, p.tx, p.CallID, true)
		if err != nil {
			return proposal.Move{}, err
		}
		reviewed, err := store.NewestReview(ctx, p.tx, p.ID)
		if err != nil {
			return proposal.Move{}, err
		}
		return p.DraftDecision(p.by, proposal.DecisionDraft{
			Outcome: proposal.State(convert.EnumName(req.GetOutcome())), Reason: req.GetReason(), Cost: req.Cost, //nolint:protogetter // absence is an answer
			Conditions: req.GetConditions(), DecidedBy: req.GetDecidedBy(), Review: reviewed,
		}, c, p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.DraftDecisionResponse {
		return &proposalsv1.DraftDecisionResponse{Proposal: p}
	})
}

// ApproveDecision approves the draft of another person.
func (s *proposals) ApproveDecision(ctx context.Context, req *proposalsv1.ApproveDecisionRequest) (*proposalsv1.ApproveDecisionResponse, error) {
	return step(ctx, s, req, func(ctx context.Context, p locked) (proposal.Move, error) {
		c, err := store.GetCall(ctx, p.tx, p.CallID, true)
		if err != nil {
			return proposal.Move{}, err
		}
		return p.ApproveDecision(p.by, c, p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.ApproveDecisionResponse {
		return &proposalsv1.ApproveDecisionResponse{Proposal: p}
	})
}

// ReturnDecision sends the draft of another person back.
func (s *proposals) ReturnDecision(ctx context.Context, req *proposalsv1.ReturnDecisionRequest) (*proposalsv1.ReturnDecisionResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		return p.ReturnDecision(p.by, req.GetReason(), p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.ReturnDecisionResponse {
		return &proposalsv1.ReturnDecisionResponse{Proposal: p}
	})
}

// ConfirmConditions turns a conditional adoption into an adoption.
func (s *proposals) ConfirmConditions(ctx context.Context, req *proposalsv1.ConfirmConditionsRequest) (*proposalsv1.ConfirmConditionsResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		return p.ConfirmConditions(p.by, req.GetNote(), p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.ConfirmConditionsResponse {
		return &proposalsv1.ConfirmConditionsResponse{Proposal: p}
	})
}
