package proposals

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// maxAssigned bounds one distribution.
const maxAssigned = 2000

// AssignReview assigns a proposal to a reviewer by hand.
func (s *reviews) AssignReview(ctx context.Context, req *proposalsv1.AssignReviewRequest) (*proposalsv1.AssignReviewResponse, error) {
	// A proposal that is not there is not found before the reviewer is looked at.
	if _, err := store.GetProposal(ctx, s.DB, req.GetProposalId(), readerOf(ctx, s.Now())); err != nil {
		return nil, err
	}
	if err := s.directory.reviewing(ctx, req.GetReviewerId()); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.AssignReviewResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetProposalId(), by)
		if err != nil {
			return nil, err
		}
		if p.State != proposal.UnderReview {
			return nil, review.ErrNotUnderReview.With("proposalId", p.ID)
		}
		phase, err := s.openPhase(ctx, tx, p.CallID, req.GetPhaseId())
		if err != nil {
			return nil, err
		}
		blocked, err := store.Recusals(ctx, tx, p.CallID)
		if err != nil {
			return nil, err
		}
		if blocked[review.Pair{ProposalID: p.ID, ReviewerID: req.GetReviewerId()}] {
			return nil, review.ErrConflict
		}
		r := s.assigned(tx, phase, store.Reviewable{
			ID: p.ID, Number: p.Number, Title: p.Content.Title, Parties: append([]string{p.OrganizationID}, p.JointIDs()...), DepartmentIDs: p.DepartmentIDs(),
		}, req.GetReviewerId())
		if err := store.InsertReview(ctx, tx, r, by.ID); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.review.assign", ObjectType: "proposal", ObjectID: p.ID, Detail: map[string]string{"review": r.ID}})
		return &proposalsv1.AssignReviewResponse{Review: reviewToProto(r, by)}, nil
	})
}

// openPhase locks the open phase of a call; the first one opens by itself. A
// phase that is named must be that one. Errors: PHASE_CLOSED.
func (s *reviews) openPhase(ctx context.Context, tx *pg.Tx, callID, named string) (*review.Phase, error) {
	if err := store.FirstPhase(ctx, tx, s.NewID(), callID); err != nil {
		return nil, err
	}
	phase, err := store.LockOpenPhase(ctx, tx, callID)
	if errors.Is(err, fault.ErrNotFound) || err == nil && named != "" && named != phase.ID {
		return nil, review.ErrPhaseClosed
	}
	return phase, err
}

// assigned is a new sheet.
func (s *reviews) assigned(tx *pg.Tx, phase *review.Phase, p store.Reviewable, reviewerID string) *review.Review {
	return &review.Review{
		ID: s.NewID(), PhaseID: phase.ID, CallID: phase.CallID, ProposalID: p.ID, ReviewerID: reviewerID, State: review.Assigned,
		CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1, DueOn: phase.DueOn, ProposalNumber: p.Number, ProposalTitle: p.Title,
		Parties: p.Parties, DepartmentIDs: p.DepartmentIDs,
	}
}

// DistributeReviews assigns the proposals of a call evenly or by track.
func (s *reviews) DistributeReviews(ctx context.Context, req *proposalsv1.DistributeReviewsRequest) (*proposalsv1.DistributeReviewsResponse, error) {
	if err := checkDistribution(req); err != nil {
		return nil, err
	}
	if _, err := store.GetCall(ctx, s.DB, req.GetCallId(), true); err != nil {
		return nil, err
	}
	if err := s.directory.reviewing(ctx, reviewersOf(req)...); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.DistributeReviewsResponse, error) {
		by := readerOf(ctx, tx.Now)
		if _, err := store.HoldCall(ctx, tx, req.GetCallId()); err != nil {
			return nil, err
		}
		phase, err := s.openPhase(ctx, tx, req.GetCallId(), "")
		if err != nil {
			return nil, err
		}
		all, err := store.UnderReview(ctx, tx, req.GetCallId(), maxReviewed)
		if err != nil {
			return nil, err
		}
		pairs, err := distribution(ctx, tx, req, phase, all)
		if err != nil {
			return nil, err
		}
		known := map[string]store.Reviewable{}
		for _, p := range all {
			known[p.ID] = p
		}
		made := convert.List(pairs, func(p review.Pair) *review.Review { return s.assigned(tx, phase, known[p.ProposalID], p.ReviewerID) })
		store.AddReviews(tx, made, by.ID)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.review.distribute", ObjectType: "call", ObjectID: req.GetCallId(),
			Detail: map[string]string{"mode": req.GetMode().String(), "reviews": strconv.Itoa(len(made))},
		})
		return &proposalsv1.DistributeReviewsResponse{Reviews: convert.List(made, func(r *review.Review) *proposalsv1.Review { return reviewToProto(r, by) })}, nil
	})
}

// reviewersOf are all reviewers that a distribution names.
func reviewersOf(req *proposalsv1.DistributeReviewsRequest) []string {
	ids := slices.Clone(req.GetReviewerIds())
	for _, t := range req.GetTracks() {
		ids = append(ids, t.GetReviewerIds()...)
	}
	return ids
}

// checkDistribution refuses a request without what its mode needs. Errors:
// INVALID_FIELD.
func checkDistribution(req *proposalsv1.DistributeReviewsRequest) error {
	evenly := req.GetMode() == proposalsv1.DistributeReviewsRequest_EVENLY
	switch {
	case evenly && len(req.GetReviewerIds()) == 0:
		return fault.ErrInvalidField.On(fault.Missing("reviewerIds"))
	case evenly && (req.GetPerProposal() == 0 || int(req.GetPerProposal()) > len(req.GetReviewerIds())):
		return fault.ErrInvalidField.OnPath("perProposal")
	case !evenly && len(req.GetTracks()) == 0:
		return fault.ErrInvalidField.On(fault.Missing("tracks"))
	}
	return nil
}

// distribution says who gets what. Errors: NOT_UNDER_REVIEW, INVALID_FIELD.
func distribution(ctx context.Context, tx *pg.Tx, req *proposalsv1.DistributeReviewsRequest, phase *review.Phase, all []store.Reviewable) ([]review.Pair, error) {
	there, err := store.AssignedIn(ctx, tx, phase.ID)
	if err != nil {
		return nil, err
	}
	blocked, err := store.Recusals(ctx, tx, phase.CallID)
	if err != nil {
		return nil, err
	}
	var pairs []review.Pair
	if req.GetMode() == proposalsv1.DistributeReviewsRequest_EVENLY {
		ids := convert.List(all, func(p store.Reviewable) string { return p.ID })
		pairs = review.Evenly(ids, req.GetReviewerIds(), int(req.GetPerProposal()), there, blocked)
	} else {
		tracks := make([]review.Track, len(req.GetTracks()))
		for i, t := range req.GetTracks() {
			if err := amongReviewed(all, t.GetProposalIds()); err != nil {
				return nil, err
			}
			tracks[i] = review.Track{ProposalIDs: t.GetProposalIds(), ReviewerIDs: t.GetReviewerIds()}
		}
		pairs = review.ByTrack(tracks, there, blocked)
	}
	if len(pairs) > maxAssigned {
		return nil, fault.ErrInvalidField.OnPath("tracks")
	}
	return pairs, nil
}

// GetReview shows a sheet as far as it is open to the caller.
func (s *reviews) GetReview(ctx context.Context, req *proposalsv1.GetReviewRequest) (*proposalsv1.GetReviewResponse, error) {
	by := readerOf(ctx, s.Now())
	r, err := store.GetReview(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetReviewResponse{Review: reviewToProto(r, by)}, nil
}

// ListReviews lists the own queue, or all sheets for the desk.
func (s *reviews) ListReviews(ctx context.Context, req *proposalsv1.ListReviewsRequest) (*proposalsv1.ListReviewsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	rows, err := store.ListReviews(ctx, s.DB, by, store.ReviewFilter{
		Pending: req.GetQueue() == proposalsv1.ListReviewsRequest_PENDING, Done: req.GetQueue() == proposalsv1.ListReviewsRequest_DONE,
		CallID: req.GetCallId(), ProposalID: req.GetProposalId(),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(r *review.Review) []string { return []string{r.ID} })
	resp := &proposalsv1.ListReviewsResponse{}
	for _, r := range rows {
		resp.Reviews = append(resp.Reviews, reviewToProto(r, by))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
