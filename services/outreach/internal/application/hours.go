package application

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// HoursState is where logged hours stand; the values are those of the contract.
type HoursState string

// The states.
const (
	Logged    HoursState = "LOGGED"
	Confirmed HoursState = "CONFIRMED"
	Returned  HoursState = "RETURNED"
)

// Hours is what was done on one day.
type Hours struct {
	ID            string
	OpportunityID string
	ApplicationID string
	ShiftID       string // "" for none.
	WorkedOn      jp.Date
	Minutes       int // Of each person.
	Heads         int
	State         HoursState
	LoggedBy      string
	DecidedBy     string
	ReturnReason  string
	CreatedAt     time.Time
	DecidedAt     time.Time // Zero before.
	Version       int64
}

// Check refuses hours that an application cannot have. Errors:
// INVALID_STATE_TRANSITION, INVALID_FIELD, SHIFT_UNKNOWN, HOURS_OUTSIDE.
func (h *Hours) Check(a *Application, p *Places, now time.Time) error {
	if a.State != Accepted {
		return a.transition(a.State)
	}
	if h.Heads == 0 {
		h.Heads = a.Heads
	}
	if h.Heads > a.Heads {
		return fault.ErrInvalidField.OnPath("hours.heads")
	}
	first, last := p.StartsOn, p.LastOn
	if h.ShiftID != "" {
		s := p.Shift(h.ShiftID)
		if s == nil || !slices.Contains(a.ShiftIDs(), h.ShiftID) {
			return ErrShiftUnknown.With("shiftId", h.ShiftID)
		}
		first, last = jp.DateOf(s.StartsAt), jp.DateOf(s.EndsAt)
	}
	if h.WorkedOn.Before(first) || h.WorkedOn.After(last) || h.WorkedOn.After(jp.DateOf(now)) {
		return ErrOutside.OnPath("hours.workedOn")
	}
	return nil
}

// Confirm makes hours count, by another person than who did or logged them.
// Errors: INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (h *Hours) Confirm(a *Application, by string, now time.Time) error {
	if h.State != Logged {
		return h.transition(Confirmed)
	}
	if by == a.Account || by == h.LoggedBy {
		return fault.ErrSelfApprovalForbidden
	}
	h.State, h.DecidedBy, h.DecidedAt = Confirmed, by, now
	return nil
}

// Return sends hours back. Errors: INVALID_STATE_TRANSITION.
func (h *Hours) Return(by, reason string, now time.Time) error {
	if h.State != Logged {
		return h.transition(Returned)
	}
	h.State, h.DecidedBy, h.DecidedAt, h.ReturnReason = Returned, by, now, reason
	return nil
}

func (h *Hours) transition(to HoursState) error {
	var allowed []string
	if h.State == Logged {
		allowed = []string{"confirm", "return"}
	}
	return fault.Transition(string(h.State), string(to), allowed...)
}
