// Package penalty counts the points of those who book and do not use. It does no
// I/O and has no clock.
package penalty

import (
	"cmp"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
)

// AppealDays is how long after the record an appeal can be made.
const AppealDays = 14

// Offence is what happened; the values are those of the contract.
type Offence string

// The offences.
const (
	NoShow     Offence = "NO_SHOW"
	LateCancel Offence = "LATE_CANCEL"
)

// State is where a penalty stands; the values are those of the contract.
type State string

// The states.
const (
	Recorded State = "RECORDED"
	Appealed State = "APPEALED"
	Upheld   State = "UPHELD"
	Lifted   State = "LIFTED"
)

// Penalty is one penalty.
type Penalty struct {
	ID             string
	HolderID       string // Organization, or person for a resident's own booking.
	OrganizationID string // Empty for a resident's own booking.
	BookingID      string
	Kind           Offence
	HalfPoints     int
	State          State
	Note           string
	RecordedOn     jp.Date
	RecordedBy     string
	AppealBy       jp.Date
	Appeal         string
	AppealedBy     string
	DecisionReason string
	DecidedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64

	Standing Standing // Of the holder, as counted now.
}

// Record makes a penalty of today for a booking.
func (p *Penalty) Record(r *rule.Penalty, now time.Time) {
	p.RecordedOn = jp.DateOf(now)
	p.AppealBy = p.RecordedOn.AddDays(AppealDays)
	p.HalfPoints, p.State = r.LateCancelHalfPoints, Recorded
	if p.Kind == NoShow {
		p.HalfPoints = r.NoShowHalfPoints
	}
	p.CreatedAt, p.UpdatedAt, p.Version = now, now, 1
}

// PersonID is the resident whose own booking it is for; empty for an organization's.
func (p *Penalty) PersonID() string {
	if p.OrganizationID != "" {
		return ""
	}
	return p.HolderID
}

// AppealAgainst takes an appeal. Errors: INVALID_STATE_TRANSITION,
// APPEAL_PERIOD_OVER.
func (p *Penalty) AppealAgainst(reason, by string, now time.Time) error {
	if p.State != Recorded {
		return p.refuse(Appealed)
	}
	if jp.DateOf(now).After(p.AppealBy) {
		return ErrAppealOver.With("appealBy", p.AppealBy.String())
	}
	p.State, p.Appeal, p.AppealedBy = Appealed, reason, by
	return nil
}

// Decide answers an appeal; not by who recorded the penalty. Errors:
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (p *Penalty) Decide(lift bool, reason, by string) error {
	to := Upheld
	if lift {
		to = Lifted
	}
	if p.State != Appealed {
		return p.refuse(to)
	}
	if by == p.RecordedBy {
		return fault.ErrSelfApprovalForbidden
	}
	p.State, p.DecisionReason, p.DecidedBy = to, reason, by
	return nil
}

func (p *Penalty) refuse(to State) error {
	var allowed []string
	switch p.State {
	case Recorded:
		allowed = []string{string(Appealed)}
	case Appealed:
		allowed = []string{string(Upheld), string(Lifted)}
	}
	return fault.Transition(string(p.State), string(to), allowed...)
}

// Standing is what all penalties of a holder amount to.
type Standing struct {
	HalfPoints     int     // That count today.
	SuspendedUntil jp.Date // First day without suspension; zero where the limit was never reached.
}

// EndsAt is the instant at which the suspension ends; the zero time for none.
func (s Standing) EndsAt() time.Time {
	if s.SuspendedUntil.IsZero() {
		return time.Time{}
	}
	return s.SuspendedUntil.StartOfDay()
}

// Until is SuspendedUntil where that is after a day, and zero else.
func (s Standing) Until(on jp.Date) jp.Date {
	if !s.SuspendedUntil.After(on) {
		return jp.Date{}
	}
	return s.SuspendedUntil
}

// Count adds up the penalties of a holder as of a day. A lifted one never
// counted. Each penalty that brings the sum of its last months to the limit
// suspends for the rule's months from its day on.
func Count(all []*Penalty, r *rule.Penalty, on jp.Date) Standing {
	all = slices.DeleteFunc(slices.Clone(all), func(p *Penalty) bool { return p.State == Lifted })
	slices.SortFunc(all, func(a, b *Penalty) int { return cmp.Or(a.RecordedOn.Compare(b.RecordedOn), cmp.Compare(a.ID, b.ID)) })
	var s Standing
	for i, p := range all {
		if sum := within(all[:i+1], r, p.RecordedOn); r.LimitHalfPoints > 0 && sum >= r.LimitHalfPoints {
			if until := p.RecordedOn.AddMonths(r.SuspendMonths); until.After(s.SuspendedUntil) {
				s.SuspendedUntil = until
			}
		}
	}
	s.HalfPoints = within(all, r, on)
	return s
}

// within is the sum of what still counts on a day.
func within(all []*Penalty, r *rule.Penalty, on jp.Date) int {
	sum := 0
	for _, p := range all {
		if p.RecordedOn.AddMonths(r.CountMonths).After(on) {
			sum += p.HalfPoints
		}
	}
	return sum
}
