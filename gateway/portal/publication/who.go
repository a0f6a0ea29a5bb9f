package publication

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Whose is what pages know of the owner of an event or call.
type Whose interface {
	GetOrganizationId() string
	GetDepartmentId() string
}

// Hosts reports whether pages offer the caller what the people of its organization
// or department do. What is allowed, the service says.
func Hosts(ctx context.Context, p Whose) bool {
	v := ui.ViewOf(ctx)
	if p.GetDepartmentId() != "" {
		return v.Caller.Has(optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_FACILITY_CLERK) && v.Caller.InDepartment(p.GetDepartmentId())
	}
	return v.Caller.IsMember(p.GetOrganizationId(), optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE) ||
		delegated(v, p.GetOrganizationId())
}

// Writes is Hosts, and the desk, which writes for everybody.
func Writes(ctx context.Context, p Whose) bool {
	return ui.ViewOf(ctx).Caller.Has(optionsv1.Role_ROLE_DESK) || Hosts(ctx, p)
}

func delegated(v *ui.View, organization string) bool {
	return organization != "" && v.Caller.Has(optionsv1.Role_ROLE_COORDINATOR) &&
		slices.Contains(v.Caller.Delegated(v.Today.StartOfDay()), organization)
}

// Concerned reports whether the caller is one of those who see the draft and its
// course: who writes it, who checks it, and whom it credits.
func Concerned(ctx context.Context, p post) bool {
	return Writes(ctx, p) || checks(ctx, p) && state(p) != "DRAFT" || ui.ViewOf(ctx).Caller.IsMember(p.GetOrganizationId()) ||
		slices.ContainsFunc(p.GetCredits(), func(c credit) bool { return ui.ViewOf(ctx).Caller.IsMember(c.GetOrganizationId()) })
}

// checks reports whether the caller approves posts like this one.
func checks(ctx context.Context, p post) bool {
	by := ui.ViewOf(ctx).Caller
	return by.Has(optionsv1.Role_ROLE_DESK) || p.GetDepartmentId() != "" && by.Has(optionsv1.Role_ROLE_APPROVER) ||
		p.GetOrganizationId() != "" && volunteers(p) && by.Has(optionsv1.Role_ROLE_COORDINATOR)
}

// sends reports whether the caller publishes what is approved.
func sends(ctx context.Context, p post) bool {
	return checks(ctx, p) || p.GetDepartmentId() != "" && Hosts(ctx, p)
}

// checker reports whether the caller's roles check posts at all: their list begins
// with what waits for a check.
func checker(p auth.Principal) bool {
	return p.Has(optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_APPROVER, optionsv1.Role_ROLE_COORDINATOR)
}

// represents are the organizations in the credits in whose name the caller can
// confirm them and has not yet.
func represents(ctx context.Context, p post) []string {
	var out []string
	for _, c := range p.GetCreditConfirmations() {
		if !c.GetConfirmed() && ui.ViewOf(ctx).Caller.IsMember(c.GetOrganizationId(), optionsv1.Role_ROLE_REPRESENTATIVE) {
			out = append(out, c.GetOrganizationId())
		}
	}
	return out
}
