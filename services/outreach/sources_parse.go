package outreach

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // for zones that calendars name

	ics "github.com/arran4/golang-ical"
	"github.com/mmcdole/gofeed"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

const (
	itemTitleLength    = 200
	itemSummaryLength  = 500
	itemLocationLength = 200
	guidLength         = 2000
)

// errUnreadable says that what was fetched is no feed and no calendar.
var errUnreadable = errors.New("feed cannot be read")

// parse reads the entries of what was fetched as plain text. url is where it came
// from. The parsers are others' code on input of strangers: a panic of theirs makes
// the feed unreadable and nothing more.
func parse(kind source.Kind, raw []byte, url string) (entries []source.Entry, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errUnreadable, r)
		}
	}()
	switch kind {
	case source.Feed:
		entries, err = parseFeed(raw, url)
	case source.Calendar:
		entries, err = parseCalendar(raw, url)
	case source.Link:
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return source.Newest(entries), nil
}

func parseFeed(raw []byte, url string) ([]source.Entry, error) {
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	var out []source.Entry
	for _, item := range feed.Items {
		if item == nil {
			continue
		}
		body := item.Description
		if body == "" {
			body = item.Content
		}
		e := source.Entry{
			GUID: first(item.GUID, guidLength), URL: foreignURL(item.Link, url),
			Title: foreignText(item.Title, itemTitleLength), Summary: foreignText(body, itemSummaryLength),
		}
		for _, at := range []*time.Time{item.UpdatedParsed, item.PublishedParsed} {
			if at != nil {
				e.PublishedAt = *at
			}
		}
		if e.Title == "" {
			e.Title = cut(e.Summary, itemTitleLength/4)
		}
		out = append(out, plausible(e))
	}
	return out, nil
}

func parseCalendar(raw []byte, url string) ([]source.Entry, error) {
	calendar, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	var out []source.Entry
	for _, event := range calendar.Events() {
		value := func(p ics.ComponentProperty) string {
			if found := event.GetProperty(p); found != nil {
				return ics.FromText(found.Value)
			}
			return ""
		}
		if value(ics.ComponentPropertyStatus) == "CANCELLED" {
			continue
		}
		e := source.Entry{
			GUID: first(value(ics.ComponentPropertyUniqueId), guidLength), URL: foreignURL(value(ics.ComponentPropertyUrl), url),
			Title:    foreignText(value(ics.ComponentPropertySummary), itemTitleLength),
			Summary:  foreignText(value(ics.ComponentPropertyDescription), itemSummaryLength),
			Location: foreignText(value(ics.ComponentPropertyLocation), itemLocationLength),
		}
		if again := value(ics.ComponentPropertyRecurrenceId); again != "" {
			e.GUID += " " + first(again, guidLength) // One changed day of a series.
		}
		e.StartsAt, e.AllDay = calendarTime(event.GetProperty(ics.ComponentPropertyDtStart))
		e.EndsAt, _ = calendarTime(event.GetProperty(ics.ComponentPropertyDtEnd))
		e.PublishedAt, _ = calendarTime(event.GetProperty(ics.ComponentPropertyCreated))
		if !e.StartsAt.IsZero() {
			out = append(out, plausible(e))
		}
	}
	return out, nil
}

// calendarTime reads an instant of iCalendar (RFC 5545 3.3.4, 3.3.5); a day, and a
// time without zone or of an unknown one, are Tokyo's. What cannot be read is none.
func calendarTime(p *ics.IANAProperty) (at time.Time, allDay bool) {
	if p == nil {
		return time.Time{}, false
	}
	if at, err := time.ParseInLocation("20060102", p.Value, jp.Tokyo); err == nil {
		return at, true
	}
	if at, err := time.Parse("20060102T150405Z", p.Value); err == nil {
		return at, false
	}
	zone := jp.Tokyo
	if names := p.ICalParameters["TZID"]; len(names) == 1 {
		if z, err := time.LoadLocation(names[0]); err == nil && names[0] != "" && names[0] != "Local" {
			zone = z
		}
	}
	at, err := time.ParseInLocation("20060102T150405", p.Value, zone)
	if err != nil {
		return time.Time{}, false
	}
	return at, false
}

// plausible drops times that no database and no reader takes for one.
func plausible(e source.Entry) source.Entry {
	for _, at := range []*time.Time{&e.PublishedAt, &e.StartsAt, &e.EndsAt} {
		if at.Year() < 1900 || at.Year() > 2200 {
			*at = time.Time{}
		}
	}
	if e.EndsAt.Before(e.StartsAt) {
		e.EndsAt = time.Time{}
	}
	return e
}

// first is the beginning of a text, at most n bytes.
func first(s string, n int) string { return s[:min(len(s), n)] }
