package booking

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Approve approves the use. Errors: PERMISSION_DENIED, BOOKING_EXPIRED,
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN, REDUCTION_OPEN.
func (b *Booking) Approve(by Reader, conditions []string, now time.Time) (Move, error) {
	if err := b.decides(Approve, by, now); err != nil {
		return Move{}, err
	}
	if b.Reduction.open() {
		return Move{}, ErrReductionOpen
	}
	b.Conditions, b.ApprovedOn = slices.Clone(conditions), jp.DateOf(now)
	return b.move(Approve, Approved), nil
}

// Reject refuses the use. What was paid goes back in full. Errors:
// PERMISSION_DENIED, BOOKING_EXPIRED, INVALID_STATE_TRANSITION,
// SELF_APPROVAL_FORBIDDEN.
func (b *Booking) Reject(by Reader, reason string, now time.Time) (Move, error) {
	if err := b.decides(Reject, by, now); err != nil {
		return Move{}, err
	}
	return b.end(Reject, Rejected, reason, b.Payment.kept()), nil
}

// decides refuses who entered the booking on behalf.
func (b *Booking) decides(action Action, by Reader, now time.Time) error {
	if err := b.permit(action, by, now); err != nil {
		return err
	}
	if b.CreatedBy == by.ID {
		return fault.ErrSelfApprovalForbidden
	}
	return nil
}

// end is a step after which the slots are free again.
func (b *Booking) end(action Action, to State, reason string, refund int64) Move {
	b.EndReason = reason
	b.Payment.owe(refund)
	if b.Reduction.open() {
		r := *b.Reduction
		r.State, b.Reduction = Returned, &r
	}
	m := b.move(action, to)
	m.Reason, m.Freed = reason, true
	return m
}

// Ask asks for information; the hold lasts at least until the answer is due.
// Errors: PERMISSION_DENIED, BOOKING_EXPIRED, INVALID_STATE_TRANSITION,
// INVALID_FIELD.
func (b *Booking) Ask(by Reader, message string, dueOn jp.Date, now time.Time) (Move, error) {
	if err := b.permit(RequestInformation, by, now); err != nil {
		return Move{}, err
	}
	if dueOn.Before(jp.DateOf(now)) || dueOn.After(b.Date) {
		return Move{}, fault.ErrInvalidField.On(fault.Wrong("dueOn", "回答の期限は、今日から利用日までの日にしてください。", "The last day must be from today to the day of use."))
	}
	b.Inquiry = &Inquiry{Message: message, DueOn: dueOn, AskedAt: now}
	if end := dueOn.NextMidnight(); end.After(b.ExpiresAt) {
		b.ExpiresAt = earlier(end, b.EndsAt)
	}
	return b.move(RequestInformation, Tentative), nil
}

// Answer answers the request for information. Errors: PERMISSION_DENIED,
// BOOKING_EXPIRED, INVALID_STATE_TRANSITION, NO_INFORMATION_REQUESTED.
func (b *Booking) Answer(by Reader, answer string, now time.Time) (Move, error) {
	if err := b.permit(AnswerInformation, by, now); err != nil {
		return Move{}, err
	}
	if b.Inquiry == nil || b.Inquiry.Answer != "" {
		return Move{}, ErrNoInquiry
	}
	q := *b.Inquiry
	q.Answer, q.AnsweredAt, b.Inquiry = answer, now, &q
	return b.move(AnswerInformation, Tentative), nil
}

// CheckIn records that the users have come. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, BOOKING_EXPIRED, NOT_ON_USE_DATE.
func (b *Booking) CheckIn(by Reader, attendance int, now time.Time) (Move, error) {
	if err := b.permit(CheckIn, by, now); err != nil {
		return Move{}, err
	}
	if jp.DateOf(now) != b.Date {
		return Move{}, ErrNotOnUseDate.With("date", b.Date.String())
	}
	b.Attendance = attendance
	return b.move(CheckIn, Used), nil
}

// Miss records that nobody came. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, BOOKING_EXPIRED, USE_NOT_OVER.
func (b *Booking) Miss(by Reader, note string, now time.Time) (Move, error) {
	if err := b.permit(RecordNoShow, by, now); err != nil {
		return Move{}, err
	}
	if now.Before(b.EndsAt) {
		return Move{}, ErrUseNotOver.With("endTime", b.EndsAt.UTC().Format(time.RFC3339))
	}
	m := b.move(RecordNoShow, NoShow)
	m.Reason = note
	return m, nil
}

// Expire ends a hold that has run out; what was paid goes back. It reports
// false where the hold has not run out.
func (b *Booking) Expire(now time.Time) (Move, bool) {
	if !b.Expired(now) {
		return Move{}, false
	}
	return b.end(Expire, Expired, "", b.Payment.kept()), true
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
