package booking

import (
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// PaymentState is where a payment stands; the values are those of the contract.
type PaymentState string

// The states of a payment.
const (
	NotDue    PaymentState = "NOT_DUE"
	Due       PaymentState = "DUE"
	Paid      PaymentState = "PAID"
	RefundDue PaymentState = "REFUND_DUE"
	Refunded  PaymentState = "REFUNDED"
)

// Payment is the payment of the fee and its refund, in yen.
type Payment struct {
	State      PaymentState `json:"state"`
	PaidAmount int64        `json:"paidAmount,omitempty"` // Less what an earlier refund paid back.
	PaidOn     jp.Date      `json:"paidOn,omitzero"`
	Method     string       `json:"method,omitempty"`
	Receipt    string       `json:"receipt,omitempty"`
	Refund     int64        `json:"refund,omitempty"` // Due or paid back.
	RefundedOn jp.Date      `json:"refundedOn,omitzero"`
}

// kept is what the ward has of what was paid.
func (p *Payment) kept() int64 {
	if p.State == Refunded {
		return p.PaidAmount - p.Refund
	}
	return p.PaidAmount
}

// reckon says what a fee of so much means after what was paid, and paid back.
func (p *Payment) reckon(amount int64) {
	if p.State == Refunded && p.kept() == amount {
		return
	}
	p.carryOver()
	switch {
	case amount == 0 && p.PaidAmount == 0:
		p.State = NotDue
	case p.PaidAmount < amount:
		p.State = Due
	default:
		p.owe(p.PaidAmount - amount)
	}
}

// carryOver takes a refund that was paid back out of what was paid, so that the
// next one begins with what is left.
func (p *Payment) carryOver() {
	if p.State == Refunded {
		p.PaidAmount, p.Refund, p.RefundedOn = p.kept(), 0, jp.Date{}
	}
}

// owe says that so much of what is left of the payment goes back; where that is
// nothing, a refund that was paid back stays as it is.
func (p *Payment) owe(refund int64) {
	if p.State == Refunded && refund == 0 {
		return
	}
	p.carryOver()
	p.Refund = refund
	switch {
	case refund > 0:
		p.State = RefundDue
	case p.PaidAmount > 0:
		p.State = Paid
	default:
		p.State = NotDue
	}
}

// Receipt is a payment as the desk took it.
type Receipt struct {
	Amount int64
	Method string
	On     jp.Date // Zero for today.
	Number string
}

// Pay records the payment in full. Errors: PERMISSION_DENIED, BOOKING_EXPIRED,
// INVALID_STATE_TRANSITION, REDUCTION_OPEN, PAYMENT_NOT_DUE, PAYMENT_MISMATCH,
// INVALID_FIELD.
func (b *Booking) Pay(by Reader, r Receipt, now time.Time) (Move, error) {
	if err := b.permit(RecordPayment, by, now); err != nil {
		return Move{}, err
	}
	today := jp.DateOf(now)
	if r.On.IsZero() {
		r.On = today
	}
	due := b.Fee.Amount - b.Payment.PaidAmount
	switch {
	case b.Reduction.open():
		return Move{}, ErrReductionOpen
	case b.Payment.State != Due:
		return Move{}, ErrPaymentNotDue
	case r.Amount != due:
		return Move{}, ErrPaymentMismatch.With("due", strconv.FormatInt(due, 10)).OnPath("amount")
	case r.On.After(today):
		return Move{}, fault.ErrInvalidField.OnPath("paidOn")
	}
	b.Payment = Payment{State: Paid, PaidAmount: b.Fee.Amount, PaidOn: r.On, Method: r.Method, Receipt: r.Number}
	return b.settled(RecordPayment, now), nil
}

// settled is the step of a fee that is not due any more.
func (b *Booking) settled(action Action, now time.Time) Move {
	m := b.move(action, b.State)
	if b.State == Tentative && b.Payment.State != Due {
		b.ExpiresAt = b.EndsAt
	}
	b.approveIfFree(now)
	m.To = b.State
	return m
}

// RepayRefund records that the refund was paid out. Errors: PERMISSION_DENIED,
// REFUND_NOT_DUE.
func (b *Booking) RepayRefund(by Reader, now time.Time) (Move, error) {
	if !by.is(ByDeskSide, b) {
		return Move{}, fault.ErrPermissionDenied
	}
	if b.Payment.State != RefundDue {
		return Move{}, ErrRefundNotDue
	}
	b.Payment.State, b.Payment.RefundedOn = Refunded, jp.DateOf(now)
	return Move{Action: RecordRefund, From: b.State, To: b.State}, nil
}

// ReductionState is where a reduction stands; the values are those of the
// contract.
type ReductionState string

// The states of a reduction.
const (
	Drafted  ReductionState = "DRAFTED"
	Granted  ReductionState = "APPROVED"
	Returned ReductionState = "RETURNED"
)

// Reduction is a reduction or exemption of the fee.
type Reduction struct {
	State        ReductionState `json:"state"`
	Percent      int            `json:"percent"`
	Reason       string         `json:"reason"`
	DraftedBy    string         `json:"draftedBy"`
	DecidedOn    jp.Date        `json:"decidedOn,omitzero"`
	DecidedBy    string         `json:"decidedBy,omitempty"`
	ReturnReason string         `json:"returnReason,omitempty"`
}

func (r *Reduction) open() bool { return r != nil && r.State == Drafted }

// GrantedReduction is the reduction that the fee has; nil for none.
func (b *Booking) GrantedReduction() *Reduction {
	if b.Reduction != nil && b.Reduction.State == Granted {
		return b.Reduction
	}
	return b.Granted
}

// Reduce drafts a reduction. Errors: PERMISSION_DENIED, BOOKING_EXPIRED,
// INVALID_STATE_TRANSITION, REDUCTION_OPEN, PAYMENT_NOT_DUE.
func (b *Booking) Reduce(by Reader, percent int, reason string, now time.Time) (Move, error) {
	if err := b.permit(ReduceFee, by, now); err != nil {
		return Move{}, err
	}
	if b.Reduction.open() {
		return Move{}, ErrReductionOpen
	}
	if b.Fee.Amount == 0 {
		return Move{}, ErrPaymentNotDue
	}
	b.Granted = b.GrantedReduction()
	b.Reduction = &Reduction{State: Drafted, Percent: percent, Reason: reason, DraftedBy: by.ID}
	m := b.move(ReduceFee, b.State)
	m.Reason = reason
	return m, nil
}

// Decide grants or returns a drafted reduction. Errors: PERMISSION_DENIED,
// BOOKING_EXPIRED, INVALID_STATE_TRANSITION, NO_REDUCTION_DRAFTED,
// SELF_APPROVAL_FORBIDDEN, INVALID_FIELD.
func (b *Booking) Decide(by Reader, granted bool, reason string, now time.Time) (Move, error) {
	if err := b.permit(DecideReduction, by, now); err != nil {
		return Move{}, err
	}
	switch {
	case !b.Reduction.open():
		return Move{}, ErrNoReduction
	case b.Reduction.DraftedBy == by.ID:
		return Move{}, fault.ErrSelfApprovalForbidden
	case !granted && reason == "":
		return Move{}, fault.ErrInvalidField.On(fault.Missing("reason"))
	}
	r := *b.Reduction
	r.DecidedOn, r.DecidedBy = jp.DateOf(now), by.ID
	if !granted {
		r.State, r.ReturnReason, b.Reduction = Returned, reason, &r
		m := b.move(DecideReduction, b.State)
		m.Reason = reason
		return m, nil
	}
	r.State, b.Reduction = Granted, &r
	b.Fee.Reduction = r.Percent
	b.Fee.compute()
	b.Payment.reckon(b.Fee.Amount)
	return b.settled(DecideReduction, now), nil
}
