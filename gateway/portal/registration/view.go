package registration

import (
	"context"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// area is the part of the portal that the page stands in for the caller.
func (f *file) area() string {
	if f.desk {
		return "nav.register"
	}
	return "nav.mine"
}

func (f *file) trail(ctx context.Context) []ui.Crumb {
	if f.desk {
		return []ui.Crumb{{Text: text.S(ctx, "nav.register"), Path: "/desk/organizations"}}
	}
	return mineTrail(ctx)
}

// mineTrail leads to one's own organizations, for whom that page is.
func mineTrail(ctx context.Context) []ui.Crumb {
	if !ui.Can(ctx, directoryv1.MemberService_ListInvitations_FullMethodName) {
		return nil
	}
	return []ui.Crumb{{Text: text.S(ctx, "nav.mine"), Path: "/my/organizations"}}
}

// editable reports whether the form of the application is offered: to members
// while it is theirs to write, to the desk until it ends.
func (f *file) editable() bool {
	switch f.GetState() {
	case draft, verified, expired:
		return true
	case pending, suspended:
		return f.desk
	default:
		return false
	}
}

// enclosing reports whether papers can be added.
func (f *file) enclosing() bool {
	switch f.GetState() {
	case draft, pending, verified, expired:
		return true
	default:
		return false
	}
}

func (a *application) head(ctx context.Context) ui.Head {
	if a.file == nil {
		return ui.Head{
			Title: text.S(ctx, "registry.begin"), Area: "nav.mine", Lead: text.S(ctx, "registry.beginlead"),
			Trail: mineTrail(ctx),
		}
	}
	return ui.Head{
		Title: text.S(ctx, "registry.edit"), Area: a.area(), Lead: a.GetName(),
		Trail: append(a.trail(ctx), ui.Crumb{Text: text.S(ctx, "registry.of", a.GetName()), Path: a.path()}),
	}
}

func (a *application) action() templ.SafeURL {
	if a.file == nil {
		return "/organizations"
	}
	return templ.SafeURL("/organizations/" + a.GetId() + "/edit")
}

func (a *application) button() string {
	if a.file == nil {
		return "registry.create"
	}
	return "registry.save"
}

// onBehalf reports whether the caller writes for others and states why.
func (a *application) onBehalf(ctx context.Context) bool {
	return ui.Can(ctx, directoryv1.OrganizationService_VerifyOrganization_FullMethodName)
}

// max is how long the contract lets a field be.
func (a *application) max(name string) int { return web.Max(&directoryv1.OrganizationInput{}, name) }
