package servicetest

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Resident returns a signed-in person without organization.
func Resident(id string) auth.Principal {
	return auth.Principal{Kind: auth.KindPerson, ID: id, Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT}}
}

// Member returns a person with a role in an organization.
func Member(id, organizationID string, role auth.Role) auth.Principal {
	p := Resident(id)
	p.Roles = append(p.Roles, role)
	p.Memberships = []auth.Membership{{OrganizationID: organizationID, Role: role}}
	return p
}

// Staff returns ward staff of a department with roles and nothing else.
func Staff(id, departmentID string, roles ...auth.Role) auth.Principal {
	return auth.Principal{Kind: auth.KindPerson, ID: id, Roles: roles, DepartmentID: departmentID}
}
