// Package waitlist holds the rules of the wait-list (キャンセル待ち): who gets a
// freed slot first, for how long it is held, and when it opens to all. It does no
// I/O and has no clock.
package waitlist

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The bounds of the wait-list.
const (
	// MaxPlaces is how many places one holder has at most.
	MaxPlaces = 20
	// OfferTime is how long an offer is good for at most; never beyond the begin of
	// the use.
	OfferTime = 24 * time.Hour
	// Notice is how long before its begin a slot is offered at the latest.
	Notice = time.Hour
	// PassOnTime is how long after the end of an offer, or of the time to confirm a
	// win, the slot is kept for the next in order. Then it is free for all: a sweeper
	// that does not run blocks no room.
	PassOnTime = 10 * time.Minute
	// ReopenMin is the shortest random delay, in minutes, after which a slot of a
	// drawn lottery opens to all.
	ReopenMin = 60
	// ReopenMax is the longest one.
	ReopenMax = 24*60 - 1
)

// State is where a place stands; the values are those of the contract.
type State string

// The states.
const (
	Waiting  State = "WAITING"
	Offered  State = "OFFERED"
	Accepted State = "ACCEPTED"
	Expired  State = "EXPIRED"
	Left     State = "LEFT"
	Passed   State = "PASSED"
)

// Place is a holder's place in the wait-list for slots of a room.
type Place struct {
	ID             string
	Position       int64
	HolderID       string // Organization, or person for a resident's own place.
	OrganizationID string // Empty for a resident's own place.
	UserClass      string
	Purpose        string
	Title          string
	Headcount      int
	FacilityID     string
	RoomID         string
	Date           jp.Date
	SlotNos        []int
	SlotCodes      []string
	Atoms          []int32 // Parts of the room, ascending.
	StartsAt       time.Time
	State          State
	OfferEndsAt    time.Time // Exclusive; zero before an offer.
	BookingID      string
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64
}

// StateAt is the state as anybody reads it at now, whether it was swept up or
// not.
func (p *Place) StateAt(now time.Time) State {
	switch {
	case p.State == Offered && !now.Before(p.OfferEndsAt):
		return Expired
	case p.State == Waiting && !now.Before(p.StartsAt):
		return Passed
	}
	return p.State
}

// Offer holds the slots for a waiting place. The caller has chosen one that can
// still be offered.
func (p *Place) Offer(now time.Time) {
	p.State, p.OfferEndsAt = Offered, now.Add(OfferTime)
	if p.StartsAt.Before(p.OfferEndsAt) {
		p.OfferEndsAt = p.StartsAt
	}
}

// HeldUntil is until when the slots of an offer are kept from others.
func (p *Place) HeldUntil() time.Time { return p.OfferEndsAt.Add(PassOnTime) }

// Accept takes the offer before its end. Errors: INVALID_STATE_TRANSITION,
// OFFER_EXPIRED.
func (p *Place) Accept(now time.Time, bookingID string) error {
	switch p.StateAt(now) {
	case Offered:
		p.State, p.BookingID = Accepted, bookingID
		return nil
	case Expired:
		return ErrOfferExpired.With("offerEndTime", p.OfferEndsAt.UTC().Format(time.RFC3339))
	}
	return p.refuse(Accepted)
}

// Leave gives the place up; freed reports whether slots were held for it.
// Errors: INVALID_STATE_TRANSITION.
func (p *Place) Leave() (freed bool, err error) {
	switch p.State {
	case Waiting, Offered:
		freed = p.State == Offered
		p.State = Left
		return freed, nil
	}
	return false, p.refuse(Left)
}

// Expire ends an offer that was not taken; ok is false while it is good.
func (p *Place) Expire(now time.Time) (ok bool) {
	if p.State != Offered || now.Before(p.OfferEndsAt) {
		return false
	}
	p.State = Expired
	return true
}

var next = map[State][]string{
	Waiting: {string(Left)},
	Offered: {string(Accepted), string(Left)},
}

func (p *Place) refuse(to State) error {
	return fault.Transition(string(p.State), string(to), next[p.State]...)
}

// Reopens is when a slot that was drawn by lot opens to all: on the full minute,
// minutes after now. The caller draws minutes between ReopenMin and ReopenMax.
func Reopens(now time.Time, minutes int) time.Time {
	return now.Truncate(time.Minute).Add(time.Duration(minutes+1) * time.Minute)
}
