package outreach

import (
	"context"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/party"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// peerWait bounds a question to another service; it is never asked inside a
// transaction.
const peerWait = 2 * time.Second

// directory asks the directory service what must be true now.
type directory struct {
	organizations directoryv1.OrganizationServiceClient
	departments   directoryv1.DepartmentServiceClient
	recipients    directoryv1.RecipientServiceClient
}

func directoryOf(d service.Deps) directory {
	conn := d.Peer("directory")
	return directory{
		organizations: directoryv1.NewOrganizationServiceClient(conn),
		departments:   directoryv1.NewDepartmentServiceClient(conn),
		recipients:    directoryv1.NewRecipientServiceClient(conn),
	}
}

// organizationsOf returns organizations by id. Errors: ORGANIZATION_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (d directory) organizationsOf(ctx context.Context, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	found := map[string]*directoryv1.OrganizationSummary{}
	if len(ids) == 0 {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, peerWait)
	defer cancel()
	resp, err := d.organizations.BatchGetOrganizations(ctx, &directoryv1.BatchGetOrganizationsRequest{Ids: ids})
	if err != nil {
		return nil, fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
	}
	for _, o := range resp.GetOrganizations() {
		found[o.GetId()] = o
	}
	for _, id := range ids {
		if found[id] == nil {
			return nil, party.ErrOrganizationUnknown.With("organizationId", id)
		}
	}
	return found, nil
}

// departmentsOf returns the departments by id, all of which have their name
// today. Errors: DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) departmentsOf(ctx context.Context, today jp.Date, ids []string) ([]store.DepartmentName, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, peerWait)
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
			return nil, party.ErrDepartmentUnknown.With("departmentId", id)
		}
		names[i] = departmentName(found[at])
	}
	return names, nil
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

// projects asks the evaluation service.
type projects struct {
	client evaluationv1.ProjectServiceClient
}

func projectsOf(d service.Deps) projects {
	return projects{client: evaluationv1.NewProjectServiceClient(d.Peer("evaluation"))}
}

// get returns what everybody may know of a project. Errors: PROJECT_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (p projects) get(ctx context.Context, id string) (*evaluationv1.ProjectSummary, error) {
	ctx, cancel := context.WithTimeout(ctx, peerWait)
	defer cancel()
	resp, err := p.client.BatchGetProjects(ctx, &evaluationv1.BatchGetProjectsRequest{Ids: []string{id}})
	if err != nil {
		return nil, fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
	}
	if len(resp.GetProjects()) != 1 {
		return nil, publication.ErrProjectUnknown.OnPath("projectId")
	}
	return resp.GetProjects()[0], nil
}
