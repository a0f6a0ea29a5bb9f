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

// What was won opens nothing else: a move is asked for online, by whose booking it
// is. To give up one of its slots is no move.
func TestAWinOpensNothingElse(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	_, err := w.enter(head, entryFor(l.GetId(), org1, "AM", "PM"))
	w.must(err)
	w.drawn(l.GetId())
	_, entry := w.winner(l.GetId())
	won, err := w.lotteries(head).ConfirmLotteryEntry(t.Context(), &facilitiesv1.ConfirmLotteryEntryRequest{Id: l.GetId(), EntryId: entry})
	w.must(err)
	id := won.GetEntry().GetBookingIds()[0]
	_, err = w.bookings(head).AmendBooking(t.Context(), &facilitiesv1.AmendBookingRequest{Id: id, Date: proto.String(drawDay(1).String())})
	refused(t, err, "NOT_OPEN_YET")
	less, err := w.bookings(head).AmendBooking(t.Context(), &facilitiesv1.AmendBookingRequest{Id: id, SlotCodes: []string{"PM"}})
	w.must(err)
	if b := less.GetBooking(); len(b.GetSlotCodes()) != 1 || b.GetChannel() != facilitiesv1.Booking_LOTTERY || w.atoms(id) != 1 {
		t.Errorf("%v", b)
	}
}

// A booking that needed no approval does not move to where one is needed.
func TestAmendNeedsANewBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.exec(`UPDATE item_version SET content = content || '{"approval": false}' WHERE item_id = $1`, hall)
	w.exec(`
		UPDATE item_version
		SET content = content || '{"rates": []}'
		WHERE item_id IN (SELECT id FROM item WHERE kind = 'FEE_TABLE')`)
	w.exec(reviseCatalogue)
	b := w.book(nil)
	if b.GetState() != facilitiesv1.Booking_APPROVED {
		t.Fatalf("%v", b)
	}
	move := &facilitiesv1.AmendBookingRequest{Id: b.GetId(), RoomId: proto.String(otherRoom), Headcount: proto.Int32(5)}
	_, err := w.bookings(editor).AmendBooking(t.Context(), move)
	refused(t, err, "NEW_BOOKING_NEEDED")
	move.RoomId = proto.String(roomB)
	got, err := w.bookings(editor).AmendBooking(t.Context(), move)
	w.must(err)
	if got.GetBooking().GetState() != facilitiesv1.Booking_APPROVED || got.GetBooking().GetRoomId() != roomB {
		t.Errorf("%v", got)
	}
}
