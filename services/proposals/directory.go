package proposals

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// directoryWait bounds a question to directory; it is never asked inside a
// transaction.
const directoryWait = 2 * time.Second

// maxReviewersAsked bounds one question about reviewers.
const maxReviewersAsked = 200

// directory asks the directory service what must be true now.
type directory struct {
	organizations directoryv1.OrganizationServiceClient
	departments   directoryv1.DepartmentServiceClient
	reviewers     directoryv1.ReviewerServiceClient
}

// organizationsOf returns the organizations of a proposal by id. Errors:
// ORGANIZATION_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) organizationsOf(ctx context.Context, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	ctx, cancel := context.WithTimeout(ctx, directoryWait)
	defer cancel()
	resp, err := d.organizations.BatchGetOrganizations(ctx, &directoryv1.BatchGetOrganizationsRequest{Ids: ids})
	if err != nil {
		return nil, fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
	}
	found := map[string]*directoryv1.OrganizationSummary{}
	for _, o := range resp.GetOrganizations() {
		found[o.GetId()] = o
	}
	for _, id := range ids {
		if found[id] == nil {
			return nil, proposal.ErrOrganizationUnknown.With("organizationId", id)
		}
	}
	return found, nil
}

// departmentsOf returns the departments by id, all of which have their name
// today. Errors: DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) departmentsOf(ctx context.Context, today jp.Date, ids []string) ([]store.DepartmentName, error) {
	ctx, cancel := context.WithTimeout(ctx, directoryWait)
	defer cancel()
	resp, err := d.departments.BatchGetDepartments(ctx, &directoryv1.BatchGetDepartmentsRequest{Ids: ids})
	if err != nil {
		return nil, fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
	}
	found := resp.GetDepartments()
	names := make([]store.DepartmentName, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(d *directoryv1.Department) bool { return d.GetId() == id })
		if at < 0 || !inUse(found[at], today) {
			return nil, proposal.ErrDepartmentUnknown.With("departmentId", id)
		}
		names[i] = departmentName(found[at])
	}
	return names, nil
}

// reviewing refuses persons who do not review for the ward today. Errors:
// REVIEWER_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) reviewing(ctx context.Context, ids ...string) error {
	ctx, cancel := context.WithTimeout(ctx, directoryWait)
	defer cancel()
	asked := slices.Compact(slices.Sorted(slices.Values(ids)))
	for some := range slices.Chunk(asked, maxReviewersAsked) {
		resp, err := d.reviewers.BatchGetReviewers(ctx, &directoryv1.BatchGetReviewersRequest{PersonIds: some})
		if err != nil {
			return fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
		}
		for _, id := range some {
			if !slices.Contains(resp.GetPersonIds(), id) {
				return review.ErrReviewerUnknown.With("reviewerId", id)
			}
		}
	}
	return nil
}

func inUse(d *directoryv1.Department, today jp.Date) bool {
	day := today.String() // YYYY-MM-DD sorts as text.
	return (d.GetValidFrom() == "" || d.GetValidFrom() <= day) && (d.GetValidTo() == "" || day <= d.GetValidTo())
}

func departmentName(d *directoryv1.Department) store.DepartmentName {
	return store.DepartmentName{ID: d.GetId(), FullName: d.GetFullName(), UpdatedAt: d.GetUpdateTime().AsTime()}
}

func organizationName(o *directoryv1.OrganizationSummary) store.OrganizationName {
	return store.OrganizationName{ID: o.GetId(), Name: o.GetName(), Version: o.GetVersion()}
}

// unknown turns RESOURCE_NOT_FOUND of something that a request names into a
// refusal of the request.
func unknown(err error, refusal *fault.Error) error {
	if errors.Is(err, fault.ErrNotFound) {
		return refusal
	}
	return err
}
