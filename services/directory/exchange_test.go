package directory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// TestEndedDelegationOpensNothing calls every RPC of the exchange that a
// coordinator may call for an organization, with a delegation that ended a second
// ago: all are answered as to a stranger.
func TestEndedDelegationOpensNothing(t *testing.T) {
	w := start(t)
	d := w.delegating()
	ctx := t.Context()
	e := &exchange{world: w, head: d.head, organization: d.organization, center: d.coordinator, intermediary: d.intermediary}
	e.company, e.other = w.signIn("company"), ""
	company, o := w.verified("company", input("見本商事", "ミホンショウジ"))
	e.company, e.other = company, o.GetId()
	target, draft := e.open(e.company, offer(e.other)), e.draft(d.coordinator, need(d.organization))
	made, err := d.coordinator.CreateIntroduction(ctx, &directoryv1.CreateIntroductionRequest{ListingId: target.GetId(), OrganizationId: d.organization, Message: "お願いします。"})
	w.must(err)
	i := made.GetIntroduction()
	_, err = e.company.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: target.GetId(), Id: i.GetId()})
	w.must(err)
	if got := w.waiting(d.coordinator); len(got) != 1 {
		t.Errorf("waits for the coordinator: %v", got)
	}
	w.exec(`UPDATE delegation SET ends_at = now() - interval '1 second' WHERE id = $1`, d.delegation.GetId())
	for name, c := range map[string]struct {
		err    func() error
		reason string
	}{
		"CreateListing": {func() error {
			_, err := d.coordinator.CreateListing(ctx, &directoryv1.CreateListingRequest{Listing: need(d.organization)})
			return err
		}, "PERMISSION_DENIED"},
		"UpdateListing": {func() error {
			_, err := d.coordinator.UpdateListing(ctx, &directoryv1.UpdateListingRequest{Id: draft.GetId(), Etag: draft.GetEtag(), Listing: need(""), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}}})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"GetListing": {func() error {
			_, err := d.coordinator.GetListing(ctx, &directoryv1.GetListingRequest{Id: draft.GetId()})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"SuggestListings": {func() error {
			_, err := d.coordinator.SuggestListings(ctx, &directoryv1.SuggestListingsRequest{Id: draft.GetId()})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"SubmitListing": {func() error {
			_, err := d.coordinator.SubmitListing(ctx, &directoryv1.SubmitListingRequest{Id: draft.GetId()})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"CloseListing": {func() error {
			_, err := d.coordinator.CloseListing(ctx, &directoryv1.CloseListingRequest{Id: draft.GetId(), Outcome: directoryv1.Listing_WITHDRAWN})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"CreateIntroduction": {func() error {
			_, err := d.coordinator.CreateIntroduction(ctx, &directoryv1.CreateIntroductionRequest{ListingId: target.GetId(), OrganizationId: d.organization, Message: "もう一度"})
			return err
		}, "PERMISSION_DENIED"},
		"GetIntroduction": {func() error {
			_, err := d.coordinator.GetIntroduction(ctx, &directoryv1.GetIntroductionRequest{ListingId: target.GetId(), Id: i.GetId()})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"GetIntroductionContacts": {func() error {
			_, err := e.contacts(because(t), d.coordinator, i)
			return err
		}, "RESOURCE_NOT_FOUND"},
		"AcceptIntroduction": {func() error {
			_, err := d.coordinator.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: target.GetId(), Id: i.GetId()})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"DeclineIntroduction": {func() error {
			_, err := d.coordinator.DeclineIntroduction(ctx, &directoryv1.DeclineIntroductionRequest{ListingId: target.GetId(), Id: i.GetId(), Reason: "辞退"})
			return err
		}, "RESOURCE_NOT_FOUND"},
		"RecordIntroductionOutcome": {func() error {
			_, err := e.record(d.coordinator, i, directoryv1.Introduction_SUCCEEDED, true)
			return err
		}, "RESOURCE_NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) { w.in(t).refused(c.err(), c.reason) })
	}
	mine, err := d.coordinator.ListListings(ctx, &directoryv1.ListListingsRequest{Mine: true})
	w.must(err)
	own, err := d.coordinator.ListOwnIntroductions(ctx, &directoryv1.ListOwnIntroductionsRequest{})
	w.must(err)
	listed, err := d.coordinator.ListIntroductions(ctx, &directoryv1.ListIntroductionsRequest{ListingId: target.GetId()})
	w.must(err)
	if len(mine.GetListings())+len(own.GetIntroductions())+len(listed.GetIntroductions()) != 0 {
		t.Errorf("still listed: %v %v %v", mine, own, listed)
	}
	w.waits(d.coordinator)
}

// TestEveryKindTakesPart holds that an organization of any kind, a university, a
// company and a school too, can offer, be introduced and conclude.
func TestEveryKindTakesPart(t *testing.T) {
	e := start(t).exchange()
	for number, kind := range directoryv1.Organization_Kind_name {
		if number == 0 {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			e := e.in(t)
			in := input("見本"+kind, "ミホン")
			in.Kind, in.LegalForm = directoryv1.Organization_Kind(number), ""
			_, o := e.verified(strings.ToLower(kind), in)
			rep := e.signIn(strings.ToLower(kind)) // Of an intermediary: as coordinator.
			l := e.open(rep, offer(o.GetId()))
			made, err := e.head.CreateIntroduction(t.Context(), &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), OrganizationId: e.organization, Message: "お願いします。"})
			e.must(err)
			i := made.GetIntroduction()
			_, err = rep.AcceptIntroduction(t.Context(), &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId()})
			e.must(err)
			_, err = e.record(rep, i, directoryv1.Introduction_SUCCEEDED, false)
			e.must(err)
			ended, err := e.record(e.head, i, directoryv1.Introduction_SUCCEEDED, false)
			e.must(err)
			theirs := e.open(e.company, offer(e.other))
			asked, err := rep.CreateIntroduction(t.Context(), &directoryv1.CreateIntroductionRequest{ListingId: theirs.GetId(), OrganizationId: o.GetId(), Message: "お願いします。"})
			e.must(err)
			if ended.GetState() != directoryv1.Introduction_CONCLUDED || asked.GetIntroduction().GetPartnerAcceptTime() == nil {
				t.Errorf("%v, %v", ended, asked)
			}
		})
	}
}

// TestDepartmentTakesPart holds that a department offers and is introduced as an
// organization is, by its staff and facility clerks alone.
func TestDepartmentTakesPart(t *testing.T) {
	e := start(t).exchange()
	clerk := e.as(servicetest.Staff(sampleID("2013"), e.department, optionsv1.Role_ROLE_FACILITY_CLERK))
	stranger := e.as(servicetest.Staff(sampleID("2008"), sampleID("2"), optionsv1.Role_ROLE_STAFF))
	wards := e.open(clerk, offer(""))
	made, err := e.head.CreateIntroduction(t.Context(), &directoryv1.CreateIntroductionRequest{ListingId: wards.GetId(), OrganizationId: e.organization, Message: "お願いします。"})
	e.must(err)
	_, err = stranger.AcceptIntroduction(t.Context(), &directoryv1.AcceptIntroductionRequest{ListingId: wards.GetId(), Id: made.GetIntroduction().GetId()})
	e.refused(err, "RESOURCE_NOT_FOUND")
	_, err = e.staff.AcceptIntroduction(t.Context(), &directoryv1.AcceptIntroductionRequest{ListingId: wards.GetId(), Id: made.GetIntroduction().GetId()})
	e.must(err)
	l := e.open(e.company, offer(e.other))
	asked, err := e.staff.CreateIntroduction(t.Context(), &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), Message: "区の行事に使わせてください。"})
	e.must(err)
	if p := asked.GetIntroduction().GetPartner(); p.GetDepartmentId() != e.department || p.GetName() != "見本課" {
		t.Errorf("introduced: %v", p)
	}
}

// TestListingListIsFilterOfGet proves for every role and state that a list holds
// exactly what a get shows.
func TestListingListIsFilterOfGet(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	open, closed := e.open(e.head, need(e.organization)), e.open(e.head, need(e.organization))
	dropped, wards := e.draft(e.head, need(e.organization)), e.draft(e.staff, offer(""))
	for _, l := range []*directoryv1.Listing{closed, dropped} {
		_, err := e.head.CloseListing(ctx, &directoryv1.CloseListingRequest{Id: l.GetId(), Outcome: directoryv1.Listing_WITHDRAWN})
		e.must(err)
	}
	ids := []string{
		open.GetId(), closed.GetId(), dropped.GetId(), wards.GetId(), e.draft(e.head, need(e.organization)).GetId(),
		e.submitted(e.head, need(e.organization)).GetId(), e.submitted(e.staff, offer("")).GetId(), e.open(e.staff, offer("")).GetId(),
	}
	for who, c := range map[string]struct {
		caller
		sees int
	}{
		"public": {e.public(), 3}, "head": {e.head, 6}, "company": {e.company, 3}, "center": {e.center, 4}, "staff": {e.staff, 5}, "desk": {e.desk(), 8},
		"auditor": {e.as(servicetest.Staff(sampleID("2014"), e.department, optionsv1.Role_ROLE_AUDITOR)), 3}, "service": {e.as(auth.Service("outreach")), 3},
	} {
		t.Run(who, func(t *testing.T) {
			e := e.in(t)
			listed := map[string]*directoryv1.Listing{}
			for token := ""; ; {
				resp, err := c.ListListings(ctx, &directoryv1.ListListingsRequest{PageSize: 2, PageToken: token})
				e.must(err)
				for _, l := range resp.GetListings() {
					if listed[l.GetId()] != nil {
						t.Errorf("%s twice", l.GetId())
					}
					listed[l.GetId()] = l
				}
				if token = resp.GetNextPageToken(); token == "" {
					break
				}
			}
			for _, id := range ids {
				got, err := c.GetListing(ctx, &directoryv1.GetListingRequest{Id: id})
				if err != nil {
					_, unknown := c.GetListing(ctx, &directoryv1.GetListingRequest{Id: unknownID})
					e.hidden(err, unknown)
				}
				if diff := cmp.Diff(got.GetListing(), listed[id], protocmp.Transform()); diff != "" {
					t.Errorf("get and list differ:\n%s", diff)
				}
			}
			if len(listed) != c.sees {
				t.Errorf("%d listed, want %d", len(listed), c.sees)
			}
		})
	}
}

// TestListingFilters holds each filter and the search.
func TestListingFilters(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	mine := e.open(e.head, need(e.organization))
	in := offer(e.other)
	in.Category, in.ActivityFields, in.Town, in.Title = directoryv1.Listing_GOODS, []int32{7}, "神田司町二丁目", "机と椅子をお譲りします"
	in.Description = "十組あります。取りに来ていただける団体へお譲りします。"
	theirs := e.open(e.company, in)
	wards := e.open(e.staff, offer(""))
	for name, c := range map[string]struct {
		req  *directoryv1.ListListingsRequest
		want []string
	}{
		"kind":         {&directoryv1.ListListingsRequest{Kind: directoryv1.Listing_OFFER}, []string{wards.GetId(), theirs.GetId()}},
		"category":     {&directoryv1.ListListingsRequest{Category: directoryv1.Listing_GOODS}, []string{theirs.GetId()}},
		"state":        {&directoryv1.ListListingsRequest{State: directoryv1.Listing_CLOSED}, nil},
		"field":        {&directoryv1.ListListingsRequest{ActivityField: 13}, []string{wards.GetId(), mine.GetId()}},
		"town":         {&directoryv1.ListListingsRequest{Town: "神田"}, []string{theirs.GetId()}},
		"organization": {&directoryv1.ListListingsRequest{OrganizationId: e.organization}, []string{mine.GetId()}},
		"department":   {&directoryv1.ListListingsRequest{DepartmentId: e.department}, []string{wards.GetId()}},
		"mine":         {&directoryv1.ListListingsRequest{Mine: true}, []string{mine.GetId()}},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := e.head.ListListings(ctx, c.req)
			e.in(t).must(err)
			if diff := cmp.Diff(c.want, listingIDs(resp.GetListings())); diff != "" {
				t.Errorf("listed (-want +got):\n%s", diff)
			}
		})
	}
	for q, want := range map[string][]string{"会議": {wards.GetId(), mine.GetId()}, "つくえ": nil, "机と": {theirs.GetId()}, "10人": {wards.GetId(), theirs.GetId(), mine.GetId()}} {
		resp, err := e.public().SearchListings(ctx, &directoryv1.SearchListingsRequest{Q: q})
		e.must(err)
		if diff := cmp.Diff(want, listingIDs(resp.GetListings())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", q, diff)
		}
	}
}

func listingIDs(all []*directoryv1.Listing) []string {
	var out []string
	for _, l := range all {
		out = append(out, l.GetId())
	}
	return out
}

// TestSuggestListings holds what is suggested, how it is explained, and that
// closed, own and same-sided listings are not.
func TestSuggestListings(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	mine := need(e.organization)
	mine.AvailableFrom, mine.AvailableUntil = "2026-04-01", "2026-06-30"
	l := e.open(e.head, mine)
	best := offer(e.other)
	best.AvailableFrom = "2026-05-01"
	first := e.open(e.company, best)
	goods := offer(e.other)
	goods.Category, goods.ActivityFields, goods.Town = directoryv1.Listing_GOODS, []int32{13}, "九段南二丁目"
	second := e.open(e.company, goods)
	late := offer(e.other)
	late.AvailableFrom = "2026-07-01"
	e.open(e.company, late)
	e.open(e.company, need(e.other))
	e.open(e.head, offer(e.organization))
	e.submitted(e.company, offer(e.other))
	money := offer(e.other)
	money.Category, money.ActivityFields = directoryv1.Listing_MONEY, []int32{7}
	e.open(e.company, money)
	resp, err := e.public().SuggestListings(ctx, &directoryv1.SuggestListingsRequest{Id: l.GetId()})
	e.must(err)
	type suggestion struct {
		ID      string
		Score   int32
		Reasons []string
	}
	var got []suggestion
	for _, s := range resp.GetSuggestions() {
		got = append(got, suggestion{s.GetListing().GetId(), s.GetScore(), s.GetReasons()})
	}
	want := []suggestion{
		{first.GetId(), 100, []string{
			"分類が同じです（場所）。", "活動分野が共通です（「まちづくり」「子どもの健全育成」）。", "地域が同じです（九段南一丁目）。", "期間が重なっています（2026年5月1日〜2026年6月30日）。",
		}},
		{second.GetId(), 25, []string{"活動分野が共通です（「子どもの健全育成」）。", "地域が近くです（九段南）。"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("suggested (-want +got):\n%s", diff)
	}
	one, err := e.public().SuggestListings(ctx, &directoryv1.SuggestListingsRequest{Id: l.GetId(), Limit: 1})
	e.must(err)
	if len(one.GetSuggestions()) != 1 {
		t.Errorf("%d suggested, want 1", len(one.GetSuggestions()))
	}
}
