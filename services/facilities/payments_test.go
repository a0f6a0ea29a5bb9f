package facilities_test

import (
	"testing"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

func TestPayment(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	pay := func(amount int64) error {
		_, err := w.bookings(desk).RecordPayment(t.Context(), &facilitiesv1.RecordPaymentRequest{
			Id: b.GetId(), Amount: amount, Method: facilitiesv1.BookingPayment_CASHLESS, ReceiptNumber: "12",
		})
		return err
	}
	refused(t, pay(990), "PAYMENT_MISMATCH")
	w.must(w.bookingVerbs(clerk, b.GetId(), "")["reduceFee"]())
	refused(t, pay(1000), "REDUCTION_OPEN")
	refused(t, w.bookingVerbs(clerk, b.GetId(), "")["approve"](), "REDUCTION_OPEN")
	refused(t, w.bookingVerbs(clerk, b.GetId(), "")["reduceFee"](), "REDUCTION_OPEN")
	w.must(w.bookingVerbs(approver, b.GetId(), "")["decideReduction"]())
	refused(t, w.bookingVerbs(approver, b.GetId(), "")["decideReduction"](), "NO_REDUCTION_DRAFTED")
	w.must(pay(500))
	refused(t, pay(500), "PAYMENT_NOT_DUE")
	got := w.booking(b.GetId())
	if p := got.GetPayment(); p.GetState() != facilitiesv1.BookingPayment_PAID || p.GetPaidAmount() != 500 || p.GetPaidOn() != today().String() || p.GetReceiptNumber() != "12" {
		t.Errorf("%v", p)
	}
	if r := got.GetReduction(); r.GetState() != facilitiesv1.FeeReduction_APPROVED || got.GetFee().GetReductionPercent() != 50 {
		t.Errorf("%v %v", r, got.GetFee())
	}
	if n := w.count(`SELECT count(*) FROM booking_atom a JOIN booking b ON b.id = a.holder_id WHERE b.id = $1 AND a.expires_at = b.expires_at AND b.expires_at = b.ends_at`, b.GetId()); n != 1 {
		t.Error("a paid booking expires before its use")
	}
}

func TestReductionNeedsAnother(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.must(w.bookingVerbs(both, b.GetId(), "")["reduceFee"]())
	refused(t, w.bookingVerbs(both, b.GetId(), "")["decideReduction"](), "SELF_APPROVAL_FORBIDDEN")
	_, err := w.bookings(approver).DecideReduction(t.Context(), &facilitiesv1.DecideReductionRequest{Id: b.GetId()})
	refused(t, err, "INVALID_FIELD")
	resp, err := w.bookings(approver).DecideReduction(t.Context(), &facilitiesv1.DecideReductionRequest{Id: b.GetId(), Reason: "対象外のため"})
	w.must(err)
	if r := resp.GetBooking().GetReduction(); r.GetState() != facilitiesv1.FeeReduction_RETURNED || r.GetReturnReason() != "対象外のため" || resp.GetBooking().GetFee().GetAmount() != 1000 {
		t.Errorf("%v", resp.GetBooking())
	}
}
