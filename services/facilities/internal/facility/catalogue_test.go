package facility

import (
	"encoding/csv"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

func day(s string) jp.Date {
	d, err := jp.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// in is an approved version from a day on.
func in(kind Kind, id, code string, content Content) *Item {
	return &Item{ID: id, Kind: kind, Code: code, Name: id, Number: 1, State: Approved, From: day("2019-01-01"), Content: content}
}

// chiyoda is a hall with the rooms A, B and A+B under the ward's rules.
func chiyoda(more ...*Item) *Catalogue {
	roomOf := func(id string, p Place, r *Room) *Item {
		i := in(KindRoom, id, "", r)
		i.FacilityID, i.Place = "hall", p
		return i
	}
	return NewCatalogue(1, append([]*Item{
		in(KindFacility, "hall", "F001", &Facility{Classes: []string{"GENERAL", "NPO", "COMPANY"}}),
		roomOf("a", Place{Number: 1, Atoms: []int32{1}, Pattern: "3KU"}, &Room{Capacity: 40}),
		roomOf("b", Place{Number: 2, Atoms: []int32{2}, Pattern: "3KU"}, &Room{Capacity: 30, Purposes: []rule.Purpose{"MEETING"}}),
		roomOf("a+b", Place{Number: 3, Atoms: []int32{1, 2}, PartIDs: []string{"a", "b"}, Pattern: "3KU"}, &Room{Capacity: 70}),
		in(KindSlotPattern, "p", "3KU", &slot.Pattern{Slots: []slot.Slot{
			{No: 1, Code: "AM", Start: "09:00", End: "12:00"}, {No: 2, Code: "PM", Start: "13:00", End: "17:00"}, {No: 3, Code: "NI", Start: "18:00", End: "21:00"},
		}}),
		in(KindOpeningRule, "first", "FIRST", &rule.OpeningRule{MonthsBefore: 1, Day: 1, Shift: rule.NextOfficeDay, Time: "09:00"}),
		in(KindOpeningRule, "sixth", "SIXTH", &rule.OpeningRule{MonthsBefore: 1, Day: 6, Shift: rule.Stays, Time: "09:00", After: "FIRST"}),
		in(KindUserClass, "general", "GENERAL", &rule.UserClass{Openings: []rule.Opening{
			{Channels: []rule.Channel{rule.Phone, rule.Desk}, Rule: "FIRST"}, {Channels: []rule.Channel{rule.Online}, Rule: "SIXTH"},
		}}),
		in(KindUserClass, "npo", "NPO", &rule.UserClass{Openings: []rule.Opening{
			{Purposes: []rule.Purpose{"COURSE"}, Rule: "SIXTH"},
			{Channels: []rule.Channel{rule.Phone, rule.Desk}, Rule: "FIRST"},
			{Channels: []rule.Channel{rule.Online}, Rule: "SIXTH"},
		}}),
		in(KindUserClass, "company", "COMPANY", &rule.UserClass{
			Purposes: []rule.Purpose{"INTERNAL_MEETING"}, Openings: []rule.Opening{{Rule: "SIXTH"}},
		}),
		in(KindFeeTable, "fees", "F001", &rule.FeeTable{Rates: []rule.Rate{{RoomID: "a", Amount: 1000}}}),
	}, more...))
}

// Every vector of the ward's rule, to the millisecond, whatever the zone of the
// host.
func TestOpeningVectors(t *testing.T) {
	file, err := os.Open("testdata/booking_open_vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	vectors, err := csv.NewReader(file).ReadAll()
	if err != nil || len(vectors) != 10 {
		t.Fatal(len(vectors), err)
	}
	host := time.Local
	defer func() { time.Local = host }()
	for _, zone := range []string{"UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"} {
		if time.Local, err = time.LoadLocation(zone); err != nil {
			t.Fatal(err)
		}
		c := chiyoda()
		for _, v := range vectors[1:] {
			opens := func(class string, p rule.Purpose, ch rule.Channel) time.Time {
				terms, ok := c.Terms("a", class, day(v[0]))
				if !ok {
					t.Fatal(v[0])
				}
				at, ok := terms.OpensAt(p, ch)
				if !ok {
					t.Errorf("%s %s %s %s never opens", v[0], class, p, ch)
				}
				return at
			}
			phone, online := slot.At(day(v[1]), "09:00"), slot.At(day(v[3]), "09:00")
			for _, tt := range []struct {
				class string
				p     rule.Purpose
				ch    rule.Channel
				want  time.Time
			}{
				{"GENERAL", "MEETING", rule.Phone, phone},
				{"GENERAL", "MEETING", rule.Desk, phone},
				{"GENERAL", "MEETING", rule.Online, online},
				{"NPO", "MEETING", rule.Phone, phone},
				{"NPO", "COURSE", rule.Phone, online},
				{"NPO", "COURSE", rule.Online, online},
				{"COMPANY", "INTERNAL_MEETING", rule.Phone, online},
				{"COMPANY", "INTERNAL_MEETING", rule.Online, online},
			} {
				if got := opens(tt.class, tt.p, tt.ch); !got.Equal(tt.want) {
					t.Errorf("%s: %s %s %s opens at %v, want %v", v[0], tt.class, tt.p, tt.ch, got, tt.want)
				}
			}
			if day(v[1]).WeekdayJa() != v[2] || day(v[3]).WeekdayJa() != v[4] {
				t.Errorf("weekdays of %v", v)
			}
		}
	}
}

func TestTermsOfWhatIsNotAdmitted(t *testing.T) {
	c := chiyoda()
	company, _ := c.Terms("a", "COMPANY", day("2026-06-10"))
	if _, ok := company.OpensAt("COURSE", rule.Online); ok {
		t.Error("a company may hold courses")
	}
	if at := company.ClosesAt("COURSE", rule.Online, 1); !at.IsZero() {
		t.Errorf("closes at %v", at)
	}
	unknown, ok := c.Terms("a", "STUDENT", day("2026-06-10"))
	if !ok || unknown.Class != nil {
		t.Errorf("class STUDENT: %v", unknown.Class)
	}
	if _, ok := unknown.OpensAt("MEETING", rule.Online); ok {
		t.Error("an unknown class may book")
	}
	for _, on := range []string{"2018-12-31"} {
		if _, ok := c.Terms("a", "GENERAL", day(on)); ok {
			t.Errorf("terms before the first day %s", on)
		}
	}
	if _, ok := c.Terms("x", "GENERAL", day("2026-06-10")); ok {
		t.Error("terms of no room")
	}
	if got := company.Base(2); got != 1000 {
		t.Errorf("base = %d", got)
	}
}

func TestVersionsTakeOverOnTheirFirstDay(t *testing.T) {
	later := in(KindFeeTable, "fees", "F001", &rule.FeeTable{Rates: []rule.Rate{{RoomID: "a", Amount: 2000}}})
	later.Number, later.From = 2, day("2026-04-01")
	mended := in(KindFeeTable, "fees", "F001", &rule.FeeTable{Rates: []rule.Rate{{RoomID: "a", Amount: 2100}}})
	mended.Number, mended.From, mended.To = 3, day("2026-04-01"), day("2026-09-30")
	c := chiyoda(mended, later)
	for on, want := range map[string]int64{"2026-03-31": 1000, "2026-04-01": 2100, "2026-09-30": 2100, "2026-10-01": 0} {
		terms, _ := c.Terms("a", "GENERAL", day(on))
		if got := terms.Base(1); got != want {
			t.Errorf("on %s: %d, want %d", on, got, want)
		}
	}
}

func closure(id, room string, c *Closure) *Item {
	c.RoomID = room
	i := in(KindClosure, id, "", c)
	i.FacilityID = "hall"
	return i
}

func TestClosures(t *testing.T) {
	for name, tt := range map[string]struct {
		c      *Closure
		closed []string
		open   []string
	}{
		"weekly":   {&Closure{Kind: Weekly, Weekdays: []int{7}}, []string{"2026-11-22"}, []string{"2026-11-23"}},
		"third":    {&Closure{Kind: NthWeekday, Weekdays: []int{1}, Weeks: []int{3}}, []string{"2026-11-16"}, []string{"2026-11-09", "2026-11-23", "2026-11-17"}},
		"last":     {&Closure{Kind: NthWeekday, Weekdays: []int{5}, Weeks: []int{6}}, []string{"2026-11-27", "2027-01-29"}, []string{"2026-11-20"}},
		"new year": {&Closure{Kind: Annual, AnnualFrom: "12-29", AnnualTo: "01-03"}, []string{"2026-12-29", "2027-01-01", "2027-01-03"}, []string{"2026-12-28", "2027-01-04"}},
		"summer":   {&Closure{Kind: Annual, AnnualFrom: "08-13", AnnualTo: "08-15"}, []string{"2027-08-13", "2027-08-15"}, []string{"2027-08-12", "2027-08-16"}},
		"holiday":  {&Closure{Kind: OnHolidays}, []string{"2026-11-23", "2026-09-22"}, []string{"2026-11-24"}},
		"range":    {&Closure{Kind: DateRange}, []string{"2026-11-24"}, nil},
	} {
		tt.c.Reason = "理由"
		if err := tt.c.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c := chiyoda(closure("x", "", tt.c))
		room, _ := c.Room("a", day("2026-11-24"))
		for _, d := range tt.closed {
			if _, closed := c.Closed(room, day(d)); !closed {
				t.Errorf("%s: open on %s", name, d)
			}
		}
		for _, d := range tt.open {
			if _, closed := c.Closed(room, day(d)); closed {
				t.Errorf("%s: closed on %s", name, d)
			}
		}
	}
}

func TestARoomClosesWhatIsMadeOfIt(t *testing.T) {
	c := chiyoda(closure("x", "a", &Closure{Kind: DateRange}))
	got := map[string]bool{}
	for _, room := range c.Rooms(day("2026-11-24")) {
		_, got[room.ID] = c.Closed(room, day("2026-11-24"))
	}
	if diff := cmp.Diff(map[string]bool{"a": true, "b": false, "a+b": true}, got); diff != "" {
		t.Error(diff)
	}
	atoms, days := c.ClosedDays("x", day("2026-11-24"))
	if diff := cmp.Diff([]int32{1}, atoms); diff != "" || len(days) != Horizon {
		t.Errorf("%d days %s", len(days), diff)
	}
}

func TestClosuresNeedWhatTheirKindSays(t *testing.T) {
	for name, c := range map[string]*Closure{
		"kind": {Reason: "理由"}, "reason": {Kind: DateRange}, "weekdays": {Kind: Weekly, Reason: "理由"},
		"weeks": {Kind: NthWeekday, Weekdays: []int{1}, Reason: "理由"}, "annualTo": {Kind: Annual, AnnualFrom: "01-01", Reason: "理由"},
	} {
		err := c.Check()
		if f, _ := fault.As(err); f == nil || f.Fields[0].Path != name {
			t.Errorf("without %s: %v", name, err)
		}
	}
	for day, there := range map[string]bool{"02-29": true, "02-30": false, "04-31": false, "12-31": true} {
		c := &Closure{Kind: Annual, AnnualFrom: day, AnnualTo: "12-31", Reason: "理由"}
		if err := c.Check(); (err == nil) != there {
			t.Errorf("from %s on: %v", day, err)
		}
	}
}

func TestCombine(t *testing.T) {
	part := func(facility, pattern string, number int32, of ...string) *Item {
		return &Item{ID: "x", FacilityID: facility, Place: Place{Number: number, Pattern: pattern, PartIDs: of}}
	}
	a, b := part("hall", "3KU", 7), part("hall", "3KU", 4)
	got, err := Combine(9, "", "hall", []*Item{a, b})
	if diff := cmp.Diff(Place{Number: 9, PartIDs: []string{"x", "x"}, Atoms: []int32{4, 7}, Pattern: "3KU"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got, err := Combine(9, "1H", "hall", nil); err != nil || got.Pattern != "1H" || !cmp.Equal(got.Atoms, []int32{9}) {
		t.Error(got, err)
	}
	for name, parts := range map[string][]*Item{
		"one part":      {a},
		"other hall":    {a, part("other", "3KU", 5)},
		"other pattern": {a, part("hall", "1H", 5)},
		"made of parts": {a, part("hall", "3KU", 5, "y")},
	} {
		if _, err := Combine(9, "", "hall", parts); !errors.Is(err, ErrPartsNotCombinable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Combine(9, "1H", "hall", []*Item{a, b}); !errors.Is(err, ErrPartsNotCombinable) {
		t.Errorf("a pattern of its own: %v", err)
	}
}

func TestApprove(t *testing.T) {
	now := time.Date(2026, 11, 24, 14, 59, 0, 0, time.UTC) // 23:59 in Tokyo
	draft := func() *Item { return &Item{State: Draft, Drafters: []string{"clerk", "desk"}, From: day("2026-11-24")} }
	for name, tt := range map[string]struct {
		change func(*Item)
		at     time.Time
		want   error
	}{
		"today":               {func(*Item) {}, now, nil},
		"one minute later":    {func(*Item) {}, now.Add(time.Minute), ErrRetroactive},
		"one of its drafters": {func(i *Item) { i.Drafters = []string{"approver", "clerk"} }, now, fault.ErrSelfApprovalForbidden},
		"nothing drafted":     {func(i *Item) { i.State = Approved }, now, ErrDraftMissing},
		"far in the future":   {func(i *Item) { i.From = day("2030-01-01") }, now, nil},
		"yesterday, by self":  {func(i *Item) { i.From, i.Drafters = day("2026-11-23"), []string{"clerk", "approver"} }, now, fault.ErrSelfApprovalForbidden},
	} {
		i := draft()
		tt.change(i)
		if err := i.Approve("approver", tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.want == nil && (i.State != Approved || i.ApprovedBy != "approver" || i.ApprovedAt != tt.at) {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

func TestReferencesMustBeInForce(t *testing.T) {
	c := chiyoda()
	from := func(i *Item, d string) *Item {
		i.From = day(d)
		return i
	}
	room := from(in(KindRoom, "r", "", &Room{}), "2026-01-01")
	room.FacilityID, room.Place.Pattern = "hall", "4KU"
	for name, tt := range map[string]struct {
		i  *Item
		ok bool
	}{
		"class":               {from(in(KindFacility, "f", "F9", &Facility{Classes: []string{"GENERAL"}}), "2026-01-01"), true},
		"unknown class":       {from(in(KindFacility, "f", "F9", &Facility{Classes: []string{"STUDENT"}}), "2026-01-01"), false},
		"class not yet":       {from(in(KindFacility, "f", "F9", &Facility{Classes: []string{"GENERAL"}}), "2018-01-01"), false},
		"unknown pattern":     {room, false},
		"opening":             {from(in(KindUserClass, "u", "U", &rule.UserClass{Openings: []rule.Opening{{Rule: "SIXTH"}}}), "2026-01-01"), true},
		"unknown opening":     {from(in(KindUserClass, "u", "U", &rule.UserClass{Openings: []rule.Opening{{Rule: "NINTH"}}}), "2026-01-01"), false},
		"after":               {from(in(KindOpeningRule, "o", "O", &rule.OpeningRule{After: "FIRST"}), "2026-01-01"), true},
		"after one after one": {from(in(KindOpeningRule, "o", "O", &rule.OpeningRule{After: "SIXTH"}), "2026-01-01"), false},
		"after itself":        {from(in(KindOpeningRule, "o", "O", &rule.OpeningRule{After: "O"}), "2026-01-01"), false},
		"fees of a room":      {from(in(KindFeeTable, "t", "F001", &rule.FeeTable{Rates: []rule.Rate{{RoomID: "a"}}}), "2026-01-01"), true},
		"fees of no room":     {from(in(KindFeeTable, "t", "F001", &rule.FeeTable{Rates: []rule.Rate{{RoomID: "x"}}}), "2026-01-01"), false},
		"fees of no facility": {from(in(KindFeeTable, "t", "F999", &rule.FeeTable{}), "2026-01-01"), false},
	} {
		if err := c.CheckReferences(tt.i); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrReferenceUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
