package directory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// TestSampleExchange reads the samples as everybody, the desk and an intermediary
// see them.
func TestSampleExchange(t *testing.T) {
	w := startWithSample(t)
	ctx := t.Context()
	list, err := w.public().ListListings(ctx, &directoryv1.ListListingsRequest{})
	w.must(err)
	kinds, states := map[directoryv1.Organization_Kind]int{}, map[directoryv1.Listing_State]int{}
	for _, l := range list.GetListings() {
		states[l.GetState()]++
		if !strings.Contains(l.GetTitle(), "見本") || !strings.Contains(l.GetDescription(), "見本") {
			t.Errorf("%s is not marked", l.GetTitle())
		}
		if id := l.GetOwner().GetOrganizationId(); id != "" {
			o, err := w.public().GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: id})
			w.must(err)
			kinds[o.GetOrganization().GetKind()]++
		}
	}
	if diff := cmp.Diff(map[directoryv1.Listing_State]int{directoryv1.Listing_PUBLISHED: 5, directoryv1.Listing_CLOSED: 1}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if kinds[directoryv1.Organization_UNIVERSITY] == 0 || kinds[directoryv1.Organization_COMPANY] == 0 || kinds[directoryv1.Organization_INTERMEDIARY] == 0 {
		t.Errorf("owners: %v", kinds)
	}
	found, err := w.public().SuggestListings(ctx, &directoryv1.SuggestListingsRequest{Id: sampleID("5001")})
	w.must(err)
	if s := found.GetSuggestions(); len(s) == 0 || s[0].GetListing().GetId() != sampleID("5002") || s[0].GetScore() != 55 {
		t.Errorf("for 5001 are suggested %v", s)
	}
	w.waits(w.desk(), "publishListing /v1/listings/"+sampleID("5004"))
	coordinator := w.samplePerson("coordinator", "coordinator@chukan.example.com", "見本 中間支援組織 担当者")
	w.waits(coordinator, "acceptReferral /v1/referrals/"+sampleID("5202"), "publishListing /v1/listings/"+sampleID("5004"))
	w.waits(w.samplePerson("representative", "representative@dantai1.example.com", "見本団体1 代表者"),
		"answerIntroduction /v1/listings/"+sampleID("5001")+"/introductions/"+sampleID("5101"))
	for id, want := range map[string]string{"5102": "public IntroductionConcluded", "5201": "ward ReferralReported", "5006": "public ListingPublished"} {
		if events := w.events(sampleID(id)); !cmp.Equal(events, []string{want}) {
			t.Errorf("%s: events %v", id, events)
		}
	}
}

// samplePerson signs a sample person in.
func (w *world) samplePerson(name, email, display string) caller {
	w.t.Helper()
	resp, err := w.gateway().ResolvePrincipal(w.t.Context(), &directoryv1.ResolvePrincipalRequest{
		Issuer: sampleIssuer, Subject: name, Email: email, EmailVerified: true, DisplayName: display,
	})
	w.must(err)
	return w.as(principalFrom(resp.GetPrincipal()))
}
