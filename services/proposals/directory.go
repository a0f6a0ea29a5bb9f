package proposals

import (
	"context"
	"errors"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
)

// maxReviewersAsked bounds one question about reviewers.
const maxReviewersAsked = 200

// directory asks the directory service what must be true now.
type directory struct {
	partner.Directory
	reviewers directoryv1.ReviewerServiceClient
}

func newDirectory(d service.Deps) directory {
	return directory{partner.Ask(d), directoryv1.NewReviewerServiceClient(d.Peer("directory"))}
}

// organizationsOf returns the organizations of a proposal by id. Errors:
// ORGANIZATION_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) organizationsOf(ctx context.Context, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	return d.Organizations(ctx, proposal.ErrOrganizationUnknown, ids...)
}

// departmentsOf returns the departments by id, all of which have their name
// today. Errors: DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) departmentsOf(ctx context.Context, today jp.Date, ids []string) ([]partner.Department, error) {
	return d.Departments(ctx, proposal.ErrDepartmentUnknown, today, ids)
}

// reviewing refuses persons who do not review for the ward today. Errors:
// REVIEWER_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) reviewing(ctx context.Context, ids ...string) error {
	ctx, cancel := context.WithTimeout(ctx, partner.Wait)
	defer cancel()
	asked := slices.Compact(slices.Sorted(slices.Values(ids)))
	for some := range slices.Chunk(asked, maxReviewersAsked) {
		resp, err := d.reviewers.BatchGetReviewers(ctx, &directoryv1.BatchGetReviewersRequest{PersonIds: some})
		if err != nil {
			return partner.Unavailable(err)
		}
		for _, id := range some {
			if !slices.Contains(resp.GetPersonIds(), id) {
				return review.ErrReviewerUnknown.With("reviewerId", id)
			}
		}
	}
	return nil
}

// unknown turns RESOURCE_NOT_FOUND of something that a request names into a
// refusal of the request.
func unknown(err error, refusal *fault.Error) error {
	if errors.Is(err, fault.ErrNotFound) {
		return refusal
	}
	return err
}
