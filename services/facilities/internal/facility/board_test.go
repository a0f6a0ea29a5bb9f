package facility

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// board answers a query; masks are what is held of atoms on the first day.
func board(t *testing.T, c *Catalogue, q *Query, masks map[int32]Mask) map[string]map[string]string {
	t.Helper()
	if err := q.Check(); err != nil {
		t.Fatal(err)
	}
	rooms, atoms, err := c.Asked(q)
	if err != nil {
		t.Fatal(err)
	}
	held := NewHeld(atoms, q.Days())
	for atom, m := range masks {
		held.Set(atom, 0, m)
	}
	out := map[string]map[string]string{}
	for _, d := range c.Board(q, rooms, held).Days {
		out[d.Date.String()] = map[string]string{}
		for _, r := range d.Rooms {
			out[d.Date.String()][r.RoomID] = r.Slots
		}
	}
	return out
}

const am, pm, ni = 1 << 1, 1 << 2, 1 << 3

func TestRoomsShareTheirAtoms(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	q := &Query{From: day("2026-12-01"), To: day("2026-12-01"), Now: now}
	got := board(t, chiyoda(), q, map[int32]Mask{1: {Taken: am}, 2: {Taken: pm | ni, Blocked: ni, Lottery: 0}})
	if diff := cmp.Diff(map[string]map[string]string{"2026-12-01": {"a": "TFF", "b": "FTC", "a+b": "TTC"}}, got); diff != "" {
		t.Error(diff)
	}
	got = board(t, chiyoda(), q, map[int32]Mask{1: {Taken: am | pm, Lottery: pm}})
	if diff := cmp.Diff(map[string]map[string]string{"2026-12-01": {"a": "TLF", "b": "FFF", "a+b": "TLF"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLettersFollowTheOpeningRules(t *testing.T) {
	c := chiyoda(closure("x", "", &Closure{Kind: Annual, AnnualFrom: "12-29", AnnualTo: "01-03"}))
	for name, tt := range map[string]struct {
		q    Query
		now  string
		want string
	}{
		"open":                     {Query{}, "2026-11-06T00:00:00Z", "FFF"},
		"a millisecond too early":  {Query{}, "2026-11-05T23:59:59.999Z", "NNN"},
		"begun":                    {Query{}, "2026-12-10T00:00:00Z", "NFF"},
		"a millisecond before":     {Query{}, "2026-12-09T23:59:59.999Z", "FFF"},
		"over":                     {Query{}, "2026-12-11T00:00:00Z", "NNN"},
		"class":                    {Query{Class: "COMPANY"}, "2026-11-06T00:00:00Z", "FFF"},
		"class, purpose":           {Query{Class: "COMPANY", Purpose: "INTERNAL_MEETING"}, "2026-11-06T00:00:00Z", "FFF"},
		"class, purpose it has no": {Query{Class: "COMPANY", Purpose: "COURSE"}, "2026-11-06T00:00:00Z", "NNN"},
		"one slot":                 {Query{Slot: "PM"}, "2026-12-10T00:00:00Z", "F"},
	} {
		now, err := time.Parse(time.RFC3339Nano, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		tt.q.RoomID, tt.q.From, tt.q.To, tt.q.Now = "a", day("2026-12-10"), day("2026-12-10"), now
		if got := board(t, c, &tt.q, nil)["2026-12-10"]["a"]; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	newYear := &Query{RoomID: "a", From: day("2026-12-28"), To: day("2027-01-04"), Now: day("2026-12-10").StartOfDay()}
	got := board(t, c, newYear, map[int32]Mask{1: {Taken: am}})
	for d, want := range map[string]string{"2026-12-28": "TFF", "2026-12-29": "CCC", "2027-01-03": "CCC", "2027-01-04": "FFF"} {
		if got[d]["a"] != want {
			t.Errorf("%s: %s, want %s", d, got[d]["a"], want)
		}
	}
}

func TestQueriesChooseRooms(t *testing.T) {
	for name, tt := range map[string]struct {
		q    Query
		want []string
	}{
		"all":            {Query{}, []string{"a", "b", "a+b"}},
		"facility":       {Query{FacilityID: "hall"}, []string{"a", "b", "a+b"}},
		"other facility": {Query{FacilityID: "other"}, nil},
		"room":           {Query{RoomID: "b"}, []string{"b"}},
		"capacity":       {Query{Capacity: 40}, []string{"a", "a+b"}},
		"purpose":        {Query{Purpose: "COURSE"}, []string{"a", "a+b"}},
		"class":          {Query{Class: "STUDENT"}, nil},
		"no such slot":   {Query{Slot: "XX"}, nil},
	} {
		c := chiyoda()
		tt.q.From, tt.q.To = day("2026-12-01"), day("2026-12-01")
		rooms, atoms, err := c.Asked(&tt.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range c.Board(&tt.q, rooms, NewHeld(atoms, 1)).Rows {
			got = append(got, r.Room.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPeriodsAreBounded(t *testing.T) {
	for to, want := range map[string]error{"2026-12-01": nil, "2026-12-31": nil, "2027-01-01": ErrPeriodTooLong, "2026-11-30": fault.ErrInvalidField} {
		q := &Query{From: day("2026-12-01"), To: day(to)}
		if err := q.Check(); !errors.Is(err, want) {
			t.Errorf("to %s: %v", to, err)
		}
	}
}

func TestTooManyRooms(t *testing.T) {
	var many []*Item
	for n := range int32(MaxRooms) {
		i := in(KindRoom, "r"+strconv.Itoa(int(n)), "", &Room{})
		i.FacilityID, i.Place = "hall", Place{Number: 10 + n, Atoms: []int32{10 + n}, Pattern: "3KU"}
		many = append(many, i)
	}
	q := &Query{From: day("2026-12-01"), To: day("2026-12-01")}
	if _, _, err := chiyoda(many...).Asked(q); !errors.Is(err, ErrTooManyRooms) {
		t.Error(err)
	}
	q.RoomID = "a"
	if _, _, err := chiyoda(many...).Asked(q); err != nil {
		t.Error(err)
	}
}

func TestAPatternThatChangesStandsTwice(t *testing.T) {
	later := in(KindSlotPattern, "p", "3KU", &slot.Pattern{Slots: []slot.Slot{{No: 1, Code: "ALL", Start: "09:00", End: "21:00"}}})
	later.Number, later.From = 2, day("2026-12-02")
	q := &Query{RoomID: "a", From: day("2026-12-01"), To: day("2026-12-02"), Now: day("2026-11-20").StartOfDay()}
	c := chiyoda(later)
	rooms, atoms, err := c.Asked(q)
	if err != nil {
		t.Fatal(err)
	}
	b := c.Board(q, rooms, NewHeld(atoms, 2))
	if len(b.Rows) != 2 || b.Rows[1].From != day("2026-12-02") || len(b.Rows[1].Slots) != 1 || b.Days[1].Rooms[0].Slots != "F" {
		t.Errorf("%+v", b)
	}
}

func TestOccupiedSaysNothingButThat(t *testing.T) {
	c := chiyoda(closure("x", "a", &Closure{Kind: Weekly, Weekdays: []int{3}}))
	room, _ := c.Room("a", day("2026-12-01"))
	held := NewHeld(room.Atoms, 2)
	held.Set(1, 0, Mask{Taken: am | pm | ni, Lottery: pm, Blocked: ni})
	var got []string
	for _, o := range c.Occupied(room, day("2026-12-01"), 2, held) {
		s := o.Date.String() + o.Slot.Code
		if o.Closed {
			s += " closed"
		}
		got = append(got, s)
	}
	if diff := cmp.Diff([]string{"2026-12-01AM", "2026-12-01NI closed", "2026-12-02 closed"}, got); diff != "" {
		t.Error(diff)
	}
}
