package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// articles answers ArticleService.
type articles struct {
	outreachv1.UnimplementedArticleServiceServer
	publications
}

// CreateArticle begins a draft.
func (s *articles) CreateArticle(ctx context.Context, req *outreachv1.CreateArticleRequest) (*outreachv1.CreateArticleResponse, error) {
	in := req.GetArticle()
	content, err := articleFromProto(in)
	if err != nil {
		return nil, err
	}
	return create(ctx, &s.publications, content, articleWish(in), func(p *publication.Publication, view publication.View) *outreachv1.CreateArticleResponse {
		return &outreachv1.CreateArticleResponse{Article: articleToProto(p, view)}
	})
}

func articleWish(in *outreachv1.ArticleInput) wish {
	return wish{organizationID: in.GetOrganizationId(), projectID: in.GetProjectId(), credits: in.GetCredits()}
}

// articlePaths are the paths that an update mask may have.
var articlePaths = rpc.PathsOf(&outreachv1.ArticleInput{}, "organization_id")

// UpdateArticle changes fields of a draft.
func (s *articles) UpdateArticle(ctx context.Context, req *outreachv1.UpdateArticleRequest) (*outreachv1.UpdateArticleResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), articlePaths...)
	if err != nil {
		return nil, err
	}
	return update(ctx, &s.publications, edition{
		of: articleRef(req.GetId()), etag: req.GetEtag(), paths: paths,
		read: func(old *publication.Publication) (publication.Content, wish, error) {
			in := rpc.Merge(articleToInput(old), req.GetArticle(), paths)
			content, err := articleFromProto(in)
			return content, articleWish(in), err
		},
	}, func(p *publication.Publication, view publication.View) *outreachv1.UpdateArticleResponse {
		return &outreachv1.UpdateArticleResponse{Article: articleToProto(p, view)}
	})
}

func articleRef(id string) store.Ref { return store.Ref{Kind: publication.Article, ID: id} }

// GetArticle shows an article to whom it is visible.
func (s *articles) GetArticle(ctx context.Context, req *outreachv1.GetArticleRequest) (*outreachv1.GetArticleResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetPublication(ctx, s.DB, articleRef(req.GetId()), by)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetArticleResponse{Article: articleToProto(p, by.View(p))}, nil
}

var articleOrders = map[string]store.Order{
	"": store.ByPublication, "publishTime desc": store.ByPublication, "updateTime desc": store.ByUpdate,
}

// ListArticles lists what GetArticle shows.
func (s *articles) ListArticles(ctx context.Context, req *outreachv1.ListArticlesRequest) (*outreachv1.ListArticlesResponse, error) {
	rows, next, err := s.list(ctx, req, store.PublicationFilter{
		Kind: publication.Article, State: publication.State(convert.EnumName(req.GetState())), Topic: req.GetTopic(),
		OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(), ProjectID: req.GetProjectId(),
		Order: articleOrders[req.GetOrderBy()],
	})
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	return &outreachv1.ListArticlesResponse{NextPageToken: next, Articles: convert.List(rows, func(p *publication.Publication) *outreachv1.Article {
		return articleSummary(p, by.View(p))
	})}, nil
}

// ListArticleRevisions shows the kept versions.
func (s *articles) ListArticleRevisions(ctx context.Context, req *outreachv1.ListArticleRevisionsRequest) (*outreachv1.ListArticleRevisionsResponse, error) {
	rows, p, next, err := s.revisions(ctx, articleRef(req.GetId()), req)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListArticleRevisionsResponse{NextPageToken: next}
	for _, r := range rows {
		resp.Revisions = append(resp.Revisions, &outreachv1.ArticleRevision{
			Revision: int32(r.Number), Article: articleToProto(asOf(p, r), publication.ForInside), CreateTime: convert.Instant(r.CreatedAt),
		})
	}
	return resp, nil
}
