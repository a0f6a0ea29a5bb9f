package outreach

import (
	"context"

	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// RequestOpportunityApproval asks for the approval of a draft.
func (s *opportunities) RequestOpportunityApproval(ctx context.Context, req *outreachv1.RequestOpportunityApprovalRequest) (*outreachv1.RequestOpportunityApprovalResponse, error) {
	return request(ctx, &s.publications, publication.Opportunity, req, func(p *publication.Publication, view publication.View) *outreachv1.RequestOpportunityApprovalResponse {
		return &outreachv1.RequestOpportunityApprovalResponse{Opportunity: opportunityToProto(p, view)}
	})
}

// ApproveOpportunity approves what another person wrote.
func (s *opportunities) ApproveOpportunity(ctx context.Context, req *outreachv1.ApproveOpportunityRequest) (*outreachv1.ApproveOpportunityResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Opportunity, publication.Approve, func(p locked) error {
		return p.Approve(p.by)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.ApproveOpportunityResponse {
		return &outreachv1.ApproveOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

// ReturnOpportunity sends it back to its author.
func (s *opportunities) ReturnOpportunity(ctx context.Context, req *outreachv1.ReturnOpportunityRequest) (*outreachv1.ReturnOpportunityResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Opportunity, publication.Return, func(p locked) error {
		return p.Return(p.by, req.GetReason())
	}}, func(p *publication.Publication, view publication.View) *outreachv1.ReturnOpportunityResponse {
		return &outreachv1.ReturnOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

// PublishOpportunity publishes it, now or at a time.
func (s *opportunities) PublishOpportunity(ctx context.Context, req *outreachv1.PublishOpportunityRequest) (*outreachv1.PublishOpportunityResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Opportunity, publication.Publish, func(p locked) error {
		return p.Publish(p.by, moment(req.GetPublishTime()), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.PublishOpportunityResponse {
		return &outreachv1.PublishOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

// CancelOpportunity calls it off.
func (s *opportunities) CancelOpportunity(ctx context.Context, req *outreachv1.CancelOpportunityRequest) (*outreachv1.CancelOpportunityResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Opportunity, publication.Cancel, func(p locked) error {
		return p.Cancel(p.by, req.GetReason(), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.CancelOpportunityResponse {
		return &outreachv1.CancelOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

// WithdrawOpportunity takes it back.
func (s *opportunities) WithdrawOpportunity(ctx context.Context, req *outreachv1.WithdrawOpportunityRequest) (*outreachv1.WithdrawOpportunityResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Opportunity, publication.Withdraw, func(p locked) error {
		return p.Withdraw(p.by, req.GetReason(), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.WithdrawOpportunityResponse {
		return &outreachv1.WithdrawOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

// ConfirmOpportunityCredit gives the word of an organization for the credits.
func (s *opportunities) ConfirmOpportunityCredit(ctx context.Context, req *outreachv1.ConfirmOpportunityCreditRequest) (*outreachv1.ConfirmOpportunityCreditResponse, error) {
	return confirm(ctx, &s.publications, publication.Opportunity, req, func(p *publication.Publication, view publication.View) *outreachv1.ConfirmOpportunityCreditResponse {
		return &outreachv1.ConfirmOpportunityCreditResponse{Opportunity: opportunityToProto(p, view)}
	})
}
