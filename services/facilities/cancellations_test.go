package facilities_test

import (
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

func TestCancelBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Title, r.PublishAsEvent = "囲碁の会", true })
	w.must(w.bookingVerbs(desk, b.GetId(), "")["recordPayment"]())
	w.approve(b.GetId())
	w.must(w.bookingVerbs(editor, b.GetId(), "")["cancel"]())
	got := w.booking(b.GetId())
	if got.GetState() != facilitiesv1.Booking_CANCELLED || got.GetCause() != facilitiesv1.Booking_USER || got.GetPayment().GetState() != facilitiesv1.BookingPayment_REFUND_DUE || got.GetPayment().GetRefundAmount() != 1000 {
		t.Errorf("in the grace period: %v", got)
	}
	if n := w.atoms(b.GetId()); n != 0 {
		t.Errorf("%d atoms left", n)
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingConfirmed BookingCancelled" {
		t.Errorf("events: %s", got)
	}
	w.must(w.bookingVerbs(desk, b.GetId(), "")["recordRefund"]())
	refused(t, w.bookingVerbs(desk, b.GetId(), "")["recordRefund"](), "REFUND_NOT_DUE")
	refused(t, w.bookingVerbs(editor, b.GetId(), "")["cancel"](), "INVALID_STATE_TRANSITION")
}

// after lets the times of a booking for its users be past.
func (w *world) after(id string) {
	w.t.Helper()
	w.exec(`UPDATE booking SET detail = detail || jsonb_build_object('graceUntil', $2::text, 'cancelUntil', $2::text) WHERE id = $1`,
		id, time.Now().Add(-time.Minute).UTC().Format(time.RFC3339))
}

func TestCancelLate(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.after(b.GetId())
	refused(t, w.bookingVerbs(editor, b.GetId(), "")["cancel"](), "CANCEL_DEADLINE_PASSED")
	w.must(w.bookingVerbs(desk, b.GetId(), "")["cancel"]())
	if got := w.booking(b.GetId()); !got.GetCancelledLate() || got.GetState() != facilitiesv1.Booking_CANCELLED {
		t.Errorf("%v", got)
	}
	if n := w.count(`SELECT count(*) FROM penalty WHERE booking_id = $1`, b.GetId()); n != 1 {
		t.Errorf("%d penalties", n)
	}
}

func TestCancelByWard(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.must(w.bookingVerbs(desk, b.GetId(), "")["recordPayment"]())
	w.after(b.GetId())
	req := &facilitiesv1.CancelBookingRequest{Id: b.GetId(), Cause: facilitiesv1.Booking_WARD, Reason: "選挙の投票所となるため"}
	_, err := w.bookings(editor).CancelBooking(t.Context(), req)
	refused(t, err, "INVALID_FIELD")
	_, err = w.bookings(clerk).CancelBooking(t.Context(), &facilitiesv1.CancelBookingRequest{Id: b.GetId(), Cause: facilitiesv1.Booking_WARD})
	refused(t, err, "INVALID_FIELD")
	resp, err := w.bookings(clerk).CancelBooking(t.Context(), req)
	w.must(err)
	if got := resp.GetBooking(); got.GetCancelledLate() || got.GetCause() != facilitiesv1.Booking_WARD || got.GetPayment().GetRefundAmount() != 1000 {
		t.Errorf("%v", got)
	}
	if n := w.count(`SELECT count(*) FROM penalty`); n != 0 {
		t.Errorf("%d penalties for the ward's cause", n)
	}
}

// close closes 麹町区民館 on a day.
func (w *world) close(on jp.Date) {
	w.t.Helper()
	_, err := w.approveClosure(w.draftClosure(closing(on, on)).GetId())
	w.must(err)
}

// An approved closure cancels the bookings that it hits, with the full refund.
func TestClosureCancels(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(8)
	hit := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Date, r.RoomId = day.String(), roomAB })
	w.must(w.bookingVerbs(desk, hit.GetId(), "")["reduceFee"]())
	kept := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Date = openDay(9).String() })
	w.close(day)
	w.task("cancel-for-closures")
	got := w.booking(hit.GetId())
	if got.GetState() != facilitiesv1.Booking_CANCELLED || got.GetCause() != facilitiesv1.Booking_WARD || got.GetEndReason() != "休館のため: 設備の点検" {
		t.Errorf("%v", got)
	}
	if got := w.booking(kept.GetId()); got.GetState() != facilitiesv1.Booking_TENTATIVE {
		t.Errorf("the day after: %v", got)
	}
	if n := w.count(`SELECT count(*) FROM closure_cascade WHERE done_at IS NULL`); n != 0 {
		t.Errorf("%d closures not done", n)
	}
	_, err := w.try(editor, func(r *facilitiesv1.CreateBookingRequest) { r.Date = day.String() })
	refused(t, err, "FACILITY_CLOSED")
}
