package facility

import (
	"cmp"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Catalogue is all that was approved, at one revision. It never changes and may
// be read side by side.
type Catalogue struct {
	Revision int64

	items      map[string]versions // By id.
	rules      map[codeKey]versions
	rooms      []versions            // Ascending by number.
	closures   map[string][]versions // By facility.
	facilities []versions            // Ascending by code.
}

type codeKey struct {
	kind Kind
	code string
}

// versions are the approved versions of one item, ascending by first day; of
// those of one day the last one approved counts.
type versions []*Item

// at returns the version in force on a day; nil for none.
func (v versions) at(on jp.Date) *Item {
	for i := len(v) - 1; i >= 0; i-- {
		if v[i].From.After(on) {
			continue
		}
		if to := v[i].To; !to.IsZero() && to.Before(on) {
			return nil
		}
		return v[i]
	}
	return nil
}

// NewCatalogue makes the catalogue of approved versions, in any order.
func NewCatalogue(revision int64, approved []*Item) *Catalogue {
	c := &Catalogue{Revision: revision, items: map[string]versions{}, rules: map[codeKey]versions{}, closures: map[string][]versions{}}
	slices.SortFunc(approved, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Place.Number, b.Place.Number), cmp.Compare(a.ID, b.ID),
			a.From.Compare(b.From), cmp.Compare(a.Number, b.Number))
	})
	var order []string
	for _, i := range approved {
		i.describe()
		if len(c.items[i.ID]) == 0 {
			order = append(order, i.ID)
		}
		c.items[i.ID] = append(c.items[i.ID], i)
	}
	for _, id := range order {
		v := c.items[id]
		switch first := v[0]; first.Kind {
		case KindFacility:
			c.facilities = append(c.facilities, v)
		case KindRoom:
			c.rooms = append(c.rooms, v)
		case KindClosure:
			c.closures[first.FacilityID] = append(c.closures[first.FacilityID], v)
		}
		if v[0].Code != "" {
			c.rules[codeKey{v[0].Kind, v[0].Code}] = v
		}
	}
	return c
}

// describe tells the content what the item around it is.
func (i *Item) describe() {
	switch x := i.Content.(type) {
	case *Facility:
		x.ID, x.Code, x.Name, x.Source = i.ID, i.Code, i.Name, i.Source
	case *Room:
		x.ID, x.FacilityID, x.Name, x.Source, x.Place = i.ID, i.FacilityID, i.Name, i.Source, i.Place
	case *Closure:
		x.ID, x.FacilityID = i.ID, i.FacilityID
	case *slot.Pattern:
		x.Code, x.Name = i.Code, i.Name
	case *rule.UserClass:
		x.Code, x.Name = i.Code, i.Name
	}
}

// content returns the version's content of the day; false for none.
func content[T Content](v versions, on jp.Date) (T, bool) {
	if i := v.at(on); i != nil {
		t, ok := i.Content.(T)
		return t, ok
	}
	var none T
	return none, false
}

// Room returns a room of the day.
func (c *Catalogue) Room(id string, on jp.Date) (*Room, bool) { return content[*Room](c.items[id], on) }

// Facility returns a facility of the day.
func (c *Catalogue) Facility(id string, on jp.Date) (*Facility, bool) {
	return content[*Facility](c.items[id], on)
}

// Closure returns a closure of the day.
func (c *Catalogue) Closure(id string, on jp.Date) (*Closure, bool) {
	return content[*Closure](c.items[id], on)
}

// Rooms returns the rooms of the day whose facility is there, ascending by
// number.
func (c *Catalogue) Rooms(on jp.Date) []*Room {
	var out []*Room
	for _, v := range c.rooms {
		room, ok := content[*Room](v, on)
		if !ok {
			continue
		}
		if c.items[room.FacilityID].at(on) != nil {
			out = append(out, room)
		}
	}
	return out
}

// Facilities returns the facilities of the day, ascending by code.
func (c *Catalogue) Facilities(on jp.Date) []*Facility {
	var out []*Facility
	for _, v := range c.facilities {
		if f, ok := content[*Facility](v, on); ok {
			out = append(out, f)
		}
	}
	return out
}

// Combined returns the ids of the rooms of the day that are made of a room.
func (c *Catalogue) Combined(roomID string, on jp.Date) []string {
	var out []string
	for _, v := range c.rooms {
		if slices.Contains(v[0].Place.PartIDs, roomID) && v.at(on) != nil {
			out = append(out, v[0].ID)
		}
	}
	return out
}

// Pattern returns the slots of a room on a day; nil where its pattern has ended.
func (c *Catalogue) Pattern(room *Room, on jp.Date) *slot.Pattern {
	p, _ := content[*slot.Pattern](c.rules[codeKey{KindSlotPattern, room.Pattern}], on)
	return p
}

// Class returns the user class with a code on a day.
func (c *Catalogue) Class(code string, on jp.Date) (*rule.UserClass, bool) {
	return content[*rule.UserClass](c.rules[codeKey{KindUserClass, code}], on)
}

// Fees returns the fee table of a facility on a day; nil for none.
func (c *Catalogue) Fees(f *Facility, on jp.Date) *rule.FeeTable {
	t, _ := content[*rule.FeeTable](c.rules[codeKey{KindFeeTable, f.Code}], on)
	return t
}

// Penalty returns the penalty rule of a day.
func (c *Catalogue) Penalty(on jp.Date) (*rule.Penalty, bool) {
	return content[*rule.Penalty](c.rules[codeKey{KindPenalty, PenaltyCode}], on)
}

// PenaltyCode is the code of the one penalty rule.
const PenaltyCode = "WARD"

// Closed returns the closure of a room or its facility on a day, and whether
// there is one. A room that is made of others is closed when one of them is.
func (c *Catalogue) Closed(room *Room, on jp.Date) (*Closure, bool) {
	for _, v := range c.closures[room.FacilityID] {
		closure, ok := content[*Closure](v, on)
		if ok && (closure.RoomID == "" || closure.RoomID == room.ID || slices.Contains(room.PartIDs, closure.RoomID)) && closure.Covers(on) {
			return closure, true
		}
	}
	return nil, false
}

// Usable reports whether a room is there on a day and not closed.
func (c *Catalogue) Usable(roomID string, on jp.Date) bool {
	room, ok := c.Room(roomID, on)
	if !ok {
		return false
	}
	_, closed := c.Closed(room, on)
	return !closed
}

// AtomClosed reports whether the room that is an atom cannot be used on a day.
func (c *Catalogue) AtomClosed(atom int32, on jp.Date) bool {
	at := slices.IndexFunc(c.rooms, func(v versions) bool { return v[0].Place.Number == atom })
	return at >= 0 && !c.Usable(c.rooms[at][0].ID, on)
}

// ClosuresOf returns the closures of a facility on a day, of the whole facility
// only.
func (c *Catalogue) ClosuresOf(facilityID string, on jp.Date) []*Closure {
	var out []*Closure
	for _, v := range c.closures[facilityID] {
		if closure, ok := content[*Closure](v, on); ok && closure.RoomID == "" {
			out = append(out, closure)
		}
	}
	return out
}

// opening returns the opening rule with a code on a day, and the one that it
// follows; nil for none.
func (c *Catalogue) opening(code string, on jp.Date) (of, after *rule.OpeningRule) {
	of, _ = content[*rule.OpeningRule](c.rules[codeKey{KindOpeningRule, code}], on)
	if of != nil && of.After != "" {
		after, _ = content[*rule.OpeningRule](c.rules[codeKey{KindOpeningRule, of.After}], on)
	}
	return of, after
}
