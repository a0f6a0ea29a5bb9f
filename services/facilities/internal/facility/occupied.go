package facility

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Occupied is a slot that cannot be had, or a closed day.
type Occupied struct {
	Date   jp.Date
	Slot   slot.Slot // Its zero value for the whole day.
	Closed bool      // Else it is taken.
}

// Occupied returns what of a room cannot be had on some days from a first one on.
func (c *Catalogue) Occupied(room *Room, from jp.Date, days int, held *Held) []Occupied {
	var out []Occupied
	for n := range days {
		on := from.AddDays(n)
		if _, closed := c.Closed(room, on); closed {
			out = append(out, Occupied{Date: on, Closed: true})
			continue
		}
		pattern := c.Pattern(room, on)
		if pattern == nil {
			continue
		}
		m := held.of(room.Atoms, n)
		for _, s := range pattern.Slots {
			switch bit := int64(1) << s.No; {
			case m.Blocked&bit != 0:
				out = append(out, Occupied{Date: on, Slot: s, Closed: true})
			case m.Taken&^m.Lottery&bit != 0:
				out = append(out, Occupied{Date: on, Slot: s})
			}
		}
	}
	return out
}
