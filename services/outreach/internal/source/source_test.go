package source_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

func TestTakeBacksOff(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	s := source.Source{Interval: 15 * time.Minute}
	if s.Health() != source.Unchecked {
		t.Errorf("health = %s", s.Health())
	}
	for i, want := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
		died := s.Take(source.Reading{Failure: "HTTP_STATUS"}, now)
		if got := s.DueAt.Sub(now); got != want || died != (i == 4) {
			t.Errorf("failure %d: next in %v, died %t", i+1, got, died)
		}
	}
	if s.Health() != source.Dead {
		t.Errorf("health = %s", s.Health())
	}
	if s.Take(source.Reading{ETag: `"a"`, RetryAfter: time.Hour}, now); s.Health() != source.OK || s.DueAt.Sub(now) != time.Hour || s.ETag != `"a"` {
		t.Errorf("after a success: %+v", s)
	}
	weekly := source.Source{Interval: 7 * 24 * time.Hour}
	if weekly.Take(source.Reading{Failure: "HTTP_STATUS"}, now); weekly.DueAt.Sub(now) != weekly.Interval {
		t.Errorf("a weekly source is tried in %v", weekly.DueAt.Sub(now))
	}
}

// What is the same entry, and what is not.
func TestKeys(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	base := source.Entry{GUID: "1", URL: "https://a.example/1", Title: "いち", PublishedAt: at}
	noID := source.Entry{URL: "https://a.example/1", Title: "いち", PublishedAt: at}
	noURL := source.Entry{Title: "いち", PublishedAt: at}
	event := source.Entry{URL: "https://a.example/", Title: "いち", StartsAt: at}
	change := func(e source.Entry, f func(*source.Entry)) source.Entry { f(&e); return e }
	for name, c := range map[string]struct {
		a, b      source.Entry
		key, same bool
	}{
		"new title, same id":        {base, change(base, func(e *source.Entry) { e.Title = "に" }), true, false},
		"another id":                {base, change(base, func(e *source.Entry) { e.GUID = "2" }), false, true},
		"marks of a campaign":       {noID, change(noID, func(e *source.Entry) { e.URL = "http://A.example/1/?UTM_source=x&utm_medium=y#top" }), true, true},
		"another query":             {noID, change(noID, func(e *source.Entry) { e.URL = "https://a.example/1?page=2" }), false, false},
		"half width title":          {noURL, change(noURL, func(e *source.Entry) { e.Title = "ｲﾁ" }), true, true},
		"another day":               {noURL, change(noURL, func(e *source.Entry) { e.PublishedAt = at.Add(24 * time.Hour) }), false, false},
		"another hour of the day":   {noURL, change(noURL, func(e *source.Entry) { e.PublishedAt = at.Add(time.Hour) }), true, true},
		"event of the same address": {event, change(event, func(e *source.Entry) { e.StartsAt = at.Add(time.Hour) }), true, false},
	} {
		if got := c.a.Key() == c.b.Key(); got != c.key {
			t.Errorf("%s: same key %t", name, got)
		}
		if got := c.a.SameKey() == c.b.SameKey(); got != c.same {
			t.Errorf("%s: same in two sources %t", name, got)
		}
	}
	if a, b := (source.Entry{GUID: "x"}).Key(), (source.Entry{Title: "x"}).Key(); a == b {
		t.Error("an id and a title are the same")
	}
}

func TestNewest(t *testing.T) {
	var entries []source.Entry
	for i := range 150 {
		entries = append(entries, source.Entry{GUID: strings.Repeat("x", i+1), Title: "題", PublishedAt: time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)})
	}
	entries = append(entries, entries[0], source.Entry{GUID: "untitled"}, source.Entry{GUID: "undated", Title: "題"})
	got := source.Newest(entries)
	if len(got) != source.MaxEntries || got[0].GUID != "undated" || len(got[1].GUID) != 150 || len(got[99].GUID) != 52 {
		t.Errorf("%d entries, first %q", len(got), got[0].GUID)
	}
}
