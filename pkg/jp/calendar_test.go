package jp

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestHolidaysEqualList(t *testing.T) {
	want := map[Date]string{}
	for _, row := range vectors(t, "holidays_2025_2028.csv", 70) {
		d := day(t, row["date"])
		want[d] = row["name"]
		if d.WeekdayJa() != row["weekday"] {
			t.Errorf("%v is %s, want %s", d, d.WeekdayJa(), row["weekday"])
		}
	}
	got := map[Date]string{}
	for d := day(t, "2025-01-01"); d.Year <= 2028; d = d.AddDays(1) {
		if name, ok := Holiday(d); ok {
			got[d] = name
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("holidays (-want +got):\n%s", diff)
	}
}

func TestHolidayBorders(t *testing.T) {
	for _, tt := range []struct{ date, want string }{
		{"2002-05-03", ""}, // before the years known
		{"2003-01-01", "元日"},
		{"2003-05-04", ""},      // until 2006 no 国民の休日 on a Sunday
		{"2004-05-04", "国民の休日"}, // between two holidays
		{"2003-11-24", "振替休日"},  // holiday on Sunday
		{"2006-04-29", "みどりの日"},
		{"2007-04-29", "昭和の日"},
		{"2007-04-30", "振替休日"},
		{"2007-05-04", "みどりの日"},
		{"2008-05-06", "振替休日"}, // two days after the Sunday
		{"2009-05-06", "振替休日"}, // three days after the Sunday
		{"2009-09-22", "国民の休日"},
		{"2015-09-22", "国民の休日"},
		{"2015-08-11", ""}, // 山の日 since 2016
		{"2016-08-11", "山の日"},
		{"2018-12-23", "天皇誕生日"},
		{"2018-12-24", "振替休日"},
		{"2019-02-23", ""}, // no birthday of the Emperor in 2019
		{"2019-12-23", ""},
		{"2019-04-30", "国民の休日"},
		{"2019-05-01", "即位の日"},
		{"2019-05-02", "国民の休日"},
		{"2019-05-06", "振替休日"},
		{"2019-05-07", ""},
		{"2019-10-14", "体育の日"},
		{"2019-10-22", "即位礼正殿の儀"},
		{"2020-02-24", "振替休日"},
		{"2020-07-20", ""}, // moved for the Olympic Games
		{"2020-07-23", "海の日"},
		{"2020-07-24", "スポーツの日"},
		{"2020-08-10", "山の日"},
		{"2020-08-11", ""},
		{"2020-10-12", ""},
		{"2021-07-19", ""},
		{"2021-08-08", "山の日"},
		{"2021-08-09", "振替休日"},
		{"2022-10-10", "スポーツの日"},
		{"2026-09-22", "国民の休日"},
		{"2050-01-01", "元日"},
		{"2099-12-31", ""},
		{"2100-01-01", ""}, // after the years known
	} {
		got, ok := Holiday(day(t, tt.date))
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Holiday(%s) = %q, %v; want %q", tt.date, got, ok, tt.want)
		}
	}
}

func TestHolidayCount(t *testing.T) {
	n := 0
	for d := day(t, "2003-01-01"); d.Year <= 2050; d = d.AddDays(1) {
		if _, ok := Holiday(d); ok {
			n++
		}
	}
	if n != 843 { // of the independent list
		t.Errorf("2003 to 2050 have %d holidays, want 843", n)
	}
}

// TestHolidayRulesEqualFile holds the tables against the declarative rules.
func TestHolidayRulesEqualFile(t *testing.T) {
	type rule struct {
		Name   string
		MD     string
		Month  time.Month
		N      int
		From   int
		To     int
		Except []int
	}
	var file struct {
		Fixed     []rule
		NthMonday []rule `json:"nth_monday"`
		Equinox   map[string]struct {
			Month   int
			Formula string
		}
		OneOff []struct{ Date, Name string } `json:"one_off"`
	}
	b, err := os.ReadFile("testdata/holiday_rules.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	var fixed, monday []rule
	for _, h := range fixedHolidays {
		md := fmt.Sprintf("%02d-%02d", int(h.month), h.day)
		fixed = append(fixed, rule{Name: h.name, MD: md, From: h.from, To: h.to, Except: h.except})
	}
	for _, h := range mondayHolidays {
		monday = append(monday, rule{Name: h.name, Month: h.month, N: h.n, From: h.from, To: h.to, Except: h.except})
	}
	oneOff := map[Date]string{}
	for _, h := range file.OneOff {
		oneOff[day(t, h.Date)] = h.Name
	}
	if diff := cmp.Diff(file.Fixed, fixed, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("fixed:\n%s", diff)
	}
	if diff := cmp.Diff(file.NthMonday, monday, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Mondays:\n%s", diff)
	}
	if diff := cmp.Diff(oneOff, oneOffHolidays); diff != "" {
		t.Errorf("one-offs:\n%s", diff)
	}
	for name, base := range map[string]string{"春分の日": "20.8431", "秋分の日": "23.2488"} {
		if !strings.Contains(file.Equinox[name].Formula, base) {
			t.Errorf("%s: formula %q", name, file.Equinox[name].Formula)
		}
	}
}

func TestEquinox(t *testing.T) {
	for _, tt := range []struct{ year, march, september int }{
		{2003, 21, 23}, {2012, 20, 22}, {2023, 21, 23}, {2024, 20, 22}, {2026, 20, 23}, {2028, 20, 22},
	} {
		if m, s := vernalEquinoxDay(tt.year), autumnalEquinoxDay(tt.year); m != tt.march || s != tt.september {
			t.Errorf("%d: %d March, %d September", tt.year, m, s)
		}
	}
}

func TestOfficeDays(t *testing.T) {
	for date, want := range map[string]bool{
		"2026-04-01": true, "2026-04-04": false, "2026-04-05": false, "2026-04-29": false,
		"2026-12-28": true, "2026-12-29": false, "2026-12-31": false, "2027-01-01": false, "2027-01-03": false,
		"2027-01-04": true, "2028-01-03": false,
	} {
		if got := IsOfficeDay(day(t, date)); got != want {
			t.Errorf("IsOfficeDay(%s) = %v", date, got)
		}
	}
	for _, tt := range []struct{ from, want string }{
		{"2026-04-01", "2026-04-01"}, {"2026-05-02", "2026-05-07"}, {"2026-12-29", "2027-01-04"}, {"2019-04-27", "2019-05-07"},
	} {
		if got := NextOfficeDay(day(t, tt.from)); got.String() != tt.want {
			t.Errorf("NextOfficeDay(%s) = %v, want %s", tt.from, got, tt.want)
		}
	}
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-04-01", 1, "2026-04-02"},
		{"2026-04-03", 1, "2026-04-06"},
		{"2026-05-01", 1, "2026-05-07"},
		{"2026-04-04", 0, "2026-04-06"},
		{"2026-04-06", 0, "2026-04-06"},
		{"2026-05-07", -1, "2026-05-01"},
		{"2026-12-28", 1, "2027-01-04"},
		{"2027-01-04", -1, "2026-12-28"},
		{"2026-04-01", 10, "2026-04-15"},
		{"2026-04-05", 1, "2026-04-06"},
		{"2026-04-05", -1, "2026-04-03"},
	} {
		if got := AddOfficeDays(day(t, tt.from), tt.n); got.String() != tt.want {
			t.Errorf("AddOfficeDays(%s, %d) = %v, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestCalendarOverrides(t *testing.T) {
	added, removed := day(t, "2026-06-10"), day(t, "2026-07-20")
	c := NewCalendar(
		Override{Date: added, Name: "取消し"}, Override{Date: added, Name: "臨時の休日"}, Override{Date: removed})
	if name, ok := c.Holiday(added); name != "臨時の休日" || !ok || c.IsOfficeDay(added) {
		t.Errorf("added day: %q, %v", name, ok)
	}
	if name, ok := c.Holiday(removed); name != "" || ok || !c.IsOfficeDay(removed) {
		t.Errorf("removed day: %q, %v", name, ok)
	}
	if got := c.NextOfficeDay(added); got != added.AddDays(1) {
		t.Errorf("NextOfficeDay = %v", got)
	}
	if got := c.AddOfficeDays(day(t, "2026-07-17"), 1); got != removed {
		t.Errorf("AddOfficeDays = %v", got)
	}
	if name, ok := c.Holiday(day(t, "2026-01-01")); name != "元日" || !ok {
		t.Errorf("other days: %q, %v", name, ok)
	}
	if _, ok := Holiday(added); ok {
		t.Error("the override changed the rules")
	}
}

// TestBookingOpen shows that the primitives carry the ward's rule: by telephone on the first of the month before use,
// else the next office day; online on the 6th, or the day after the telephone day where that is the 6th or later.
func TestBookingOpen(t *testing.T) {
	for _, row := range vectors(t, "booking_open_vectors.csv", 9) {
		first := day(t, row["use_date"]).FirstOfMonth().AddMonths(-1)
		phone := NextOfficeDay(first)
		online := first.AddDays(5)
		if !phone.Before(online) {
			online = phone.AddDays(1)
		}
		got := []string{phone.String(), phone.WeekdayJa(), online.String(), online.WeekdayJa()}
		want := []string{
			row["general_npo_phone_open"], row["weekday1"], row["online_company_npo_course_open"], row["weekday2"],
		}
		if !slices.Equal(got, want) {
			t.Errorf("use on %s: %v, want %v", row["use_date"], got, want)
		}
	}
}

func BenchmarkIsOfficeDay(b *testing.B) {
	d := Date{2026, time.May, 1}
	for b.Loop() {
		IsOfficeDay(d)
	}
}
