package auth_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

const (
	viewer         = optionsv1.Role_ROLE_VIEWER
	editor         = optionsv1.Role_ROLE_EDITOR
	representative = optionsv1.Role_ROLE_REPRESENTATIVE
)

func wantEqual[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestPrincipal(t *testing.T) {
	p := auth.Principal{
		Kind:  auth.KindPerson,
		ID:    "p",
		Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT, viewer, representative},
		Memberships: []auth.Membership{
			{OrganizationID: "a", Role: viewer}, {OrganizationID: "b", Role: representative},
		},
		Delegations: []auth.Delegation{
			{OrganizationID: "c", Until: now.Add(time.Nanosecond)}, {OrganizationID: "d", Until: now},
		},
		DepartmentID: "x",
	}
	wantEqual(t, "has representative", true, p.Has(editor, representative))
	wantEqual(t, "has editor", false, p.Has(editor))
	wantEqual(t, "has no role", false, p.Has())
	wantEqual(t, "everybody is the public", true, auth.Anonymous.Has(optionsv1.Role_ROLE_PUBLIC))
	wantEqual(t, "member of a", true, p.IsMember("a"))
	wantEqual(t, "viewer of a", true, p.IsMember("a", viewer, editor))
	wantEqual(t, "representative of a", false, p.IsMember("a", representative))
	wantEqual(t, "member of c", false, p.IsMember("c"))
	wantEqual(t, "member of nothing", false, p.IsMember(""))
	wantEqual(t, "organizations", []string{"a", "b"}, p.Organizations())
	wantEqual(t, "organizations as representative", []string{"b"}, p.Organizations(representative))
	wantEqual(t, "organizations as editor", []string{}, p.Organizations(editor))
	wantEqual(t, "delegated", []string{"c"}, p.Delegated(now))
	wantEqual(t, "delegated to nobody", []string{}, auth.Anonymous.Delegated(now))
	wantEqual(t, "in x", true, p.InDepartment("x"))
	wantEqual(t, "in y", false, p.InDepartment("y"))
	wantEqual(t, "nobody in no department", false, auth.Anonymous.InDepartment(""))
	wantEqual(t, "actor of a person", "p", p.Actor())
	wantEqual(t, "actor of a service", "service:proposals", auth.Service("proposals").Actor())
	wantEqual(t, "actor of nobody", "anonymous", auth.Anonymous.Actor())
}

func TestContext(t *testing.T) {
	wantEqual(t, "nobody", auth.Anonymous, auth.From(t.Context()))
	wantEqual(t, "no token", "", auth.TokenFrom(t.Context()))
	ctx := auth.WithToken(auth.With(t.Context(), person), "raw")
	wantEqual(t, "caller", person, auth.From(ctx))
	wantEqual(t, "token", "raw", auth.TokenFrom(ctx))
}
