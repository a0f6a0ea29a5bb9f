package outreach

import (
	"context"

	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// RequestEventApproval asks for the approval of a draft.
func (s *events) RequestEventApproval(ctx context.Context, req *outreachv1.RequestEventApprovalRequest) (*outreachv1.RequestEventApprovalResponse, error) {
	return request(ctx, &s.publications, publication.Event, req, func(p *publication.Publication, view publication.View) *outreachv1.RequestEventApprovalResponse {
		return &outreachv1.RequestEventApprovalResponse{Event: eventToProto(p, view)}
	})
}

// ApproveEvent approves what another person wrote.
func (s *events) ApproveEvent(ctx context.Context, req *outreachv1.ApproveEventRequest) (*outreachv1.ApproveEventResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Event, publication.Approve, func(p locked) error {
		return p.Approve(p.by)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.ApproveEventResponse {
		return &outreachv1.ApproveEventResponse{Event: eventToProto(p, view)}
	})
}

// ReturnEvent sends it back to its author.
func (s *events) ReturnEvent(ctx context.Context, req *outreachv1.ReturnEventRequest) (*outreachv1.ReturnEventResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Event, publication.Return, func(p locked) error {
		return p.Return(p.by, req.GetReason())
	}}, func(p *publication.Publication, view publication.View) *outreachv1.ReturnEventResponse {
		return &outreachv1.ReturnEventResponse{Event: eventToProto(p, view)}
	})
}

// PublishEvent publishes it, now or at a time.
func (s *events) PublishEvent(ctx context.Context, req *outreachv1.PublishEventRequest) (*outreachv1.PublishEventResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Event, publication.Publish, func(p locked) error {
		return p.Publish(p.by, moment(req.GetPublishTime()), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.PublishEventResponse {
		return &outreachv1.PublishEventResponse{Event: eventToProto(p, view)}
	})
}

// CancelEvent calls the event off.
func (s *events) CancelEvent(ctx context.Context, req *outreachv1.CancelEventRequest) (*outreachv1.CancelEventResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Event, publication.Cancel, func(p locked) error {
		return p.Cancel(p.by, req.GetReason(), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.CancelEventResponse {
		return &outreachv1.CancelEventResponse{Event: eventToProto(p, view)}
	})
}

// WithdrawEvent takes it back.
func (s *events) WithdrawEvent(ctx context.Context, req *outreachv1.WithdrawEventRequest) (*outreachv1.WithdrawEventResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Event, publication.Withdraw, func(p locked) error {
		return p.Withdraw(p.by, req.GetReason(), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.WithdrawEventResponse {
		return &outreachv1.WithdrawEventResponse{Event: eventToProto(p, view)}
	})
}

// ConfirmEventCredit gives the word of an organization for the credits.
func (s *events) ConfirmEventCredit(ctx context.Context, req *outreachv1.ConfirmEventCreditRequest) (*outreachv1.ConfirmEventCreditResponse, error) {
	return confirm(ctx, &s.publications, publication.Event, req, func(p *publication.Publication, view publication.View) *outreachv1.ConfirmEventCreditResponse {
		return &outreachv1.ConfirmEventCreditResponse{Event: eventToProto(p, view)}
	})
}
