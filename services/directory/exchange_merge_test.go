package directory

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// TestExchangeFollowsMerge holds that listings, sources, introductions and
// referrals are the survivor's, and that what would be with itself ends.
func TestExchangeFollowsMerge(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	in := input("見本商事（重複）", "ミホンショウジ")
	in.Kind, in.CorporateNumber, in.LegalForm = directoryv1.Organization_COMPANY, "", ""
	twin, lost := e.verified("twin", in)
	l := e.open(twin, offer(lost.GetId()))
	propose := func(c caller, l *directoryv1.Listing, organizationID string) string {
		made, err := c.CreateIntroduction(ctx, &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), OrganizationId: organizationID, Message: "お願いします。", Contact: somebody, ContactConsent: true})
		e.must(err)
		return made.GetIntroduction().GetId()
	}
	heads := e.open(e.head, need(e.organization))
	kept, own := propose(e.head, l, e.organization), propose(e.company, l, e.other)
	double, doubled := propose(e.company, heads, e.other), propose(twin, heads, lost.GetId())
	about := e.matter(0)
	about.OrganizationId = lost.GetId()
	sent, err := e.desk().CreateReferral(ctx, about)
	e.must(err)
	second := input("別の支援センター", "ベツノシエンセンター")
	second.Kind, second.CorporateNumber = directoryv1.Organization_INTERMEDIARY, ""
	_, center2 := e.verified("second", second)
	sourced := need(e.intermediary)
	sourced.SourceName = "登録ニーズ（見本）"
	list := e.draft(e.center, sourced)
	for from, to := range map[string]string{lost.GetId(): e.other, e.intermediary: center2.GetId()} {
		_, err = e.desk().MergeOrganization(ctx, &directoryv1.MergeOrganizationRequest{Id: from, SurvivorId: to, Reason: "二重登録"})
		e.must(err)
	}
	got, err := e.public().GetListing(ctx, &directoryv1.GetListingRequest{Id: l.GetId()})
	e.must(err)
	if o := got.GetListing().GetOwner(); o.GetOrganizationId() != e.other || o.GetName() != "見本商事" {
		t.Errorf("the listing is of %v", o)
	}
	got, err = e.signIn("second").GetListing(ctx, &directoryv1.GetListingRequest{Id: list.GetId()})
	e.must(err)
	if s := got.GetListing(); s.GetSourceId() != center2.GetId() || s.GetOwner().GetOrganizationId() != center2.GetId() {
		t.Errorf("the intermediary's is %v", s)
	}
	all, err := e.desk().ListOwnIntroductions(ctx, &directoryv1.ListOwnIntroductionsRequest{})
	e.must(err)
	states := map[string]directoryv1.Introduction_State{}
	for _, i := range all.GetIntroductions() {
		states[i.GetId()] = i.GetState()
		if slices.Contains([]string{i.GetOwner().GetOrganizationId(), i.GetPartner().GetOrganizationId()}, lost.GetId()) {
			t.Errorf("an introduction is still the merged one's: %v", i)
		}
	}
	want := map[string]directoryv1.Introduction_State{
		kept: directoryv1.Introduction_PROPOSED, own: directoryv1.Introduction_DECLINED,
		double: directoryv1.Introduction_PROPOSED, doubled: directoryv1.Introduction_DECLINED,
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("introductions (-want +got):\n%s", diff)
	}
	_, err = e.company.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: kept})
	e.must(err)
	r, err := e.desk().GetReferral(ctx, &directoryv1.GetReferralRequest{Id: sent.GetReferral().GetId()})
	e.must(err)
	if f := r.GetReferral(); f.GetOrganizationId() != e.other || f.GetIntermediaryId() != center2.GetId() {
		t.Errorf("the referral is %v", f)
	}
	_, err = e.signIn("second").AcceptReferral(ctx, &directoryv1.AcceptReferralRequest{Id: sent.GetReferral().GetId()})
	e.must(err)
	_, err = e.desk().CreateListing(ctx, &directoryv1.CreateListingRequest{Listing: need(lost.GetId())})
	e.refused(err, "ORGANIZATION_NOT_PUBLISHED")
}

// TestExchangeDuties holds what waits for whom, and that it is gone when done.
func TestExchangeDuties(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	l := e.submitted(e.company, offer(e.other))
	path := "/v1/listings/" + l.GetId()
	e.waits(e.desk(), "publishListing "+path)
	e.waits(e.center, "publishListing "+path)
	e.waits(e.company)
	e.waits(e.staff)
	_, err := e.center.ReturnListing(ctx, &directoryv1.ReturnListingRequest{Id: l.GetId(), Reason: "広さを書いてください。"})
	e.must(err)
	e.waits(e.desk())
	e.waits(e.company, "correctListing "+path)
	_, err = e.company.SubmitListing(ctx, &directoryv1.SubmitListingRequest{Id: l.GetId()})
	e.must(err)
	_, err = e.desk().PublishListing(ctx, &directoryv1.PublishListingRequest{Id: l.GetId()})
	e.must(err)
	e.waits(e.center)
	wards := e.submitted(e.staff, offer(""))
	e.waits(e.as(servicetest.Staff(sampleID("2008"), e.department, optionsv1.Role_ROLE_STAFF)), "publishListing /v1/listings/"+wards.GetId())
	e.waits(e.center)
	_, err = e.desk().CloseListing(ctx, &directoryv1.CloseListingRequest{Id: wards.GetId(), Outcome: directoryv1.Listing_WITHDRAWN})
	e.must(err)
	made, err := e.desk().CreateIntroduction(ctx, &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), OrganizationId: e.organization, Message: "お願いします。"})
	e.must(err)
	i := made.GetIntroduction()
	path += "/introductions/" + i.GetId()
	for _, c := range []caller{e.head, e.company} {
		e.waits(c, "answerIntroduction "+path)
		_, err = c.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId()})
		e.must(err)
	}
	for n, c := range []caller{e.head, e.company} {
		e.waits(c, "recordOutcome "+path)
		e.waits(e.desk())
		_, err = e.record(c, i, directoryv1.Introduction_Result(n+1), false)
		e.must(err)
		e.waits(c)
	}
	e.waits(e.desk(), "settleOutcome "+path)
	_, err = e.record(e.desk(), i, directoryv1.Introduction_SUCCEEDED, false)
	e.must(err)
	e.waits(e.desk())
	sent, err := e.desk().CreateReferral(ctx, e.matter(1))
	e.must(err)
	path = "/v1/referrals/" + sent.GetReferral().GetId()
	e.waits(e.center, "acceptReferral "+path)
	_, err = e.center.AcceptReferral(ctx, &directoryv1.AcceptReferralRequest{Id: sent.GetReferral().GetId()})
	e.must(err)
	e.waits(e.center, "reportReferral "+path)
	e.exec(`UPDATE referral SET due_on = current_date - 2`)
	e.waits(e.desk(), "followUpReferral "+path)
	_, err = e.center.ReportReferral(ctx, &directoryv1.ReportReferralRequest{Id: sent.GetReferral().GetId(), Outcome: directoryv1.Referral_RESOLVED, Report: "済みました。"})
	e.must(err)
	e.waits(e.center)
	e.waits(e.desk())
}
