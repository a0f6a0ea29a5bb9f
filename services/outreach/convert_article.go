package outreach

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// articleFromProto reads what an author wrote, apart from the credits. Errors:
// INVALID_FIELD.
func articleFromProto(in *outreachv1.ArticleInput) (publication.Content, error) {
	until, err := convert.Day("article.publicUntil", in.GetPublicUntil())
	return publication.Content{Text: publication.Text{
		Title: jp.Clean(in.GetTitle()), Summary: jp.Clean(in.GetSummary()), Body: jp.Clean(in.GetBody()),
		PlainJa: jp.Clean(in.GetPlainJa()), Topics: in.GetTopics(), PublicUntil: until,
	}}, err
}

// articleToInput is what the author would have written for the article.
func articleToInput(p *publication.Publication) *outreachv1.ArticleInput {
	return &outreachv1.ArticleInput{
		Title: p.Title, Summary: p.Summary, Body: p.Body, PlainJa: p.PlainJa, Topics: p.Topics,
		PublicUntil: convert.Date(p.PublicUntil), OrganizationId: p.OrganizationID, ProjectId: p.ProjectID,
		Credits: convert.List(p.Credits, creditToInput),
	}
}

// articleToProto shows an article as far as the view goes.
func articleToProto(p *publication.Publication, view publication.View) *outreachv1.Article {
	out := articleSummary(p, view)
	out.Body, out.BodyHtml, out.PlainJa, out.PlainJaHtml = p.Body, safeHTML(p.Body), p.PlainJa, rubyHTML(p.PlainJa)
	if view == publication.ForInside {
		out.Links = links(p.Body, p.PlainJa)
	}
	return out
}

// articleSummary shows an article without its long texts.
func articleSummary(p *publication.Publication, view publication.View) *outreachv1.Article {
	out := &outreachv1.Article{
		Id: p.ID, Title: p.Title, Summary: p.Summary, Topics: p.Topics, PublicUntil: convert.Date(p.PublicUntil),
		OrganizationId: p.OrganizationID, OrganizationName: p.Names.Organization,
		DepartmentId: p.DepartmentID, DepartmentName: p.Names.Department, ProjectId: p.ProjectID,
		Credits: convert.List(p.Credits, creditToProto), CreditText: p.Credits.Text(),
		State:    outreachv1.Article_State(outreachv1.Article_State_value[string(p.State)]),
		Revision: int32(p.Revision), CreateTime: convert.Instant(p.CreatedAt), UpdateTime: convert.Instant(p.UpdatedAt),
		PublishTime: convert.Instant(p.PublishAt), Etag: rpc.ETag(p.Version),
	}
	if view == publication.ForInside {
		out.CreditConfirmations, out.ReturnReason = confirmationsToProto(p), p.ReturnReason
		out.WithdrawReason, out.Source = p.WithdrawReason, p.Source
	}
	return out
}
