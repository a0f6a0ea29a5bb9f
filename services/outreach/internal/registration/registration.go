// Package registration is who takes part in an event: places, wait-list and the
// way of one registration. It does no I/O and has no clock.
package registration

import (
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

// ConfirmWithin is how long a place is held for an address that does not confirm.
const ConfirmWithin = 24 * time.Hour

// KeepDays is how long after the last day of an event its host may know who
// registered.
const KeepDays = 30

// State is where a registration stands; the values are those of the contract.
type State string

// The states.
const (
	Requested  State = "REQUESTED"
	Admitted   State = "ADMITTED"
	Waitlisted State = "WAITLISTED"
	Cancelled  State = "CANCELLED"
	Lapsed     State = "LAPSED"
)

// Live reports whether it has a place or waits for one.
func (s State) Live() bool { return s == Requested || s == Admitted || s == Waitlisted }

// Seats are the places of an event.
type Seats struct {
	EventID   string
	Mode      event.Mode
	Capacity  int       // 0 for no limit.
	OpensAt   time.Time // First instant; zero for the publication.
	ClosesAt  time.Time // First instant that is too late.
	Open      bool      // Whether the event is public and takes place.
	Admitted  int       // People with a place.
	Waiting   int       // Registrations on the wait-list, for the host or for the draw.
	MaxParty  int       // People that one registration can bring.
	DrawsAt   time.Time // When lots decide; zero where they do not.
	Drawn     bool
	LastPlace int     // In the order of registration.
	EraseOn   jp.Date // From when who registered is deleted.
}

// SeatsFor are the places of an event; nil where no registration is taken.
func SeatsFor(eventID string, d *event.Details) *Seats {
	if d.Admission.Mode == event.NoRegistration {
		return nil
	}
	return &Seats{
		EventID: eventID, Mode: d.Admission.Mode, Capacity: d.Admission.Capacity, OpensAt: d.Opens(), ClosesAt: d.Closes(),
		Open: true, EraseOn: d.LastOn().AddDays(KeepDays + 1), MaxParty: max(d.Admission.MaxParty, 1), DrawsAt: d.Draws(),
	}
}

// Person is who registers; personal data.
type Person struct {
	ID          string
	Name        string
	NameKana    string
	Email       string // In lower case.
	PhoneNumber string
	Note        string
}

// Registration is one person's for one event, or a group's under one name.
type Registration struct {
	ID            string
	EventID       string
	PersonID      string // "" after the deletion.
	Account       string // Pseudonym of the signed-in person who made it; "" for none.
	State         State
	Party         int    // People, at least 1.
	Ticket        string // In the draw; "" where lots do not decide.
	Place         int    // In the order of registration, from 1.
	Position      int    // On the wait-list, from 1; 0 for none.
	ConfirmBefore time.Time
	ConfirmedAt   time.Time // Zero before.
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Version       int64
}

// Takes refuses a registration outside its time. Errors: REGISTRATION_CLOSED,
// REGISTRATION_NOT_OPEN.
func (s *Seats) Takes(now time.Time) error {
	switch {
	case !s.Open || !now.Before(s.ClosesAt):
		return ErrClosed
	case now.Before(s.OpensAt):
		return ErrNotOpen.With("opensAt", s.OpensAt.UTC().Format(time.RFC3339))
	}
	return nil
}

// fits reports whether there are places for all whom a registration brings.
func (s *Seats) fits(r *Registration) bool {
	return s.Capacity == 0 || s.Admitted+r.Party <= s.Capacity
}

// Register puts a registration in its place: admitted while there are places for
// all and nobody waits, then on the wait-list; or before the host or the draw.
// Errors: REGISTRATION_CLOSED, REGISTRATION_NOT_OPEN, PARTY_TOO_LARGE.
func (s *Seats) Register(r *Registration, now time.Time) error {
	if err := s.Takes(now); err != nil {
		return err
	}
	if r.Party > s.MaxParty {
		return ErrPartyTooLarge.With("maxParty", strconv.Itoa(s.MaxParty))
	}
	s.LastPlace++
	r.Place = s.LastPlace
	switch {
	case s.Mode == event.Approval, s.ByLot():
		r.State = Requested
		s.Waiting++
	case s.Waiting == 0 && s.fits(r):
		r.State = Admitted
		s.Admitted += r.Party
	default:
		r.State = Waitlisted
		s.Waiting++
		r.Position = s.Waiting
	}
	return nil
}

// Admit gives places to one that waits; where lots decide, the host does not.
// Errors: INVALID_STATE_TRANSITION, EVENT_FULL.
func (s *Seats) Admit(r *Registration) error {
	if r.State != Requested && r.State != Waitlisted || s.ByLot() {
		return transition(r.State, Admitted)
	}
	if !s.fits(r) {
		return ErrFull.With("capacity", strconv.Itoa(s.Capacity))
	}
	s.promote(r)
	return nil
}

func (s *Seats) promote(r *Registration) {
	s.Waiting--
	s.Admitted += r.Party
	r.State, r.Position = Admitted, 0
}

// End takes a registration out of its place, as cancelled or lapsed. Errors:
// INVALID_STATE_TRANSITION.
func (s *Seats) End(r *Registration, as State) error {
	if !r.State.Live() {
		return transition(r.State, as)
	}
	if r.State == Admitted {
		s.Admitted -= r.Party
	} else {
		s.Waiting--
	}
	r.State, r.Position = as, 0
	return nil
}

// Moves reports whether the wait-list moves up by itself: in the order of
// registration, or of the draw.
func (s *Seats) Moves() bool {
	return s.Open && s.Waiting > 0 && (s.Mode == event.FirstCome || s.ByLot() && s.Drawn)
}

// Follow gives the places that are free to the first on the wait-list, if they are
// enough for all whom it brings; nobody overtakes it. It reports whether they were.
func (s *Seats) Follow(first *Registration) bool {
	if !s.fits(first) {
		return false
	}
	s.promote(first)
	return true
}

// Confirm notes that the address is the person's own. A repetition changes
// nothing, and that is reported. Errors: LINK_EXPIRED, INVALID_STATE_TRANSITION.
func (r *Registration) Confirm(now time.Time) (news bool, err error) {
	switch {
	case r.State == Lapsed, r.State.Live() && r.ConfirmedAt.IsZero() && !now.Before(r.ConfirmBefore):
		return false, ErrLinkExpired
	case r.State == Cancelled:
		return false, transition(r.State, r.State)
	case !r.ConfirmedAt.IsZero():
		return false, nil
	}
	r.ConfirmedAt = now
	return true, nil
}

// Overdue reports whether it was not confirmed in time.
func (r *Registration) Overdue(now time.Time) bool {
	return r.State.Live() && r.ConfirmedAt.IsZero() && !now.Before(r.ConfirmBefore)
}

func transition(from, to State) error {
	var allowed []string
	switch from {
	case Requested, Waitlisted:
		allowed = []string{"admit", "cancel"}
	case Admitted:
		allowed = []string{"cancel"}
	}
	return fault.Transition(string(from), string(to), allowed...)
}
