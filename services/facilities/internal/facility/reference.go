package facility

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// CheckReferences refuses a version that names what is not in force on its first
// day. Errors: REFERENCE_UNKNOWN.
func (c *Catalogue) CheckReferences(i *Item) error {
	var missing string
	switch x := i.Content.(type) {
	case *Facility:
		missing = c.missingClass(x, i.From)
	case *Room:
		if _, ok := content[*slot.Pattern](c.rules[codeKey{KindSlotPattern, i.Place.Pattern}], i.From); !ok {
			missing = i.Place.Pattern
		}
		if c.items[i.FacilityID].at(i.From) == nil {
			missing = i.FacilityID
		}
	case *Closure:
		if c.items[i.FacilityID].at(i.From) == nil {
			missing = i.FacilityID
		}
	case *rule.UserClass:
		for _, o := range x.Openings {
			if of, _ := c.opening(o.Rule, i.From); of == nil {
				missing = o.Rule
			}
		}
	case *rule.OpeningRule:
		if of, after := c.opening(x.After, i.From); x.After != "" && (of == nil || after != nil || x.After == i.Code) {
			missing = x.After
		}
	case *rule.FeeTable:
		missing = c.missingRoom(x, i)
	}
	if missing != "" {
		return ErrReferenceUnknown.With("name", missing)
	}
	return nil
}

func (c *Catalogue) missingClass(f *Facility, on jp.Date) string {
	for _, code := range f.Classes {
		if _, ok := c.Class(code, on); !ok {
			return code
		}
	}
	return ""
}

// missingRoom returns what a fee table names that is not of its facility.
func (c *Catalogue) missingRoom(t *rule.FeeTable, i *Item) string {
	f, ok := content[*Facility](c.rules[codeKey{KindFacility, i.Code}], i.From)
	if !ok {
		return i.Code
	}
	for _, r := range t.Rates {
		if room, ok := c.Room(r.RoomID, i.From); !ok || room.FacilityID != f.ID {
			return r.RoomID
		}
	}
	return ""
}

// CheckClosedRoom refuses a closure of a room that is not one of the facility's,
// or that is made of others: those are closed one by one. Errors:
// REFERENCE_UNKNOWN.
func (c *Catalogue) CheckClosedRoom(i *Item) error {
	closure, ok := i.Content.(*Closure)
	if !ok || closure.RoomID == "" {
		return nil
	}
	versions := c.items[closure.RoomID]
	if len(versions) == 0 || versions[0].FacilityID != i.FacilityID || len(versions[0].Place.PartIDs) > 0 {
		return ErrReferenceUnknown.With("name", closure.RoomID)
	}
	return nil
}
