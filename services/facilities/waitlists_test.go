package facilities_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

const (
	waiting  = facilitiesv1.WaitlistPlace_WAITING
	offered  = facilitiesv1.WaitlistPlace_OFFERED
	accepted = facilitiesv1.WaitlistPlace_ACCEPTED
	expired  = facilitiesv1.WaitlistPlace_EXPIRED
)

func TestJoinRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(10)
	_, err := w.join(head2, placeInput(org2, day, "AM"))
	refused(t, err, "CLASS_NOT_ALLOWED")
	npo := placeInput(org2, day, "AM")
	npo.UserClass = "NPO"
	_, err = w.join(head2, proto.CloneOf(npo))
	refused(t, err, "SLOT_NOT_TAKEN")
	w.taken(day, "AM")
	p, err := w.join(head2, proto.CloneOf(npo))
	w.must(err)
	if p.GetState() != waiting || p.GetOrganizationId() != org2 {
		t.Errorf("joined: %v", p)
	}
	_, err = w.join(head2, proto.CloneOf(npo))
	refused(t, err, "DUPLICATE_PLACE")
	for name, c := range map[string]struct {
		want   string
		change func(*facilitiesv1.WaitlistPlaceInput)
	}{
		"another room":         {"ROOM_UNKNOWN", func(in *facilitiesv1.WaitlistPlaceInput) { in.RoomId = none }},
		"another slot":         {"SLOT_UNKNOWN", func(in *facilitiesv1.WaitlistPlaceInput) { in.SlotCodes = []string{"XX"} }},
		"too many people":      {"CAPACITY_EXCEEDED", func(in *facilitiesv1.WaitlistPlaceInput) { in.Headcount = 31 }},
		"a day that is past":   {"PAST_DATE", func(in *facilitiesv1.WaitlistPlaceInput) { in.Date = today().AddDays(-1).String() }},
		"another organization": {"PERMISSION_DENIED", func(in *facilitiesv1.WaitlistPlaceInput) { in.OrganizationId = org1 }},
		"new year": {"FACILITY_CLOSED", func(in *facilitiesv1.WaitlistPlaceInput) {
			in.Date = time.Now().AddDate(1, 0, 0).Format("2006-") + "01-02"
		}},
	} {
		in := proto.CloneOf(npo)
		c.change(in)
		if _, err := w.join(head2, in); reason(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = w.join(head3, placeInput(org3, day, "AM"))
	refused(t, err, "ORGANIZATION_NOT_VERIFIED")
	w.exec(`UPDATE organization_quota SET suspended_until = now() + interval '1 day' WHERE holder_id = $1`, org1)
	_, err = w.join(head, placeInput(org1, day, "AM"))
	refused(t, err, "SUSPENDED_BY_PENALTY")
	w.exec(`
		INSERT INTO waitlist_place (
			id, holder_id, user_class, purpose, title, headcount, facility_id, room_id, use_date, slot_nos, slot_codes,
			atom_ids, starts_at, state, created_by, created_at, updated_at, version)
		SELECT gen_random_uuid(), $1, '', '', '', 1, $2, $3, '2100-01-01', ARRAY[i], '{}', '{}', '2100-01-01', 'WAITING', '', now(), now(), 1
		FROM generate_series(1, 20) AS i`, org2, otherHall, otherRoom)
	npo.SlotCodes = []string{"AM", "PM"}
	_, err = w.join(head2, npo)
	refused(t, err, "WAITLIST_LIMIT_EXCEEDED")
}

// A freed slot goes to the first who waits; whoever does not take it in time
// loses it to the next; when nobody is left it is free for all.
func TestOffersGoInOrder(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(10)
	id := w.taken(day, "AM")
	first, second, third := w.waits(1, day, "AM"), w.waits(2, day, "AM"), w.waits(3, day, "AM")
	w.cancel(id)
	w.stands(1, first, offered)
	w.stands(2, second, waiting)
	_, err := w.try(head, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = otherRoom, day.String() })
	refused(t, err, "SLOT_TAKEN")
	_, err = w.accept(2, second)
	refused(t, err, "INVALID_STATE_TRANSITION")

	w.endOffer(first)
	w.stands(1, first, expired)
	_, err = w.accept(1, first)
	refused(t, err, "OFFER_EXPIRED")
	w.task("pass-on-offers")
	w.stands(2, second, offered)
	if end := w.place(2, second).GetOfferEndTime().AsTime(); time.Until(end) > 24*time.Hour || time.Until(end) < 23*time.Hour {
		t.Errorf("the offer ends at %v", end)
	}
	_, err = w.waitlist(group(2)).LeaveWaitlist(t.Context(), &facilitiesv1.LeaveWaitlistRequest{Id: second})
	w.must(err)
	w.stands(3, third, offered)
	p, err := w.accept(3, third)
	w.must(err)
	b := w.booking(p.GetBookingId())
	if p.GetState() != accepted || b.GetChannel() != facilitiesv1.Booking_WAITLIST || b.GetOrganizationId() != groupID(3) || w.atoms(b.GetId()) != 1 {
		t.Errorf("accepted: %v, %v", p, b)
	}
	if got := w.events(otherRoom, "public"); got != "" {
		t.Errorf("nothing opened to all: %s", got)
	}
	for _, place := range []string{first, second, third} {
		if got := w.events(place, "ward"); got != "WaitlistOffered" {
			t.Errorf("an offer is told by %q", got)
		}
	}
	_, err = w.bookings(group(3)).CancelBooking(t.Context(), &facilitiesv1.CancelBookingRequest{Id: b.GetId()})
	w.must(err)
	freed := w.freed(t)
	if len(freed) != 1 || freed[0].GetOpenTime().AsTime().After(time.Now()) || w.events(otherRoom, "public") != "SlotFreed" {
		t.Errorf("freed: %v", freed)
	}
	w.taken(day, "AM")
}

// Who waits for both slots of a booking gets both; of those who wait for one, two
// can be served by one cancellation.
func TestOffersShareAFreedBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	day, other := openDay(10), openDay(11)
	id, second := w.taken(day, "AM", "PM"), w.taken(other, "AM", "PM")
	whole, half := w.waits(1, day, "AM", "PM"), w.waits(2, day, "AM")
	am, pm, again := w.waits(1, other, "AM"), w.waits(2, other, "PM"), w.waits(3, other, "AM")
	w.cancel(id)
	w.stands(1, whole, offered)
	w.stands(2, half, waiting)
	w.cancel(second)
	w.stands(1, am, offered)
	w.stands(2, pm, offered)
	w.stands(3, again, waiting)
}

// A combined room is offered when its last part is freed.
func TestOffersOfACombinedRoom(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(10)
	a := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Date = day.String() })
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = roomB, day.String() })
	in := placeInput(groupID(1), day, "AM")
	in.RoomId = roomAB
	p, err := w.join(group(1), in)
	w.must(err)
	w.cancel(a.GetId())
	w.stands(1, p.GetId(), waiting)
	w.cancel(b.GetId())
	w.stands(1, p.GetId(), offered)
	got, err := w.accept(1, p.GetId())
	w.must(err)
	if w.atoms(got.GetBookingId()) != 2 {
		t.Errorf("accepted: %v", got)
	}
}

// A sweeper that does not run blocks no room: ten minutes after the end of an
// offer the slot is free for all.
func TestAnOldOfferBlocksNobody(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(10)
	id := w.taken(day, "AM")
	p := w.waits(1, day, "AM")
	w.cancel(id)
	var minutes int
	w.must(w.DB("facilities").QueryRow(t.Context(), `
		SELECT extract(epoch FROM a.expires_at - p.offer_ends_at)::integer / 60
		FROM waitlist_place p
		JOIN booking_atom a ON a.holder_id = p.id
		WHERE p.id = $1`, p).Scan(&minutes))
	if minutes != 10 {
		t.Errorf("the slot is kept %d minutes for the next", minutes)
	}
	w.exec(`UPDATE booking_atom SET expires_at = now() - interval '1 second' WHERE holder_id = $1`, p)
	w.taken(day, "AM") // Before the sweeper has seen the end of the offer.
	w.endOffer(p)
	w.task("pass-on-offers")
	w.stands(1, p, expired)
}

// What somebody else waits for does not exist for others.
func TestPlacesAreHidden(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(10)
	w.taken(day, "AM")
	id := w.waits(1, day, "AM")
	_, err := w.waitlist(head).GetWaitlistPlace(t.Context(), &facilitiesv1.GetWaitlistPlaceRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.waitlist(head).LeaveWaitlist(t.Context(), &facilitiesv1.LeaveWaitlistRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.waitlist(desk).GetWaitlistPlace(t.Context(), &facilitiesv1.GetWaitlistPlaceRequest{Id: id})
	refused(t, err, "PERMISSION_DENIED")
	own := w.waits(2, day, "AM")
	list := func(state facilitiesv1.WaitlistPlace_State) []*facilitiesv1.WaitlistPlace {
		resp, err := w.waitlist(group(2)).ListWaitlistPlaces(t.Context(), &facilitiesv1.ListWaitlistPlacesRequest{State: state})
		w.must(err)
		return resp.GetPlaces()
	}
	if got := list(0); len(got) != 1 || got[0].GetId() != own || len(list(waiting)) != 1 || len(list(offered)) != 0 {
		t.Errorf("own places: %v", got)
	}
	viewers := group(2)
	viewers.Memberships[0].Role = viewer.Memberships[0].Role
	viewers.Roles = viewer.Roles
	_, err = w.waitlist(viewers).LeaveWaitlist(t.Context(), &facilitiesv1.LeaveWaitlistRequest{Id: own})
	refused(t, err, "PERMISSION_DENIED")
	w.exec(`UPDATE waitlist_place SET starts_at = now() - interval '1 minute' WHERE id = $1`, own)
	w.stands(2, own, facilitiesv1.WaitlistPlace_PASSED)
	w.task("pass-on-offers")
	if n := w.count(`SELECT count(*) FROM waitlist_atom WHERE place_id = $1`, own); n != 0 {
		t.Error("a place that has passed still waits")
	}
}
