package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// GetCallStatistics counts the proposals of a public call.
func (s *statistics) GetCallStatistics(ctx context.Context, req *proposalsv1.GetCallStatisticsRequest) (*proposalsv1.GetCallStatisticsResponse, error) {
	c, err := store.GetCall(ctx, s.DB, req.GetId(), isDesk(ctx))
	if err != nil {
		return nil, err
	}
	n, err := store.CallStatistics(ctx, s.DB, c.ID)
	if err != nil {
		return nil, err
	}
	out := statisticsToProto(n)
	out.CallId, out.FiscalYear = c.ID, int32(c.FiscalYear)
	return &proposalsv1.GetCallStatisticsResponse{Statistics: out}, nil
}

// GetProposalStatistics counts the proposals of a fiscal year, and says what their
// organizations said about the scheme.
func (s *statistics) GetProposalStatistics(ctx context.Context, req *proposalsv1.GetProposalStatisticsRequest) (*proposalsv1.GetProposalStatisticsResponse, error) {
	n, err := store.YearStatistics(ctx, s.DB, int(req.GetFiscalYear()))
	if err != nil {
		return nil, err
	}
	out := statisticsToProto(n)
	out.FiscalYear = req.GetFiscalYear()
	if out.Survey, err = surveyOf(ctx, s.DB, req.GetFiscalYear()); err != nil {
		return nil, err
	}
	return &proposalsv1.GetProposalStatisticsResponse{Statistics: out}, nil
}

func statisticsToProto(n *store.Statistics) *proposalsv1.ProposalStatistics {
	count := func(s proposal.PublicState) int32 { return int32(n.ByState[s]) }
	return &proposalsv1.ProposalStatistics{
		Organizations: int32(n.Organizations), Proposals: int32(n.Proposals),
		Received: count(proposal.PublicReceived), InExamination: count(proposal.PublicInExamination),
		InNegotiation: count(proposal.PublicInNegotiation), Adopted: count(proposal.Adopted.Public()),
		ConditionallyAdopted: count(proposal.ConditionallyAdopted.Public()), Rejected: count(proposal.Rejected.Public()),
		CarriedOver: count(proposal.CarriedOver.Public()), Withdrawn: count(proposal.PublicWithdrawn),
		Durations: convert.List(n.Durations, func(d store.Duration) *proposalsv1.StateDuration {
			return &proposalsv1.StateDuration{
				PublicState: publicStateToProto(d.State), Count: int32(d.Count), MedianDays: int32(d.MedianDays),
			}
		}),
	}
}
