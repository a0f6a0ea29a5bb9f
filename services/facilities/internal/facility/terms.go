package facility

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Terms is all that a decision about one room, day and user class needs.
type Terms struct {
	Date     jp.Date
	Facility *Facility
	Room     *Room
	Pattern  *slot.Pattern
	Class    *rule.UserClass // nil where the facility does not admit it.
	Fees     *rule.FeeTable  // nil where use is free of charge.
	Closure  *Closure        // nil where it is open.

	catalogue *Catalogue
}

// Terms returns the terms of a room for a user class on a day; false where there
// is no such room on the day.
func (c *Catalogue) Terms(roomID, class string, on jp.Date) (*Terms, bool) {
	room, ok := c.Room(roomID, on)
	if !ok {
		return nil, false
	}
	f, ok := c.Facility(room.FacilityID, on)
	pattern := c.Pattern(room, on)
	if !ok || pattern == nil {
		return nil, false
	}
	t := &Terms{Date: on, Facility: f, Room: room, Pattern: pattern, Fees: c.Fees(f, on), catalogue: c}
	if slices.Contains(f.Classes, class) {
		t.Class, _ = c.Class(class, on)
	}
	t.Closure, _ = c.Closed(room, on)
	return t, true
}

// OpensAt returns the instant at which booking opens for a purpose on a channel;
// ok is false where the class cannot book so.
func (t *Terms) OpensAt(p rule.Purpose, ch rule.Channel) (at time.Time, ok bool) {
	of, after := t.rule(p, ch)
	if of == nil {
		return time.Time{}, false
	}
	return of.OpensAt(t.Date, after), true
}

// ClosesAt returns the instant from which a slot cannot be booked any more: never
// later than its start. The zero time where the class cannot book so.
func (t *Terms) ClosesAt(p rule.Purpose, ch rule.Channel, slotNo int) time.Time {
	of, _ := t.rule(p, ch)
	s, ok := t.Pattern.Slot(slotNo)
	if of == nil || !ok {
		return time.Time{}
	}
	return of.ClosesAt(t.Date, s.StartsAt(t.Date))
}

func (t *Terms) rule(p rule.Purpose, ch rule.Channel) (of, after *rule.OpeningRule) {
	if t.Class == nil {
		return nil, nil
	}
	code, ok := t.Class.Rule(p, ch)
	if !ok {
		return nil, nil
	}
	return t.catalogue.opening(code, t.Date)
}

// Base returns the yen of a slot before multiplier and reductions.
func (t *Terms) Base(slotNo int) int64 {
	if t.Fees == nil {
		return 0
	}
	return t.Fees.Base(t.Room.ID, slotNo)
}
