package booking

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
)

func TestApproval(t *testing.T) {
	b := booked(t)
	b.CreatedBy = clerk.ID
	if _, err := b.Approve(clerk, nil, may); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("own entry: %v", err)
	}
	if _, err := b.Reduce(desk, 100, "条例第9条", may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Approve(chief, nil, may); !errors.Is(err, ErrReductionOpen) {
		t.Errorf("with an open reduction: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); !errors.Is(err, ErrReductionOpen) {
		t.Errorf("payment with an open reduction: %v", err)
	}
	both := Reader{ID: desk.ID, Desk: true, Approver: true}
	if _, err := b.Decide(both, true, "", may); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("own draft: %v", err)
	}
	if _, err := b.Decide(chief, false, "", may); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := b.Decide(chief, true, "", may); err != nil || b.Fee.Amount != 0 || b.Payment.State != NotDue {
		t.Errorf("%v: %+v %+v", err, b.Fee, b.Payment)
	}
	if _, err := b.Decide(chief, true, "", may); !errors.Is(err, ErrNoReduction) {
		t.Errorf("twice: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1}, may); !errors.Is(err, ErrPaymentNotDue) {
		t.Errorf("payment of nothing: %v", err)
	}
	if _, err := b.Reduce(desk, 50, "x", may); !errors.Is(err, ErrPaymentNotDue) {
		t.Errorf("reduction of nothing: %v", err)
	}
}

func TestPayment(t *testing.T) {
	b := booked(t)
	if _, err := b.Pay(desk, Receipt{Amount: 1490}, may); !errors.Is(err, ErrPaymentMismatch) {
		t.Errorf("too little: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1500, On: jp.DateOf(may).AddDays(1)}, may); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("tomorrow: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.RepayRefund(desk, may); !errors.Is(err, ErrRefundNotDue) {
		t.Errorf("refund of nothing: %v", err)
	}
	if _, err := b.Reduce(desk, 50, "減額", may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Decide(chief, true, "", may); err != nil || b.Fee.Amount != 750 || b.Payment.State != RefundDue || b.Payment.Refund != 750 {
		t.Errorf("%v: %+v", err, b.Payment)
	}
	if _, err := b.RepayRefund(editor, may); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("by the users: %v", err)
	}
	if _, err := b.RepayRefund(desk, may); err != nil || b.Payment.State != Refunded {
		t.Errorf("%v: %+v", err, b.Payment)
	}
}

// halved is a booking whose fee of 1,500 yen was paid and then halved; repaid,
// with the 750 yen too much paid back.
func halved(t *testing.T, repaid bool) *Booking {
	t.Helper()
	b := booked(t)
	if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reduce(desk, 50, "減額", may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Decide(chief, true, "", may); err != nil {
		t.Fatal(err)
	}
	if !repaid {
		return b
	}
	if _, err := b.RepayRefund(desk, may); err != nil {
		t.Fatal(err)
	}
	return b
}

// A reduction that was granted stays with the fee while another one is drafted, and
// when that is returned.
func TestReductionAfterAReduction(t *testing.T) {
	b, title := halved(t, true), "囲碁の会"
	if _, err := b.Reduce(desk, 100, "免除", may); err != nil || b.GrantedReduction().Percent != 50 {
		t.Errorf("drafted: %v, %+v", err, b.GrantedReduction())
	}
	if _, err := b.Decide(chief, false, "対象外", may); err != nil || b.GrantedReduction().Reason != "減額" || b.Fee.Reduction != 50 {
		t.Errorf("returned: %v, %+v", err, b.GrantedReduction())
	}
	if err := amended(t, b, editor, Amendment{Title: &title}, nil); err != nil || b.GrantedReduction() == nil {
		t.Errorf("amended: %v", err)
	}
	if _, err := b.Reduce(desk, 100, "免除", may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Decide(chief, true, "", may); err != nil || b.GrantedReduction().Percent != 100 || b.Fee.Amount != 0 {
		t.Errorf("granted: %v, %+v", err, b.GrantedReduction())
	}
	if booked(t).GrantedReduction() != nil {
		t.Error("nothing was granted")
	}
}

// What was paid beyond the fee goes back whatever the table says, and what was
// paid back once does not go back again.
func TestRefundAfterAReduction(t *testing.T) {
	for _, tt := range []struct {
		name         string
		repaid       bool
		cause        Cause
		days         int
		paid, refund int64
		want         PaymentState
	}{
		{"ten days before", false, ByUser, 10, 1500, 1500, RefundDue},
		{"nine days before", false, ByUser, 9, 1500, 1125, RefundDue},
		{"too late for the table", false, ByUser, 2, 1500, 750, RefundDue},
		{"repaid, ten days before", true, ByUser, 10, 750, 750, RefundDue},
		{"repaid, nine days before", true, ByUser, 9, 750, 375, RefundDue},
		{"repaid, by the ward", true, ByWard, 1, 750, 750, RefundDue},
		{"repaid, too late for the table", true, ByUser, 2, 1500, 750, Refunded},
	} {
		b := halved(t, tt.repaid)
		_, err := b.Cancel(desk, Cancellation{Cause: tt.cause, Reason: "中止", Fees: catalogueFees(t)}, use.AddDays(-tt.days).StartOfDay())
		if p := b.Payment; err != nil || p.PaidAmount != tt.paid || p.Refund != tt.refund || p.State != tt.want {
			t.Errorf("%s: %v, %+v", tt.name, err, p)
		}
	}
	b := halved(t, true)
	if _, err := b.Reject(chief, "目的外", may); err != nil || b.Payment.State != RefundDue || b.Payment.Refund != 750 {
		t.Errorf("rejected: %v, %+v", err, b.Payment)
	}
}

// A booking that was paid back in part and then costs more is due for the rest.
func TestPaymentAfterARefund(t *testing.T) {
	b, title := halved(t, true), "囲碁の会"
	if err := amended(t, b, editor, Amendment{Title: &title}, nil); err != nil || b.Payment.State != Refunded || b.Payment.Refund != 750 {
		t.Errorf("the same fee: %v, %+v", err, b.Payment)
	}
	if err := amended(t, b, editor, Amendment{SlotCodes: []string{"AM", "PM"}}, nil); err != nil || b.Payment.State != Due || b.Payment.PaidAmount != 750 {
		t.Errorf("twice the fee: %v, %+v", err, b.Payment)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 750}, may); err != nil || b.Payment.PaidAmount != 1500 || b.Payment.State != Paid {
		t.Errorf("the rest: %v, %+v", err, b.Payment)
	}
	if err := amended(t, b, editor, Amendment{SlotCodes: []string{"AM"}}, nil); err != nil || b.Payment.State != RefundDue || b.Payment.Refund != 750 {
		t.Errorf("half the fee: %v, %+v", err, b.Payment)
	}
}

func TestCancel(t *testing.T) {
	fees := catalogueFees(t)
	day := func(d jp.Date, hour int) time.Time { return d.StartOfDay().Add(time.Duration(hour) * time.Hour) }
	for _, tt := range []struct {
		name   string
		by     Reader
		cause  Cause
		now    time.Time
		want   *fault.Error
		refund int64
		late   bool
	}{
		{"in the grace period", editor, ByUser, may.Add(29 * time.Minute), nil, 1500, false},
		{"in a grace period that the use ends", editor, ByUser, day(use, 9), ErrCancelDeadline, 0, false},
		{"ten days before", editor, ByUser, day(use.AddDays(-10), 23), nil, 1500, false},
		{"nine days before", editor, ByUser, day(use.AddDays(-9), 0), nil, 750, false},
		{"on the last day", editor, ByUser, day(use.AddDays(-3), 23), nil, 750, false},
		{"after it", editor, ByUser, day(use.AddDays(-2), 0), ErrCancelDeadline, 0, false},
		{"after it by the desk", desk, ByUser, day(use.AddDays(-2), 0), nil, 0, true},
		{"by the ward", clerk, ByWard, day(use, 8), nil, 1500, false},
		{"by a closure", job, ByWard, day(use, 8), nil, 1500, false},
		{"the ward's cause, say the users", editor, ByWard, may, fault.ErrInvalidField, 0, false},
	} {
		b := booked(t)
		if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Approve(chief, nil, may); err != nil {
			t.Fatal(err)
		}
		if tt.now.Equal(b.StartsAt) {
			b.GraceUntil = b.EndsAt
		}
		m, err := b.Cancel(tt.by, Cancellation{Cause: tt.cause, Reason: "中止", Fees: fees}, tt.now)
		if tt.want != nil {
			if !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil || b.Payment.Refund != tt.refund || m.Late != tt.late || b.State != Cancelled || !m.Freed {
			t.Errorf("%s: %v, %+v, %+v", tt.name, err, b.Payment, m)
		}
	}
	if _, err := booked(t).Cancel(desk, Cancellation{Cause: ByUser}, may); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("by the desk without a reason: %v", err)
	}
}

func catalogueFees(t *testing.T) *rule.FeeTable {
	t.Helper()
	terms, ok := catalogue().Terms("A", "GENERAL", use)
	if !ok || terms.Fees == nil {
		t.Fatal("no fees")
	}
	return terms.Fees
}
