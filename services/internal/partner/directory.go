package partner

import (
	"context"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Wait bounds a question to another service; none is asked inside a transaction.
const Wait = 2 * time.Second

// Directory asks the directory service what must be true now.
type Directory struct {
	organizations directoryv1.OrganizationServiceClient
	departments   directoryv1.DepartmentServiceClient
}

// Ask returns the directory that the service reaches.
func Ask(d service.Deps) Directory {
	conn := d.Peer("directory")
	return Directory{directoryv1.NewOrganizationServiceClient(conn), directoryv1.NewDepartmentServiceClient(conn)}
}

// Unavailable is the refusal for a service that did not answer in time.
func Unavailable(err error) error {
	return fault.ErrDependencyUnavailable.After(Wait).Because(err)
}

// Organizations returns organizations by id, whatever their state. Errors: unknown,
// with organizationId, for one that is not there; DEPENDENCY_UNAVAILABLE.
func (d Directory) Organizations(ctx context.Context, unknown *fault.Error, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	found := map[string]*directoryv1.OrganizationSummary{}
	if len(ids) == 0 {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, Wait)
	defer cancel()
	resp, err := d.organizations.BatchGetOrganizations(ctx, &directoryv1.BatchGetOrganizationsRequest{Ids: ids})
	if err != nil {
		return nil, Unavailable(err)
	}
	for _, o := range resp.GetOrganizations() {
		found[o.GetId()] = o
	}
	for _, id := range ids {
		if found[id] == nil {
			return nil, unknown.With("organizationId", id)
		}
	}
	return found, nil
}

// Departments returns departments in the order of their ids, all of which have
// their name today. Errors: unknown, with departmentId, for another one;
// DEPENDENCY_UNAVAILABLE.
func (d Directory) Departments(ctx context.Context, unknown *fault.Error, today jp.Date, ids []string) ([]Department, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, Wait)
	defer cancel()
	resp, err := d.departments.BatchGetDepartments(ctx, &directoryv1.BatchGetDepartmentsRequest{Ids: ids})
	if err != nil {
		return nil, Unavailable(err)
	}
	found := resp.GetDepartments()
	names := make([]Department, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(d *directoryv1.Department) bool { return d.GetId() == id })
		if at < 0 || !inUse(found[at], today) {
			return nil, unknown.With("departmentId", id)
		}
		names[i] = DepartmentOf(found[at])
	}
	return names, nil
}

// maxDepartmentPages bounds the departments of a day, 200 a page.
const maxDepartmentPages = 10

// DepartmentsOn returns the departments with their names on a day. Errors:
// DEPENDENCY_UNAVAILABLE.
func (d Directory) DepartmentsOn(ctx context.Context, on jp.Date) ([]Department, error) {
	ctx, cancel := context.WithTimeout(ctx, Wait)
	defer cancel()
	var names []Department
	token := ""
	for range maxDepartmentPages {
		resp, err := d.departments.ListDepartments(ctx, &directoryv1.ListDepartmentsRequest{On: on.String(), PageSize: 200, PageToken: token})
		if err != nil {
			return nil, Unavailable(err)
		}
		names = append(names, convert.List(resp.GetDepartments(), DepartmentOf)...)
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	return names, nil
}

func inUse(d *directoryv1.Department, today jp.Date) bool {
	day := today.String() // YYYY-MM-DD sorts as text.
	return (d.GetValidFrom() == "" || d.GetValidFrom() <= day) && (d.GetValidTo() == "" || day <= d.GetValidTo())
}
