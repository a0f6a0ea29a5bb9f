package application

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

// The bounds of shifts.
const (
	MaxShifts   = 200 // Of an opportunity.
	MaxShiftFor = 24 * time.Hour
)

// Shift is a time of an opportunity with its own places.
type Shift struct {
	ID            string
	OpportunityID string
	StartsAt      time.Time
	EndsAt        time.Time
	Capacity      int // In people.
	Accepted      int
	Cancelled     bool
	CreatedAt     time.Time
	Version       int64
}

// Live reports whether it can still be chosen.
func (s *Shift) Live(now time.Time) bool { return !s.Cancelled && now.Before(s.StartsAt) }

// Free is how many people it has places for.
func (s *Shift) Free() int { return s.Capacity - s.Accepted }

// Check refuses times that cannot be, or that are not of the opportunity. Errors:
// INVALID_FIELD.
func (s *Shift) Check(d *opportunity.Details, now time.Time) error {
	var wrong []fault.Field
	add := func(path, ja, en string) {
		wrong = append(wrong, fault.Wrong("shift."+path, ja, en))
	}
	if !s.StartsAt.After(now) {
		add("startTime", "シフトの開始は、これからの日時にしてください。", "A shift begins in the future.")
	}
	if on := jp.DateOf(s.StartsAt); d.StartsOn.IsZero() || on.Before(d.StartsOn) || on.After(d.LastOn()) {
		add("startTime", "シフトは、募集の期間の日にしてください。", "A shift is on a day of the opportunity.")
	}
	if !s.EndsAt.After(s.StartsAt) || s.EndsAt.Sub(s.StartsAt) > MaxShiftFor {
		add("endTime", "シフトの終了は、開始より後の24時間以内にしてください。", "A shift ends after its beginning, within 24 hours.")
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Replace puts new times and places in. Errors: INVALID_STATE_TRANSITION,
// SHIFT_TAKEN, INVALID_FIELD.
func (s *Shift) Replace(to Shift, d *opportunity.Details, now time.Time) error {
	if s.Cancelled {
		return fault.Transition("CANCELLED", "CANCELLED")
	}
	moved := !to.StartsAt.Equal(s.StartsAt) || !to.EndsAt.Equal(s.EndsAt)
	if moved && s.Accepted > 0 || to.Capacity < s.Accepted {
		return ErrShiftTaken
	}
	if moved {
		if err := to.Check(d, now); err != nil {
			return err
		}
	}
	if to.Capacity < 1 {
		return fault.ErrInvalidField.OnPath("shift.capacity")
	}
	s.StartsAt, s.EndsAt, s.Capacity = to.StartsAt, to.EndsAt, to.Capacity
	return nil
}
