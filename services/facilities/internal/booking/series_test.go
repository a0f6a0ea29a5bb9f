package booking

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func date(t *testing.T, s string) jp.Date {
	t.Helper()
	d, err := jp.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDates(t *testing.T) {
	for _, tt := range []struct {
		name, first, until string
		r                  Repetition
		except             []string
		want               []string
	}{
		{"weekly", "2026-12-04", "2026-12-25", Repetition{Frequency: Weekly}, nil, []string{"2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25"}},
		{"every other week", "2026-12-04", "2026-12-31", Repetition{Frequency: Weekly, Interval: 2}, nil, []string{"2026-12-04", "2026-12-18"}},
		{"without some", "2026-12-04", "2026-12-18", Repetition{Frequency: Weekly}, []string{"2026-12-11"}, []string{"2026-12-04", "2026-12-18"}},
		{"daily over a month's end", "2026-12-30", "2027-01-01", Repetition{Frequency: Daily}, nil, []string{"2026-12-30", "2026-12-31", "2027-01-01"}},
		{"second Friday", "2026-12-11", "2027-03-31", Repetition{Frequency: MonthlyByWeekday}, nil, []string{"2026-12-11", "2027-01-08", "2027-02-12", "2027-03-12"}},
		{"fifth Thursday, where there is one", "2026-10-29", "2027-01-31", Repetition{Frequency: MonthlyByWeekday}, nil, []string{"2026-10-29", "2026-12-31"}},
		{"first of the month, over the year", "2026-12-01", "2027-02-28", Repetition{Frequency: MonthlyByWeekday, Interval: 2}, nil, []string{"2026-12-01", "2027-02-02"}},
		{"one day", "2026-12-04", "2026-12-04", Repetition{Frequency: Daily}, nil, []string{"2026-12-04"}},
		{"none", "2026-12-04", "2026-12-03", Repetition{Frequency: Daily}, nil, nil},
	} {
		tt.r.Until = date(t, tt.until)
		for _, e := range tt.except {
			tt.r.Except = append(tt.r.Except, date(t, e))
		}
		dates, err := tt.r.Dates(date(t, tt.first))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var got []string
		for _, d := range dates {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	r := Repetition{Frequency: Daily, Until: date(t, "2027-01-29")} // 60 days.
	if got, err := r.Dates(date(t, "2026-12-01")); err != nil || len(got) != MaxSeries {
		t.Errorf("%d dates, %v", len(got), err)
	}
	r.Until = r.Until.AddDays(1)
	if _, err := r.Dates(date(t, "2026-12-01")); !errors.Is(err, ErrSeriesTooLong) {
		t.Errorf("61 days: %v", err)
	}
	r.Until = date(t, "9999-12-31")
	if _, err := r.Dates(date(t, "2026-12-01")); !errors.Is(err, ErrSeriesTooLong) {
		t.Errorf("for ever: %v", err)
	}
}
