package jp

import (
	"strconv"
	"time"
)

// FiscalYear returns the fiscal year (年度) of the day: the Gregorian year in which its April 1 lies.
func FiscalYear(d Date) int {
	if d.Month < time.April {
		return d.Year - 1
	}
	return d.Year
}

// FiscalYearStart returns the first day of the fiscal year, April 1.
func FiscalYearStart(year int) Date { return Date{year, time.April, 1} }

// FiscalYearEnd returns the last day of the fiscal year, March 31 of the next year.
func FiscalYearEnd(year int) Date { return Date{year + 1, time.March, 31} }

// FiscalYearLabel returns the name of the fiscal year by the era of its April 1, such as 令和8年度. Fiscal 2019, whose
// name the government changed on the way, is 平成31年度（令和元年度）. Before 1868 it is the Gregorian 1867年度.
func FiscalYearLabel(year int) string {
	if year == 2019 {
		return "平成31年度（令和元年度）"
	}
	era, n, ok := eraAt(FiscalYearStart(year))
	if !ok {
		return strconv.Itoa(year) + "年度"
	}
	return era.Name + eraYear(n) + "年度"
}

// FiscalYearCode returns the fiscal year as it stands in public numbers, by the era of its April 1: R8 for 2026, H31
// for 2019, H14 for 2002. Before 1868 it is the Gregorian year.
func FiscalYearCode(year int) string {
	era, n, ok := eraAt(FiscalYearStart(year))
	if !ok {
		return strconv.Itoa(year)
	}
	return era.Letter + strconv.Itoa(n)
}
