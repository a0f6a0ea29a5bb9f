package jp

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"
	_ "time/tzdata" // Asia/Tokyo must load where the host has no zone files.
)

// Tokyo is Asia/Tokyo, the only zone in which Kyodo turns instants into days. It is loaded once at start-up; the
// zone file is part of the binary.
var Tokyo = mustLoad("Asia/Tokyo")

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("jp: %s is missing although time/tzdata is linked: %v", name, err))
	}
	return loc
}

// ErrDate is the refusal of ParseDate, and of Scan and UnmarshalText.
var ErrDate = &ParseError{
	Reason: "INVALID_DATE",
	Ja:     "日付は「2026-04-01」のように、実在する年月日で入力してください。",
	En:     "Enter an existing date as YYYY-MM-DD, such as 2026-04-01.",
}

// Date is a day of the Gregorian calendar without time and zone. Dates are comparable with ==, and usable as map
// keys. The zero value is no date; see IsZero. A Date written as a literal must be an existing day: use NewDate
// for values that may overflow.
type Date struct {
	// Year is the Gregorian year, 1 to 9999 in every date that was parsed.
	Year int
	// Month is 1 to 12.
	Month time.Month
	// Day is the day of the month, 1 to 31.
	Day int
}

// NewDate returns the date and carries what overflows, as time.Date does: NewDate(2026, 13, 1) is 2027-01-01 and
// NewDate(2026, 3, 0) is the last day of February.
func NewDate(year int, month time.Month, day int) Date {
	return fromTime(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the day in Tokyo at the instant t.
func DateOf(t time.Time) Date { return fromTime(t.In(Tokyo)) }

func fromTime(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// ParseDate reads exactly YYYY-MM-DD in ASCII digits, years 0001 to 9999 (GIF DS-441). It refuses days that do
// not exist with ErrDate. For era dates typed by people see ParseWareki.
func ParseDate(s string) (Date, error) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return Date{}, ErrDate
	}
	year, okYear := digits(s[:4])
	month, okMonth := digits(s[5:7])
	day, okDay := digits(s[8:])
	d := Date{Year: year, Month: time.Month(month), Day: day}
	if !okYear || !okMonth || !okDay || !d.Valid() {
		return Date{}, ErrDate
	}
	return d, nil
}

// digits reads a string of one to nine ASCII digits.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// IsZero reports whether d is the zero value, which stands for no date.
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether d is an existing day of the years 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d == NewDate(d.Year, d.Month, d.Day)
}

// String returns YYYY-MM-DD.
func (d Date) String() string {
	return string(d.append(make([]byte, 0, len("2006-01-02"))))
}

func (d Date) append(b []byte) []byte {
	if d.Year < 0 || d.Year > 9999 || d.Month < 0 || d.Month > 99 || d.Day < 0 || d.Day > 99 {
		return fmt.Appendf(b, "%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
	}
	y, m := d.Year, int(d.Month)
	return append(b, '0'+byte(y/1000), '0'+byte(y/100%10), '0'+byte(y/10%10), '0'+byte(y%10), '-',
		'0'+byte(m/10), '0'+byte(m%10), '-', '0'+byte(d.Day/10), '0'+byte(d.Day%10))
}

// AddDays returns the date n days later, earlier when n is negative.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// AddMonths returns the same day n months later, earlier when n is negative. When that month has no such day it
// is the month's last day: 2026-01-31 plus one month is 2026-02-28 (Civil Code article 143).
func (d Date) AddMonths(n int) Date {
	last := NewDate(d.Year, d.Month+time.Month(n)+1, 0)
	return Date{Year: last.Year, Month: last.Month, Day: min(d.Day, last.Day)}
}

// FirstOfMonth returns the first day of d's month.
func (d Date) FirstOfMonth() Date { return Date{Year: d.Year, Month: d.Month, Day: 1} }

// DaysUntil returns the number of days from d to other, negative when other is earlier. The first day is not
// counted (初日不算入): from the 1st to the 2nd is one day.
func (d Date) DaysUntil(other Date) int {
	return int((other.utc().Unix() - d.utc().Unix()) / (24 * 60 * 60))
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// WeekdayJa returns the day of the week as one of 日月火水木金土.
func (d Date) WeekdayJa() string {
	const days, width = "日月火水木金土", len("日")
	i := int(d.Weekday()) * width
	return days[i : i+width]
}

// Compare returns -1, 0 or +1 as d is before, equal to or after other.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// StartOfDay returns the instant at which d begins in Tokyo. It may be an hour off on the days on which the summer time
// of 1948 to 1951 began and ended; there is none since.
func (d Date) StartOfDay() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Tokyo) }

// NextMidnight returns the instant at which the day after d begins in Tokyo. A period that includes d as its last
// day holds every instant with t.Before(d.NextMidnight()).
func (d Date) NextMidnight() time.Time { return d.AddDays(1).StartOfDay() }

// EndOfDay returns the last nanosecond of d in Tokyo. It is for display; Postgres rounds it up to the next day, so
// compare with NextMidnight and <.
func (d Date) EndOfDay() time.Time { return d.NextMidnight().Add(-time.Nanosecond) }

// Value gives the date to a database as the text YYYY-MM-DD, which cannot be shifted by a session's time zone. The
// zero Date is refused: use a nil *Date for NULL.
func (d Date) Value() (driver.Value, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("jp: %s is not a date to store", d)
	}
	return d.String(), nil
}

// Scan reads a DATE column, as time.Time at midnight or as the text YYYY-MM-DD. It refuses NULL, infinity and
// values with a time of day; scan into a **Date where the column may be NULL.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		h, m, s := v.Clock()
		if h != 0 || m != 0 || s != 0 || v.Nanosecond() != 0 {
			return fmt.Errorf("jp: cannot scan the instant %s into a Date: %w", v.Format(time.RFC3339Nano), ErrDate)
		}
		*d = fromTime(v)
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("jp: cannot scan %T into a Date: %w", src, ErrDate)
	}
}

// MarshalText writes YYYY-MM-DD, and nothing for the zero Date; it serves JSON and logs.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	return d.append(nil), nil
}

// UnmarshalText reads what ParseDate reads.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return fmt.Errorf("jp: date %q: %w", text, err)
	}
	*d = parsed
	return nil
}
