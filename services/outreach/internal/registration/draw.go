package registration

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

// Draw is how the places of an event are given by lot; each part is there from its
// step on.
type Draw struct {
	EventID    string
	Commitment string
	SealedSeed []byte
	Root       string // "" before the ballot is fixed.
	Ballot     string
	Tickets    int
	FixedAt    time.Time
	Seed       string // "" before the draw.
	Key        string
	Capacity   int
	DrawnAt    time.Time
}

// TicketGroup is the one group of all tickets of a draw: its cap are the places.
const TicketGroup = "event"

// BallotAfter is how long after the end of registrations the ballot is fixed: when
// the last address must be confirmed, also of a mail that had to wait for others to
// the same address.
const BallotAfter = ConfirmWithin + time.Hour

// ByLot reports whether lots decide.
func (s *Seats) ByLot() bool { return s.Mode == event.Lottery }

// Fixes reports whether it is time to fix the ballot of a draw.
func (s *Seats) Fixes(d *Draw, now time.Time) bool {
	return s.ByLot() && s.Open && d.FixedAt.IsZero() && !now.Before(s.ClosesAt.Add(BallotAfter))
}

// Draws reports whether it is time to draw.
func (s *Seats) Draws(d *Draw, now time.Time) bool {
	return s.ByLot() && s.Open && !d.FixedAt.IsZero() && d.DrawnAt.IsZero() && !now.Before(s.DrawsAt)
}

// Result gives a registration what the draw decided: its places, or the next place
// in the order of the wait-list. One that was cancelled since the ballot gets
// nothing, and its places are free.
func (s *Seats) Result(r *Registration, won bool) {
	s.LastPlace++
	r.Place = s.LastPlace
	switch {
	case r.State != Requested:
	case won:
		s.promote(r)
	default:
		r.State = Waitlisted
	}
}
