package outreach

import (
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

var errRecurrence = fault.ErrInvalidField.On(fault.Wrong("event.recurrence",
	"繰り返しは、毎日・毎週・毎月・毎年のいずれかで、回数か終わりの日を決め、2年以内の200回までで指定してください。初日は開始日と同じにしてください。",
	"Repeat daily, weekly, monthly or yearly from the first day on, with COUNT or UNTIL, at most 200 times within two years."))

// occurrences are the first days of all occurrences of an event, earliest first.
// Errors: INVALID_FIELD for a rule that is not understood, that has no end or that
// goes beyond the bounds.
func occurrences(d *event.Details) ([]jp.Date, error) {
	if d.StartsOn.IsZero() {
		return nil, nil
	}
	if d.Recurrence == "" {
		return []jp.Date{d.StartsOn}, nil
	}
	options, err := rrule.StrToROption(d.Recurrence)
	if err != nil || options.Freq > rrule.DAILY || (options.Count == 0) == options.Until.IsZero() ||
		len(options.Byhour)+len(options.Byminute)+len(options.Bysecond) > 0 || !options.Dtstart.IsZero() {
		return nil, errRecurrence
	}
	last := d.StartsOn.AddMonths(12 * event.MaxRepeatYears).StartOfDay()
	if options.Until.After(last) || options.Count > event.MaxOccurrences {
		return nil, errRecurrence
	}
	count := options.Count
	options.Dtstart = d.StartsOn.StartOfDay()
	if count > 0 {
		options.Until = last // A rule that is never met ends there.
	}
	rule, err := rrule.NewRRule(*options)
	if err != nil {
		return nil, errRecurrence
	}
	var days []jp.Date
	for _, at := range rule.All() {
		days = append(days, jp.DateOf(at))
	}
	if len(days) == 0 || days[0] != d.StartsOn || len(days) < count || len(days) > event.MaxOccurrences {
		return nil, errRecurrence
	}
	days = slices.DeleteFunc(days, func(day jp.Date) bool { return slices.Contains(d.ExceptOn, day) })
	if len(days) == 0 {
		return nil, errRecurrence
	}
	return days, nil
}

// rule is the repetition as calendars take it: UNTIL as an instant in UTC where
// the event has a time of day.
func rule(d *event.Details) string {
	if d.Recurrence == "" || d.AllDay() || !strings.Contains(d.Recurrence, "UNTIL=") {
		return d.Recurrence
	}
	parts := strings.Split(d.Recurrence, ";")
	for i, p := range parts {
		day, isDay := strings.CutPrefix(p, "UNTIL=")
		if until, err := time.ParseInLocation("20060102", day, jp.Tokyo); isDay && err == nil {
			parts[i] = "UNTIL=" + jp.DateOf(until).EndOfDay().UTC().Format("20060102T150405Z")
		}
	}
	return strings.Join(parts, ";")
}
