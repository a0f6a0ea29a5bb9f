package partner

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Ward reports whether the caller works for the ward.
func Ward(ctx context.Context) bool { return ui.ViewOf(ctx).Caller.DepartmentID != "" }

// Desk reports whether the caller is at the general desk, which acts for others
// too.
func Desk(ctx context.Context) bool { return ui.ViewOf(ctx).Caller.Has(optionsv1.Role_ROLE_DESK) }

// Writes reports whether something of an organization, or of a section where that
// is empty, is the caller's own to write.
func Writes(ctx context.Context, organizationID, departmentID string) bool {
	p := ui.ViewOf(ctx).Caller
	if organizationID == "" {
		return departmentID != "" && departmentID == p.DepartmentID
	}
	if p.IsMember(organizationID, optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE) {
		return true
	}
	for _, d := range p.Delegations {
		if d.OrganizationID == organizationID {
			return true
		}
	}
	return false
}
