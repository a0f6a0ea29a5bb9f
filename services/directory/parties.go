package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/introduction"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// partner returns as whom queries of the exchange are made.
func partner(ctx context.Context) store.Partner {
	p := auth.From(ctx)
	v := store.Partner{Viewer: viewer(ctx), Actor: p.Actor(), Staff: p.Has(optionsv1.Role_ROLE_STAFF)}
	if p.Has(optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_FACILITY_CLERK, optionsv1.Role_ROLE_DESK) {
		v.DepartmentID = p.DepartmentID
	}
	return v
}

// callerOf is what the partner is to a listing.
func callerOf(v store.Partner, l *store.SeenListing) listing.Caller {
	return listing.Caller{Actor: v.Actor, Role: l.CallerRole, DepartmentID: v.DepartmentID, Staff: v.Staff, Desk: v.Desk, Checks: l.Checks}
}

// side is a request that names an organization or a department.
type side interface {
	GetOrganizationId() string
	GetDepartmentId() string
}

// partyOf reads one organization or one department; staff who name none mean
// their own. Errors: INVALID_FIELD.
func partyOf(v store.Partner, in side) (introduction.Party, error) {
	p := introduction.Party{OrganizationID: in.GetOrganizationId(), DepartmentID: in.GetDepartmentId()}
	if p.OrganizationID == "" && p.DepartmentID == "" && !v.Desk {
		p.DepartmentID = v.DepartmentID
	}
	switch {
	case p.OrganizationID == "" && p.DepartmentID == "":
		return p, fault.ErrInvalidField.On(fault.Missing("organizationId"))
	case p.OrganizationID != "" && p.DepartmentID != "":
		return p, fault.ErrInvalidField.OnPath("departmentId")
	}
	return p, nil
}

// represented reports whether the partner acts for a side, by the rows of now; an
// organization is held until the end of the transaction. Errors:
// RESOURCE_NOT_FOUND, ORGANIZATION_NOT_PUBLISHED.
func represented(ctx context.Context, tx *pg.Tx, p introduction.Party, v store.Partner) (bool, error) {
	if p.DepartmentID != "" {
		_, err := store.GetDepartment(ctx, tx, p.DepartmentID)
		return p.DepartmentID == v.DepartmentID, err
	}
	o, err := store.HoldOrganization(ctx, tx, p.OrganizationID, v.Viewer)
	if err != nil {
		return false, err
	}
	acts := o.CallerRole == member.Editor || o.CallerRole == member.Representative || o.CallerRole == member.Delegate
	if !o.State.Published() {
		return acts, listing.ErrOrganizationNotPublished
	}
	return acts, nil
}
