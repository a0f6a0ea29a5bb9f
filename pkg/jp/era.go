package jp

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Era is a Japanese era (元号).
type Era struct {
	// Letter is the Latin abbreviation: M, T, S, H or R.
	Letter string
	// Name is the name in kanji.
	Name string
	// Start is the first day of the era.
	Start Date
}

// eras holds the eras, newest first. Their first days are from general knowledge and not checked against the
// cabinet orders.
var eras = []Era{
	{Letter: "R", Name: "令和", Start: Date{2019, time.May, 1}},
	{Letter: "H", Name: "平成", Start: Date{1989, time.January, 8}},
	{Letter: "S", Name: "昭和", Start: Date{1926, time.December, 25}},
	{Letter: "T", Name: "大正", Start: Date{1912, time.July, 30}},
	{Letter: "M", Name: "明治", Start: Date{1868, time.January, 25}},
}

// firstEraDate is the first day with an era date here: before it Japan used a lunisolar calendar, in which year,
// month and day do not map to Gregorian ones by the year alone.
var firstEraDate = Date{1873, time.January, 1}

// ErrWareki is the refusal of ParseWareki.
var ErrWareki = &ParseError{
	Reason: "INVALID_WAREKI",
	Ja:     "日付は「令和8年4月1日」または「R8.4.1」のように入力してください。",
	En:     "Enter the date by era, such as 令和8年4月1日 or R8.4.1.",
}

// Eras returns the known eras, newest first.
func Eras() []Era { return slices.Clone(eras) }

// EraOf returns the era of the day and the year within it, 1 for 元年. ok is false before 1873-01-01, the first day
// of the Gregorian calendar in Japan.
func EraOf(d Date) (era Era, year int, ok bool) {
	if d.Before(firstEraDate) {
		return Era{}, 0, false
	}
	return eraAt(d)
}

// eraAt is EraOf without the border of 1873, which fiscal years do not have.
func eraAt(d Date) (Era, int, bool) {
	for _, e := range eras {
		if !d.Before(e.Start) {
			return e, d.Year - e.Start.Year + 1, true
		}
	}
	return Era{}, 0, false
}

// Wareki returns the date by era, such as 令和8年4月1日, with 元年 for a first year. Before 1873-01-01 it returns the
// Gregorian form 1872年12月31日.
func Wareki(d Date) string {
	return WarekiYear(d) + strconv.Itoa(int(d.Month)) + "月" + strconv.Itoa(d.Day) + "日"
}

// WarekiYear returns the year by era, such as 令和8年, with 元年 for a first year. Before 1873-01-01 it returns the
// Gregorian year 1872年.
func WarekiYear(d Date) string {
	era, year, ok := EraOf(d)
	if !ok {
		return strconv.Itoa(d.Year) + "年"
	}
	return era.Name + eraYear(year) + "年"
}

func eraYear(n int) string {
	if n == 1 {
		return "元"
	}
	return strconv.Itoa(n)
}

// LongDate returns the form shown to people: both calendars and the weekday, as 2026年4月1日（令和8年）水曜日.
func LongDate(d Date) string {
	return fmt.Sprintf("%d年%d月%d日（%s）%s曜日", d.Year, int(d.Month), d.Day, WarekiYear(d), d.WeekdayJa())
}

var (
	warekiKanji = regexp.MustCompile(
		`^(明治|大正|昭和|平成|令和|[MTSHRmtshr]) ?(元|[0-9]{1,3}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?日$`)
	warekiSigns = regexp.MustCompile(
		`^(明治|大正|昭和|平成|令和|[MTSHRmtshr]) ?(元|[0-9]{1,3})[./-]([0-9]{1,2})[./-]([0-9]{1,2})$`)
)

// ParseWareki reads a date by era: 令和8年4月1日, R8.4.1, R08/04/01, R8-4-1, in half or full width, with 元年 or 1 for
// a first year. It accepts dates from 1873-01-01.
//
// A date that exists but lies outside the era named is refused with the right form in the message (平成31年5月1日:
// 「令和元年5月1日」ではありませんか). All refusals match ErrWareki.
func ParseWareki(s string) (Date, error) {
	folded := halfWidth(s)
	m := warekiKanji.FindStringSubmatch(folded)
	if m == nil {
		m = warekiSigns.FindStringSubmatch(folded)
	}
	if m == nil {
		return Date{}, ErrWareki
	}
	era := eraNamed(m[1])
	year := 1
	if m[2] != "元" {
		year, _ = digits(m[2])
	}
	month, _ := digits(m[3])
	day, _ := digits(m[4])
	typed := fmt.Sprintf("%s%s年%d月%d日", era.Name, eraYear(year), month, day)

	d := Date{Year: era.Start.Year + year - 1, Month: time.Month(month), Day: day}
	if year == 0 || !d.Valid() {
		return Date{}, ErrWareki.saying(
			"「"+typed+"」という日付はありません。年月日を確認してください。",
			"There is no such date as "+typed+". Check year, month and day.")
	}
	actual, _, ok := EraOf(d)
	if !ok {
		return Date{}, ErrWareki.saying(
			"明治6年1月1日より前の日付は入力できません。西暦1873年1月1日以後の日付を入力してください。",
			"Dates before 1873-01-01 cannot be entered.")
	}
	if actual.Letter != era.Letter {
		return Date{}, ErrWareki.saying(
			"「"+typed+"」は"+era.Name+"の期間にありません。「"+Wareki(d)+"」ではありませんか。",
			typed+" is outside the era. Did you mean "+Wareki(d)+" ("+d.String()+")?")
	}
	return d, nil
}

// eraNamed returns the era for a name or letter that one of the expressions has matched.
func eraNamed(s string) Era {
	for _, e := range eras {
		if e.Name == s || strings.EqualFold(e.Letter, s) {
			return e
		}
	}
	return Era{}
}
