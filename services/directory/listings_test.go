package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// TestListing goes from a draft over a correction to the published listing, and
// on to its end.
func TestListing(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	l := e.draft(e.head, need(e.organization))
	if l.GetState() != directoryv1.Listing_DRAFT || l.GetOwner().GetName() != "見本の会" || l.GetExpiresOn() == "" {
		t.Fatalf("the draft is %v", l)
	}
	_, err := e.public().GetListing(ctx, &directoryv1.GetListingRequest{Id: l.GetId()})
	_, unknown := e.public().GetListing(ctx, &directoryv1.GetListingRequest{Id: unknownID})
	e.hidden(err, unknown)
	step := func(c caller, verb string) error {
		var err error
		switch verb {
		case "submit":
			_, err = c.SubmitListing(ctx, &directoryv1.SubmitListingRequest{Id: l.GetId()})
		case "publish":
			_, err = c.PublishListing(ctx, &directoryv1.PublishListingRequest{Id: l.GetId()})
		case "return":
			_, err = c.ReturnListing(ctx, &directoryv1.ReturnListingRequest{Id: l.GetId(), Reason: "場所の広さを書いてください。"})
		}
		return err
	}
	e.refused(step(e.desk(), "publish"), "INVALID_STATE_TRANSITION")
	e.must(step(e.head, "submit"))
	e.refused(step(e.company, "submit"), "RESOURCE_NOT_FOUND")
	e.refused(step(e.head, "publish"), "PERMISSION_DENIED")
	e.refused(step(e.staff, "publish"), "RESOURCE_NOT_FOUND")
	e.must(step(e.center, "return"))
	got, err := e.head.GetListing(ctx, &directoryv1.GetListingRequest{Id: l.GetId()})
	e.must(err)
	if got.GetListing().GetState() != directoryv1.Listing_DRAFT || got.GetListing().GetCorrectionReason() == "" {
		t.Errorf("it came back as %v", got)
	}
	updated, err := e.head.UpdateListing(ctx, &directoryv1.UpdateListingRequest{
		Id: l.GetId(), Etag: got.GetListing().GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"description", "activity_fields"}},
		Listing: &directoryv1.ListingInput{Description: "三十平方メートルほどの部屋を探しています。", ActivityFields: []int32{13}},
	})
	e.must(err)
	if u := updated.GetListing(); u.GetTitle() != l.GetTitle() || !cmp.Equal(u.GetActivityFields(), []int32{13}) {
		t.Errorf("updated: %v", u)
	}
	e.must(step(e.head, "submit"))
	e.must(step(e.center, "publish"))
	if events := e.events(l.GetId()); !cmp.Equal(events, []string{"public ListingPublished"}) {
		t.Errorf("events %v", events)
	}
	if body := e.lastEvent(l.GetId(), "public")["listing"].(map[string]any); body["title"] != l.GetTitle() || body["description"] != nil {
		t.Errorf("the event tells %v", body)
	}
	seen, err := e.public().GetListing(ctx, &directoryv1.GetListingRequest{Id: l.GetId()})
	e.must(err)
	if s := seen.GetListing(); s.GetState() != directoryv1.Listing_PUBLISHED || s.GetPublishTime() == nil || s.GetCorrectionReason() != "" {
		t.Errorf("everybody reads %v", s)
	}
	closed, err := e.head.CloseListing(ctx, &directoryv1.CloseListingRequest{Id: l.GetId(), Outcome: directoryv1.Listing_MATCHED, OutcomeNote: "よい部屋が見つかりました。"})
	e.must(err)
	if c := closed.GetListing(); c.GetState() != directoryv1.Listing_CLOSED || c.GetOutcome() != directoryv1.Listing_MATCHED || c.GetCloseTime() == nil {
		t.Errorf("closed: %v", c)
	}
	if events := e.events(l.GetId()); !cmp.Equal(events, []string{"public ListingPublished", "public ListingClosed"}) {
		t.Errorf("events %v", events)
	}
	_, err = e.head.CloseListing(ctx, &directoryv1.CloseListingRequest{Id: l.GetId(), Outcome: directoryv1.Listing_WITHDRAWN})
	e.refused(err, "INVALID_STATE_TRANSITION")
}

// TestListingIsCheckedBySomebodyElse holds that neither the author nor a member of
// the owner publishes, and that a department's is not an intermediary's affair.
func TestListingIsCheckedBySomebodyElse(t *testing.T) {
	e := start(t).exchange()
	publish := func(c caller, l *directoryv1.Listing) error {
		_, err := c.PublishListing(t.Context(), &directoryv1.PublishListingRequest{Id: l.GetId()})
		return err
	}
	onBehalf := e.submitted(e.desk(), need(e.organization))
	e.refused(publish(e.desk(), onBehalf), "SELF_APPROVAL_FORBIDDEN")
	e.must(publish(e.center, onBehalf))
	own := e.submitted(e.center, need(e.intermediary))
	e.refused(publish(e.center, own), "SELF_APPROVAL_FORBIDDEN")
	colleague := e.join(e.center, e.intermediary, "colleague", directoryv1.Member_EDITOR)
	e.refused(publish(colleague, own), "SELF_APPROVAL_FORBIDDEN")
	_, err := colleague.ReturnListing(t.Context(), &directoryv1.ReturnListingRequest{Id: own.GetId(), Reason: "直してください。"})
	e.refused(err, "SELF_APPROVAL_FORBIDDEN")
	e.must(publish(e.desk(), own))
	in := offer("")
	wards := e.submitted(e.staff, in)
	if wards.GetOwner().GetDepartmentId() != e.department || wards.GetOwner().GetName() != "見本課" {
		t.Errorf("the department's is of %v", wards.GetOwner())
	}
	e.refused(publish(e.center, wards), "RESOURCE_NOT_FOUND")
	e.refused(publish(e.staff, wards), "SELF_APPROVAL_FORBIDDEN")
	e.must(publish(e.as(servicetest.Staff(sampleID("2008"), e.department, optionsv1.Role_ROLE_STAFF)), wards))
	reader := e.join(e.center, e.intermediary, "reader", directoryv1.Member_VIEWER)
	e.refused(publish(reader, e.submitted(e.head, need(e.organization))), "RESOURCE_NOT_FOUND")
}

func TestListingRefusals(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	create := func(c caller, change func(*directoryv1.ListingInput)) error {
		in := need(e.organization)
		change(in)
		_, err := c.CreateListing(ctx, &directoryv1.CreateListingRequest{Listing: in})
		return err
	}
	for name, change := range map[string]func(*directoryv1.ListingInput){
		"listing.title":          func(in *directoryv1.ListingInput) { in.Title = "　" },
		"listing.kind":           func(in *directoryv1.ListingInput) { in.Kind = 0 },
		"listing.activityFields": func(in *directoryv1.ListingInput) { in.ActivityFields = []int32{21} },
		"listing.description":    func(in *directoryv1.ListingInput) { in.Description = "番号は1234 5678 9012です" },
		"listing.availableFrom":  func(in *directoryv1.ListingInput) { in.AvailableFrom = "2026-02-30" },
		"listing.organizationId": func(in *directoryv1.ListingInput) { in.OrganizationId = "" },
		"listing.departmentId":   func(in *directoryv1.ListingInput) { in.DepartmentId = e.department },
	} {
		if f := e.refused(create(e.head, change), "INVALID_FIELD"); f.Fields[0].Path != name {
			t.Errorf("%s: the refusal names %s", name, f.Fields[0].Path)
		}
	}
	e.refused(create(e.head, func(in *directoryv1.ListingInput) { in.ExpiresOn = "2020-01-01" }), "LISTING_PERIOD_INVALID")
	e.refused(create(e.head, func(in *directoryv1.ListingInput) { in.ExpiresOn = "2099-01-01" }), "LISTING_PERIOD_INVALID")
	e.refused(create(e.head, func(in *directoryv1.ListingInput) { in.AvailableFrom, in.AvailableUntil = "2026-04-02", "2026-04-01" }), "LISTING_PERIOD_INVALID")
	e.refused(create(e.head, func(in *directoryv1.ListingInput) { in.SourceName = "見本の一覧" }), "SOURCE_NOT_YOURS")
	e.refused(create(e.company, func(*directoryv1.ListingInput) {}), "PERMISSION_DENIED")
	e.refused(create(e.staff, func(in *directoryv1.ListingInput) { in.OrganizationId, in.DepartmentId = "", sampleID("2") }), "PERMISSION_DENIED")
	e.refused(create(e.desk(), func(in *directoryv1.ListingInput) { in.OrganizationId = unknownID }), "RESOURCE_NOT_FOUND")
	applicant, pending := e.apply("applicant", input("申請中の会", "シンセイチュウノカイ"))
	e.refused(create(applicant, func(in *directoryv1.ListingInput) { in.OrganizationId = pending.GetId() }), "ORGANIZATION_NOT_PUBLISHED")

	l := e.open(e.head, need(e.organization))
	update := func(c caller, etag string, in *directoryv1.ListingInput, paths ...string) error {
		_, err := c.UpdateListing(ctx, &directoryv1.UpdateListingRequest{Id: l.GetId(), Etag: etag, Listing: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return err
	}
	e.refused(update(e.company, l.GetEtag(), need(""), "title"), "PERMISSION_DENIED")
	e.refused(update(e.head, "", need(""), "title"), "PRECONDITION_REQUIRED")
	e.refused(update(e.head, `"99"`, need(""), "title"), "ETAG_MISMATCH")
	e.refused(update(e.head, l.GetEtag(), need(""), "organization_id"), "INVALID_FIELD_MASK")
	e.refused(update(e.head, l.GetEtag(), need(""), "title"), "LISTING_TEXT_FIXED")
	until := l.GetExpiresOn()
	e.must(update(e.head, l.GetEtag(), &directoryv1.ListingInput{ExpiresOn: until, AvailableUntil: until}, "expires_on", "available_until"))
	submitted := e.submitted(e.head, need(e.organization))
	_, err := e.head.UpdateListing(ctx, &directoryv1.UpdateListingRequest{
		Id: submitted.GetId(), Etag: submitted.GetEtag(), Listing: need(""), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}},
	})
	e.refused(err, "INVALID_STATE_TRANSITION")
	_, err = e.desk().SuspendOrganization(ctx, &directoryv1.SuspendOrganizationRequest{Id: e.organization, Reason: "活動休止"})
	e.must(err)
	_, err = e.desk().PublishListing(ctx, &directoryv1.PublishListingRequest{Id: submitted.GetId()})
	e.refused(err, "ORGANIZATION_NOT_PUBLISHED")
	_, err = e.public().GetListing(ctx, &directoryv1.GetListingRequest{Id: l.GetId()})
	e.refused(err, "RESOURCE_NOT_FOUND")
	_, err = e.public().SearchListings(ctx, &directoryv1.SearchListingsRequest{Q: "場"})
	e.refused(err, "QUERY_TOO_SHORT")
}

// TestListingExpires holds that the job ends what is past its last day, once.
func TestListingExpires(t *testing.T) {
	e := start(t).exchange()
	l, kept := e.open(e.company, offer(e.other)), e.open(e.company, offer(e.other))
	made, err := e.head.CreateIntroduction(t.Context(), &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), OrganizationId: e.organization, Message: "お願いします。"})
	e.must(err)
	e.exec(`UPDATE listing SET expires_on = current_date - 2 WHERE id = $1`, l.GetId())
	for range 2 {
		e.must(expireListings(t.Context(), e.deps()))
	}
	got, err := e.public().GetListing(t.Context(), &directoryv1.GetListingRequest{Id: l.GetId()})
	e.must(err)
	if got.GetListing().GetState() != directoryv1.Listing_EXPIRED || !cmp.Equal(e.events(l.GetId()), []string{"public ListingPublished", "public ListingClosed"}) {
		t.Errorf("%v, events %v", got, e.events(l.GetId()))
	}
	i, err := e.head.GetIntroduction(t.Context(), &directoryv1.GetIntroductionRequest{ListingId: l.GetId(), Id: made.GetIntroduction().GetId()})
	e.must(err)
	if i.GetIntroduction().GetState() != directoryv1.Introduction_DECLINED || i.GetIntroduction().GetDeclineReason() != closedReason {
		t.Errorf("its introduction is %v", i)
	}
	got, err = e.public().GetListing(t.Context(), &directoryv1.GetListingRequest{Id: kept.GetId()})
	e.must(err)
	if got.GetListing().GetState() != directoryv1.Listing_PUBLISHED {
		t.Errorf("the other is %v", got)
	}
}

// TestSource holds that the list of an intermediary stays that intermediary's,
// and that an organization's own is never taken for one.
func TestSource(t *testing.T) {
	w := start(t)
	d := w.delegating()
	ctx := t.Context()
	in := need(d.organization)
	in.SourceUrl = "https://mihon.example.com/needs"
	resp, err := d.coordinator.CreateListing(ctx, &directoryv1.CreateListingRequest{Listing: in})
	w.must(err)
	l := resp.GetListing()
	if l.GetSourceId() != d.intermediary || l.GetSourceName() != "見本の支援センター" || l.GetSourceUrl() != in.GetSourceUrl() || l.GetOwner().GetOrganizationId() != d.organization {
		t.Fatalf("the listing is %v", l)
	}
	change := func(c caller, source string) error {
		got, err := c.GetListing(ctx, &directoryv1.GetListingRequest{Id: l.GetId()})
		w.must(err)
		_, err = c.UpdateListing(ctx, &directoryv1.UpdateListingRequest{
			Id: l.GetId(), Etag: got.GetListing().GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"source_name", "quantity"}},
			Listing: &directoryv1.ListingInput{SourceName: source, Quantity: "5人"},
		})
		return err
	}
	w.refused(change(d.head, ""), "SOURCE_NOT_YOURS")
	w.refused(change(w.desk(), "区の一覧"), "SOURCE_NOT_YOURS")
	w.must(change(d.head, "見本の支援センター"))
	w.must(change(d.coordinator, "支援センター登録ニーズ（見本）"))
	list, err := d.head.ListListings(ctx, &directoryv1.ListListingsRequest{SourceId: d.intermediary})
	w.must(err)
	if len(list.GetListings()) != 1 || list.GetListings()[0].GetSourceName() != "支援センター登録ニーズ（見本）" {
		t.Errorf("of the source there is %v", list)
	}
}

// TestListingRaces publishes and returns at once, and closes and prolongs at once.
func TestListingRaces(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	l := e.submitted(e.head, need(e.organization))
	e.oneWins(together(8, func(n int) error {
		var err error
		if n%2 == 0 {
			_, err = e.desk().PublishListing(ctx, &directoryv1.PublishListingRequest{Id: l.GetId()})
		} else {
			_, err = e.desk().ReturnListing(ctx, &directoryv1.ReturnListingRequest{Id: l.GetId(), Reason: "直してください。"})
		}
		return err
	}), "INVALID_STATE_TRANSITION")
	open := e.open(e.head, need(e.organization))
	e.oneWins(together(8, func(int) error {
		_, err := e.head.UpdateListing(ctx, &directoryv1.UpdateListingRequest{
			Id: open.GetId(), Etag: open.GetEtag(), Listing: &directoryv1.ListingInput{ExpiresOn: open.GetExpiresOn()},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"expires_on"}},
		})
		return err
	}), "ETAG_MISMATCH")
}

// TestListingLimit adds the last listing of an owner eight times at once.
func TestListingLimit(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	last := e.draft(e.head, need(e.organization))
	e.exec(`
		INSERT INTO listing
		SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid()))).*
		FROM listing AS l, generate_series(1, 48)`)
	create := func(int) error {
		_, err := e.head.CreateListing(ctx, &directoryv1.CreateListingRequest{Listing: need(e.organization)})
		return err
	}
	e.oneWins(together(8, create), "TOO_MANY_LISTINGS")
	_, err := e.head.CloseListing(ctx, &directoryv1.CloseListingRequest{Id: last.GetId(), Outcome: directoryv1.Listing_WITHDRAWN})
	e.must(err)
	e.must(create(0))
	e.draft(e.company, need(e.other))
}

// TestListingAgainstMerge makes listings of an organization while it is merged
// away: none is left with the merged one.
func TestListingAgainstMerge(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	together(8, func(n int) error {
		var err error
		if n == 4 {
			_, err = e.desk().MergeOrganization(ctx, &directoryv1.MergeOrganizationRequest{Id: e.organization, SurvivorId: e.other, Reason: "二重登録"})
			return err
		}
		_, err = e.desk().CreateListing(ctx, &directoryv1.CreateListingRequest{Listing: need(e.organization)})
		return err
	})
	if n := e.count(`SELECT count(*) FROM organization WHERE id = $1 AND state = 'MERGED'`, e.organization); n != 1 {
		t.Fatal("it was not merged")
	}
	if n := e.count(`SELECT count(*) FROM listing WHERE organization_id = $1`, e.organization); n != 0 {
		t.Errorf("%d listings are left with the merged one", n)
	}
}
