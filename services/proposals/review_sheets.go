package proposals

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// heldSheet is a sheet in the hands of a verb.
type heldSheet struct {
	*review.Review
	criteria []call.Criterion
	by       proposal.Reader
}

// sheetVerb is one verb on a locked sheet.
type sheetVerb struct {
	action string // As in the audit log.
	take   func(heldSheet) error
}

// fill runs one verb on a locked sheet and writes it.
func fill[R any](ctx context.Context, s *reviews, req stepRequest, verb sheetVerb, answer func(*proposalsv1.Review) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		r, err := store.LockReview(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), r.Version); err != nil {
			return none, err
		}
		c, err := store.GetCall(ctx, tx, r.CallID, true)
		if err != nil {
			return none, err
		}
		if err := verb.take(heldSheet{r, c.Criteria, by}); err != nil {
			return none, err
		}
		store.UpdateReview(tx, r)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.review." + verb.action, ObjectType: "proposal", ObjectID: r.ProposalID,
			Detail: map[string]string{"review": r.ID, "state": string(r.State)},
		})
		return answer(reviewToProto(r, by)), nil
	})
}

// SaveReview keeps the own sheet.
func (s *reviews) SaveReview(ctx context.Context, req *proposalsv1.SaveReviewRequest) (*proposalsv1.SaveReviewResponse, error) {
	return fill(ctx, s, req, sheetVerb{"save", func(r heldSheet) error {
		return r.Save(r.by, r.criteria, sheetFromProto(req.GetScores()), req.GetComment())
	}}, func(r *proposalsv1.Review) *proposalsv1.SaveReviewResponse {
		return &proposalsv1.SaveReviewResponse{Review: r}
	})
}

// SubmitReview hands the own sheet in, or abstains.
func (s *reviews) SubmitReview(ctx context.Context, req *proposalsv1.SubmitReviewRequest) (*proposalsv1.SubmitReviewResponse, error) {
	return fill(ctx, s, req, sheetVerb{"submit", func(r heldSheet) error {
		if req.GetAbstain() {
			return r.Abstain(r.by, req.GetReason())
		}
		return r.Submit(r.by, r.criteria, sheetFromProto(req.GetScores()), req.GetComment())
	}}, func(r *proposalsv1.Review) *proposalsv1.SubmitReviewResponse {
		return &proposalsv1.SubmitReviewResponse{Review: r}
	})
}

// RecuseReview declares a conflict of interest.
func (s *reviews) RecuseReview(ctx context.Context, req *proposalsv1.RecuseReviewRequest) (*proposalsv1.RecuseReviewResponse, error) {
	return fill(ctx, s, req, sheetVerb{"recuse", func(r heldSheet) error {
		return r.Recuse(r.by, req.GetReason())
	}}, func(r *proposalsv1.Review) *proposalsv1.RecuseReviewResponse {
		return &proposalsv1.RecuseReviewResponse{Review: r}
	})
}

// GetReviewSummary summarizes the review of a proposal as far as it is open to
// the caller.
func (s *reviews) GetReviewSummary(ctx context.Context, req *proposalsv1.GetReviewSummaryRequest) (*proposalsv1.GetReviewSummaryResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProposal(ctx, s.DB, req.GetProposalId(), by)
	if err != nil {
		return nil, err
	}
	ward := by.View(p) == proposal.ForWard
	out := &proposalsv1.ReviewSummary{ProposalId: p.ID}
	if !ward && !p.State.IsOutcome() {
		return &proposalsv1.GetReviewSummaryResponse{ReviewSummary: out}, nil
	}
	all, err := store.ReviewsOfProposal(ctx, s.DB, p.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if ward || o.Phase.Closed {
			out.Phases = append(out.Phases, phaseResultToProto(o, ward))
		}
	}
	return &proposalsv1.GetReviewSummaryResponse{ReviewSummary: out}, nil
}

// ListReviewResults lists the results of a closed phase by rank.
func (s *reviews) ListReviewResults(ctx context.Context, req *proposalsv1.ListReviewResultsRequest) (*proposalsv1.ListReviewResultsResponse, error) {
	by := readerOf(ctx, s.Now())
	phase, err := store.GetPhase(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	if !by.Desk && !by.Approver {
		reviews, err := store.Reviews(ctx, s.DB, phase.ID, by.ID)
		if err != nil {
			return nil, err
		}
		if !reviews {
			return nil, fault.ErrPermissionDenied
		}
	}
	if !phase.Closed {
		return nil, fault.Transition("OPEN", "CLOSED", "close")
	}
	all, err := store.ReviewsOfPhase(ctx, s.DB, phase.ID, maxReviewed)
	if err != nil {
		return nil, err
	}
	return resultsToProto(all), nil
}

// resultsToProto ranks the results; equal ones stay by number.
func resultsToProto(all []*store.ReviewOf) *proposalsv1.ListReviewResultsResponse {
	slices.SortStableFunc(all, func(a, b *store.ReviewOf) int {
		x, y := a.Result(), b.Result()
		switch {
		case x.Before(y):
			return -1
		case y.Before(x):
			return 1
		}
		return 0
	})
	resp := &proposalsv1.ListReviewResultsResponse{NonePassed: true}
	for i, o := range all {
		r := phaseResultToProto(o, false)
		r.ProposalId, r.ProposalNumber, r.Rank = o.ProposalID, o.Number, int32(i+1)
		resp.NonePassed = resp.NonePassed && !r.GetPassed()
		resp.Results = append(resp.Results, r)
	}
	return resp
}
