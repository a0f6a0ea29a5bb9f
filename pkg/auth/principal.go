// Package auth says who a caller is: principals with their roles, the internal
// tokens that carry them between the edge and the services, and the permission
// that every RPC declares in the proto.
package auth

import (
	"context"
	"slices"
	"time"

	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Role is a role as RPCs declare it.
type Role = optionsv1.Role

// Kind is what kind of caller a principal is.
type Kind string

// The kinds of caller.
const (
	KindAnonymous Kind = ""        // Without a token.
	KindPerson    Kind = "person"  // Signed in.
	KindService   Kind = "service" // One of the services, in its own name.
)

// Principal is the caller of an RPC, as directory knew it at most a minute ago.
type Principal struct {
	Kind Kind `json:"kind,omitempty"`
	// ID is the person's id (UUIDv7, a pseudonym) or the service's name.
	ID string `json:"id,omitempty"`
	// Roles are all roles that the caller holds, without ROLE_PUBLIC.
	Roles []Role `json:"roles,omitempty"`
	// Memberships are the caller's organizations.
	Memberships []Membership `json:"memberships,omitempty"`
	// Delegations let the caller act for organizations until their end.
	Delegations []Delegation `json:"delegations,omitempty"`
	// DepartmentID is the ward department of staff, else "".
	DepartmentID string `json:"department,omitempty"`
	// Email is the verified mail address, in lower case; only directory uses it,
	// to bind invitations. It is never logged.
	Email string `json:"email,omitempty"`
}

// Membership is a caller's role in one organization.
type Membership struct {
	OrganizationID string `json:"organization"`
	Role           Role   `json:"role"` // Viewer, editor or representative.
}

// Delegation lets the members of an intermediary act for an organization.
type Delegation struct {
	OrganizationID string    `json:"organization"`
	IntermediaryID string    `json:"intermediary"`
	Until          time.Time `json:"until"` // Exclusive.
}

// Anonymous is the caller without a token.
var Anonymous = Principal{}

// Service returns the principal of a service in its own name.
func Service(name string) Principal { return Principal{Kind: KindService, ID: name} }

// isService reports whether the principal is the service called name and
// nothing more: no person's id, role or organization comes with it.
func (p Principal) isService(name string) bool {
	return p.Kind == KindService && p.ID == name && p.DepartmentID == "" && p.Email == "" &&
		len(p.Roles)+len(p.Memberships)+len(p.Delegations) == 0
}

// Actor names the caller for the audit log and for idempotency: a pseudonym,
// "service:<name>" or "anonymous".
func (p Principal) Actor() string {
	switch p.Kind {
	case KindPerson:
		return p.ID
	case KindService:
		return "service:" + p.ID
	default:
		return "anonymous"
	}
}

// Has reports whether the caller holds one of roles.
func (p Principal) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool {
		return r == optionsv1.Role_ROLE_PUBLIC || slices.Contains(p.Roles, r)
	})
}

// IsMember reports whether the caller is a member of the organization in one of
// roles; without roles, in any.
func (p Principal) IsMember(organizationID string, roles ...Role) bool {
	return slices.ContainsFunc(p.Memberships, func(m Membership) bool {
		return m.OrganizationID == organizationID && (len(roles) == 0 || slices.Contains(roles, m.Role))
	})
}

// Organizations returns the ids of the organizations where the caller is a
// member in one of roles; without roles, in any. It is never nil, so that SQL
// gets an empty array.
func (p Principal) Organizations(roles ...Role) []string {
	ids := []string{}
	for _, m := range p.Memberships {
		if len(roles) == 0 || slices.Contains(roles, m.Role) {
			ids = append(ids, m.OrganizationID)
		}
	}
	return ids
}

// Delegated returns the ids of the organizations for which the caller may act
// at now. It is never nil.
func (p Principal) Delegated(now time.Time) []string {
	ids := []string{}
	for _, d := range p.Delegations {
		if now.Before(d.Until) {
			ids = append(ids, d.OrganizationID)
		}
	}
	return ids
}

// Coordinated is Delegated for a coordinator; nil for everybody else.
func (p Principal) Coordinated(now time.Time) []string {
	if !p.Has(optionsv1.Role_ROLE_COORDINATOR) {
		return nil
	}
	return p.Delegated(now)
}

// InDepartment reports whether the caller is staff of the department.
func (p Principal) InDepartment(id string) bool { return id != "" && p.DepartmentID == id }

type (
	principalKey struct{}
	tokenKey     struct{}
)

// With returns a context of a call by p.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns the caller; Anonymous when nobody is known.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

// WithToken keeps the verified internal token of the call, so that a call to
// another service on the caller's behalf can pass it on.
func WithToken(ctx context.Context, raw string) context.Context {
	return context.WithValue(ctx, tokenKey{}, raw)
}

// TokenFrom returns the token that came with the call, or "".
func TokenFrom(ctx context.Context) string {
	raw, _ := ctx.Value(tokenKey{}).(string)
	return raw
}
