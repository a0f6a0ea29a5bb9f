package outreach

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// RequestArticleApproval asks for the approval of a draft.
func (s *articles) RequestArticleApproval(ctx context.Context, req *outreachv1.RequestArticleApprovalRequest) (*outreachv1.RequestArticleApprovalResponse, error) {
	return request(ctx, &s.publications, publication.Article, req, func(p *publication.Publication, view publication.View) *outreachv1.RequestArticleApprovalResponse {
		return &outreachv1.RequestArticleApprovalResponse{Article: articleToProto(p, view)}
	})
}

// ApproveArticle approves what another person wrote.
func (s *articles) ApproveArticle(ctx context.Context, req *outreachv1.ApproveArticleRequest) (*outreachv1.ApproveArticleResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Article, publication.Approve, func(p locked) error {
		return p.Approve(p.by)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.ApproveArticleResponse {
		return &outreachv1.ApproveArticleResponse{Article: articleToProto(p, view)}
	})
}

// ReturnArticle sends it back to its author.
func (s *articles) ReturnArticle(ctx context.Context, req *outreachv1.ReturnArticleRequest) (*outreachv1.ReturnArticleResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Article, publication.Return, func(p locked) error {
		return p.Return(p.by, req.GetReason())
	}}, func(p *publication.Publication, view publication.View) *outreachv1.ReturnArticleResponse {
		return &outreachv1.ReturnArticleResponse{Article: articleToProto(p, view)}
	})
}

// PublishArticle publishes it, now or at a time.
func (s *articles) PublishArticle(ctx context.Context, req *outreachv1.PublishArticleRequest) (*outreachv1.PublishArticleResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Article, publication.Publish, func(p locked) error {
		return p.Publish(p.by, moment(req.GetPublishTime()), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.PublishArticleResponse {
		return &outreachv1.PublishArticleResponse{Article: articleToProto(p, view)}
	})
}

// WithdrawArticle takes it back.
func (s *articles) WithdrawArticle(ctx context.Context, req *outreachv1.WithdrawArticleRequest) (*outreachv1.WithdrawArticleResponse, error) {
	return step(ctx, &s.publications, req, verb{publication.Article, publication.Withdraw, func(p locked) error {
		return p.Withdraw(p.by, req.GetReason(), p.tx.Now)
	}}, func(p *publication.Publication, view publication.View) *outreachv1.WithdrawArticleResponse {
		return &outreachv1.WithdrawArticleResponse{Article: articleToProto(p, view)}
	})
}

// ConfirmArticleCredit gives the word of an organization for the credits.
func (s *articles) ConfirmArticleCredit(ctx context.Context, req *outreachv1.ConfirmArticleCreditRequest) (*outreachv1.ConfirmArticleCreditResponse, error) {
	return confirm(ctx, &s.publications, publication.Article, req, func(p *publication.Publication, view publication.View) *outreachv1.ConfirmArticleCreditResponse {
		return &outreachv1.ConfirmArticleCreditResponse{Article: articleToProto(p, view)}
	})
}

// moment reads an optional instant; zero for none.
func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
