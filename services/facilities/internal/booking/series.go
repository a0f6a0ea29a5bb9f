package booking

import (
	"slices"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// MaxSeries is how many days one call books at most.
const MaxSeries = 60

// Frequency is the rhythm of a series; the values are those of the contract.
type Frequency string

// The frequencies.
const (
	Daily            Frequency = "DAILY"
	Weekly           Frequency = "WEEKLY"
	MonthlyByWeekday Frequency = "MONTHLY_BY_WEEKDAY"
)

// Repetition says on which days a series takes place.
type Repetition struct {
	Frequency Frequency
	Interval  int // Every how many days, weeks or months; from 1.
	Until     jp.Date
	Except    []jp.Date
}

// Dates are the days of a series that begins on first, ascending. Errors:
// SERIES_TOO_LONG.
func (r Repetition) Dates(first jp.Date) ([]jp.Date, error) {
	var out []jp.Date
	for i := 0; ; i++ {
		d, ok := r.nth(first, i)
		if d.After(r.Until) {
			return out, nil
		}
		if !ok || slices.Contains(r.Except, d) {
			continue
		}
		if len(out) == MaxSeries {
			return nil, ErrSeriesTooLong.With("limit", strconv.Itoa(MaxSeries))
		}
		out = append(out, d)
	}
}

// nth is the day after i repetitions; false for a month without it, of which it
// is the first day then.
func (r Repetition) nth(first jp.Date, i int) (jp.Date, bool) {
	step := i * max(r.Interval, 1)
	switch r.Frequency {
	case Weekly:
		return first.AddDays(7 * step), true
	case MonthlyByWeekday:
		month := int(first.Month) - 1 + step
		begin := jp.NewDate(first.Year+month/12, time.Month(month%12+1), 1)
		ahead := (int(first.Weekday()) - int(begin.Weekday()) + 7) % 7
		d := begin.AddDays(ahead + (first.Day-1)/7*7)
		if d.Month != begin.Month {
			return begin, false
		}
		return d, true
	default:
		return first.AddDays(step), true
	}
}
