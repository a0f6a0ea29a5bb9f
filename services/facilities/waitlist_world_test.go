package facilities_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// placeInput waits for slots of the room that the tests of wait-list and
// lotteries use.
func placeInput(organization string, day jp.Date, codes ...string) *facilitiesv1.WaitlistPlaceInput {
	return &facilitiesv1.WaitlistPlaceInput{
		OrganizationId: organization, UserClass: "GENERAL", Purpose: facilitiesv1.UserClass_MEETING, Headcount: 5,
		RoomId: otherRoom, Date: day.String(), SlotCodes: codes,
	}
}

func (w *world) join(p auth.Principal, in *facilitiesv1.WaitlistPlaceInput) (*facilitiesv1.WaitlistPlace, error) {
	resp, err := w.waitlist(p).JoinWaitlist(w.t.Context(), &facilitiesv1.JoinWaitlistRequest{Place: in})
	return resp.GetPlace(), err
}

// waits lets the i-th group wait.
func (w *world) waits(i int, day jp.Date, codes ...string) string {
	w.t.Helper()
	p, err := w.join(group(i), placeInput(groupID(i), day, codes...))
	w.must(err)
	return p.GetId()
}

// place reads the place of the i-th group.
func (w *world) place(i int, id string) *facilitiesv1.WaitlistPlace {
	w.t.Helper()
	resp, err := w.waitlist(group(i)).GetWaitlistPlace(w.t.Context(), &facilitiesv1.GetWaitlistPlaceRequest{Id: id})
	w.must(err)
	return resp.GetPlace()
}

// stands expects where the place of the i-th group stands.
func (w *world) stands(i int, id string, want facilitiesv1.WaitlistPlace_State) {
	w.t.Helper()
	if got := w.place(i, id).GetState(); got != want {
		w.t.Errorf("place of group %d is %v, want %v", i, got, want)
	}
}

func (w *world) accept(i int, id string) (*facilitiesv1.WaitlistPlace, error) {
	resp, err := w.waitlist(group(i)).AcceptWaitlistOffer(w.t.Context(), &facilitiesv1.AcceptWaitlistOfferRequest{Id: id})
	return resp.GetPlace(), err
}

// taken books slots of the room for organization 1.
func (w *world) taken(day jp.Date, codes ...string) string {
	w.t.Helper()
	return w.book(func(r *facilitiesv1.CreateBookingRequest) {
		r.RoomId, r.Date, r.SlotCodes = otherRoom, day.String(), codes
	}).GetId()
}

func (w *world) cancel(id string) {
	w.t.Helper()
	_, err := w.bookings(editor).CancelBooking(w.t.Context(), &facilitiesv1.CancelBookingRequest{Id: id})
	w.must(err)
}

// freed are the freed slots that everybody sees.
func (w *world) freed(t *testing.T) []*facilitiesv1.FreedSlot {
	t.Helper()
	resp, err := w.waitlist(nobody).ListFreedSlots(t.Context(), &facilitiesv1.ListFreedSlotsRequest{FacilityId: otherHall})
	w.must(err)
	return resp.GetFreedSlots()
}

// endOffer lets the time of an offer pass.
func (w *world) endOffer(id string) {
	w.t.Helper()
	w.exec(`UPDATE waitlist_place SET offer_ends_at = now() - interval '1 second' WHERE id = $1`, id)
}
