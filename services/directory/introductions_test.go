package directory

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// contacts reads the contacts of an introduction as the caller, with a reason.
func (e *exchange) contacts(ctx context.Context, c caller, i *directoryv1.Introduction) (*directoryv1.GetIntroductionContactsResponse, error) {
	return c.GetIntroductionContacts(ctx, &directoryv1.GetIntroductionContactsRequest{ListingId: i.GetListingId(), Id: i.GetId()})
}

// record says as the caller what came of an introduction.
func (e *exchange) record(c caller, i *directoryv1.Introduction, result directoryv1.Introduction_Result, publish bool) (*directoryv1.Introduction, error) {
	resp, err := c.RecordIntroductionOutcome(e.t.Context(), &directoryv1.RecordIntroductionOutcomeRequest{
		ListingId: i.GetListingId(), Id: i.GetId(), Result: result, Note: "毎月第一火曜に使うことになりました。", PublishConsent: publish,
	})
	return resp.GetIntroduction(), err
}

// TestIntroduction goes from the message over both agreements and the contacts to
// the outcome that both sides record.
func TestIntroduction(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	l, mine := e.open(e.company, offer(e.other)), e.open(e.head, need(e.organization))
	made, err := e.head.CreateIntroduction(ctx, &directoryv1.CreateIntroductionRequest{
		ListingId: l.GetId(), OrganizationId: e.organization, MatchingListingId: mine.GetId(), Message: "月に一度お借りしたいです。", Contact: somebody, ContactConsent: true,
	})
	e.must(err)
	i := made.GetIntroduction()
	if i.GetState() != directoryv1.Introduction_PROPOSED || i.GetPartnerAcceptTime() == nil || i.GetOwnerAcceptTime() != nil ||
		i.GetOwner().GetName() != "見本商事" || i.GetPartner().GetName() != "見本の会" || i.GetListingTitle() != l.GetTitle() {
		t.Fatalf("proposed: %v", i)
	}
	_, err = e.contacts(because(t), e.company, i)
	e.refused(err, "INVALID_STATE_TRANSITION")
	_, err = e.center.GetIntroduction(ctx, &directoryv1.GetIntroductionRequest{ListingId: l.GetId(), Id: i.GetId()})
	_, unknown := e.center.GetIntroduction(ctx, &directoryv1.GetIntroductionRequest{ListingId: l.GetId(), Id: unknownID})
	e.hidden(err, unknown)
	_, err = e.head.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId()})
	e.refused(err, "INVALID_STATE_TRANSITION")
	accepted, err := e.company.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId(), Etag: i.GetEtag()})
	e.must(err)
	if accepted.GetIntroduction().GetState() != directoryv1.Introduction_ACCEPTED {
		t.Fatalf("accepted: %v", accepted)
	}
	_, err = e.contacts(ctx, e.company, i)
	e.refused(err, "REASON_REQUIRED")
	_, err = e.contacts(because(t), e.desk(), i)
	e.refused(err, "PERMISSION_DENIED")
	got, err := e.contacts(because(t), e.company, i)
	e.must(err)
	want := &directoryv1.GetIntroductionContactsResponse{Partner: &directoryv1.ExchangeContact{Name: "見本 担当", Phone: "03-5211-3656", Email: "tanto@mihon.example.com"}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}
	if n := e.count(`SELECT count(*) FROM introduction WHERE partner_contact IS NOT NULL AND position('mihon' in encode(partner_contact, 'escape')) = 0`); n != 1 {
		t.Errorf("%d contacts are stored sealed", n)
	}
	if n := e.count(`SELECT count(*) FROM audit_entry WHERE action = 'directory.introduction.contacts' AND reason <> ''`); n != 1 {
		t.Errorf("the reading is logged %d times", n)
	}
	one, err := e.record(e.head, i, directoryv1.Introduction_SUCCEEDED, true)
	e.must(err)
	if one.GetState() != directoryv1.Introduction_ACCEPTED || one.GetPartnerRecord().GetResult() != directoryv1.Introduction_SUCCEEDED || one.GetOwnerRecord() != nil {
		t.Errorf("after one record: %v", one)
	}
	both, err := e.record(e.company, i, directoryv1.Introduction_SUCCEEDED, true)
	e.must(err)
	if both.GetState() != directoryv1.Introduction_CONCLUDED || both.GetEndTime() == nil {
		t.Errorf("after both: %v", both)
	}
	body := e.lastEvent(i.GetId(), "public")
	if partner, ok := body["partner"].(map[string]any); !ok || partner["name"] != "見本の会" || body["listingCategory"] != "PLACE" || body["note"] != nil {
		t.Errorf("everybody is told %v", body)
	}
	if n := e.count(`SELECT count(*) FROM introduction WHERE owner_contact IS NOT NULL OR partner_contact IS NOT NULL`); n != 0 {
		t.Errorf("%d contacts are kept after the end", n)
	}
	_, err = e.contacts(because(t), e.company, i)
	e.refused(err, "INVALID_STATE_TRANSITION")
	_, err = e.record(e.head, i, directoryv1.Introduction_FAILED, false)
	e.refused(err, "INVALID_STATE_TRANSITION")
}

// TestIntroductionOutcomes holds what comes of records that differ, of the desk's
// and of a name that is not to be told.
func TestIntroductionOutcomes(t *testing.T) {
	e := start(t).exchange()
	const good, bad = directoryv1.Introduction_SUCCEEDED, directoryv1.Introduction_FAILED
	for name, c := range map[string]struct {
		head, company, desk directoryv1.Introduction_Result
		consent             bool
		want                directoryv1.Introduction_State
		told, named         bool
	}{
		"both fail":             {bad, bad, 0, true, directoryv1.Introduction_NOT_CONCLUDED, false, false},
		"they differ":           {good, bad, 0, true, directoryv1.Introduction_ACCEPTED, false, false},
		"the desk settles":      {good, bad, good, true, directoryv1.Introduction_CONCLUDED, true, true},
		"the desk alone":        {0, 0, bad, false, directoryv1.Introduction_NOT_CONCLUDED, false, false},
		"one silent, the desk":  {good, 0, good, true, directoryv1.Introduction_CONCLUDED, true, false},
		"without being named":   {good, good, 0, false, directoryv1.Introduction_CONCLUDED, true, false},
		"corrected, then equal": {bad, good, 0, true, directoryv1.Introduction_CONCLUDED, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := e.in(t)
			i := e.introduced(e.open(e.company, offer(e.other)))
			for _, r := range []struct {
				by     caller
				result directoryv1.Introduction_Result
			}{{e.head, c.head}, {e.company, c.company}, {e.desk(), c.desk}} {
				if r.result != 0 {
					_, err := e.record(r.by, i, r.result, c.consent)
					e.must(err)
				}
			}
			if name == "corrected, then equal" {
				_, err := e.record(e.head, i, good, c.consent)
				e.must(err)
			}
			got, err := e.head.GetIntroduction(t.Context(), &directoryv1.GetIntroductionRequest{ListingId: i.GetListingId(), Id: i.GetId()})
			e.must(err)
			events := e.events(i.GetId())
			if got.GetIntroduction().GetState() != c.want || (len(events) == 1) != c.told {
				t.Fatalf("%v, events %v", got, events)
			}
			if c.told && (e.lastEvent(i.GetId(), "public")["partner"] != nil) != c.named {
				t.Errorf("told: %v", e.lastEvent(i.GetId(), "public"))
			}
		})
	}
}

func TestIntroductionRefusals(t *testing.T) {
	e := start(t).exchange()
	ctx := t.Context()
	l := e.open(e.company, offer(e.other))
	create := func(c caller, change func(*directoryv1.CreateIntroductionRequest)) error {
		req := &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), OrganizationId: e.organization, Message: "お願いします。"}
		change(req)
		_, err := c.CreateIntroduction(ctx, req)
		return err
	}
	keep := func(*directoryv1.CreateIntroductionRequest) {}
	e.refused(create(e.company, keep), "PERMISSION_DENIED")
	e.refused(create(e.center, keep), "PERMISSION_DENIED")
	e.refused(create(e.company, func(r *directoryv1.CreateIntroductionRequest) { r.OrganizationId = e.other }), "INTRODUCTION_TO_SELF")
	e.refused(create(e.head, func(r *directoryv1.CreateIntroductionRequest) { r.Contact = somebody }), "CONTACT_CONSENT_REQUIRED")
	e.refused(create(e.desk(), func(r *directoryv1.CreateIntroductionRequest) { r.Contact, r.ContactConsent = somebody, true }), "CONTACT_CONSENT_REQUIRED")
	e.refused(create(e.head, func(r *directoryv1.CreateIntroductionRequest) {
		r.Contact, r.ContactConsent = &directoryv1.ExchangeContact{Phone: "12"}, true
	}), "INVALID_FIELD")
	e.refused(create(e.head, func(r *directoryv1.CreateIntroductionRequest) { r.OrganizationId = "" }), "INVALID_FIELD")
	e.refused(create(e.head, func(r *directoryv1.CreateIntroductionRequest) { r.MatchingListingId = l.GetId() }), "MATCH_INVALID")
	e.refused(create(e.head, func(r *directoryv1.CreateIntroductionRequest) {
		r.MatchingListingId = e.draft(e.head, need(e.organization)).GetId()
	}), "MATCH_INVALID")
	e.refused(create(e.head, func(r *directoryv1.CreateIntroductionRequest) { r.ListingId = unknownID }), "RESOURCE_NOT_FOUND")
	applicant, pending := e.apply("applicant", input("申請中の会", "シンセイチュウノカイ"))
	e.refused(create(applicant, func(r *directoryv1.CreateIntroductionRequest) { r.OrganizationId = pending.GetId() }), "ORGANIZATION_NOT_PUBLISHED")

	e.must(create(e.desk(), keep))
	e.refused(create(e.head, keep), "INTRODUCTION_EXISTS")
	list, err := e.head.ListOwnIntroductions(ctx, &directoryv1.ListOwnIntroductionsRequest{State: directoryv1.Introduction_PROPOSED})
	e.must(err)
	i := list.GetIntroductions()[0]
	if i.GetPartnerAcceptTime() != nil || i.GetOwnerAcceptTime() != nil {
		t.Errorf("the desk agreed for a side: %v", i)
	}
	_, err = e.head.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId(), Contact: somebody})
	e.refused(err, "CONTACT_CONSENT_REQUIRED")
	_, err = e.head.AcceptIntroduction(ctx, &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId(), Etag: `"9"`})
	e.refused(err, "ETAG_MISMATCH")
	_, err = e.record(e.head, i, directoryv1.Introduction_SUCCEEDED, false)
	e.refused(err, "INVALID_STATE_TRANSITION")
	reader := e.join(e.head, e.organization, "reader", directoryv1.Member_VIEWER)
	_, err = reader.GetIntroduction(ctx, &directoryv1.GetIntroductionRequest{ListingId: l.GetId(), Id: i.GetId()})
	e.must(err)
	_, err = e.desk().DeclineIntroduction(ctx, &directoryv1.DeclineIntroductionRequest{ListingId: l.GetId(), Id: i.GetId(), Reason: "取り違えました。"})
	e.must(err)
	_, err = e.company.DeclineIntroduction(ctx, &directoryv1.DeclineIntroductionRequest{ListingId: l.GetId(), Id: i.GetId(), Reason: "埋まりました。"})
	e.refused(err, "INVALID_STATE_TRANSITION")
	e.must(create(e.head, keep))
	_, err = e.company.CloseListing(ctx, &directoryv1.CloseListingRequest{Id: l.GetId(), Outcome: directoryv1.Listing_WITHDRAWN})
	e.must(err)
	e.refused(create(e.staff, func(r *directoryv1.CreateIntroductionRequest) { r.OrganizationId = "" }), "LISTING_NOT_OPEN")
}

// TestIntroductionRaces proposes the same eight times at once, and answers both
// ways at once.
func TestIntroductionRaces(t *testing.T) {
	e := start(t).exchange()
	l := e.open(e.company, offer(e.other))
	e.oneWins(together(8, func(int) error {
		_, err := e.head.CreateIntroduction(t.Context(), &directoryv1.CreateIntroductionRequest{ListingId: l.GetId(), OrganizationId: e.organization, Message: "お願いします。"})
		return err
	}), "INTRODUCTION_EXISTS")
	list, err := e.company.ListIntroductions(t.Context(), &directoryv1.ListIntroductionsRequest{ListingId: l.GetId()})
	e.must(err)
	i := list.GetIntroductions()[0]
	e.oneWins(together(8, func(n int) error {
		var err error
		if n%2 == 0 {
			_, err = e.company.AcceptIntroduction(t.Context(), &directoryv1.AcceptIntroductionRequest{ListingId: l.GetId(), Id: i.GetId()})
		} else {
			_, err = e.company.DeclineIntroduction(t.Context(), &directoryv1.DeclineIntroductionRequest{ListingId: l.GetId(), Id: i.GetId(), Reason: "埋まりました。"})
		}
		return err
	}), "INVALID_STATE_TRANSITION")
}
