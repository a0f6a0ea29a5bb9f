package facilities_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

func facilityInput() *facilitiesv1.FacilityInput {
	return &facilitiesv1.FacilityInput{
		Code: "F901", Name: "試験区民館", NameKana: "しけんくみんかん", Kind: "区民館",
		Address:     &typev1.Address{Prefecture: "東京都", City: "千代田区", Town: "九段南一丁目", StreetNumber: "2-1"},
		UserClasses: []string{"GENERAL"}, ValidFrom: today().String(), Source: "見本",
		Features: []*facilitiesv1.Feature{{Name: "多目的トイレ", Available: true}, {Name: "飲食可否"}},
	}
}

// facility drafts and approves a facility.
func (w *world) facility(in *facilitiesv1.FacilityInput) *facilitiesv1.Facility {
	w.t.Helper()
	created, err := w.facilities(clerk).CreateFacility(w.t.Context(), &facilitiesv1.CreateFacilityRequest{Facility: in})
	w.must(err)
	approved, err := w.facilities(approver).ApproveFacility(w.t.Context(), &facilitiesv1.ApproveFacilityRequest{Id: created.GetFacility().GetId()})
	w.must(err)
	return approved.GetFacility()
}

func TestAFacilityIsDraftedAndApproved(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	created, err := w.facilities(clerk).CreateFacility(ctx, &facilitiesv1.CreateFacilityRequest{Facility: facilityInput()})
	w.must(err)
	f := created.GetFacility()
	if f.GetState() != facilitiesv1.Rule_DRAFT || f.GetNameKana() != "シケンクミンカン" || f.GetEtag() == "" {
		t.Errorf("%v", f)
	}
	get := func(client facilitiesv1.FacilityServiceClient, draft bool) (*facilitiesv1.Facility, error) {
		resp, err := client.GetFacility(ctx, &facilitiesv1.GetFacilityRequest{Id: f.GetId(), Draft: draft})
		return resp.GetFacility(), err
	}
	_, err = get(w.facilities(nobody), false)
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = get(w.facilities(head), true)
	refused(t, err, "RESOURCE_NOT_FOUND")
	if got, err := get(w.facilities(clerk), false); err != nil || got.GetState() != facilitiesv1.Rule_DRAFT {
		t.Error(got, err)
	}

	_, err = w.facilities(approver).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: f.GetId(), Etag: `"99"`})
	refused(t, err, "ETAG_MISMATCH")
	_, err = w.facilities(approver).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: f.GetId(), Etag: f.GetEtag()})
	w.must(err)
	got, err := get(w.facilities(nobody), false)
	w.must(err)
	if got.GetState() != facilitiesv1.Rule_APPROVED || got.GetApproveTime() == nil || got.GetSource() != "見本" || got.GetDraftOpen() {
		t.Errorf("%v", got)
	}
	_, err = w.facilities(approver).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: f.GetId()})
	refused(t, err, "DRAFT_MISSING")
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE object_id = $1 AND action IN ('facilities.facility.create', 'facilities.facility.approve')`, f.GetId()); n != 2 {
		t.Errorf("%d audit entries", n)
	}
}

func TestAChangeWaitsForItsDayAndApproval(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	f := w.facility(facilityInput())
	update := func(in *facilitiesv1.FacilityInput, etag string, paths ...string) (*facilitiesv1.Facility, error) {
		resp, err := w.facilities(clerk).UpdateFacility(ctx, &facilitiesv1.UpdateFacilityRequest{Id: f.GetId(), Facility: in, UpdateMask: mask(paths...), Etag: etag})
		return resp.GetFacility(), err
	}
	later := today().AddDays(30)
	in := &facilitiesv1.FacilityInput{Name: "試験会館", ValidFrom: later.String()}
	_, err := update(in, "", "name")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(in, `"99"`, "name")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(in, f.GetEtag(), "code")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(&facilitiesv1.FacilityInput{}, f.GetEtag(), "name")
	refused(t, err, "INVALID_FIELD")
	_, err = update(&facilitiesv1.FacilityInput{Features: []*facilitiesv1.Feature{{Name: "温泉"}}}, f.GetEtag(), "features")
	refused(t, err, "INVALID_FIELD")
	draft, err := update(in, f.GetEtag(), "name", "valid_from")
	w.must(err)
	if draft.GetState() != facilitiesv1.Rule_DRAFT || draft.GetName() != "試験会館" || draft.GetKind() != "区民館" || len(draft.GetFeatures()) != 2 {
		t.Errorf("%v", draft)
	}
	_, err = w.facilities(both).UpdateFacility(ctx, &facilitiesv1.UpdateFacilityRequest{
		Id: f.GetId(), Facility: &facilitiesv1.FacilityInput{Kind: "会館"}, UpdateMask: mask("kind"), Etag: draft.GetEtag(),
	})
	w.must(err)
	_, err = w.facilities(both).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: f.GetId()})
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	_, err = w.facilities(approver).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: f.GetId()})
	w.must(err)
	for on, want := range map[string]string{"": "試験区民館", later.AddDays(-1).String(): "試験区民館", later.String(): "試験会館"} {
		resp, err := w.facilities(nobody).GetFacility(ctx, &facilitiesv1.GetFacilityRequest{Id: f.GetId(), On: on})
		w.must(err)
		if got := resp.GetFacility().GetName(); got != want {
			t.Errorf("on %q: %s, want %s", on, got, want)
		}
	}
}

func TestNothingIsApprovedRetroactively(t *testing.T) {
	t.Parallel()
	w := start(t)
	in := facilityInput()
	in.ValidFrom = today().AddDays(-1).String()
	created, err := w.facilities(clerk).CreateFacility(t.Context(), &facilitiesv1.CreateFacilityRequest{Facility: in})
	w.must(err)
	_, err = w.facilities(approver).ApproveFacility(t.Context(), &facilitiesv1.ApproveFacilityRequest{Id: created.GetFacility().GetId()})
	refused(t, err, "RETROACTIVE_CHANGE")
	if n := w.count(`SELECT count(*) FROM item_version WHERE item_id = $1 AND state = 'APPROVED'`, created.GetFacility().GetId()); n != 0 {
		t.Error("it is in force")
	}
}

func TestFacilityRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	create := func(change func(*facilitiesv1.FacilityInput)) error {
		in := facilityInput()
		change(in)
		_, err := w.facilities(clerk).CreateFacility(ctx, &facilitiesv1.CreateFacilityRequest{Facility: in})
		return err
	}
	refused(t, create(func(in *facilitiesv1.FacilityInput) { in.Code = "F002" }), "CODE_TAKEN")
	refused(t, create(func(in *facilitiesv1.FacilityInput) { in.Code = "" }), "INVALID_FIELD")
	refused(t, create(func(in *facilitiesv1.FacilityInput) { in.Name = "" }), "INVALID_FIELD")
	refused(t, create(func(in *facilitiesv1.FacilityInput) { in.NameKana = "試験" }), "INVALID_FIELD")
	refused(t, create(func(in *facilitiesv1.FacilityInput) { in.ValidTo = today().AddDays(-2).String() }), "INVALID_FIELD")
	unknown := facilityInput()
	unknown.UserClasses = []string{"STUDENT"}
	created, err := w.facilities(clerk).CreateFacility(ctx, &facilitiesv1.CreateFacilityRequest{Facility: unknown})
	w.must(err)
	_, err = w.facilities(approver).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: created.GetFacility().GetId()})
	refused(t, err, "REFERENCE_UNKNOWN")
	_, err = w.facilities(approver).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: room})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.facilities(head).CreateFacility(ctx, &facilitiesv1.CreateFacilityRequest{Facility: facilityInput()})
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.facilities(clerk).ApproveFacility(ctx, &facilitiesv1.ApproveFacilityRequest{Id: hall})
	refused(t, err, "PERMISSION_DENIED")
}

func TestFacilitiesAreListedByPages(t *testing.T) {
	t.Parallel()
	w := start(t)
	var codes []string
	for token, pages := "", 0; ; pages++ {
		resp, err := w.facilities(nobody).ListFacilities(t.Context(), &facilitiesv1.ListFacilitiesRequest{PageSize: 10, PageToken: token})
		w.must(err)
		for _, f := range resp.GetFacilities() {
			codes = append(codes, f.GetCode())
			if f.GetSource() == "" {
				t.Errorf("%s has no source", f.GetName())
			}
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(codes) != 22 || codes[0] != "F001" || codes[21] != "F022" {
		t.Error(strings.Join(codes, " "))
	}
	list := func(req *facilitiesv1.ListFacilitiesRequest) int {
		resp, err := w.facilities(clerk).ListFacilities(t.Context(), req)
		w.must(err)
		return len(resp.GetFacilities())
	}
	if n := list(&facilitiesv1.ListFacilitiesRequest{On: "2020-03-31"}); n != 0 {
		t.Errorf("%d before the first day", n)
	}
	if n := list(&facilitiesv1.ListFacilitiesRequest{Draft: true}); n != 0 {
		t.Errorf("%d drafts", n)
	}
	_, err := w.facilities(clerk).CreateFacility(t.Context(), &facilitiesv1.CreateFacilityRequest{Facility: facilityInput()})
	w.must(err)
	if n := list(&facilitiesv1.ListFacilitiesRequest{Draft: true}); n != 1 {
		t.Errorf("%d drafts", n)
	}
	hidden, err := w.facilities(head).ListFacilities(t.Context(), &facilitiesv1.ListFacilitiesRequest{Draft: true})
	w.must(err)
	if len(hidden.GetFacilities()) != 0 {
		t.Error("an organization sees drafts")
	}
	_, err = w.facilities(nobody).ListFacilities(t.Context(), &facilitiesv1.ListFacilitiesRequest{PageSize: -1})
	refused(t, err, "INVALID_PAGE_SIZE")
	_, err = w.facilities(nobody).ListFacilities(t.Context(), &facilitiesv1.ListFacilitiesRequest{PageToken: "x"})
	refused(t, err, "INVALID_PAGE_TOKEN")
}
