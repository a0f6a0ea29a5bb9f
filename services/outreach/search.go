package outreach

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// search answers SearchService.
type search struct {
	outreachv1.UnimplementedSearchServiceServer
	service.Deps
}

func registerSearch(d service.Deps, r grpc.ServiceRegistrar) {
	outreachv1.RegisterSearchServiceServer(r, &search{Deps: d})
}

// maxWords bounds the words of a search.
const maxWords = 5

// queryWords reads the words of a search. Errors: QUERY_TOO_SHORT, INVALID_FIELD
// for more than maxWords.
func queryWords(q string) (jp.Query, error) {
	words, err := jp.QueryTerms(q)
	switch {
	case errors.Is(err, jp.ErrQueryTooShort):
		return words, publication.ErrQueryTooShort.OnPath("q")
	case err == nil && len(words.Words) > maxWords:
		return words, fault.ErrInvalidField.On(fault.Wrong("q", "検索する言葉は5語以内で入力してください。", "Enter at most five words."))
	}
	return words, err
}

// Search finds what is published.
func (s *search) Search(ctx context.Context, req *outreachv1.SearchRequest) (*outreachv1.SearchResponse, error) {
	words, err := queryWords(req.GetQ())
	if err != nil {
		return nil, err
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.Search(ctx, s.DB, words, convert.EnumName(req.GetKind()), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, (*store.SearchEntry).After)
	resp := &outreachv1.SearchResponse{Hits: convert.List(rows, hitToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func hitToProto(e *store.SearchEntry) *outreachv1.Hit {
	return &outreachv1.Hit{
		Kind: outreachv1.Hit_Kind(outreachv1.Hit_Kind_value[e.Kind]), Id: e.ID, Title: e.Title, Summary: e.Summary,
		Credits: convert.List(e.Credits, creditToProto), Topics: e.Topics, Url: e.URL, SourceName: e.SourceName,
		PublishTime: convert.Instant(e.PublishedAt), StartTime: convert.Instant(e.StartsAt), EndTime: convert.Instant(e.EndsAt),
	}
}
