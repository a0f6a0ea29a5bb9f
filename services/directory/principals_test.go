package directory

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func serviceNamed(name string) auth.Principal { return auth.Service(name) }

func TestFirstSightMakesOnePerson(t *testing.T) {
	w := start(t)
	gateway := w.gateway()
	ids := make([]string, 8)
	for _, err := range together(len(ids), func(i int) error {
		resp, err := gateway.ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{Issuer: "one", Subject: "same", Email: "A@people.example.com"})
		ids[i] = resp.GetPrincipal().GetPersonId()
		return err
	}) {
		w.must(err)
	}
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("persons %v", ids)
		}
	}
	renamed, err := gateway.ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{Issuer: "one", Subject: "same", Email: "b@people.example.com", EmailVerified: true, DisplayName: "見本 新しい名"})
	w.must(err)
	want := &directoryv1.Principal{PersonId: ids[0], DisplayName: "見本 新しい名", Roles: []optionsv1.Role{optionsv1.Role_ROLE_RESIDENT}, Version: 1}
	if diff := cmp.Diff(want, renamed.GetPrincipal(), protocmp.Transform()); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	_, err = w.as(serviceNamed("proposals")).ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{Issuer: "one", Subject: "same"})
	w.refused(err, "PERMISSION_DENIED")
	_, err = w.signIn("somebody").ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{Issuer: "one", Subject: "same"})
	w.refused(err, "PERMISSION_DENIED")
}

func TestIntermediaryMakesCoordinators(t *testing.T) {
	w := start(t)
	in := input("見本の支援センター", "ミホンノシエンセンター")
	in.Kind = directoryv1.Organization_INTERMEDIARY
	in.Capabilities = []directoryv1.Organization_Capability{directoryv1.Organization_COORDINATION}
	rep, o := w.apply("rep", in)
	if rep.Has(optionsv1.Role_ROLE_COORDINATOR) {
		t.Error("an application alone makes a coordinator")
	}
	editor := w.join(rep, o.GetId(), "editor", directoryv1.Member_EDITOR)
	if !editor.Has(optionsv1.Role_ROLE_EDITOR) {
		t.Errorf("before verification: %v", editor.Roles)
	}
	_, err := rep.SubmitOrganization(t.Context(), &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	w.must(err)
	_, err = w.desk().VerifyOrganization(t.Context(), &directoryv1.VerifyOrganizationRequest{Id: o.GetId()})
	w.must(err)
	if diff := cmp.Diff([]optionsv1.Role{optionsv1.Role_ROLE_RESIDENT, optionsv1.Role_ROLE_COORDINATOR}, w.signIn("editor").Roles); diff != "" {
		t.Errorf("editor (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]optionsv1.Role{optionsv1.Role_ROLE_RESIDENT, optionsv1.Role_ROLE_REPRESENTATIVE, optionsv1.Role_ROLE_COORDINATOR}, w.signIn("rep").Roles); diff != "" {
		t.Errorf("representative (-want +got):\n%s", diff)
	}
}

// A service that acts for a person learns of the memberships of today, and nothing else
// of the person.
func TestMembershipsOfAPerson(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	_, o := w.verified("head", input("見本の会", "ミホンノカイ"))
	head, other := w.signIn("head"), w.signIn("other")
	facilities := directoryv1.NewPrincipalServiceClient(w.As(auth.Service("facilities")))
	got, err := facilities.ResolveMemberships(ctx, &directoryv1.ResolveMembershipsRequest{PersonId: head.ID})
	w.must(err)
	want := &directoryv1.ResolveMembershipsResponse{Memberships: []*directoryv1.Principal_Membership{
		{OrganizationId: o.GetId(), Role: optionsv1.Role_ROLE_REPRESENTATIVE},
	}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("memberships (-want +got):\n%s", diff)
	}
	got, err = facilities.ResolveMemberships(ctx, &directoryv1.ResolveMembershipsRequest{PersonId: other.ID})
	w.must(err)
	if len(got.GetMemberships()) != 0 {
		t.Errorf("of a resident: %v", got)
	}
	_, err = facilities.ResolveMemberships(ctx, &directoryv1.ResolveMembershipsRequest{PersonId: unknownID})
	w.refused(err, "RESOURCE_NOT_FOUND")
}

func TestSession(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	gateway := w.gateway()
	person := w.signIn("somebody")
	_, err := gateway.CreateSession(ctx, &directoryv1.CreateSessionRequest{PersonId: unknownID})
	w.refused(err, "RESOURCE_NOT_FOUND")
	session, err := gateway.CreateSession(ctx, &directoryv1.CreateSessionRequest{PersonId: person.ID})
	w.must(err)
	if raw, err := base64.RawURLEncoding.DecodeString(session.GetToken()); err != nil || len(raw) != 32 {
		t.Errorf("token of %d bytes", len(raw))
	}
	var stored int
	w.must(w.DB("directory").QueryRow(ctx, `
		SELECT count(*)
		FROM session
		WHERE token_hash = $1 OR encode(token_hash, 'base64') LIKE '%' || $2 || '%'`, []byte(session.GetToken()), session.GetToken()).Scan(&stored))
	if stored != 0 {
		t.Error("the token itself is stored")
	}
	resolve := func() (*directoryv1.ResolveSessionResponse, error) {
		return gateway.ResolveSession(ctx, &directoryv1.ResolveSessionRequest{Token: session.GetToken()})
	}
	got, err := resolve()
	w.must(err)
	if got.GetPrincipal().GetPersonId() != person.ID || got.GetSessionId() != session.GetSessionId() {
		t.Errorf("resolved %v", got)
	}
	w.exec(`UPDATE session SET used_at = now() - interval '11 hours'`)
	_, err = resolve()
	w.must(err)
	w.exec(`UPDATE session SET used_at = now() - interval '12 hours'`)
	_, err = resolve()
	w.refused(err, "SESSION_ENDED")
	w.exec(`UPDATE session SET used_at = now(), created_at = now() - interval '30 days'`)
	_, err = resolve()
	w.refused(err, "SESSION_ENDED")
	w.exec(`UPDATE session SET created_at = now()`)
	for range 2 {
		_, err = gateway.RevokeSession(ctx, &directoryv1.RevokeSessionRequest{Token: session.GetToken()})
		w.must(err)
	}
	_, err = resolve()
	w.refused(err, "SESSION_ENDED")
	if diff := cmp.Diff([]string{"private SessionRevoked"}, w.events(session.GetSessionId())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestStaffSessionIsShorter(t *testing.T) {
	w := startWithSample(t)
	ctx := t.Context()
	session, err := w.gateway().CreateSession(ctx, &directoryv1.CreateSessionRequest{PersonId: sampleID("2009")})
	w.must(err)
	w.exec(`UPDATE session SET used_at = now() - interval '30 minutes'`)
	_, err = w.gateway().ResolveSession(ctx, &directoryv1.ResolveSessionRequest{Token: session.GetToken()})
	w.refused(err, "SESSION_ENDED")
}
