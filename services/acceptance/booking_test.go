package acceptance

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"
)

// stay is a booking on its way.
type stay struct {
	*client

	rep, organization string
	room, hall, day   string
	id                string
}

// The halls of the story, one for each transport: two stories in one world do not
// take each other's slots.
var storyRooms = map[string]string{"REST": "01900000-0000-7000-8000-0000000f1009", "gRPC": "01900000-0000-7000-8000-0000000f1013"}

// TestRoomToEvent follows a booking from the vacancy that everybody sees to an
// event, and what comes of its cancellation.
func TestRoomToEvent(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		s := &stay{client: c.on(t), rep: somebody("booker"), room: storyRooms[c.transport.String()]}
		s.organization = s.client.organization(s.rep, "語りの会 "+s.rep)
		s.isFound()
		s.isBooked()
		s.isExamined()
		s.isPaid()
		s.isToldToAResident()
		s.becomesAnEvent()
		s.isCancelledByTheWard()
		s.isRepeated()
	})
}

// once sends a key of its own.
func (s *stay) once() *client { return s.with("Idempotency-Key", rand.Text()) }

// isFound looks for a day on which the room is free.
func (s *stay) isFound() {
	s.t.Helper()
	board := s.ok("", "GetAvailability", obj{"roomId": s.room, "from": today(3), "to": today(27)})
	s.hall = board.str("rooms.0.facilityId")
	for _, day := range board.list("days") {
		if day.str("rooms.0.slots") == "FFF" {
			s.day = day.str("date")
			return
		}
	}
	s.t.Fatalf("no free day: %s", board.text())
}

// order asks for slots of the day.
func (s *stay) order(organization string, codes ...string) obj {
	return obj{
		"organizationId": organization, "roomId": s.room, "date": s.day, "slotCodes": codes, "purpose": "MEETING",
		"title": "語りの会", "headcount": 12, "publishAsEvent": true, "callForVolunteers": true, "volunteersWanted": 2,
	}
}

// letters are the slots of the day as everybody sees them.
func (s *stay) letters() string {
	s.t.Helper()
	return s.ok("", "GetAvailability", obj{"roomId": s.room, "from": s.day}).str("days.0.rooms.0.slots")
}

func (s *stay) state(want string, a answer) {
	s.t.Helper()
	if got := a.str("booking.state"); got != want {
		s.t.Errorf("the booking is %s instead of %s", got, want)
	}
}

func (s *stay) isBooked() {
	s.t.Helper()
	s.refused(s.rep, "CreateBooking", "IDEMPOTENCY_KEY_REQUIRED", s.order(s.organization, "AM"))
	crowd := s.order(s.organization, "AM")
	crowd["headcount"] = 500
	s.once().refused(s.rep, "CreateBooking", "CAPACITY_EXCEEDED", crowd)
	s.once().refused(s.rep, "CreateBooking", "SLOT_UNKNOWN", s.order(s.organization, "XX"))
	s.once().refused("member2", "CreateBooking", "PERMISSION_DENIED", s.order(s.organization, "AM"))
	s.once().refused("desk", "CreateBooking", "INVALID_FIELD", s.order(s.organization, "AM")) // without a note of the call
	key := s.once()
	first := key.ok(s.rep, "CreateBooking", s.order(s.organization, "AM", "PM"))
	s.state("TENTATIVE", first)
	s.id = first.str("booking.id")
	if again := key.ok(s.rep, "CreateBooking", s.order(s.organization, "AM", "PM")); again.str("booking.id") != s.id {
		s.t.Errorf("the same call booked twice: %s", again.text())
	}
	if got := s.letters(); got != "TTF" {
		s.t.Errorf("everybody sees %s", got)
	}
	s.once().refused("desk", "CreateBooking", "SLOT_TAKEN", func() obj {
		o := s.order(s.organization, "PM")
		o["channel"], o["paperNote"] = "PHONE", "電話での申込み"
		return o
	}())
	for _, stranger := range []string{"member2", "resident"} {
		s.refused(stranger, "GetBooking", "RESOURCE_NOT_FOUND", obj{"id": s.id})
	}
}

// waits reports whether an action on the booking waits for a person.
func (s *stay) waits(as, action string) bool {
	s.t.Helper()
	return slices.ContainsFunc(s.ok(as, "ListTasks", obj{}).list("tasks"), func(a answer) bool {
		return a.str("action") == action && strings.HasSuffix(a.str("path"), s.id)
	})
}

func (s *stay) isExamined() {
	s.t.Helper()
	if !s.waits(s.rep, "pay") || !s.waits("clerk", "approve") {
		s.t.Error("nobody is told that the booking waits")
	}
	s.refused(s.rep, "AnswerInformation", "NO_INFORMATION_REQUESTED", obj{"id": s.id, "answer": "はい。"})
	s.ok("clerk", "RequestInformation", obj{"id": s.id, "message": "使う道具を教えてください。", "dueOn": today(2)})
	if !s.waits(s.rep, "answerInformation") || s.waits("clerk", "approve") {
		s.t.Error("it is not the group's turn")
	}
	s.ok(s.rep, "AnswerInformation", obj{"id": s.id, "answer": "本だけです。"})
	s.ok("clerk", "ReduceFee", obj{"id": s.id, "percent": 50, "reason": "区との共催のため"})
	s.refused("clerk", "ApproveBooking", "REDUCTION_OPEN", obj{"id": s.id})
	if !s.waits("approver", "decideReduction") {
		s.t.Error("the reduction waits for nobody")
	}
	s.ok("approver", "DecideReduction", obj{"id": s.id, "granted": true})
	s.refused("desk", "ApproveBooking", "PERMISSION_DENIED", obj{"id": s.id})
	s.state("APPROVED", s.ok("clerk", "ApproveBooking", obj{"id": s.id, "conditions": []string{"火気厳禁"}}))
	s.refused("clerk", "CheckInBooking", "NOT_ON_USE_DATE", obj{"id": s.id, "attendance": 5})
}

func (s *stay) isPaid() {
	s.t.Helper()
	due := s.ok(s.rep, "GetBooking", obj{"id": s.id}).str("booking.fee.amount")
	s.refused("desk", "RecordPayment", "PAYMENT_MISMATCH", obj{"id": s.id, "amount": "1", "method": "CASH"})
	paid := s.ok("desk", "RecordPayment", obj{"id": s.id, "amount": due, "method": "CASH", "receiptNumber": "1"})
	if got := paid.str("booking.payment.state"); got != "PAID" {
		s.t.Errorf("the payment is %s", got)
	}
	s.refused("desk", "RecordPayment", "PAYMENT_NOT_DUE", obj{"id": s.id, "amount": due, "method": "CASH"})
	// What was examined and paid is not changed by the group alone.
	s.refused(s.rep, "AmendBooking", "AMENDMENT_CLOSED", obj{"id": s.id, "slotCodes": []string{"AM", "PM", s.evening()}})
}

// evening is the last slot of the day.
func (s *stay) evening() string {
	s.t.Helper()
	return s.ok("", "GetAvailability", obj{"roomId": s.room, "from": s.day}).str("rooms.0.slots.2.code")
}

// isToldToAResident books for a resident alone, who gets the notices that a group
// gets of its bookings.
func (s *stay) isToldToAResident() {
	s.t.Helper()
	resident := somebody("reader")
	own := s.order("", s.evening())
	delete(own, "organizationId")
	own["publishAsEvent"], own["callForVolunteers"], own["volunteersWanted"] = false, false, 0
	id := s.once().ok(resident, "CreateBooking", own).str("booking.id")
	s.ok("clerk", "RequestInformation", obj{"id": id, "message": "使う道具を教えてください。", "dueOn": today(2)})
	s.ok(resident, "CancelBooking", obj{"id": id})
	eventually(s.t, 30*time.Second, "the resident is told of the booking", func() bool {
		var kinds []string
		for _, n := range s.all(resident, "ListNotices", "notices", nil) {
			if n.str("path") == "/v1/bookings/"+id {
				kinds = append(kinds, n.str("kind"))
			}
		}
		slices.Sort(kinds)
		return slices.Equal(kinds, []string{"booking_ended", "booking_information", "booking_received"})
	})
}

// event is the draft that outreach made of the booking.
func (s *stay) event(state string) {
	s.t.Helper()
	eventually(s.t, 30*time.Second, "the event is "+state, func() bool {
		return slices.ContainsFunc(s.all(s.rep, "ListEvents", "events", obj{"organizationId": s.organization}), func(e answer) bool {
			return e.str("title") == "語りの会" && e.str("state") == state
		})
	})
}

func (s *stay) becomesAnEvent() {
	s.t.Helper()
	s.event("DRAFT")
}

// isCancelledByTheWard frees the slots for who waits; the fee goes back, and the
// event is called off.
func (s *stay) isCancelledByTheWard() {
	s.t.Helper()
	other := somebody("waiter")
	group := s.client.organization(other, "待つ会 "+other)
	place := obj{"organizationId": group, "roomId": s.room, "date": s.day, "slotCodes": []string{"PM"}, "userClass": "GENERAL", "purpose": "MEETING", "headcount": 5}
	waiting := s.once().ok(other, "JoinWaitlist", obj{"place": place})
	id := waiting.str("place.id")
	s.refused(other, "AcceptWaitlistOffer", "INVALID_STATE_TRANSITION", obj{"id": id})
	s.refused(s.rep, "GetWaitlistPlace", "RESOURCE_NOT_FOUND", obj{"id": id})
	cancelled := s.ok("clerk", "CancelBooking", obj{"id": s.id, "cause": "WARD", "reason": "設備の故障"})
	s.state("CANCELLED", cancelled)
	if got := cancelled.str("booking.payment.state"); got != "REFUND_DUE" || !s.waits("desk", "recordRefund") {
		s.t.Errorf("the payment is %s", got)
	}
	s.ok("desk", "RecordRefund", obj{"id": s.id})
	if got := s.letters(); got != "FTF" {
		s.t.Errorf("everybody sees %s: the afternoon is kept for who waits", got)
	}
	accepted := s.ok(other, "AcceptWaitlistOffer", obj{"id": id})
	if got := accepted.str("place.state"); got != "ACCEPTED" {
		s.t.Errorf("the place is %s", got)
	}
	s.event("CANCELLED")
}

// isRepeated books every day of a week; the one that another group has is named.
func (s *stay) isRepeated() {
	s.t.Helper()
	first := s.order(s.organization, "PM")
	first["publishAsEvent"], first["callForVolunteers"], first["volunteersWanted"] = false, false, 0
	until, err := time.Parse(time.DateOnly, s.day)
	if err != nil {
		s.t.Fatal(err)
	}
	series := s.once().ok(s.rep, "CreateBookingSeries", obj{
		"booking": first, "repetition": obj{"frequency": "DAILY", "until": until.AddDate(0, 0, 2).Format(time.DateOnly)},
	})
	if got := series.list("skippedDates"); len(got) == 0 || got[0].str("date") != s.day || got[0].str("reason") != "SLOT_TAKEN" || got[0].str("message") == "" {
		s.t.Errorf("skipped: %s", series.text())
	}
	if len(series.list("bookings"))+len(series.list("skippedDates")) != 3 {
		s.t.Errorf("a day is missing: %s", series.text())
	}
}
