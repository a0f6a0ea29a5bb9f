package facilities_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

func TestAmendBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	taken := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.SlotCodes = roomB, []string{"PM"} })
	amend := func(change func(*facilitiesv1.AmendBookingRequest)) (*facilitiesv1.Booking, error) {
		req := &facilitiesv1.AmendBookingRequest{Id: b.GetId()}
		change(req)
		resp, err := w.bookings(editor).AmendBooking(t.Context(), req)
		return resp.GetBooking(), err
	}
	_, err := amend(func(r *facilitiesv1.AmendBookingRequest) {
		r.RoomId, r.SlotCodes = proto.String(roomAB), []string{"AM", "PM"}
	})
	refused(t, err, "SLOT_TAKEN")
	if w.atoms(b.GetId()) != 1 || w.atoms(taken.GetId()) != 1 {
		t.Error("a refused move has changed something")
	}
	got, err := amend(func(r *facilitiesv1.AmendBookingRequest) {
		r.RoomId, r.SlotCodes, r.Headcount, r.Title = proto.String(roomAB), []string{"AM", "NI"}, proto.Int32(60), proto.String("発表会")
	})
	w.must(err)
	if got.GetRoomId() != roomAB || got.GetEndTime() != "21:00" || got.GetHeadcount() != 60 || got.GetTitle() != "発表会" || w.atoms(b.GetId()) != 4 {
		t.Errorf("%v, %d atoms", got, w.atoms(b.GetId()))
	}
	got, err = amend(func(r *facilitiesv1.AmendBookingRequest) {
		r.RoomId, r.SlotCodes, r.Headcount = proto.String(room), []string{"NI"}, proto.Int32(5)
	})
	w.must(err)
	if w.atoms(b.GetId()) != 1 || got.GetNumber() != b.GetNumber() || got.GetFee().GetAmount() != 1300 {
		t.Errorf("%d atoms, %v", w.atoms(b.GetId()), got)
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingRequested BookingRequested" {
		t.Errorf("events: %s", got)
	}
	w.book(nil) // What was given up is free.
	for want, change := range map[string]func(*facilitiesv1.AmendBookingRequest){
		"INVALID_FIELD":     func(*facilitiesv1.AmendBookingRequest) {},
		"CAPACITY_EXCEEDED": func(r *facilitiesv1.AmendBookingRequest) { r.Headcount = proto.Int32(1000) },
		"PAST_DATE":         func(r *facilitiesv1.AmendBookingRequest) { r.Date = proto.String(today().AddDays(-1).String()) },
		"NOT_OPEN_YET": func(r *facilitiesv1.AmendBookingRequest) {
			r.Date = proto.String(workday(today().AddMonths(6)).String())
		},
		"PURPOSE_NOT_ALLOWED": func(r *facilitiesv1.AmendBookingRequest) {
			r.RoomId, r.SlotCodes = proto.String(hourlyRoom), []string{"09"} // For sports only.
		},
		"SLOT_UNKNOWN": func(r *facilitiesv1.AmendBookingRequest) { r.SlotCodes = []string{"P9"} },
		"EQUIPMENT_UNKNOWN": func(r *facilitiesv1.AmendBookingRequest) {
			r.Equipment = &facilitiesv1.EquipmentList{Items: []*facilitiesv1.BookedEquipment{{Code: "ORGAN", Count: 1}}}
		},
		"RESOURCE_NOT_FOUND": func(r *facilitiesv1.AmendBookingRequest) { r.RoomId = proto.String(none) },
	} {
		_, err := amend(change)
		refused(t, err, want)
	}
	w.after(b.GetId())
	_, err = amend(func(r *facilitiesv1.AmendBookingRequest) { r.Title = proto.String("x") })
	refused(t, err, "AMENDMENT_CLOSED")
	w.approve(b.GetId())
	_, err = w.bookings(clerk).AmendBooking(t.Context(), &facilitiesv1.AmendBookingRequest{Id: b.GetId(), Date: proto.String(openDay(6).String())})
	w.must(err)
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingRequested BookingRequested BookingConfirmed BookingConfirmed" {
		t.Errorf("events: %s", got)
	}
}

// A booking that moves does not count against itself.
func TestAmendWithinQuota(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 1, "maxPerMonth": 1}`)
	b := w.book(nil)
	req := &facilitiesv1.AmendBookingRequest{Id: b.GetId(), SlotCodes: []string{"PM"}}
	_, err := w.bookings(editor).AmendBooking(t.Context(), req)
	w.must(err)
	req.SlotCodes = []string{"PM", "NI"}
	_, err = w.bookings(editor).AmendBooking(t.Context(), req)
	refused(t, err, "QUOTA_EXCEEDED")
}
