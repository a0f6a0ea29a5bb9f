package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// directory asks the directory service what must be true now.
type directory struct{ partner.Directory }

func newDirectory(d service.Deps) directory { return directory{partner.Ask(d)} }

// organizationsOf returns organizations by id. Errors: ORGANIZATION_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (d directory) organizationsOf(ctx context.Context, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	return d.Organizations(ctx, project.ErrOrganizationUnknown, ids...)
}

// verified returns organizations by id, all of which are verified. Errors:
// ORGANIZATION_UNKNOWN, ORGANIZATION_NOT_VERIFIED, DEPENDENCY_UNAVAILABLE.
func (d directory) verified(ctx context.Context, ids ...string) ([]partner.Organization, error) {
	found, err := d.organizationsOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	names := make([]partner.Organization, len(ids))
	for i, id := range ids {
		o := found[id]
		if o.GetState() != directoryv1.Organization_VERIFIED {
			return nil, project.ErrOrganizationNotVerified.With("organizationId", id).With("state", o.GetState().String())
		}
		names[i] = partner.OrganizationOf(o)
	}
	return names, nil
}

// departmentsOf returns the departments by id, all of which have their name
// today. Errors: DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) departmentsOf(ctx context.Context, today jp.Date, ids []string) ([]partner.Department, error) {
	return d.Departments(ctx, project.ErrDepartmentUnknown, today, ids)
}

// names are the parties of a project as directory knows them now.
type names struct {
	organizations []partner.Organization
	departments   []partner.Department
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
		partner.KeepOrganization(tx, o)
	}
	for _, d := range n.departments {
		p.Names.Departments[d.ID] = d.FullName
		partner.KeepDepartment(tx, d)
	}
}
