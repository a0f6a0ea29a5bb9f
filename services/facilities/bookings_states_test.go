package facilities_test

import (
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// bookingVerbs are all steps, with requests that have what they need.
func (w *world) bookingVerbs(p auth.Principal, id, etag string) map[string]func() error {
	c, ctx := w.bookings(p), w.t.Context()
	title := "囲碁の会"
	return map[string]func() error{
		"approve": func() error {
			_, err := c.ApproveBooking(ctx, &facilitiesv1.ApproveBookingRequest{Id: id, Etag: etag, Conditions: []string{"火気厳禁"}})
			return err
		},
		"requestInformation": func() error {
			_, err := c.RequestInformation(ctx, &facilitiesv1.RequestInformationRequest{Id: id, Etag: etag, Message: "使用人数を確認してください。", DueOn: today().String()})
			return err
		},
		"answerInformation": func() error {
			_, err := c.AnswerInformation(ctx, &facilitiesv1.AnswerInformationRequest{Id: id, Etag: etag, Answer: "12人です。"})
			return err
		},
		"reject": func() error {
			_, err := c.RejectBooking(ctx, &facilitiesv1.RejectBookingRequest{Id: id, Etag: etag, Reason: "営利目的のため"})
			return err
		},
		"cancel": func() error {
			_, err := c.CancelBooking(ctx, &facilitiesv1.CancelBookingRequest{Id: id, Etag: etag, Reason: "中止になったため"})
			return err
		},
		"amend": func() error {
			_, err := c.AmendBooking(ctx, &facilitiesv1.AmendBookingRequest{Id: id, Etag: etag, Title: &title})
			return err
		},
		"checkIn": func() error {
			_, err := c.CheckInBooking(ctx, &facilitiesv1.CheckInBookingRequest{Id: id, Etag: etag, Attendance: 9})
			return err
		},
		"recordNoShow": func() error {
			_, err := c.RecordNoShow(ctx, &facilitiesv1.RecordNoShowRequest{Id: id, Etag: etag})
			return err
		},
		"recordPayment": func() error {
			_, err := c.RecordPayment(ctx, &facilitiesv1.RecordPaymentRequest{Id: id, Etag: etag, Amount: 1000, Method: facilitiesv1.BookingPayment_CASH})
			return err
		},
		"recordRefund": func() error {
			_, err := c.RecordRefund(ctx, &facilitiesv1.RecordRefundRequest{Id: id, Etag: etag})
			return err
		},
		"reduceFee": func() error {
			_, err := c.ReduceFee(ctx, &facilitiesv1.ReduceFeeRequest{Id: id, Etag: etag, Percent: 50, Reason: "条例による減額"})
			return err
		},
		"decideReduction": func() error {
			_, err := c.DecideReduction(ctx, &facilitiesv1.DecideReductionRequest{Id: id, Etag: etag, Granted: true})
			return err
		},
	}
}

// What the caller may not know of is not found, what the role cannot do is
// denied, and an old version changes nothing.
func TestBookingSteps(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	roles := map[string][]auth.Principal{ // Who may, of those who see the booking.
		"approve": {clerk, approver, both}, "requestInformation": {desk, clerk, both}, "answerInformation": {editor, head, desk, clerk, both},
		"reject": {clerk, approver, both}, "cancel": {editor, head, desk, clerk, both}, "amend": {editor, head, desk, clerk, both},
		"checkIn": {desk, clerk, both}, "recordNoShow": {desk, clerk, both}, "recordPayment": {desk, clerk, both},
		"recordRefund": {desk, clerk, both}, "reduceFee": {desk, clerk, both}, "decideReduction": {approver, both},
	}
	for _, by := range []auth.Principal{nobody, resident, viewer, editor, head, head2, staff, desk, approver, clerk, both, auditor, admin} {
		for verb, try := range w.bookingVerbs(by, b.GetId(), `"77"`) {
			invented := w.bookingVerbs(by, none, "")[verb]()
			err := try()
			may := false
			for _, p := range roles[verb] {
				may = may || p.ID == by.ID
			}
			switch got := reason(err); {
			case by.ID == nobody.ID:
				refused(t, err, "UNAUTHENTICATED")
			case may && got != "ETAG_MISMATCH":
				t.Errorf("%s by %s: %v", verb, by.ID, err)
			case !may && by.ID == viewer.ID && got == "ETAG_MISMATCH": // Its organization's; the version comes before the role in it.
			case !may && got != "PERMISSION_DENIED" && got != "RESOURCE_NOT_FOUND":
				t.Errorf("%s by %s: %v", verb, by.ID, err)
			case by.ID == head2.ID && got != reason(invented):
				t.Errorf("%s by another organization: %v, of an invented one %v", verb, err, invented)
			}
		}
	}
	if got := w.booking(b.GetId()); got.GetEtag() != `"1"` || got.GetState() != facilitiesv1.Booking_TENTATIVE {
		t.Errorf("%v", got)
	}
}

func TestApproveBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) {
		r.Title, r.PublishAsEvent, r.CallForVolunteers, r.VolunteersWanted = "防災ワークショップ", true, true, 5
	})
	resp, err := w.bookings(clerk).ApproveBooking(t.Context(), &facilitiesv1.ApproveBookingRequest{
		Id: b.GetId(), Etag: b.GetEtag(), Conditions: []string{"火気厳禁"},
	})
	w.must(err)
	got := resp.GetBooking()
	if got.GetState() != facilitiesv1.Booking_APPROVED || got.GetApprovedOn() != today().String() || got.GetExpireTime() != nil || len(got.GetConditions()) != 1 {
		t.Errorf("%v", got)
	}
	if n := w.count(`SELECT count(*) FROM booking_atom WHERE holder_id = $1 AND expires_at IS NULL`, b.GetId()); n != 1 {
		t.Errorf("%d atoms without end", n)
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingConfirmed" {
		t.Errorf("events: %s", got)
	}
	var fact string
	w.must(w.DB("facilities").QueryRow(t.Context(), `
		SELECT concat_ws('|', data->>'bookingId', data->>'title', data->>'publishAsEvent', data->>'volunteersWanted', data->>'startTime', data->>'roomName' <> '', data->>'facilityAddress' <> '')
		FROM (SELECT convert_from(data, 'UTF8')::jsonb->'booking' AS data FROM event_log WHERE aggregate_id = $1 AND headers->>'ce-type' LIKE '%.BookingConfirmed') AS e`,
		b.GetId()).Scan(&fact))
	if fact != b.GetId()+"|防災ワークショップ|true|5|09:00|t|t" {
		t.Errorf("outreach reads %s", fact)
	}
	err = w.bookingVerbs(clerk, b.GetId(), "")["approve"]()
	refused(t, err, "INVALID_STATE_TRANSITION")

	own, err := w.try(clerk, func(r *facilitiesv1.CreateBookingRequest) {
		r.SlotCodes, r.Channel, r.PaperNote = []string{"PM"}, facilitiesv1.Booking_DESK, "申込書"
	})
	w.must(err)
	refused(t, w.bookingVerbs(clerk, own.GetId(), "")["approve"](), "SELF_APPROVAL_FORBIDDEN")
	w.must(w.bookingVerbs(approver, own.GetId(), "")["approve"]())
}

func TestInformation(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	refused(t, w.bookingVerbs(editor, b.GetId(), "")["answerInformation"](), "NO_INFORMATION_REQUESTED")
	w.must(w.bookingVerbs(desk, b.GetId(), "")["requestInformation"]())
	w.must(w.bookingVerbs(editor, b.GetId(), "")["answerInformation"]())
	refused(t, w.bookingVerbs(editor, b.GetId(), "")["answerInformation"](), "NO_INFORMATION_REQUESTED")
	if q := w.booking(b.GetId()).GetInformationRequest(); q.GetAnswer() != "12人です。" || q.GetAnswerTime() == nil {
		t.Errorf("%v", q)
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingInformationRequested" {
		t.Errorf("events: %s", got)
	}
}

func TestRejectBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.must(w.bookingVerbs(desk, b.GetId(), "")["recordPayment"]())
	w.must(w.bookingVerbs(clerk, b.GetId(), "")["reject"]())
	got := w.booking(b.GetId())
	if got.GetState() != facilitiesv1.Booking_REJECTED || got.GetEndReason() == "" || got.GetPayment().GetRefundAmount() != 1000 || w.atoms(b.GetId()) != 0 {
		t.Errorf("%v, %d atoms", got, w.atoms(b.GetId()))
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingCancelled" {
		t.Errorf("events: %s", got)
	}
	w.book(nil) // The slot is free again.
}

// The hold ends by the database's clock: nobody can revive it, everybody can
// have the slot, swept up or not.
func TestBookingExpires(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.expire(b.GetId())
	if got := w.booking(b.GetId()).GetState(); got != facilitiesv1.Booking_EXPIRED {
		t.Errorf("reads %v", got)
	}
	for verb, try := range w.bookingVerbs(both, b.GetId(), "") {
		switch verb {
		case "recordRefund":
			refused(t, try(), "REFUND_NOT_DUE")
		case "checkIn", "recordNoShow", "decideReduction", "approve", "reject", "requestInformation", "answerInformation", "cancel", "amend", "recordPayment", "reduceFee":
			refused(t, try(), "BOOKING_EXPIRED")
		}
	}
	list := func(s facilitiesv1.Booking_State) int {
		return len(w.listBookings(editor, &facilitiesv1.ListBookingsRequest{State: s}))
	}
	if list(facilitiesv1.Booking_TENTATIVE) != 0 || list(facilitiesv1.Booking_EXPIRED) != 1 {
		t.Errorf("lists %d tentative, %d expired", list(facilitiesv1.Booking_TENTATIVE), list(facilitiesv1.Booking_EXPIRED))
	}
	next := w.book(nil)
	if w.atoms(next.GetId()) != 1 || w.atoms(b.GetId()) != 0 {
		t.Errorf("%d and %d atoms", w.atoms(next.GetId()), w.atoms(b.GetId()))
	}
	w.task("expire-bookings")
	if n := w.count(`SELECT count(*) FROM booking WHERE state = 'EXPIRED'`); n != 1 {
		t.Errorf("%d swept up", n)
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingCancelled" {
		t.Errorf("events: %s", got)
	}
	if w.atoms(next.GetId()) != 1 {
		t.Error("the sweeper has freed what another one holds")
	}
}

// expire lets the hold of a booking have run out a second ago.
func (w *world) expire(id string) {
	w.t.Helper()
	past := time.Now().Add(-time.Second)
	w.exec(`UPDATE booking SET expires_at = $2 WHERE id = $1`, id, past)
	w.exec(`UPDATE booking_atom SET expires_at = $2 WHERE holder_id = $1`, id, past)
}
