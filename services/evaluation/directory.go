package evaluation

import (
	"context"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// directoryWait bounds a question to directory; it is never asked inside a
// transaction.
const directoryWait = 2 * time.Second

// directory asks the directory service what must be true now.
type directory struct {
	organizations directoryv1.OrganizationServiceClient
	departments   directoryv1.DepartmentServiceClient
}

// organizationsOf returns organizations by id. Errors: ORGANIZATION_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (d directory) organizationsOf(ctx context.Context, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	found := map[string]*directoryv1.OrganizationSummary{}
	if len(ids) == 0 {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, directoryWait)
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
			return nil, project.ErrOrganizationUnknown.With("organizationId", id)
		}
	}
	return found, nil
}

// verified returns organizations by id, all of which are verified. Errors:
// ORGANIZATION_UNKNOWN, ORGANIZATION_NOT_VERIFIED, DEPENDENCY_UNAVAILABLE.
func (d directory) verified(ctx context.Context, ids ...string) ([]store.OrganizationName, error) {
	found, err := d.organizationsOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	names := make([]store.OrganizationName, len(ids))
	for i, id := range ids {
		o := found[id]
		if o.GetState() != directoryv1.Organization_VERIFIED {
			return nil, project.ErrOrganizationNotVerified.With("organizationId", id).With("state", o.GetState().String())
		}
		names[i] = organizationName(o)
	}
	return names, nil
}

// departmentsOf returns the departments by id, all of which have their name
// today. Errors: DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) departmentsOf(ctx context.Context, today jp.Date, ids []string) ([]store.DepartmentName, error) {
	if len(ids) == 0 {
		return nil, nil
	}
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
			return nil, project.ErrDepartmentUnknown.With("departmentId", id)
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

// names are the parties of a project as directory knows them now.
type names struct {
	organizations []store.OrganizationName
	departments   []store.DepartmentName
}

// namesOf asks directory about parties. Errors: ORGANIZATION_UNKNOWN,
// ORGANIZATION_NOT_VERIFIED, DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) namesOf(ctx context.Context, of project.Parties, today jp.Date) (n names, err error) {
	if n.organizations, err = d.verified(ctx, of.OrganizationIDs...); err != nil {
		return n, err
	}
	n.departments, err = d.departmentsOf(ctx, today, of.DepartmentIDs())
	return n, err
}

// keep queues the names and has the project show them.
func (n names) keep(tx *pg.Tx, p *project.Project) {
	if p.Names.Organizations == nil {
		p.Names.Organizations = map[string]string{}
	}
	if p.Names.Departments == nil {
		p.Names.Departments = map[string]string{}
	}
	for _, o := range n.organizations {
		p.Names.Organizations[o.ID] = o.Name
		store.KeepOrganization(tx, o)
	}
	for _, d := range n.departments {
		p.Names.Departments[d.ID] = d.FullName
		store.KeepDepartment(tx, d)
	}
}
