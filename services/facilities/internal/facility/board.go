package facility

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
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

// Check refuses days that do not follow each other, or too many. Errors:
// INVALID_FIELD, PERIOD_TOO_LONG.
func (q *Query) Check() error {
	if q.To.Before(q.From) {
		return fault.ErrInvalidField.On(fault.Wrong("to", "最後の日は、最初の日以後にしてください。", "The last day must not be before the first."))
	}
	if q.From.DaysUntil(q.To) >= MaxDays {
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
	b := Board{Days: make([]Day, 0, q.Days())}
	shown := map[string]*slot.Pattern{}
	for n := range q.Days() {
		d := boardDay{c: c, q: q, on: q.From.AddDays(n), today: jp.DateOf(q.Now), rules: map[string]*rule.OpeningRule{}, open: map[string]window{}}
		day := Day{Date: d.on, Rooms: make([]Letters, 0, len(asked))}
		for _, room := range c.Rooms(d.on) {
			if !asked[room.ID] {
				continue
			}
			pattern := c.Pattern(room, d.on)
			slots := q.slots(pattern)
			if len(slots) == 0 {
				continue
			}
			if shown[room.ID] != pattern {
				shown[room.ID] = pattern
				f, _ := c.Facility(room.FacilityID, d.on)
				b.Rows = append(b.Rows, Row{Room: room, Facility: f, From: d.on, Slots: slots})
			}
			day.Rooms = append(day.Rooms, Letters{RoomID: room.ID, Slots: d.letters(room, slots, held.of(room.Atoms, n))})
		}
		b.Days = append(b.Days, day)
	}
	return b
}

// slots returns the slots of a pattern that the query asks for.
func (q *Query) slots(p *slot.Pattern) []slot.Slot {
	if p == nil {
		return nil
	}
	if q.Slot == "" {
		return p.Slots
	}
	if s, ok := p.Coded(q.Slot); ok {
		return []slot.Slot{s}
	}
	return nil
}

// boardDay is one day of a board, with what the rooms of the day share.
type boardDay struct {
	c     *Catalogue
	q     *Query
	on    jp.Date
	today jp.Date
	rules map[string]*rule.OpeningRule // By code; nil where booking has not opened.
	open  map[string]window            // By facility.
}

// window says by which rules somebody may book online now.
type window struct {
	allDay bool // Every slot, because the day is far enough.
	rules  []*rule.OpeningRule
}

// letters writes the slots of a room.
func (d *boardDay) letters(room *Room, slots []slot.Slot, m Mask) string {
	_, closed := d.c.Closed(room, d.on)
	w := d.window(room.FacilityID)
	out := make([]byte, len(slots))
	for i, s := range slots {
		switch bit := int64(1) << s.No; {
		case closed || m.Blocked&bit != 0:
			out[i] = LetterClosed
		case m.Lottery&bit != 0:
			out[i] = LetterLottery
		case m.Taken&bit != 0:
			out[i] = LetterTaken
		case w.admits(d, s):
			out[i] = LetterFree
		default:
			out[i] = LetterNotOpen
		}
	}
	return string(out)
}

func (w window) admits(d *boardDay, s slot.Slot) bool {
	return w.allDay || slices.ContainsFunc(w.rules, func(o *rule.OpeningRule) bool {
		return d.q.Now.Before(o.ClosesAt(d.on, s.StartsAt(d.on)))
	})
}

// window returns the rules by which the rooms of a facility may be booked now.
func (d *boardDay) window(facilityID string) window {
	w, known := d.open[facilityID]
	if known {
		return w
	}
	f, _ := d.c.Facility(facilityID, d.on)
	for _, code := range f.Classes {
		class, ok := d.c.Class(code, d.on)
		if !ok || d.q.Class != "" && code != d.q.Class {
			continue
		}
		for _, o := range class.Openings {
			if !d.asks(class, o) {
				continue
			}
			if of := d.opened(o.Rule); of != nil {
				w.rules = append(w.rules, of)
				w.allDay = w.allDay || d.today.Before(d.on.AddDays(-of.ClosesDaysBefore))
			}
		}
	}
	d.open[facilityID] = w
	return w
}

// asks reports whether an opening is one online for the purpose of the query.
func (d *boardDay) asks(class *rule.UserClass, o rule.Opening) bool {
	if d.q.Purpose == "" {
		return len(o.Channels) == 0 || slices.Contains(o.Channels, rule.Online)
	}
	code, ok := class.Rule(d.q.Purpose, rule.Online)
	return ok && code == o.Rule
}

// opened returns the rule with a code; nil where booking by it has not opened for
// the day.
func (d *boardDay) opened(code string) *rule.OpeningRule {
	of, known := d.rules[code]
	if known {
		return of
	}
	of, after := d.c.opening(code, d.on)
	if of != nil && d.q.Now.Before(of.OpensAt(d.on, after)) {
		of = nil
	}
	d.rules[code] = of
	return of
}
