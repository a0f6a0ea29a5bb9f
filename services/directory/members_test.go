package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func TestInvitationIsBoundToAddress(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	invite := &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "Friend@people.example.com", Role: directoryv1.Member_EDITOR}
	invited, err := rep.InviteMember(ctx, invite)
	w.must(err)
	_, err = rep.InviteMember(ctx, invite)
	w.refused(err, "INVITATION_OPEN")
	id := invited.GetMember().GetId()
	accept := &directoryv1.AcceptInvitationRequest{OrganizationId: o.GetId(), Id: id}
	_, err = w.signIn("stranger").AcceptInvitation(ctx, accept)
	w.refused(err, "RESOURCE_NOT_FOUND")

	friend := w.signIn("friend")
	open, err := friend.ListInvitations(ctx, &directoryv1.ListInvitationsRequest{})
	w.must(err)
	if len(open.GetInvitations()) != 1 || open.GetInvitations()[0].GetOrganizationName() != "見本の会" {
		t.Errorf("invitations: %v", open)
	}
	accepted, err := friend.AcceptInvitation(ctx, accept)
	w.must(err)
	if m := accepted.GetMember(); m.GetState() != directoryv1.Member_ACTIVE || m.GetDisplayName() != "見本 friend" || m.GetEmail() != "friend@people.example.com" {
		t.Errorf("member: %v", m)
	}
	_, err = friend.AcceptInvitation(ctx, accept)
	w.refused(err, "ALREADY_MEMBER")
	_, err = rep.InviteMember(ctx, invite)
	w.refused(err, "ALREADY_MEMBER")
	if diff := cmp.Diff([]string{"private MemberChanged"}, w.events(id)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if p := w.signIn("friend"); !p.Has(optionsv1.Role_ROLE_EDITOR) || !p.IsMember(o.GetId(), optionsv1.Role_ROLE_EDITOR) {
		t.Errorf("principal: %+v", p.Principal)
	}
}

func TestInvitationEnds(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	invite := &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "friend@people.example.com", Role: directoryv1.Member_VIEWER}
	invited, err := rep.InviteMember(ctx, invite)
	w.must(err)
	w.exec(`UPDATE member SET expires_at = now() WHERE id = $1`, invited.GetMember().GetId())
	friend := w.signIn("friend")
	accept := &directoryv1.AcceptInvitationRequest{OrganizationId: o.GetId(), Id: invited.GetMember().GetId()}
	_, err = friend.AcceptInvitation(ctx, accept)
	w.refused(err, "INVITATION_EXPIRED")
	_, err = rep.GetMember(ctx, &directoryv1.GetMemberRequest{OrganizationId: o.GetId(), Id: invited.GetMember().GetId()})
	w.refused(err, "RESOURCE_NOT_FOUND")
	again, err := rep.InviteMember(ctx, invite)
	w.must(err)
	_, err = rep.RemoveMember(ctx, &directoryv1.RemoveMemberRequest{OrganizationId: o.GetId(), Id: again.GetMember().GetId()})
	w.must(err)
	accept.Id = again.GetMember().GetId()
	_, err = friend.AcceptInvitation(ctx, accept)
	w.refused(err, "RESOURCE_NOT_FOUND")
}

func TestInvitationIsAcceptedOnce(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	invited, err := rep.InviteMember(ctx, &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "friend@people.example.com", Role: directoryv1.Member_EDITOR})
	w.must(err)
	friend := w.signIn("friend")
	errs := together(8, func(int) error {
		_, err := friend.AcceptInvitation(ctx, &directoryv1.AcceptInvitationRequest{OrganizationId: o.GetId(), Id: invited.GetMember().GetId()})
		return err
	})
	w.oneWins(errs, "ALREADY_MEMBER")
}

func TestLastRepresentativeStays(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	w.join(rep, o.GetId(), "second", directoryv1.Member_REPRESENTATIVE)
	list, err := rep.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.must(err)
	both := list.GetMembers()
	if len(both) != 2 {
		t.Fatalf("members: %v", both)
	}
	demote := func(i int) error {
		_, err := rep.UpdateMember(ctx, &directoryv1.UpdateMemberRequest{
			OrganizationId: o.GetId(), Id: both[i].GetId(), Etag: both[i].GetEtag(),
			Member: &directoryv1.MemberInput{Role: directoryv1.Member_EDITOR}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"role"}},
		})
		return err
	}
	// Two demotions at once: the organization's row lets one of them see that it
	// is the last. The loser may also find that it lost its own role first.
	errs := together(2, demote)
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("demotions: %v", errs)
	}
	var representatives int
	w.must(w.DB("directory").QueryRow(ctx, `
		SELECT count(*)
		FROM member
		WHERE organization_id = $1 AND state = 'ACTIVE' AND role = 'REPRESENTATIVE'`, o.GetId()).Scan(&representatives))
	if representatives != 1 {
		t.Errorf("%d representatives", representatives)
	}
}

func TestLeaving(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	editor := w.join(rep, o.GetId(), "editor", directoryv1.Member_EDITOR)
	members := map[string]string{}
	list, err := rep.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.must(err)
	for _, m := range list.GetMembers() {
		members[m.GetDisplayName()] = m.GetId()
		if m.GetEmail() == "" {
			t.Errorf("the representative does not see the address of %v", m)
		}
	}
	remove := func(c caller, name string) error {
		_, err := c.RemoveMember(ctx, &directoryv1.RemoveMemberRequest{OrganizationId: o.GetId(), Id: members["見本 "+name]})
		return err
	}
	w.refused(remove(rep, "rep"), "LAST_REPRESENTATIVE")
	w.refused(remove(editor, "rep"), "PERMISSION_DENIED")
	seen, err := editor.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.must(err)
	for _, m := range seen.GetMembers() {
		if own := m.GetDisplayName() == "見本 editor"; own != (m.GetEmail() != "") {
			t.Errorf("an editor sees %v", m)
		}
	}
	w.must(remove(editor, "editor"))
	_, err = editor.GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: o.GetId()})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = editor.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.refused(err, "RESOURCE_NOT_FOUND")
	if p := w.signIn("editor"); p.Has(optionsv1.Role_ROLE_EDITOR) {
		t.Errorf("principal after leaving: %+v", p.Principal)
	}
	if body := w.lastEvent(members["見本 editor"], "private"); body["role"] != nil || body["personId"] == "" {
		t.Errorf("event of leaving: %v", body)
	}
}

func TestNobodyPromotesHimself(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	w.apply("editor", input("自分の会", "ジブンノカイ")) // representative elsewhere
	editor := w.join(rep, o.GetId(), "editor", directoryv1.Member_EDITOR)
	list, err := editor.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.must(err)
	_, err = editor.UpdateMember(ctx, &directoryv1.UpdateMemberRequest{
		OrganizationId: o.GetId(), Id: list.GetMembers()[1].GetId(), Etag: "*",
		Member: &directoryv1.MemberInput{Role: directoryv1.Member_REPRESENTATIVE}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"role"}},
	})
	w.refused(err, "PERMISSION_DENIED")
	_, err = editor.InviteMember(ctx, &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "x@people.example.com", Role: directoryv1.Member_REPRESENTATIVE})
	w.refused(err, "PERMISSION_DENIED")
}

func TestMembersAreHidden(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	_, o := w.verified("rep", input("見本の会", "ミホンノカイ"))
	other, _ := w.apply("other", input("別の会", "ベツノカイ"))
	_, err := other.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	_, unknown := other.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: unknownID})
	w.hidden(err, unknown)
	_, err = other.InviteMember(ctx, &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "x@people.example.com", Role: directoryv1.Member_EDITOR})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = w.desk().ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.refused(err, "REASON_REQUIRED")
	list, err := w.desk().ListMembers(because(t), &directoryv1.ListMembersRequest{OrganizationId: o.GetId()})
	w.must(err)
	if len(list.GetMembers()) != 1 || list.GetMembers()[0].GetEmail() == "" {
		t.Errorf("the desk sees %v", list)
	}
	var reason string
	w.must(w.DB("directory").QueryRow(ctx, `
		SELECT reason
		FROM audit_entry
		WHERE action = 'directory.member.list'`).Scan(&reason))
	if reason != "窓口での申出による" {
		t.Errorf("logged reason %q", reason)
	}
}

func TestWhoCannotBeInvited(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	invite := &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "friend@people.example.com", Role: directoryv1.Member_EDITOR}
	w.exec(`
		INSERT INTO member (id, organization_id, email, role, state, expires_at, created_at, updated_at, version)
		SELECT gen_random_uuid(), $1, n || '@people.example.com', 'VIEWER', 'INVITED', now() + interval '1 hour', now(), now(), 1
		FROM generate_series(1, 299) AS n`, o.GetId())
	_, err := rep.InviteMember(ctx, invite)
	w.refused(err, "TOO_MANY_MEMBERS")
	w.exec(`UPDATE member SET expires_at = now() WHERE state = 'INVITED'`)
	_, err = rep.InviteMember(ctx, invite)
	w.must(err)
	_, err = rep.CloseOrganization(ctx, &directoryv1.CloseOrganizationRequest{Id: o.GetId(), Reason: "解散したため"})
	w.must(err)
	_, err = w.desk().InviteMember(because(t), invite)
	w.refused(err, "INVALID_STATE_TRANSITION")
	_, err = w.as(servicetest.Resident(unknownID)).CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: input("見本", "ミホン")})
	w.refused(err, "TOKEN_INVALID")
}

func TestRoleIsChanged(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.apply("rep", input("見本の会", "ミホンノカイ"))
	w.join(rep, o.GetId(), "editor", directoryv1.Member_EDITOR)
	list, err := rep.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId(), PageSize: 1})
	w.must(err)
	list, err = rep.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: o.GetId(), PageSize: 1, PageToken: list.GetNextPageToken()})
	w.must(err)
	m := list.GetMembers()[0]
	update := &directoryv1.UpdateMemberRequest{
		OrganizationId: o.GetId(), Id: m.GetId(), Member: &directoryv1.MemberInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"role"}},
	}
	_, err = rep.UpdateMember(ctx, update)
	w.refused(err, "INVALID_FIELD")
	update.Member.Role = directoryv1.Member_VIEWER
	_, err = rep.UpdateMember(ctx, update)
	w.refused(err, "PRECONDITION_REQUIRED")
	update.Member.Etag = m.GetEtag()
	got, err := rep.UpdateMember(ctx, update)
	w.must(err)
	if got.GetMember().GetRole() != directoryv1.Member_VIEWER || w.lastEvent(m.GetId(), "private")["role"] != "VIEWER" {
		t.Errorf("after the change: %v", got)
	}
	_, err = rep.UpdateMember(ctx, update)
	w.refused(err, "ETAG_MISMATCH")
	if !w.signIn("editor").Has(optionsv1.Role_ROLE_VIEWER) {
		t.Error("the principal does not follow")
	}
}
