package jp

import "time"

// Names of the days off that follow from other holidays (国民の祝日に関する法律 article 3).
const (
	substituteName = "振替休日"
	betweenName    = "国民の休日"
)

// The years for which Holiday knows the rules. The rules were checked against an independent list
// (@holiday-jp/holiday_jp 2.5.1) for 2003 to 2050: all days are equal. Later years follow the same rules and the same
// equinox formula, which holds until 2099. The equinox days become law by official notice in the February before.
const (
	// FirstHolidayYear is the first year known.
	FirstHolidayYear = 2003
	// LastHolidayYear is the last year known.
	LastHolidayYear = 2099
)

// fixedHoliday is a holiday on the same month and day each year.
type fixedHoliday struct {
	name     string
	month    time.Month
	day      int
	from, to int // years in force, inclusive; 0 is unbounded
	except   []int
}

// mondayHoliday is a holiday on the n-th Monday of a month.
type mondayHoliday struct {
	name     string
	month    time.Month
	n        int
	from, to int
	except   []int
}

// The rules of 国民の祝日に関する法律 as amended, valid from 2003. The 2020 and 2021 exceptions and the days of 2019 come
// from the special laws for the Olympic Games and the accession.
var (
	fixedHolidays = []fixedHoliday{
		{name: "元日", month: time.January, day: 1},
		{name: "建国記念の日", month: time.February, day: 11},
		{name: "天皇誕生日", month: time.February, day: 23, from: 2020},
		{name: "天皇誕生日", month: time.December, day: 23, to: 2018},
		{name: "昭和の日", month: time.April, day: 29, from: 2007},
		{name: "みどりの日", month: time.April, day: 29, to: 2006},
		{name: "みどりの日", month: time.May, day: 4, from: 2007},
		{name: "憲法記念日", month: time.May, day: 3},
		{name: "こどもの日", month: time.May, day: 5},
		{name: "山の日", month: time.August, day: 11, from: 2016, except: []int{2020, 2021}},
		{name: "文化の日", month: time.November, day: 3},
		{name: "勤労感謝の日", month: time.November, day: 23},
	}
	mondayHolidays = []mondayHoliday{
		{name: "成人の日", month: time.January, n: 2},
		{name: "海の日", month: time.July, n: 3, except: []int{2020, 2021}},
		{name: "敬老の日", month: time.September, n: 3},
		{name: "体育の日", month: time.October, n: 2, to: 2019},
		{name: "スポーツの日", month: time.October, n: 2, from: 2022},
	}
	oneOffHolidays = map[Date]string{
		{2019, time.May, 1}:      "即位の日",
		{2019, time.October, 22}: "即位礼正殿の儀",
		{2020, time.July, 23}:    "海の日",
		{2020, time.July, 24}:    "スポーツの日",
		{2020, time.August, 10}:  "山の日",
		{2021, time.July, 22}:    "海の日",
		{2021, time.July, 23}:    "スポーツの日",
		{2021, time.August, 8}:   "山の日",
	}
)

// vernalEquinoxDay returns the day of March of 春分の日, by the formula that holds from 1980 to 2099.
func vernalEquinoxDay(year int) int { return equinoxDay(20.8431, year) }

// autumnalEquinoxDay returns the day of September of 秋分の日, by the formula that holds from 1980 to 2099.
func autumnalEquinoxDay(year int) int { return equinoxDay(23.2488, year) }

func equinoxDay(base float64, year int) int {
	n := year - 1980
	return int(base + 0.242194*float64(n) - float64(n/4))
}
