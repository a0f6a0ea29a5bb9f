package directory

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func TestReturnAndCorrect(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	in := input("見本の会", "")
	in.Purpose, in.ActivityFields = "", nil
	rep, o := w.apply("rep", in)
	_, err := rep.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	f := w.refused(err, "ORGANIZATION_INCOMPLETE")
	var missing []string
	for _, field := range f.Fields {
		missing = append(missing, field.Path)
	}
	if diff := cmp.Diff([]string{"nameKana", "purpose", "activityFields"}, missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	full := input("見本の会", "ミホンノカイ")
	updated, err := rep.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{
		Id: o.GetId(), Organization: full, Etag: o.GetEtag(),
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"nameKana", "purpose", "activity_fields"}},
	})
	w.must(err)
	_, err = rep.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId(), Etag: updated.GetOrganization().GetEtag()})
	w.must(err)
	_, err = rep.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{
		Id: o.GetId(), Organization: full, Etag: `"3"`, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"purpose"}},
	})
	w.refused(err, "INVALID_STATE_TRANSITION")
	returned, err := w.desk().ReturnOrganization(ctx, &directoryv1.ReturnOrganizationRequest{Id: o.GetId(), Reason: "フリガナを確認してください。", Fields: []string{"nameKana"}})
	w.must(err)
	if c := returned.GetOrganization().GetCorrection(); c.GetReason() == "" || !slices.Equal(c.GetFields(), []string{"nameKana"}) {
		t.Errorf("correction: %v", c)
	}
	again, err := rep.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	w.must(err)
	if again.GetOrganization().GetCorrection() != nil {
		t.Errorf("correction stays: %v", again)
	}
}

func TestSuspendLiftRenewClose(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.verified("rep", input("見本の会", "ミホンノカイ"))
	id := o.GetId()
	desk := w.desk()
	_, err := desk.LiftSuspension(ctx, &directoryv1.LiftSuspensionRequest{Id: id, Reason: "誤り"})
	w.refused(err, "INVALID_STATE_TRANSITION")
	_, err = desk.SuspendOrganization(ctx, &directoryv1.SuspendOrganizationRequest{Id: id, Reason: "活動を確認できないため"})
	w.must(err)
	if body := w.lastEvent(id, "public")["organization"].(map[string]any); body["state"] != "SUSPENDED" || body["purpose"] != nil {
		t.Errorf("event of a suspension: %v", body)
	}
	_, err = w.public().GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: id})
	w.refused(err, "RESOURCE_NOT_FOUND")
	own, err := rep.GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: id})
	w.must(err)
	if own.GetOrganization().GetStateReason() == "" {
		t.Error("members do not see why")
	}
	w.exec(`UPDATE organization SET valid_until = '2020-03-31' WHERE id = $1`, id)
	lifted, err := desk.LiftSuspension(ctx, &directoryv1.LiftSuspensionRequest{Id: id, Reason: "確認できたため"})
	w.must(err)
	if lifted.GetOrganization().GetState() != directoryv1.Organization_EXPIRED {
		t.Errorf("lifted after its validity: %v", lifted.GetOrganization().GetState())
	}
	_, err = w.public().GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: id})
	w.must(err)
	_, err = rep.ConfirmOrganizationCurrent(ctx, &directoryv1.ConfirmOrganizationCurrentRequest{Id: id})
	w.must(err)
	_, err = desk.RenewOrganization(ctx, &directoryv1.RenewOrganizationRequest{Id: id})
	w.must(err)
	_, err = rep.CloseOrganization(ctx, &directoryv1.CloseOrganizationRequest{Id: id, Reason: "解散したため"})
	w.must(err)
	_, err = rep.CloseOrganization(ctx, &directoryv1.CloseOrganizationRequest{Id: id, Reason: "解散したため"})
	w.refused(err, "INVALID_STATE_TRANSITION")
	want := []string{
		"ward OrganizationStateChanged", "ward OrganizationStateChanged",
		"ward OrganizationStateChanged", "public OrganizationVerified",
		"ward OrganizationStateChanged", "public OrganizationSuspended",
		"ward OrganizationStateChanged", "public OrganizationExpired",
		"public OrganizationUpdated",
		"ward OrganizationStateChanged", "public OrganizationVerified",
		"ward OrganizationStateChanged", "public OrganizationClosed",
	}
	if diff := cmp.Diff(want, w.events(id)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestValidityRunsOut(t *testing.T) {
	w := start(t)
	_, o := w.verified("rep", input("見本の会", "ミホンノカイ"))
	_, later := w.verified("rep", input("見本の輪", "ミホンノワ"))
	w.exec(`UPDATE organization SET valid_until = '2020-03-31' WHERE id = $1`, o.GetId())
	w.must(expireOrganizations(t.Context(), w.deps()))
	w.must(expireOrganizations(t.Context(), w.deps()))
	for id, want := range map[string]directoryv1.Organization_State{
		o.GetId():     directoryv1.Organization_EXPIRED,
		later.GetId(): directoryv1.Organization_VERIFIED,
	} {
		got, err := w.public().GetOrganization(t.Context(), &directoryv1.GetOrganizationRequest{Id: id})
		w.must(err)
		if got.GetOrganization().GetState() != want {
			t.Errorf("state %v, want %v", got.GetOrganization().GetState(), want)
		}
	}
	if events := w.events(o.GetId()); events[len(events)-1] != "public OrganizationExpired" {
		t.Errorf("events %v", events)
	}
}

func TestWhoMayTakeSteps(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	rep, o := w.verified("rep", input("見本の会", "ミホンノカイ"))
	editor := w.join(rep, o.GetId(), "editor", directoryv1.Member_EDITOR)
	other, draft := w.apply("other", input("別の会", "ベツノカイ"))
	mask := &fieldmaskpb.FieldMask{Paths: []string{"purpose"}}
	legal := &fieldmaskpb.FieldMask{Paths: []string{"purpose", "name"}}
	in := input("見本の新しい会", "ミホンノアタラシイカイ")

	_, err := editor.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: legal, Etag: o.GetEtag()})
	w.refused(err, "PERMISSION_DENIED")
	_, err = editor.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: mask})
	w.refused(err, "PRECONDITION_REQUIRED")
	_, err = editor.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: mask, Etag: o.GetEtag()})
	w.must(err)
	_, err = other.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: mask, Etag: "*"})
	w.refused(err, "PERMISSION_DENIED")
	_, err = rep.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: draft.GetId(), Organization: in, UpdateMask: mask, Etag: "*"})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = rep.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: draft.GetId()})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = rep.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"state"}}, Etag: "*"})
	w.refused(err, "INVALID_FIELD_MASK")
	in.Kind = directoryv1.Organization_INTERMEDIARY
	_, err = rep.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"kind"}}, Etag: "*"})
	w.refused(err, "KIND_FIXED")
	_, err = w.desk().UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: legal, Etag: "*"})
	w.refused(err, "REASON_REQUIRED")
	_, err = w.desk().UpdateOrganization(because(t), &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Organization: in, UpdateMask: legal, Etag: "*"})
	w.must(err)
	_, err = w.desk().CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: in})
	w.refused(err, "REASON_REQUIRED")
	paper, err := w.desk().CreateOrganization(because(t), &directoryv1.CreateOrganizationRequest{Organization: in})
	w.must(err)
	_, err = w.desk().SubmitOrganization(because(t), &directoryv1.SubmitOrganizationRequest{Id: paper.GetOrganization().GetId()})
	w.must(err)
	_, err = w.as(servicetest.Staff(sampleID("2007"), sampleID("6"), optionsv1.Role_ROLE_STAFF)).CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: in})
	w.refused(err, "PERMISSION_DENIED")
	_, err = w.public().CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: in})
	w.refused(err, "UNAUTHENTICATED")
}

func TestOneOfManyWins(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	t.Run("corporate number", func(t *testing.T) {
		w := w.in(t)
		in := input("見本の会", "ミホンノカイ")
		in.CorporateNumber = "4011001098993"
		c := w.signIn("rep")
		errs := together(8, func(int) error {
			_, err := c.CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: in})
			return err
		})
		w.oneWins(errs, "CORPORATE_NUMBER_TAKEN")
	})
	t.Run("etag", func(t *testing.T) {
		w := w.in(t)
		rep, o := w.apply("rep", input("見本の輪", "ミホンノワ"))
		errs := together(8, func(int) error {
			_, err := rep.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{
				Id: o.GetId(), Organization: input("見本", "ミホン"), Etag: o.GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}},
			})
			return err
		})
		w.oneWins(errs, "ETAG_MISMATCH")
	})
}
