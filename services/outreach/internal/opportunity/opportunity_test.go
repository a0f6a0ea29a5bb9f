package opportunity

import (
	"slices"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestPeriodAndLastDayToApply(t *testing.T) {
	for want, d := range map[string]*Details{
		"2026年12月1日（令和8年）火曜日": {StartsOn: jp.NewDate(2026, 12, 1)},
		"2026年12月1日（令和8年）火曜日から2027年1月31日（令和9年）日曜日までの毎週月・土曜日 10:00〜12:00（雨天中止）": {
			StartsOn: jp.NewDate(2026, 12, 1), EndsOn: jp.NewDate(2027, 1, 31), Weekdays: []Weekday{"SATURDAY", "MONDAY"}, StartTime: "10:00",
			EndTime: "12:00", TimeNote: "雨天中止",
		},
	} {
		if got := d.Period(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	d := &Details{StartsOn: jp.NewDate(2026, 12, 1), EndsOn: jp.NewDate(2026, 12, 31)}
	if got := d.Closes(); !got.Equal(time.Date(2026, 12, 31, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("closes at %s", got)
	}
	d.ApplyUntil = jp.NewDate(2026, 12, 10)
	if got := d.Closes(); !got.Equal(time.Date(2026, 12, 10, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("closes at %s", got)
	}
}

// What somebody looks for is a part of the marks of what meets it.
func TestFacets(t *testing.T) {
	d := &Details{Kind: Volunteer, ActivityField: 13, Weekdays: []Weekday{"MONDAY", "FRIDAY"}, StartTime: "17:00", ParentChild: true, TrialPlaces: 1}
	for _, c := range []struct {
		wish Wish
		want bool
	}{
		{Wish{}, true},
		{Wish{Kind: Volunteer, ActivityField: 13, Weekday: "FRIDAY", TimeOfDay: "EVENING", ParentChild: true, Trial: true}, true},
		{Wish{Weekday: "SUNDAY"}, false},
		{Wish{TimeOfDay: "AFTERNOON"}, false},
		{Wish{ActivityField: 1}, false},
		{Wish{Beginners: true}, false},
	} {
		marks := d.Facets()
		if got := !slices.ContainsFunc(c.wish.Facets(), func(f string) bool { return !slices.Contains(marks, f) }); got != c.want {
			t.Errorf("%+v: %v", c.wish, got)
		}
	}
}
