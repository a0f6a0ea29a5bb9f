package jp

import "time"

// Override changes one day of the calendar of holidays, for a law newer than the binary.
type Override struct {
	// Date is the day that changes.
	Date Date
	// Name is the holiday's name; the empty string makes the day an ordinary one.
	Name string
}

// Calendar answers holidays and office days: the rules of the law with a table of overrides on top. The zero value
// has no overrides. A Calendar does not change after NewCalendar.
type Calendar struct {
	overrides map[Date]string
}

// NewCalendar returns a calendar with the overrides applied; the last one wins when a day stands twice. An override
// changes that day only: a substitute holiday that follows from it must be entered too.
func NewCalendar(overrides ...Override) *Calendar {
	c := &Calendar{overrides: make(map[Date]string, len(overrides))}
	for _, o := range overrides {
		c.overrides[o.Date] = o.Name
	}
	return c
}

// Holiday returns the name of the holiday on the day, and whether it is one.
func (c *Calendar) Holiday(d Date) (name string, ok bool) {
	if name, ok := c.overrides[d]; ok {
		return name, name != ""
	}
	return Holiday(d)
}

// IsOfficeDay reports whether the ward's offices are open: Monday to Friday, no holiday, and not in the closure over
// the New Year, December 29 to January 3 (千代田区 施設利用案内, 2024-01-11).
func (c *Calendar) IsOfficeDay(d Date) bool {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday || yearEndClosure(d) {
		return false
	}
	_, holiday := c.Holiday(d)
	return !holiday
}

func yearEndClosure(d Date) bool {
	return d.Month == time.December && d.Day >= 29 || d.Month == time.January && d.Day <= 3
}

// NextOfficeDay returns the first office day on or after d.
func (c *Calendar) NextOfficeDay(d Date) Date {
	for !c.IsOfficeDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// AddOfficeDays returns the n-th office day after d, or before it when n is negative; d itself is not counted
// (初日不算入). For n = 0 it is NextOfficeDay(d).
func (c *Calendar) AddOfficeDays(d Date, n int) Date {
	if n == 0 {
		return c.NextOfficeDay(d)
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.AddDays(step)
		if c.IsOfficeDay(d) {
			n--
		}
	}
	return d
}

// lawful is the calendar without overrides.
var lawful Calendar

// IsOfficeDay is Calendar.IsOfficeDay without overrides.
func IsOfficeDay(d Date) bool { return lawful.IsOfficeDay(d) }

// NextOfficeDay is Calendar.NextOfficeDay without overrides.
func NextOfficeDay(d Date) Date { return lawful.NextOfficeDay(d) }

// AddOfficeDays is Calendar.AddOfficeDays without overrides.
func AddOfficeDays(d Date, n int) Date { return lawful.AddOfficeDays(d, n) }
