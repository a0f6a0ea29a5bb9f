package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// AssignDepartments gives departments their parts. That they are departments
// today is asked of directory, outside the transaction.
func (s *proposals) AssignDepartments(ctx context.Context, req *proposalsv1.AssignDepartmentsRequest) (*proposalsv1.AssignDepartmentsResponse, error) {
	// A hidden proposal is not found before its departments are looked at.
	if _, err := store.GetProposal(ctx, s.DB, req.GetId(), readerOf(ctx, s.Now())); err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range req.GetAssignments() {
		ids = append(ids, a.GetDepartmentId())
	}
	departments, err := s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), ids)
	if err != nil {
		return nil, err
	}
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		to := make([]proposal.Assignment, len(req.GetAssignments()))
		for i, a := range req.GetAssignments() {
			to[i] = proposal.Assignment{DepartmentID: a.GetDepartmentId(), Part: proposal.Part(convert.EnumName(a.GetRole())), Duty: a.GetDuty()}
		}
		m, err := p.Assign(p.by, to, p.tx.Now)
		if err != nil {
			return m, err
		}
		p.Names.Departments = map[string]string{}
		for _, d := range departments {
			p.Names.Departments[d.ID] = d.FullName
			partner.KeepDepartment(p.tx, d)
		}
		return m, nil
	}, func(p *proposalsv1.Proposal) *proposalsv1.AssignDepartmentsResponse {
		return &proposalsv1.AssignDepartmentsResponse{Proposal: p}
	})
}

// RespondToAssignment answers for the caller's department.
func (s *proposals) RespondToAssignment(ctx context.Context, req *proposalsv1.RespondToAssignmentRequest) (*proposalsv1.RespondToAssignmentResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		return p.Respond(p.by, proposal.Response(convert.EnumName(req.GetResponse())), req.GetReason(), p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.RespondToAssignmentResponse {
		return &proposalsv1.RespondToAssignmentResponse{Proposal: p}
	})
}

// StartReview begins the review or reopens a carried over proposal.
func (s *proposals) StartReview(ctx context.Context, req *proposalsv1.StartReviewRequest) (*proposalsv1.StartReviewResponse, error) {
	return step(ctx, s, req, func(ctx context.Context, p locked) (proposal.Move, error) {
		c, err := store.GetCall(ctx, p.tx, p.CallID, true)
		if err != nil {
			return proposal.Move{}, err
		}
		return p.StartReview(p.by, c, p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.StartReviewResponse {
		return &proposalsv1.StartReviewResponse{Proposal: p}
	})
}

// Negotiate begins the talks.
func (s *proposals) Negotiate(ctx context.Context, req *proposalsv1.NegotiateRequest) (*proposalsv1.NegotiateResponse, error) {
	return step(ctx, s, req, func(ctx context.Context, p locked) (proposal.Move, error) {
		c, err := store.GetCall(ctx, p.tx, p.CallID, true)
		if err != nil {
			return proposal.Move{}, err
		}
		return p.Negotiate(p.by, c, p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.NegotiateResponse {
		return &proposalsv1.NegotiateResponse{Proposal: p}
	})
}
