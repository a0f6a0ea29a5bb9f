package application

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

// Places are the places of an opportunity, in people.
type Places struct {
	OpportunityID string
	Kind          opportunity.Kind
	Selection     opportunity.Selection
	ActivityField int
	StartsOn      jp.Date
	LastOn        jp.Date
	ClosesAt      time.Time // First instant that is too late to apply.
	Open          bool      // Whether it is public and takes place.
	Headcount     int
	Accepted      int
	Requested     int
	Waiting       int
	Declined      int
	TrialPlaces   int
	TrialAccepted int
	LastPlace     int // In the order of application.

	// Shifts are all of the opportunity, earliest first.
	Shifts []*Shift
}

// PlacesFor are the places of an opportunity that becomes public.
func PlacesFor(opportunityID string, d *opportunity.Details) *Places {
	return &Places{
		OpportunityID: opportunityID, Kind: d.Kind, Selection: d.Selection, ActivityField: d.ActivityField, StartsOn: d.StartsOn,
		LastOn: d.LastOn(), ClosesAt: d.Closes(), Open: true, Headcount: d.Headcount, TrialPlaces: d.TrialPlaces,
	}
}

// Takes refuses an application outside its time. Errors: APPLICATION_CLOSED.
func (p *Places) Takes(now time.Time) error {
	if !p.Open || !now.Before(p.ClosesAt) {
		return ErrClosed
	}
	return nil
}

// Apply puts an application in its place: accepted while there are places, then on
// the wait-list; or before the host. Errors: APPLICATION_CLOSED, SHIFT_REQUIRED,
// SHIFT_UNKNOWN.
func (p *Places) Apply(a *Application, now time.Time) error {
	if err := p.Takes(now); err != nil {
		return err
	}
	for _, w := range a.Wishes {
		if s := p.Shift(w.ShiftID); s == nil || !s.Live(now) {
			return ErrShiftUnknown.With("shiftId", w.ShiftID)
		}
	}
	if len(a.Wishes) == 0 && slices.ContainsFunc(p.Shifts, func(s *Shift) bool { return s.Live(now) }) {
		return ErrShiftRequired.OnPath("application.shiftIds")
	}
	p.LastPlace++
	a.Place, a.Kind = p.LastPlace, p.Kind
	a.EraseOn = p.eraseOn(a)
	if p.Selection != opportunity.FirstCome {
		a.State = Requested
		p.Requested += a.Heads
		return nil
	}
	if shifts, fits := p.fit(a, now); fits {
		p.give(a, shifts)
		return nil
	}
	a.State, a.Position = Waitlisted, 0
	p.Waiting += a.Heads
	return nil
}

// fit reports whether there is a place for an application, and in which of its
// shifts: the most wished ones with places, as many as it wants.
func (p *Places) fit(a *Application, now time.Time) ([]*Shift, bool) {
	if !p.room(a) {
		return nil, false
	}
	if len(a.Wishes) == 0 {
		return nil, true
	}
	var shifts []*Shift
	for _, w := range a.Wishes {
		if s := p.Shift(w.ShiftID); s != nil && s.Live(now) && s.Free() >= a.Heads && len(shifts) < a.MaxShifts {
			shifts = append(shifts, s)
		}
	}
	return shifts, len(shifts) > 0
}

// room reports whether the opportunity itself has places for an application.
func (p *Places) room(a *Application) bool {
	return p.Headcount-p.Accepted >= a.Heads && (!a.Trial || p.TrialPlaces-p.TrialAccepted >= a.Heads)
}

// give makes an application that is not counted yet accepted.
func (p *Places) give(a *Application, shifts []*Shift) {
	a.State, a.Position = Accepted, 0
	a.EraseOn = p.eraseOn(a)
	p.Accepted += a.Heads
	if a.Trial {
		p.TrialAccepted += a.Heads
	}
	for _, s := range shifts {
		s.Accepted += a.Heads
		for i := range a.Wishes {
			if a.Wishes[i].ShiftID == s.ID {
				a.Wishes[i].Accepted = true
			}
		}
	}
}

// take ends what an application is counted as, and frees its places.
func (p *Places) take(a *Application) {
	switch a.State {
	case Requested:
		p.Requested -= a.Heads
	case Waitlisted:
		p.Waiting -= a.Heads
	case Accepted:
		p.Accepted -= a.Heads
		if a.Trial {
			p.TrialAccepted -= a.Heads
		}
		for i, w := range a.Wishes {
			if s := p.Shift(w.ShiftID); w.Accepted && s != nil {
				s.Accepted -= a.Heads
			}
			a.Wishes[i].Accepted = false
		}
	}
	a.Position = 0
}

// Accept gives a place in the named shifts, or in the most wished ones that have
// places. Errors: INVALID_STATE_TRANSITION, SHIFT_UNKNOWN, OPPORTUNITY_FULL.
func (p *Places) Accept(a *Application, shiftIDs []string, now time.Time) error {
	if a.State != Requested && a.State != Waitlisted {
		return a.transition(Accepted)
	}
	shifts, fits := p.fit(a, now)
	if len(shiftIDs) > 0 {
		shifts, fits = nil, p.room(a)
		for _, id := range shiftIDs {
			s := p.Shift(id)
			if s == nil || !s.Live(now) || !slices.ContainsFunc(a.Wishes, func(w Wish) bool { return w.ShiftID == id }) {
				return ErrShiftUnknown.With("shiftId", id)
			}
			fits = fits && s.Free() >= a.Heads
			shifts = append(shifts, s)
		}
	}
	if !fits {
		return ErrFull
	}
	p.take(a)
	p.give(a, shifts)
	return nil
}

// Promote gives the first on the wait-list that fits its place.
func (p *Places) Promote(a *Application, now time.Time) bool {
	shifts, fits := p.fit(a, now)
	if !fits || a.State != Waitlisted {
		return false
	}
	p.take(a)
	p.give(a, shifts)
	return true
}

// Waitlist lets an application wait for which there is no place. Errors:
// INVALID_STATE_TRANSITION, APPLICATION_FITS.
func (p *Places) Waitlist(a *Application, now time.Time) error {
	if a.State != Requested {
		return a.transition(Waitlisted)
	}
	if _, fits := p.fit(a, now); fits {
		return ErrFits
	}
	p.take(a)
	a.State = Waitlisted
	p.Waiting += a.Heads
	return nil
}

// Decline ends an application by the host, with what the applicant reads. Errors:
// INVALID_STATE_TRANSITION.
func (p *Places) Decline(a *Application, message string, today jp.Date) error {
	if !a.State.Live() {
		return a.transition(Declined)
	}
	p.take(a)
	p.Declined += a.Heads
	a.State, a.Message, a.EraseOn = Declined, message, today.AddDays(KeepDays)
	return nil
}

// Withdraw ends an application by the applicant. Errors: INVALID_STATE_TRANSITION.
func (p *Places) Withdraw(a *Application, today jp.Date) error {
	if !a.State.Live() {
		return a.transition(Withdrawn)
	}
	p.take(a)
	a.State, a.EraseOn = Withdrawn, today.AddDays(KeepDays)
	return nil
}

// LeaveShift takes an application out of a shift that was called off: to the
// wait-list where that was its only one.
func (p *Places) LeaveShift(a *Application, shiftID string) {
	i := slices.IndexFunc(a.Wishes, func(w Wish) bool { return w.ShiftID == shiftID && w.Accepted })
	if i < 0 || a.State != Accepted {
		return
	}
	if len(a.ShiftIDs()) == 1 {
		p.take(a)
		a.State = Waitlisted
		a.EraseOn = p.eraseOn(a)
		p.Waiting += a.Heads
		return
	}
	a.Wishes[i].Accepted = false
	if s := p.Shift(shiftID); s != nil {
		s.Accepted -= a.Heads
	}
}

// eraseOn is the day from which who is behind a live application is deleted.
func (p *Places) eraseOn(a *Application) jp.Date {
	if a.State == Accepted && a.Agrees {
		return p.LastOn.AddDays(KeepAgreedDays + 1)
	}
	return p.LastOn.AddDays(KeepDays + 1)
}

// Shift is one of the opportunity's; nil for none.
func (p *Places) Shift(id string) *Shift {
	for _, s := range p.Shifts {
		if s.ID == id {
			return s
		}
	}
	return nil
}
