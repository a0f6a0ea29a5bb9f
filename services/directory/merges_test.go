package directory

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func TestMerge(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	in := input("千代田の会（重複）", "チヨダノカイ")
	in.CorporateNumber = ""
	twin, lost := w.verified("twin", in)
	head, kept := w.verified("head", input("千代田の会", "チヨダノカイ"))
	desk := w.desk()
	merge := func(id, survivor, reason string) error {
		_, err := desk.MergeOrganization(ctx, &directoryv1.MergeOrganizationRequest{Id: id, SurvivorId: survivor, Reason: reason})
		return err
	}
	w.refused(merge(lost.GetId(), lost.GetId(), "同じ団体"), "SURVIVOR_IS_SAME")
	w.refused(merge(lost.GetId(), unknownID, "同じ団体"), "RESOURCE_NOT_FOUND")
	_, draft := w.apply("draft", input("下書きの会", "シタガキノカイ"))
	w.refused(merge(lost.GetId(), draft.GetId(), "同じ団体"), "SURVIVOR_NOT_PUBLISHED")
	w.refused(merge(lost.GetId(), kept.GetId(), ""), "INVALID_FIELD")

	w.must(merge(lost.GetId(), kept.GetId(), "同じ団体が二重に登録されていたため"))
	if body := w.lastEvent(lost.GetId(), "public"); body["survivorId"] != kept.GetId() || body["survivorName"] != "千代田の会" {
		t.Errorf("event: %v", body)
	}
	seen, err := w.public().GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: lost.GetId()})
	w.must(err)
	if o := seen.GetOrganization(); o.GetState() != directoryv1.Organization_MERGED || o.GetSurvivorId() != kept.GetId() || o.GetPurpose() != "" || o.GetStateReason() != "" {
		t.Errorf("everybody sees %v", o)
	}
	w.refused(merge(lost.GetId(), kept.GetId(), "もう一度"), "INVALID_STATE_TRANSITION")
	_, err = desk.InviteMember(because(t), &directoryv1.InviteMemberRequest{OrganizationId: lost.GetId(), Email: "late@people.example.com", Role: directoryv1.Member_EDITOR})
	w.refused(err, "INVALID_STATE_TRANSITION")
	for state, want := range map[directoryv1.Organization_State]int{directoryv1.Organization_STATE_UNSPECIFIED: 1, directoryv1.Organization_MERGED: 1} {
		list, err := w.public().ListOrganizations(ctx, &directoryv1.ListOrganizationsRequest{State: state})
		w.must(err)
		if len(list.GetOrganizations()) != want || (list.GetOrganizations()[0].GetId() == lost.GetId()) != (state == directoryv1.Organization_MERGED) {
			t.Errorf("state %v lists %v", state, list.GetOrganizations())
		}
	}
	mine, err := twin.ListOrganizations(ctx, &directoryv1.ListOrganizationsRequest{Mine: true})
	w.must(err)
	if len(mine.GetOrganizations()) != 1 || mine.GetOrganizations()[0].GetId() != kept.GetId() {
		t.Errorf("the members of the merged one have %v", mine.GetOrganizations())
	}
	members, err := head.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: kept.GetId()})
	w.must(err)
	roles := map[directoryv1.Member_Role]int{}
	for _, m := range members.GetMembers() {
		roles[m.GetRole()]++
	}
	if roles[directoryv1.Member_REPRESENTATIVE] != 1 || roles[directoryv1.Member_EDITOR] != 1 {
		t.Errorf("members of the survivor: %v", roles)
	}
}

// TestMergeOfASurvivor holds that a chain of merges leads to its end.
func TestMergeOfASurvivor(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	var ids []string
	for _, name := range []string{"甲の会", "乙の会", "丙の会"} {
		in := input(name, "ナマエノカイ")
		in.CorporateNumber = ""
		_, o := w.verified(name, in)
		ids = append(ids, o.GetId())
	}
	for i := range 2 {
		_, err := w.desk().MergeOrganization(ctx, &directoryv1.MergeOrganizationRequest{Id: ids[i], SurvivorId: ids[i+1], Reason: "統合"})
		w.must(err)
	}
	batch, err := w.as(auth.Service("facilities")).BatchGetOrganizations(ctx, &directoryv1.BatchGetOrganizationsRequest{Ids: ids[:1]})
	w.must(err)
	if got := batch.GetOrganizations()[0].GetSurvivorId(); got != ids[2] {
		t.Errorf("the first one lives on in %s, want %s", got, ids[2])
	}
	_, err = w.as(auth.Principal{Kind: auth.KindPerson, ID: unknownID, Roles: []auth.Role{optionsv1.Role_ROLE_REPRESENTATIVE}}).MergeOrganization(ctx,
		&directoryv1.MergeOrganizationRequest{Id: ids[2], SurvivorId: ids[0], Reason: "統合"})
	w.refused(err, "PERMISSION_DENIED")
}
