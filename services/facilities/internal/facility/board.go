package facility

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// The letters of a board, one a slot.
const (
	LetterFree    = 'F' // 空き
	LetterTaken   = 'T' // 予約済
	LetterLottery = 'L' // 抽選
	LetterNotOpen = 'N' // 受付期間外
	LetterClosed  = 'C' // 休館・管理上の都合
)

// The bounds of a board.
const (
	MaxDays  = 31
	MaxRooms = 200
)

// Query asks for the slots of rooms on days.
type Query struct {
	FacilityID string // Any when empty.
	RoomID     string // Any when empty.
	From, To   jp.Date
	Slot       string       // Code; every slot when empty.
	Capacity   int          // At least; 0 for any.
	Purpose    rule.Purpose // Any when empty.
	Class      string       // Any when empty.
	Now        time.Time
}

// Check refuses too many days. Errors: PERIOD_TOO_LONG.
func (q *Query) Check() error {
	if q.To.Before(q.From) || q.From.DaysUntil(q.To) >= MaxDays {
		return ErrPeriodTooLong
	}
	return nil
}

// Days is how many days the query asks for.
func (q *Query) Days() int { return q.From.DaysUntil(q.To) + 1 }

// Mask says which slots of an atom are held on a day: bit n for slot n.
type Mask struct{ Taken, Blocked, Lottery int64 }

// Held says who holds the slots of atoms on the days of a query.
type Held struct {
	days  int
	index map[int32]int // By atom.
	masks []Mask        // Of each atom, day by day.
}

// NewHeld returns the days of atoms with nothing held.
func NewHeld(atoms []int32, days int) *Held {
	h := &Held{days: days, index: make(map[int32]int, len(atoms)), masks: make([]Mask, len(atoms)*days)}
	for i, a := range atoms {
		h.index[a] = i * days
	}
	return h
}

// Set says what is held of an atom on a day, counted from 0.
func (h *Held) Set(atom int32, day int, m Mask) { h.masks[h.index[atom]+day] = m }

// of returns what is held of any of the atoms on a day.
func (h *Held) of(atoms []int32, day int) Mask {
	var all Mask
	for _, a := range atoms {
		m := h.masks[h.index[a]+day]
		all.Taken |= m.Taken
		all.Blocked |= m.Blocked
		all.Lottery |= m.Lottery
	}
	return all
}

// Board is the answer to a query.
type Board struct {
	Rows []Row
	Days []Day
}

// Row is a room with the slots of its letters from a day on.
type Row struct {
	Room     *Room
	Facility *Facility
	From     jp.Date
	Slots    []slot.Slot
}

// Day is the letters of the rooms of a day.
type Day struct {
	Date  jp.Date
	Rooms []Letters
}

// Letters are one letter a slot of a room.
type Letters struct{ RoomID, Slots string }

// Asked returns the rooms that a query is about on its first or last day,
// ascending by number, and their atoms. Errors: TOO_MANY_ROOMS.
func (c *Catalogue) Asked(q *Query) (rooms map[string]bool, atoms []int32, err error) {
	rooms = map[string]bool{}
	for _, on := range []jp.Date{q.From, q.To} {
		for _, room := range c.Rooms(on) {
			if !rooms[room.ID] && c.asks(q, room, on) {
				rooms[room.ID] = true
				atoms = append(atoms, room.Atoms...)
			}
		}
	}
	if len(rooms) > MaxRooms {
		return nil, nil, ErrTooManyRooms
	}
	slices.Sort(atoms)
	return rooms, slices.Compact(atoms), nil
}

// asks reports whether a query is about a room.
func (c *Catalogue) asks(q *Query, room *Room, on jp.Date) bool {
	if q.FacilityID != "" && room.FacilityID != q.FacilityID || q.RoomID != "" && room.ID != q.RoomID ||
		room.Capacity < q.Capacity || q.Purpose != "" && !room.Allows(q.Purpose) {
		return false
	}
	f, ok := c.Facility(room.FacilityID, on)
	return ok && (q.Class == "" || slices.Contains(f.Classes, q.Class))
}

// Board answers a query about the rooms that Asked returned.
func (c *Catalogue) Board(q *Query, asked map[string]bool, held *Held) Board {
	var b Board
	shown := map[string]*slot.Pattern{}
	letters := make([]byte, 0, slot.Max)
	for n := range q.Days() {
		on := q.From.AddDays(n)
		day := Day{Date: on}
		windows := map[string][]*rule.OpeningRule{} // By facility.
		for _, room := range c.Rooms(on) {
			pattern := c.Pattern(room, on)
			if !asked[room.ID] || pattern == nil {
				continue
			}
			slots := pattern.Slots
			if q.Slot != "" {
				s, ok := pattern.Coded(q.Slot)
				if !ok {
					continue
				}
				slots = []slot.Slot{s}
			}
			f, _ := c.Facility(room.FacilityID, on)
			if shown[room.ID] != pattern {
				shown[room.ID] = pattern
				b.Rows = append(b.Rows, Row{Room: room, Facility: f, From: on, Slots: slots})
			}
			open, known := windows[f.ID]
			if !known {
				open = c.windows(q, f, on)
				windows[f.ID] = open
			}
			_, closed := c.Closed(room, on)
			letters = letters[:0]
			for _, s := range slots {
				letters = append(letters, letter(q, on, s, closed, held.of(room.Atoms, n), open))
			}
			day.Rooms = append(day.Rooms, Letters{RoomID: room.ID, Slots: string(letters)})
		}
		b.Days = append(b.Days, day)
	}
	return b
}

// windows returns the rules by which booking online is open now for a use date.
func (c *Catalogue) windows(q *Query, f *Facility, on jp.Date) []*rule.OpeningRule {
	var open []*rule.OpeningRule
	for _, code := range f.Classes {
		class, ok := c.Class(code, on)
		if !ok || q.Class != "" && code != q.Class {
			continue
		}
		for _, o := range class.Openings {
			if len(o.Channels) > 0 && !slices.Contains(o.Channels, rule.Online) {
				continue
			}
			if q.Purpose != "" {
				if of, ok := class.Rule(q.Purpose, rule.Online); !ok || of != o.Rule {
					continue
				}
			}
			of, after := c.opening(o.Rule, on)
			if of != nil && !q.Now.Before(of.OpensAt(on, after)) {
				open = append(open, of)
			}
		}
	}
	return open
}

func letter(q *Query, on jp.Date, s slot.Slot, closed bool, m Mask, open []*rule.OpeningRule) byte {
	bit := int64(1) << s.No
	switch {
	case closed || m.Blocked&bit != 0:
		return LetterClosed
	case m.Lottery&bit != 0:
		return LetterLottery
	case m.Taken&bit != 0:
		return LetterTaken
	}
	start := s.StartsAt(on)
	for _, w := range open {
		if q.Now.Before(w.ClosesAt(on, start)) {
			return LetterFree
		}
	}
	return LetterNotOpen
}
