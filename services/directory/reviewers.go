package directory

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// reviewers answers ReviewerService.
type reviewers struct {
	directoryv1.UnimplementedReviewerServiceServer
	service.Deps
}

// BatchGetReviewers implements the RPC.
func (s *reviewers) BatchGetReviewers(ctx context.Context, req *directoryv1.BatchGetReviewersRequest) (*directoryv1.BatchGetReviewersResponse, error) {
	ids := slices.DeleteFunc(slices.Clone(req.GetPersonIds()), func(id string) bool { return uuid.Validate(id) != nil })
	found, err := store.ReviewersAmong(ctx, s.DB, ids, jp.DateOf(s.Now()))
	return &directoryv1.BatchGetReviewersResponse{PersonIds: found}, err
}
