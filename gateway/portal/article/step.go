package article

import (
	"context"
	"net/url"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// states are those of an article, in the order of its way.
var states = []outreachv1.Article_State{
	outreachv1.Article_DRAFT, outreachv1.Article_PENDING, outreachv1.Article_APPROVED, outreachv1.Article_SCHEDULED,
	outreachv1.Article_PUBLISHED, outreachv1.Article_ENDED, outreachv1.Article_WITHDRAWN,
}

// steps are the steps of an article.
var steps = &step.Table[outreachv1.Article_State]{
	Texts: "article", Labels: stepLabels,
	Steps: []step.Step[outreachv1.Article_State]{
		{
			Name: "confirmCredit", Method: outreachv1.ArticleService_ConfirmArticleCredit_FullMethodName, Sure: true, Done: "articleConfirmCredit",
			From: step.In(outreachv1.Article_DRAFT, outreachv1.Article_PENDING, outreachv1.Article_APPROVED, outreachv1.Article_SCHEDULED),
			Take: step.By(articles, outreachv1.ArticleServiceClient.ConfirmArticleCredit),
		},
		{
			Name: "requestApproval", Method: outreachv1.ArticleService_RequestArticleApproval_FullMethodName, Sure: true, Done: "articleRequestApproval",
			From: step.In(outreachv1.Article_DRAFT, outreachv1.Article_WITHDRAWN),
			Take: step.By(articles, outreachv1.ArticleServiceClient.RequestArticleApproval),
		},
		{
			Name: "approve", Method: outreachv1.ArticleService_ApproveArticle_FullMethodName, Sure: true, Done: "articleApprove",
			From: step.In(outreachv1.Article_PENDING), Take: step.By(articles, outreachv1.ArticleServiceClient.ApproveArticle),
		},
		{
			Name: "publish", Method: outreachv1.ArticleService_PublishArticle_FullMethodName, Sure: true, Done: "articlePublish",
			From: step.In(outreachv1.Article_APPROVED, outreachv1.Article_SCHEDULED), Take: publish,
		},
		{
			Name: "return", Method: outreachv1.ArticleService_ReturnArticle_FullMethodName, Done: "articleReturn",
			From: step.In(outreachv1.Article_PENDING, outreachv1.Article_APPROVED, outreachv1.Article_SCHEDULED),
			Take: step.By(articles, outreachv1.ArticleServiceClient.ReturnArticle),
		},
		{
			Name: "withdraw", Method: outreachv1.ArticleService_WithdrawArticle_FullMethodName, Sure: true, Done: "articleWithdraw",
			From: states[:6], Take: step.By(articles, outreachv1.ArticleServiceClient.WithdrawArticle),
		},
	},
}

// publish publishes at once, or at the time in Tokyo that the form holds.
func publish(ctx context.Context, q *web.Request, in url.Values) error {
	req := &outreachv1.PublishArticleRequest{Id: q.PathValue("id"), Etag: in.Get("etag")}
	if at := in.Get("publishTime"); at != "" {
		then, err := time.ParseInLocation("2006-01-02T15:04", at, jp.Tokyo)
		if err != nil {
			return fault.ErrInvalidField.OnPath("publishTime")
		}
		req.PublishTime = timestamppb.New(then)
	}
	_, err := articles(q).PublishArticle(ctx, req)
	return err
}

// sheet is an article with the refusal of a step.
type sheet struct {
	*outreachv1.Article
	form *ui.Form
}

// inside reports whether the caller sees more than the public.
func (s *sheet) inside(ctx context.Context) bool {
	if !ui.Can(ctx, outreachv1.ArticleService_ListArticleRevisions_FullMethodName) {
		return false
	}
	p := ui.ViewOf(ctx).Caller
	if partner.Desk(ctx) || s.GetDepartmentId() != "" && (s.GetDepartmentId() == p.DepartmentID || p.Has(optionsv1.Role_ROLE_APPROVER)) {
		return true
	}
	for _, id := range append(p.Organizations(), s.GetOrganizationId()) {
		if id != "" && p.IsMember(id) && (id == s.GetOrganizationId() || s.credits(id)) {
			return true
		}
	}
	return false
}

func (s *sheet) credits(organizationID string) bool {
	for _, c := range s.GetCredits() {
		if c.GetOrganizationId() == organizationID {
			return true
		}
	}
	return false
}

// writes reports whether the caller writes it.
func (s *sheet) writes(ctx context.Context) bool {
	return ui.Can(ctx, outreachv1.ArticleService_UpdateArticle_FullMethodName) &&
		(partner.Desk(ctx) || partner.Writes(ctx, s.GetOrganizationId(), s.GetDepartmentId()))
}

// editable reports whether its state lets it be changed.
func (s *sheet) editable() bool {
	return s.GetState() == outreachv1.Article_DRAFT || s.GetState() == outreachv1.Article_WITHDRAWN
}

// unconfirmed are the credited organizations in whose name the caller can still
// confirm.
func (s *sheet) unconfirmed(ctx context.Context) []ui.Option {
	p := ui.ViewOf(ctx).Caller
	var out []ui.Option
	for _, c := range s.GetCreditConfirmations() {
		if !c.GetConfirmed() && p.IsMember(c.GetOrganizationId(), optionsv1.Role_ROLE_REPRESENTATIVE) {
			out = append(out, ui.Option{Value: c.GetOrganizationId(), Text: s.nameOf(c.GetOrganizationId())})
		}
	}
	return out
}

func (s *sheet) nameOf(organizationID string) string {
	for _, c := range s.GetCredits() {
		if c.GetOrganizationId() == organizationID {
			return c.GetName()
		}
	}
	return ""
}

// thing is the article as its steps need it.
func (s *sheet) thing(ctx context.Context) *step.Thing[outreachv1.Article_State] {
	reason := step.Ask{Input: ui.Input{Name: "reason", Label: "article.reason", Rows: 3, Max: 500, Required: true}}
	at := step.Ask{Input: ui.Input{Name: "publishTime", Label: "article.publishTime", Hint: "article.publishTime.hint", Type: "datetime-local"}}
	t := &step.Thing[outreachv1.Article_State]{
		State: s.GetState(), Path: path(s.GetId()), Etag: s.GetEtag(), Form: s.form,
		Asks: map[string][]step.Ask{"return": {reason}, "withdraw": {reason}, "publish": {at}},
		Not: func(name string) bool {
			switch name {
			case "confirmCredit":
				return len(s.unconfirmed(ctx)) == 0
			case "requestApproval", "withdraw":
				return !s.writes(ctx)
			case "approve", "return":
				return s.GetOrganizationId() != "" && !partner.Desk(ctx)
			default:
				return !s.publishes(ctx)
			}
		},
	}
	if own := s.unconfirmed(ctx); len(own) > 1 {
		t.Asks["confirmCredit"] = []step.Ask{{Kind: step.Select, Input: ui.Input{Name: "organizationId", Label: "article.organization", Options: own}}}
	}
	return t
}

// publishes reports whether the caller sends it out once it is approved.
func (s *sheet) publishes(ctx context.Context) bool {
	p := ui.ViewOf(ctx).Caller
	return partner.Desk(ctx) || s.GetDepartmentId() != "" && (s.GetDepartmentId() == p.DepartmentID || p.Has(optionsv1.Role_ROLE_APPROVER))
}

var stepLabels = ui.Labels{
	"return.reason": "article.reason", "withdraw.reason": "article.reason", "publish.publishTime": "article.publishTime",
	"requestApproval.title": "article.title", "requestApproval.body": "article.body",
}

func take(q *web.Request) error {
	return steps.Take(q, path(q.PathValue("id")), answer)
}
