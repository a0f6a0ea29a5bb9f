package facility

import (
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Closing is how the days of a closure are given.
type Closing string

// The ways.
const (
	Weekly     Closing = "WEEKLY"
	NthWeekday Closing = "NTH_WEEKDAY"
	DateRange  Closing = "DATE_RANGE"
	Annual     Closing = "ANNUAL"
	OnHolidays Closing = "HOLIDAY"
)

// lastWeek stands for the last such weekday of the month (GIF: 6Fr).
const lastWeek = 6

// Closure says on which of its days a facility or room is closed (休館).
type Closure struct {
	ID         string `json:"-"`
	FacilityID string `json:"-"`

	RoomID     string  `json:"roomId,omitempty"` // Empty for the whole facility.
	Kind       Closing `json:"kind"`
	Weekdays   []int   `json:"weekdays,omitempty"`   // 1 Monday to 7 Sunday.
	Weeks      []int   `json:"weeks,omitempty"`      // 1 to 5, 6 for the last one.
	AnnualFrom string  `json:"annualFrom,omitempty"` // MM-DD.
	AnnualTo   string  `json:"annualTo,omitempty"`   // MM-DD; before AnnualFrom when in the next year.
	Reason     string  `json:"reason"`
}

// Check refuses a closure that lacks what its kind needs, or names a day that no
// year has. Errors: INVALID_FIELD.
func (c *Closure) Check() error {
	var wrong []fault.Field
	need := func(path string, there bool) {
		if !there {
			wrong = append(wrong, fault.Missing(path))
		}
	}
	needDay := func(path, mmdd string) {
		need(path, mmdd != "")
		if _, err := jp.ParseDate("2028-" + mmdd); mmdd != "" && err != nil { // A leap year.
			wrong = append(wrong, fault.Wrong(path, "暦にない日です。月と日を確認してください。", "There is no such day in any year."))
		}
	}
	need("kind", c.Kind != "")
	need("reason", strings.TrimSpace(c.Reason) != "")
	switch c.Kind {
	case Weekly:
		need("weekdays", len(c.Weekdays) > 0)
	case NthWeekday:
		need("weekdays", len(c.Weekdays) > 0)
		need("weeks", len(c.Weeks) > 0)
	case Annual:
		needDay("annualFrom", c.AnnualFrom)
		needDay("annualTo", c.AnnualTo)
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Covers reports whether a day on which the closure is in force is a closed one.
func (c *Closure) Covers(d jp.Date) bool {
	switch c.Kind {
	case Weekly:
		return slices.Contains(c.Weekdays, weekday(d))
	case NthWeekday:
		return slices.Contains(c.Weekdays, weekday(d)) &&
			(slices.Contains(c.Weeks, (d.Day-1)/7+1) || slices.Contains(c.Weeks, lastWeek) && d.AddDays(7).Month != d.Month)
	case Annual:
		from, day, to := yearDay(c.AnnualFrom), 100*int(d.Month)+d.Day, yearDay(c.AnnualTo)
		if from <= to {
			return from <= day && day <= to
		}
		return from <= day || day <= to
	case OnHolidays:
		_, holiday := jp.Holiday(d)
		return holiday
	default:
		return true
	}
}

// yearDay reads MM-DD, whose form the contract has checked, as 100 times the
// month and the day.
func yearDay(mmdd string) int {
	if len(mmdd) != len("01-02") {
		return 0
	}
	digit := func(i int) int { return int(mmdd[i] - '0') }
	return 1000*digit(0) + 100*digit(1) + 10*digit(3) + digit(4)
}

// weekday is 1 for Monday to 7 for Sunday (GIF DS-441).
func weekday(d jp.Date) int {
	if w := d.Weekday(); w != time.Sunday {
		return int(w)
	}
	return 7
}

// Horizon is how many days ahead bookings can be: opening rules are at most
// twelve months.
const Horizon = 400

// ClosedDays returns the atoms that an approved closure closes and its days from
// today to the horizon.
func (c *Catalogue) ClosedDays(closureID string, today jp.Date) (atoms []int32, days []jp.Date) {
	versions := c.items[closureID]
	if len(versions) == 0 {
		return nil, nil
	}
	for d, n := today, 0; n < Horizon; d, n = d.AddDays(1), n+1 {
		if closure, ok := c.Closure(closureID, d); ok && closure.Covers(d) {
			days = append(days, d)
		}
	}
	last, _ := versions[len(versions)-1].Content.(*Closure)
	return c.atomsOf(last), days
}

// Hits returns the atoms and days that a version of a closure closes from today
// to the horizon, approved or not.
func (c *Catalogue) Hits(i *Item, today jp.Date) (atoms []int32, days []jp.Date) {
	closure, ok := i.Content.(*Closure)
	if !ok {
		return nil, nil
	}
	closure.FacilityID = i.FacilityID
	for d, n := today, 0; n < Horizon; d, n = d.AddDays(1), n+1 {
		if !d.Before(i.From) && (i.To.IsZero() || !d.After(i.To)) && closure.Covers(d) {
			days = append(days, d)
		}
	}
	return c.atomsOf(closure), days
}

// atomsOf returns the atoms of the rooms that a closure closes, ascending.
func (c *Catalogue) atomsOf(closure *Closure) []int32 {
	var atoms []int32
	for _, v := range c.rooms {
		for _, room := range v {
			if room.FacilityID == closure.FacilityID && (closure.RoomID == "" || closure.RoomID == room.ID) {
				atoms = append(atoms, room.Place.Atoms...)
			}
		}
	}
	slices.Sort(atoms)
	return slices.Compact(atoms)
}
