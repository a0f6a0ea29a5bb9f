package jp

import (
	"slices"
	"sync"
	"time"
)

// holidays holds every day off by law of the years known, by day.
var holidays = sync.OnceValue(func() map[Date]string {
	days := make(map[Date]string, 18*(LastHolidayYear-FirstHolidayYear+1))
	for year := FirstHolidayYear; year <= LastHolidayYear; year++ {
		addNationalHolidays(days, year)
	}
	// The days that follow from others are found on the national holidays alone, so that a substitute never makes
	// another day off.
	national := make([]Date, 0, len(days))
	for d := range days {
		national = append(national, d)
	}
	slices.SortFunc(national, Date.Compare)
	addSubstitutes(days, national)
	addBetween(days, national)
	return days
})

// addNationalHolidays adds the 国民の祝日 of one year.
func addNationalHolidays(days map[Date]string, year int) {
	inForce := func(from, to int, except []int) bool {
		return (from == 0 || year >= from) && (to == 0 || year <= to) && !slices.Contains(except, year)
	}
	for _, h := range fixedHolidays {
		if inForce(h.from, h.to, h.except) {
			days[Date{year, h.month, h.day}] = h.name
		}
	}
	for _, h := range mondayHolidays {
		if inForce(h.from, h.to, h.except) {
			days[nthMonday(year, h.month, h.n)] = h.name
		}
	}
	days[Date{year, time.March, vernalEquinoxDay(year)}] = "春分の日"
	days[Date{year, time.September, autumnalEquinoxDay(year)}] = "秋分の日"
	for d, name := range oneOffHolidays {
		if d.Year == year {
			days[d] = name
		}
	}
}

func nthMonday(year int, month time.Month, n int) Date {
	first := Date{year, month, 1}
	offset := (int(time.Monday) - int(first.Weekday()) + 7) % 7
	return first.AddDays(offset + 7*(n-1))
}

// addSubstitutes adds 振替休日 for holidays on Sunday: since 2007 the next day that is no holiday, until 2006 the
// Monday, unless it is a holiday itself.
func addSubstitutes(days map[Date]string, national []Date) {
	for _, d := range national {
		if d.Weekday() != time.Sunday {
			continue
		}
		next := d.AddDays(1)
		for d.Year >= 2007 && isNational(days, next) {
			next = next.AddDays(1)
		}
		if !isNational(days, next) {
			days[next] = substituteName
		}
	}
}

// addBetween adds 国民の休日: a day that is no holiday between two holidays; until 2006 not on a Sunday.
func addBetween(days map[Date]string, national []Date) {
	for _, d := range national {
		day := d.AddDays(1)
		if _, taken := days[day]; taken || !isNational(days, d.AddDays(2)) {
			continue
		}
		if day.Year >= 2007 || day.Weekday() != time.Sunday {
			days[day] = betweenName
		}
	}
}

// isNational reports whether the day is a 国民の祝日, as opposed to a day off that follows from one.
func isNational(days map[Date]string, d Date) bool {
	name, ok := days[d]
	return ok && name != substituteName && name != betweenName
}

// Holiday returns the name of the holiday by law on the day, and whether it is one. 振替休日 and 国民の休日 count. It
// knows the years FirstHolidayYear to LastHolidayYear and answers false outside them.
func Holiday(d Date) (name string, ok bool) {
	name, ok = holidays()[d]
	return name, ok
}
