package event

import (
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestTimes(t *testing.T) {
	first := jp.NewDate(2026, 12, 1)
	d := &Details{StartsOn: first}
	if !d.AllDay() || !d.Ends().Equal(first.NextMidnight()) || d.LastOn() != first || d.Period() != "2026年12月1日（令和8年）火曜日" {
		t.Errorf("all day: %v, %s", d.Ends(), d.Period())
	}
	d.StartTime, d.EndTime = "10:00", "12:30"
	if got := d.Ends().Sub(d.Starts()); got != 150*time.Minute || d.Period() != "2026年12月1日（令和8年）火曜日 10:00〜12:30" {
		t.Errorf("two hours and a half: %v, %s", got, d.Period())
	}
	d.EndsOn = first.AddDays(1)
	if got := d.Ends().Sub(d.Starts()); got != 26*time.Hour+30*time.Minute {
		t.Errorf("into the next day: %v", got)
	}
	d.OccursOn = []jp.Date{first, first.AddDays(7)}
	if got := d.LastOn(); got != first.AddDays(8) {
		t.Errorf("last day = %s", got)
	}
}

// The closing minute is still in time.
func TestAdmissionCloses(t *testing.T) {
	d := &Details{StartsOn: jp.NewDate(2026, 12, 1), StartTime: "10:00"}
	for _, tt := range []struct {
		on, at string
		want   string
	}{
		{"", "", "2026-12-01T10:00"},
		{"2026-11-30", "", "2026-12-01T00:00"},
		{"2026-11-30", "17:00", "2026-11-30T17:01"},
	} {
		d.Admission = Admission{ClosesTime: tt.at}
		if tt.on != "" {
			d.Admission.ClosesOn, _ = jp.ParseDate(tt.on) // a day of the table above
		}
		if got := d.Closes().In(jp.Tokyo).Format("2006-01-02T15:04"); got != tt.want {
			t.Errorf("%s %s closes %s, want %s", tt.on, tt.at, got, tt.want)
		}
	}
}

// A lottery leaves time for the confirmations and for everybody to see the ballot.
func TestDayOfTheDraw(t *testing.T) {
	for _, tt := range []struct {
		name string
		a    Admission
		ok   bool
	}{
		{"two days after", Admission{Mode: Lottery, Capacity: 5, ClosesOn: jp.NewDate(2026, 11, 24), DrawsOn: jp.NewDate(2026, 11, 26)}, true},
		{"one day after", Admission{Mode: Lottery, Capacity: 5, ClosesOn: jp.NewDate(2026, 11, 24), DrawsOn: jp.NewDate(2026, 11, 25)}, false},
		{"on the day", Admission{Mode: Lottery, Capacity: 5, ClosesOn: jp.NewDate(2026, 11, 24), DrawsOn: jp.NewDate(2026, 12, 1)}, false},
		{"no day", Admission{Mode: Lottery, Capacity: 5, ClosesOn: jp.NewDate(2026, 11, 24)}, false},
		{"no places", Admission{Mode: Lottery, ClosesOn: jp.NewDate(2026, 11, 24), DrawsOn: jp.NewDate(2026, 11, 26)}, false},
		{"no lottery", Admission{Mode: FirstCome, Capacity: 5, DrawsOn: jp.NewDate(2026, 11, 26)}, false},
		{"groups", Admission{Mode: FirstCome, Capacity: 5, MaxParty: 5}, true},
		{"groups larger than the places", Admission{Mode: FirstCome, Capacity: 5, MaxParty: 6}, false},
	} {
		d := &Details{StartsOn: jp.NewDate(2026, 12, 1), StartTime: "10:00", Admission: tt.a}
		if err := d.Check(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
