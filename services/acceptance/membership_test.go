package acceptance

import (
	"testing"
	"time"
)

// TestRemovedMember has a member read and write for an organization until the
// representative removes it.
func TestRemovedMember(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		p := c.on(t).draft(c.on(t).publishedCall(nil), "担当者が辞める団体の提案")
		editor := somebody("editor")
		member := p.member(p.rep, p.organization, editor, "EDITOR")
		etag := p.ok(editor, "GetProposal", obj{"id": p.id}).str("proposal.etag")
		p.refused(editor, "SubmitProposal", "PERMISSION_DENIED", obj{"id": p.id})
		update := obj{"id": p.id, "proposal": obj{"content": obj{"title": "担当者の題"}}, "updateMask": "content.title", "etag": etag}
		p.ok(editor, "UpdateProposal", update)

		p.ok(p.rep, "RemoveMember", obj{"organizationId": p.organization, "id": member})
		began := time.Now()
		eventually(t, 20*time.Second, "the removed member reads nothing", func() bool {
			_, err := p.try(editor, "GetProposal", obj{"id": p.id})
			return reasonOf(err) == "RESOURCE_NOT_FOUND"
		})
		t.Logf("out after %s", time.Since(began).Round(time.Millisecond))
		p.refused(editor, "UpdateProposal", "PERMISSION_DENIED", update)
		p.refused(editor, "ListMembers", "PERMISSION_DENIED", obj{"organizationId": p.organization})
	})
}

// TestLastRepresentativeStays also changes roles and accepts only one's own
// invitation.
func TestLastRepresentativeStays(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		rep, second := somebody("rep"), somebody("second")
		organization := c.organization(rep, "代表の会 "+rep)
		mine := c.all(rep, "ListMembers", "members", obj{"organizationId": organization})
		if len(mine) != 1 || mine[0].str("role") != "REPRESENTATIVE" || mine[0].str("state") != "ACTIVE" {
			t.Fatalf("the members are %v", mine)
		}
		own := obj{"organizationId": organization, "id": mine[0].str("id")}
		demote := merge(obj{"member": obj{"role": "EDITOR"}, "updateMask": "role", "etag": mine[0].str("etag")}, own)
		c.refused(rep, "RemoveMember", "LAST_REPRESENTATIVE", own)
		c.refused(rep, "UpdateMember", "LAST_REPRESENTATIVE", demote)

		invitation := c.ok(rep, "InviteMember", obj{"organizationId": organization, "email": mail(second), "role": "REPRESENTATIVE"}).str("member.id")
		accept := obj{"organizationId": organization, "id": invitation}
		c.refused(somebody("thief"), "AcceptInvitation", "RESOURCE_NOT_FOUND", accept)
		open := c.ok(second, "ListInvitations", nil)
		if got := open.str("invitations.0.organizationId"); got != organization {
			t.Errorf("the invited person sees %s", open.text())
		}
		c.ok(second, "AcceptInvitation", accept)
		c.ok(rep, "UpdateMember", demote)
		eventually(t, 20*time.Second, "who is no longer representative cannot invite", func() bool {
			_, err := c.try(rep, "InviteMember", obj{"organizationId": organization, "email": mail("x"), "role": "EDITOR"})
			return reasonOf(err) == "PERMISSION_DENIED"
		})
		// Both representatives leave at once: one stays.
		third := somebody("third")
		thirdID := c.member(second, organization, third, "REPRESENTATIVE")
		secondID := invitation
		errs := make([]error, 2)
		atOnce(2, func(i int) {
			as, id := second, secondID
			if i == 1 {
				as, id = third, thirdID
			}
			_, errs[i] = c.try(as, "RemoveMember", obj{"organizationId": organization, "id": id})
		})
		if got := reasonOf(errs[0]) + reasonOf(errs[1]); got != "LAST_REPRESENTATIVE" {
			t.Errorf("both representatives leave and are answered %q and %q", reasonOf(errs[0]), reasonOf(errs[1]))
		}
	})
}

// TestOwnMembershipIsKnownAtOnce goes on right after the answer that made the
// caller a member: nobody is told of an organization that is his own that it is
// not.
func TestOwnMembershipIsKnownAtOnce(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		for range 5 {
			rep, second := somebody("rep"), somebody("second")
			c.ok(rep, "ListInvitations", nil)
			id := c.ok(rep, "CreateOrganization", obj{"organization": organizationInput("すぐの会 " + rep)}).str("organization.id")
			c.ok(rep, "SubmitOrganization", obj{"id": id})
			c.ok("desk", "VerifyOrganization", obj{"id": id})
			invitation := c.ok(rep, "InviteMember", obj{"organizationId": id, "email": mail(second), "role": "REPRESENTATIVE"}).str("member.id")
			c.ok(second, "ListInvitations", nil)
			c.ok(second, "AcceptInvitation", obj{"organizationId": id, "id": invitation})
			c.ok(second, "ConfirmOrganizationCurrent", obj{"id": id})
		}
	})
}

// TestRemovedStaff takes a person's place at the desk away.
func TestRemovedStaff(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		department := c.departmentOf("staff2")
		person := c.newStaff(department, "DESK")
		c.ok(person, "FindDuplicates", obj{"name": "物語"})
		c = c.with("kyodo-reason", "acceptance")
		var assignment string
		for _, s := range c.all("admin", "ListStaff", "staffAssignments", obj{"departmentId": department}) {
			if s.str("email") == mail(person) {
				assignment = s.str("id")
			}
		}
		c.refused("desk", "RemoveStaff", "PERMISSION_DENIED", obj{"departmentId": department, "id": assignment})
		c.ok("admin", "RemoveStaff", obj{"departmentId": department, "id": assignment})
		eventually(t, 20*time.Second, "who left the desk is no longer at it", func() bool {
			_, err := c.try(person, "FindDuplicates", obj{"name": "物語"})
			return reasonOf(err) == "PERMISSION_DENIED"
		})
		c.ok(person, "ListInvitations", nil) // a resident again
	})
}
