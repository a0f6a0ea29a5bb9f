package directory

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// reviewers answers ReviewerService.
type reviewers struct {
	directoryv1.UnimplementedReviewerServiceServer
	service.Deps
}

// ListReviewers lists who has the role reviewer today, in the order of their
// pseudonyms.
func (s *reviewers) ListReviewers(ctx context.Context, req *directoryv1.ListReviewersRequest) (*directoryv1.ListReviewersResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := store.ListReviewers(ctx, s.DB, jp.DateOf(s.Now()), page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListReviewersResponse{}
	for _, r := range shown {
		resp.Reviewers = append(resp.Reviewers, &directoryv1.Reviewer{PersonId: r.PersonID, DisplayName: r.DisplayName})
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.PersonID)
	}
	return resp, nil
}

// BatchGetReviewers returns those of the persons who have the role reviewer today,
// by their pseudonyms.
func (s *reviewers) BatchGetReviewers(ctx context.Context, req *directoryv1.BatchGetReviewersRequest) (*directoryv1.BatchGetReviewersResponse, error) {
	ids := slices.DeleteFunc(slices.Clone(req.GetPersonIds()), func(id string) bool { return uuid.Validate(id) != nil })
	found, err := store.ReviewersAmong(ctx, s.DB, ids, jp.DateOf(s.Now()))
	return &directoryv1.BatchGetReviewersResponse{PersonIds: found}, err
}
