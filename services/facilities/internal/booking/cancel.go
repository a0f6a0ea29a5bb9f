package booking

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
)

// Cancellation is why and by whose cause.
type Cancellation struct {
	Cause  Cause
	Reason string
	// Fees is the table of the day of use; nil where the use is free.
	Fees *rule.FeeTable
}

// Cancel ends the booking. By the ward's cause and within the grace period, which
// ends at the latest when the use begins, all that was paid goes back; else what the
// table says of the fee, and all that was paid beyond it. Errors: PERMISSION_DENIED,
// BOOKING_EXPIRED, INVALID_STATE_TRANSITION, INVALID_FIELD, CANCEL_DEADLINE_PASSED.
func (b *Booking) Cancel(by Reader, c Cancellation, now time.Time) (Move, error) {
	if err := b.permit(Cancel, by, now); err != nil {
		return Move{}, err
	}
	ward := by.Desk || by.System
	switch {
	case c.Cause == ByWard && !ward:
		return Move{}, fault.ErrInvalidField.OnPath("cause")
	case ward && c.Reason == "":
		return Move{}, fault.ErrInvalidField.On(fault.Missing("reason"))
	}
	grace, late := now.Before(earlier(b.GraceUntil, b.StartsAt)), !now.Before(b.CancelUntil)
	if late && !grace && !ward {
		return Move{}, ErrCancelDeadline.With("deadline", b.CancelUntil.UTC().Format(time.RFC3339))
	}
	refund := b.Payment.kept()
	if c.Cause != ByWard && !grace && c.Fees != nil {
		beyond := max(refund-b.Fee.Amount, 0)
		refund = beyond + c.Fees.Refund(refund-beyond, b.Date, jp.DateOf(now), false)
	}
	b.Cause, b.CancelledLate = c.Cause, c.Cause != ByWard && late && !grace
	m := b.end(Cancel, Cancelled, c.Reason, refund)
	m.Late = b.CancelledLate
	return m, nil
}
