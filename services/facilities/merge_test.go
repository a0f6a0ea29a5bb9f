package facilities_test

import (
	"testing"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// An organization that became part of another leaves it its entries, its places
// in the wait-list and its penalties.
func TestMergedOrganizationHandsOver(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	_, err := w.enter(group(1), entryFor(l.GetId(), groupID(1), "AM"))
	w.must(err)
	_, err = w.enter(head, entryFor(l.GetId(), org1, "AM"))
	w.must(err)
	w.taken(openDay(10), "AM")
	w.taken(openDay(11), "AM")
	w.waits(1, openDay(10), "AM")
	w.waits(1, openDay(11), "AM")
	_, err = w.join(head, placeInput(org1, openDay(11), "AM"))
	w.must(err)
	b, err := w.try(group(1), func(r *facilitiesv1.CreateBookingRequest) {
		r.OrganizationId, r.Date = groupID(1), openDay(12).String()
	})
	w.must(err)
	w.exec(`UPDATE booking SET state = 'NO_SHOW', expires_at = NULL WHERE id = $1`, b.GetId())
	_, err = w.penalty(clerk, b.GetId(), noShow)
	w.must(err)

	w.tell(groupID(1), &directoryv1.OrganizationMerged{OrganizationId: groupID(1), SurvivorId: org1, SurvivorName: "団体1", Version: 9})
	w.eventually(`SELECT count(*) FROM penalty WHERE holder_id = $1::text AND organization_id = $1::text::uuid`, org1)
	entries, err := w.lotteries(viewer).ListLotteryEntries(t.Context(), &facilitiesv1.ListLotteryEntriesRequest{LotteryId: l.GetId()})
	w.must(err)
	places, err := w.waitlist(viewer).ListWaitlistPlaces(t.Context(), &facilitiesv1.ListWaitlistPlacesRequest{State: waiting})
	w.must(err)
	penalties, err := w.penalties(viewer).ListPenalties(t.Context(), &facilitiesv1.ListPenaltiesRequest{})
	w.must(err)
	if len(entries.GetEntries()) != 2 || len(places.GetPlaces()) != 2 || len(penalties.GetPenalties()) != 1 {
		t.Errorf("the survivor has %v, %v, %v", entries, places, penalties)
	}
	for _, p := range places.GetPlaces() { // The earlier one of the two for the same slot stays.
		if p.GetOrganizationId() != org1 {
			t.Errorf("place: %v", p)
		}
	}
	if got := w.drawn(l.GetId()); len(got.GetOrder()) != 2 || got.GetOrder()[0].GetGroup() != got.GetOrder()[1].GetGroup() {
		t.Errorf("the entries of one organization: %v", got.GetOrder())
	}
}
