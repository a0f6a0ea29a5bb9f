package evaluation

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// steps are the days of the reminders, counted from the due day.
var steps = []int{-14, -3, 1, 14}

// Steps are the days of the reminders, counted from the due day.
func Steps() []int { return slices.Clone(steps) }

// FirstReminder is how many days before its due day an evaluation is reminded of
// first.
const FirstReminder = 14

// Reminder returns the step that is due on a day for an evaluation whose sheets
// are due on dueOn, or false before the first one. A step that was missed is not
// made up for once the next one is due.
func Reminder(dueOn, today jp.Date) (days int, due bool) {
	for _, d := range steps {
		if !dueOn.AddDays(d).After(today) {
			days, due = d, true
		}
	}
	return days, due
}

// Awaited are the sides that have not submitted while both can.
func (e *Evaluation) Awaited() []project.Side {
	if e.State != Open && e.State != OneSubmitted {
		return nil
	}
	var out []project.Side
	for _, side := range []project.Side{project.Organization, project.Ward} {
		if e.Submitted(side) == nil {
			out = append(out, side)
		}
	}
	return out
}
