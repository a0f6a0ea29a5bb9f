package directory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

func (e *exchange) matter(days int32) *directoryv1.CreateReferralRequest {
	return &directoryv1.CreateReferralRequest{
		IntermediaryId: e.intermediary, ConsultationId: unknownID, ConsultationNumber: "R8-相-0012", OrganizationId: e.organization,
		Subject: "団体設立の相談", Message: "会則づくりの支援をお願いします。", Contact: somebody, ContactConsent: true, OfficeDays: days,
	}
}

// TestReferral goes from the desk over the acceptance and the contact to the
// report.
func TestReferral(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	sent, err := e.desk().CreateReferral(ctx, e.matter(3))
	e.must(err)
	r := sent.GetReferral()
	if r.GetState() != directoryv1.Referral_SENT || r.GetIntermediaryName() != "見本の支援センター" || r.GetOrganizationName() != "見本の会" || !r.GetHasContact() ||
		r.GetDueOn() != jp.AddOfficeDays(jp.DateOf(time.Now()), 3).String() {
		t.Fatalf("sent: %v", r)
	}
	for name, c := range map[string]caller{"the organization it is about": e.head, "another one": e.company, "staff": e.staff} {
		_, err := c.GetReferral(ctx, &directoryv1.GetReferralRequest{Id: r.GetId()})
		if f := e.refused(err, "PERMISSION_DENIED"); f == nil {
			t.Errorf("%s reads it", name)
		}
	}
	second := input("別の支援センター", "ベツノシエンセンター")
	second.Kind, second.CorporateNumber = directoryv1.Organization_INTERMEDIARY, ""
	e.verified("second", second)
	rival := e.signIn("second")
	_, err = rival.GetReferral(ctx, &directoryv1.GetReferralRequest{Id: r.GetId()})
	_, unknown := rival.GetReferral(ctx, &directoryv1.GetReferralRequest{Id: unknownID})
	e.hidden(err, unknown)
	contact := func(c caller) (*directoryv1.ExchangeContact, error) {
		resp, err := c.GetReferralContact(because(t), &directoryv1.GetReferralContactRequest{Id: r.GetId()})
		return resp.GetContact(), err
	}
	_, err = contact(e.center)
	e.refused(err, "INVALID_STATE_TRANSITION")
	_, err = e.center.ReportReferral(ctx, &directoryv1.ReportReferralRequest{Id: r.GetId(), Outcome: directoryv1.Referral_RESOLVED, Report: "済みました。"})
	e.refused(err, "INVALID_STATE_TRANSITION")
	reader := e.join(e.center, e.intermediary, "reader", directoryv1.Member_VIEWER)
	_, err = reader.AcceptReferral(ctx, &directoryv1.AcceptReferralRequest{Id: r.GetId()})
	e.refused(err, "PERMISSION_DENIED")
	_, err = e.center.AcceptReferral(ctx, &directoryv1.AcceptReferralRequest{Id: r.GetId(), Etag: `"9"`})
	e.refused(err, "ETAG_MISMATCH")
	_, err = e.center.AcceptReferral(ctx, &directoryv1.AcceptReferralRequest{Id: r.GetId(), Etag: r.GetEtag()})
	e.must(err)
	_, err = e.center.GetReferralContact(ctx, &directoryv1.GetReferralContactRequest{Id: r.GetId()})
	e.refused(err, "REASON_REQUIRED")
	_, err = contact(reader)
	e.refused(err, "PERMISSION_DENIED")
	got, err := contact(e.center)
	e.must(err)
	if got.GetPhone() != "03-5211-3656" || got.GetName() != "見本 担当" {
		t.Errorf("the contact is %v", got)
	}
	reported, err := e.center.ReportReferral(ctx, &directoryv1.ReportReferralRequest{Id: r.GetId(), Outcome: directoryv1.Referral_CONTINUING, Report: "会則案を一緒に作っています。"})
	e.must(err)
	if p := reported.GetReferral(); p.GetState() != directoryv1.Referral_REPORTED || p.GetHasContact() || p.GetEndTime() == nil {
		t.Errorf("reported: %v", p)
	}
	body := e.lastEvent(r.GetId(), "ward")
	if diff := cmp.Diff(map[string]any{
		"referralId": r.GetId(), "intermediaryId": e.intermediary, "intermediaryName": "見本の支援センター", "consultationId": unknownID,
		"consultationNumber": "R8-相-0012", "outcome": "CONTINUING", "reportedOn": jp.DateOf(time.Now()).String(),
	}, body); diff != "" {
		t.Errorf("the ward is told (-want +got):\n%s", diff)
	}
	desks, err := e.desk().GetReferral(ctx, &directoryv1.GetReferralRequest{Id: r.GetId()})
	e.must(err)
	if diff := cmp.Diff(reported.GetReferral(), desks.GetReferral(), protocmp.Transform()); diff != "" {
		t.Errorf("the desk reads another one:\n%s", diff)
	}
}

func TestReferralRefusals(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	create := func(change func(*directoryv1.CreateReferralRequest)) error {
		req := e.matter(0)
		change(req)
		_, err := e.desk().CreateReferral(ctx, req)
		return err
	}
	e.refused(create(func(r *directoryv1.CreateReferralRequest) { r.IntermediaryId = e.other }), "NOT_AN_INTERMEDIARY")
	e.refused(create(func(r *directoryv1.CreateReferralRequest) { r.IntermediaryId = unknownID }), "RESOURCE_NOT_FOUND")
	e.refused(create(func(r *directoryv1.CreateReferralRequest) { r.OrganizationId = unknownID }), "RESOURCE_NOT_FOUND")
	e.refused(create(func(r *directoryv1.CreateReferralRequest) { r.ContactConsent = false }), "CONTACT_CONSENT_REQUIRED")
	e.refused(create(func(r *directoryv1.CreateReferralRequest) { r.ConsultationNumber = "12" }), "INVALID_FIELD")
	e.refused(create(func(r *directoryv1.CreateReferralRequest) { r.OfficeDays = 61 }), "INVALID_FIELD")
	e.must(create(func(r *directoryv1.CreateReferralRequest) { r.OrganizationId, r.Contact = "", nil }))
	list, err := e.center.ListReferrals(ctx, &directoryv1.ListReferralsRequest{State: directoryv1.Referral_SENT, ConsultationId: unknownID})
	e.must(err)
	r := list.GetReferrals()[0]
	_, err = e.center.DeclineReferral(ctx, &directoryv1.DeclineReferralRequest{Id: r.GetId()})
	e.refused(err, "INVALID_FIELD")
	_, err = e.center.DeclineReferral(ctx, &directoryv1.DeclineReferralRequest{Id: r.GetId(), Reason: "担当の分野ではないため"})
	e.must(err)
	_, err = e.center.AcceptReferral(ctx, &directoryv1.AcceptReferralRequest{Id: r.GetId()})
	e.refused(err, "INVALID_STATE_TRANSITION")
	_, err = e.desk().WithdrawReferral(ctx, &directoryv1.WithdrawReferralRequest{Id: r.GetId(), Reason: "取り下げます。"})
	e.refused(err, "INVALID_STATE_TRANSITION")
	e.must(create(func(*directoryv1.CreateReferralRequest) {}))
	list, err = e.desk().ListReferrals(ctx, &directoryv1.ListReferralsRequest{IntermediaryId: e.intermediary, OrganizationId: e.organization})
	e.must(err)
	withdrawn, err := e.desk().WithdrawReferral(ctx, &directoryv1.WithdrawReferralRequest{Id: list.GetReferrals()[0].GetId(), Reason: "相談者の希望により"})
	e.must(err)
	if w := withdrawn.GetReferral(); w.GetState() != directoryv1.Referral_WITHDRAWN || w.GetHasContact() {
		t.Errorf("withdrawn: %v", w)
	}
	// An intermediary that left the directory reads its referrals no more.
	e.must(create(func(*directoryv1.CreateReferralRequest) {}))
	_, err = e.desk().SuspendOrganization(ctx, &directoryv1.SuspendOrganizationRequest{Id: e.intermediary, Reason: "活動休止"})
	e.must(err)
	list, err = e.center.ListReferrals(ctx, &directoryv1.ListReferralsRequest{})
	e.must(err)
	if len(list.GetReferrals()) != 0 {
		t.Errorf("it reads %v", list)
	}
}

// TestReferralRace accepts and withdraws at once: whatever comes first, the end is
// one that the graph knows.
func TestReferralRace(t *testing.T) {
	e := start(t).exchange()
	sent, err := e.desk().CreateReferral(t.Context(), e.matter(0))
	e.must(err)
	id := sent.GetReferral().GetId()
	errs := together(8, func(n int) error {
		var err error
		if n%2 == 0 {
			_, err = e.center.DeclineReferral(t.Context(), &directoryv1.DeclineReferralRequest{Id: id, Reason: "担当外"})
		} else {
			_, err = e.desk().WithdrawReferral(t.Context(), &directoryv1.WithdrawReferralRequest{Id: id, Reason: "取り下げ"})
		}
		return err
	})
	e.oneWins(errs, "INVALID_STATE_TRANSITION")
}
