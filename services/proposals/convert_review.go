package proposals

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

func phaseToProto(p *review.Phase) *proposalsv1.ReviewPhase {
	state := proposalsv1.ReviewPhase_OPEN
	if p.Closed {
		state = proposalsv1.ReviewPhase_CLOSED
	}
	return &proposalsv1.ReviewPhase{
		Id: p.ID, CallId: p.CallID, No: int32(p.No), Name: p.Name, FloorX100: int32(p.FloorX100), DueOn: convert.Date(p.DueOn), State: state,
		Assigned: int32(p.Counts.Assigned), Submitted: int32(p.Counts.Submitted), Recused: int32(p.Counts.Recused),
		Presentations: convert.List(p.Presentations, func(v review.Presentation) *proposalsv1.Presentation {
			return &proposalsv1.Presentation{ProposalId: v.ProposalID, StartTime: convert.Instant(v.StartAt), Minutes: int32(v.Minutes)}
		}),

		Venue: p.Venue, CreateTime: convert.Instant(p.CreatedAt), CloseTime: convert.Instant(p.ClosedAt), Etag: rpc.ETag(p.Version),
	}
}

func sheetFromProto(scores []*proposalsv1.Score) review.Sheet {
	return convert.List(scores, func(s *proposalsv1.Score) review.Score {
		return review.Score{No: int(s.GetNo()), Points: int(s.GetPoints())}
	})
}

func sheetToProto(s review.Sheet) []*proposalsv1.Score {
	return convert.List(s, func(s review.Score) *proposalsv1.Score {
		return &proposalsv1.Score{No: int32(s.No), Points: int32(s.Points)}
	})
}

// reviewToProto shows a sheet; scores only where they are not sealed from the
// reader, and nothing of the proposal after a conflict of interest.
func reviewToProto(r *review.Review, by proposal.Reader) *proposalsv1.Review {
	out := &proposalsv1.Review{
		Id: r.ID, PhaseId: r.PhaseID, CallId: r.CallID, ProposalId: r.ProposalID, ProposalNumber: r.ProposalNumber,
		ReviewerId: r.ReviewerID, State: proposalsv1.Review_State(proposalsv1.Review_State_value[string(r.State)]),
		DueOn: convert.Date(r.DueOn), CreateTime: convert.Instant(r.CreatedAt), UpdateTime: convert.Instant(r.UpdatedAt), Etag: rpc.ETag(r.Version),
	}
	if by.Desk || r.State != review.Recused && !r.Conflicted(by) {
		out.ProposalTitle = r.ProposalTitle
	}
	if by.Desk || r.ReviewerID == by.ID {
		out.Reason = r.Reason
	}
	if r.ShowsScores(by) {
		out.Scores, out.Comment = sheetToProto(r.Scores), r.Comment
	}
	return out
}

// phaseResultToProto shows the counts, and of a closed phase the averages; single
// sheets for the ward and the reviewers only.
func phaseResultToProto(o *store.ReviewOf, sheets bool) *proposalsv1.PhaseResult {
	out := &proposalsv1.PhaseResult{
		PhaseId: o.Phase.ID, No: int32(o.Phase.No), Name: o.Phase.Name, Closed: o.Phase.Closed, Assigned: int32(o.Assigned),
		Counted: int32(len(o.Sheets)), Abstained: int32(o.Abstained), Recused: int32(o.Recused), FloorX100: int32(o.Phase.FloorX100),
	}
	if !o.Phase.Closed {
		return out
	}
	r := o.Result()
	out.AverageX100, out.Passed, out.Comments = int32(r.AverageX100), r.Passed, o.Comments
	out.Criteria = convert.List(r.Criteria, func(c review.CriterionResult) *proposalsv1.CriterionResult {
		return &proposalsv1.CriterionResult{
			No: int32(c.No), Name: c.Name, MaxPoints: int32(c.MaxPoints), AverageX100: int32(c.AverageX100), BelowFloor: c.BelowFloor,
		}
	})

	if sheets {
		out.Sheets = convert.List(o.Sheets, func(s review.Sheet) *proposalsv1.Sheet {
			return &proposalsv1.Sheet{Scores: sheetToProto(s), Total: int32(s.Total())}
		})
	}
	return out
}
