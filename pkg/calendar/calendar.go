// Package calendar writes iCalendar (RFC 5545) for Japan: times in Asia/Tokyo
// with their time zone, texts folded between characters.
package calendar

import (
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

const zone = "Asia/Tokyo"

// Event is one entry of a calendar.
type Event struct {
	// UID names the event for ever, in every calendar, such as
	// "<id>@kyodo.example".
	UID string
	// Sequence grows with each change of time, place or state.
	Sequence int
	// Start is the first instant; End the first instant after it. For AllDay only
	// their days in Tokyo count, and the day of End is not part of the event.
	Start, End time.Time
	AllDay     bool
	// Summary is the title, Description plain text, Location a place, URL the
	// page; empty ones are left out.
	Summary, Description, Location, URL string
	// Cancelled events stay in the calendar and say so.
	Cancelled bool
	// Updated is when the event last changed; it is its DTSTAMP too, so that equal
	// events give equal bytes.
	Updated time.Time
	// Categories are words to filter by.
	Categories []string
	// Rule repeats the event (RRULE without its name); Except are starts that are
	// left out.
	Rule   string
	Except []time.Time
}

// Calendar is a list of events under a name.
type Calendar struct{ inner *ical.Calendar }

// New returns an empty calendar; name is what programs show for it.
func New(name string) *Calendar {
	c := &Calendar{inner: ical.NewCalendar()}
	c.inner.SetProductId("-//Kyodo//Kyodo//JA")
	c.inner.SetMethod(ical.MethodPublish)
	c.inner.SetXWRCalName(name)
	c.inner.SetXWRTimezone(zone)
	tokyo := c.inner.AddTimezone(zone)
	standard := tokyo.AddStandard()
	standard.SetProperty(ical.ComponentPropertyDtStart, "19700101T000000")
	standard.SetProperty("TZOFFSETFROM", "+0900")
	standard.SetProperty("TZOFFSETTO", "+0900")
	standard.SetProperty("TZNAME", "JST")
	return c
}

// Add puts an event at the end.
func (c *Calendar) Add(e Event) {
	v := c.inner.AddEvent(e.UID)
	v.SetSequence(e.Sequence)
	v.SetDtStampTime(e.Updated.UTC())
	v.SetModifiedAt(e.Updated.UTC())
	if e.AllDay {
		v.SetProperty(ical.ComponentPropertyDtStart, day(e.Start), ical.WithValue("DATE"))
		v.SetProperty(ical.ComponentPropertyDtEnd, day(e.End), ical.WithValue("DATE"))
	} else {
		v.SetProperty(ical.ComponentPropertyDtStart, local(e.Start), ical.WithTZID(zone))
		v.SetProperty(ical.ComponentPropertyDtEnd, local(e.End), ical.WithTZID(zone))
	}
	setText(v, ical.ComponentPropertySummary, e.Summary)
	setText(v, ical.ComponentPropertyDescription, e.Description)
	setText(v, ical.ComponentPropertyLocation, e.Location)
	if e.URL != "" {
		v.SetURL(e.URL)
	}
	if e.Cancelled {
		v.SetStatus(ical.ObjectStatusCancelled)
	} else {
		v.SetStatus(ical.ObjectStatusConfirmed)
	}
	for _, word := range e.Categories {
		v.AddProperty(ical.ComponentPropertyCategories, plain(word))
	}
	if e.Rule != "" {
		v.AddRrule(e.Rule)
	}
	for _, t := range e.Except {
		if e.AllDay {
			v.AddExdate(day(t), ical.WithValue("DATE"))
		} else {
			v.AddExdate(local(t), ical.WithTZID(zone))
		}
	}
}

// Bytes returns the file: lines end with CRLF and are folded at 75 octets, never
// within a character.
func (c *Calendar) Bytes() []byte {
	return []byte(c.inner.Serialize(ical.WithNewLine("\r\n")))
}

func setText(v *ical.VEvent, property ical.ComponentProperty, text string) {
	if text != "" {
		v.SetProperty(property, plain(text))
	}
}

// plain leaves one kind of line break, which ToText writes as \n.
func plain(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

func day(t time.Time) string   { return t.In(jp.Tokyo).Format("20060102") }
func local(t time.Time) string { return t.In(jp.Tokyo).Format("20060102T150405") }
