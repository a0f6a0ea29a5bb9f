package opportunity

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func (s *search) fieldOptions() []ui.Option {
	var out []ui.Option
	for _, f := range s.fields {
		out = append(out, ui.Option{Value: fmt.Sprint(f.GetNumber()), Text: f.GetShortName()})
	}
	return out
}

func kinds(ctx context.Context) []ui.Option {
	return options(func(v outreachv1.Opportunity_Kind) string { return text.Enum(ctx, "opportunity.kind", v) }, outreachv1.Opportunity_VOLUNTEER, outreachv1.Opportunity_EXPERIENCE)
}

func weekdays(ctx context.Context) []ui.Option {
	return options(func(v outreachv1.Opportunity_Weekday) string { return text.Enum(ctx, "opportunity.weekday", v) }, outreachv1.Opportunity_MONDAY, outreachv1.Opportunity_TUESDAY, outreachv1.Opportunity_WEDNESDAY,
		outreachv1.Opportunity_THURSDAY, outreachv1.Opportunity_FRIDAY, outreachv1.Opportunity_SATURDAY, outreachv1.Opportunity_SUNDAY)
}

func times(ctx context.Context) []ui.Option {
	return options(func(v outreachv1.Opportunity_TimeOfDay) string { return text.Enum(ctx, "opportunity.time", v) }, outreachv1.Opportunity_MORNING, outreachv1.Opportunity_AFTERNOON, outreachv1.Opportunity_EVENING)
}

// options are values of an enumeration as choices.
func options[E fmt.Stringer](name func(E) string, values ...E) []ui.Option {
	out := make([]ui.Option, 0, len(values))
	for _, v := range values {
		out = append(out, ui.Option{Value: v.String(), Text: name(v)})
	}
	return out
}

// groups are those who may apply together here; the first choice is one person.
func (c *call) groups(ctx context.Context) []ui.Option {
	var kinds []outreachv1.Application_GroupKind
	if c.GetParentChild() {
		kinds = append(kinds, outreachv1.Application_FAMILY)
	}
	if c.GetSchoolGroups() {
		kinds = append(kinds, outreachv1.Application_SCHOOL)
	}
	if c.GetCompanyGroups() {
		kinds = append(kinds, outreachv1.Application_COMPANY)
	}
	if len(kinds) == 0 {
		return nil
	}
	return append([]ui.Option{{Text: text.S(ctx, "opportunity.alone")}}, options(func(v outreachv1.Application_GroupKind) string { return text.Enum(ctx, "opportunity.group", v) }, kinds...)...)
}

// wishes are the shifts that one may wish for.
func (c *call) wishes(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range c.shifts {
		if !s.GetCancelled() {
			out = append(out, ui.Option{Value: s.GetId(), Text: text.S(ctx, "opportunity.shift", ui.Instant(ctx, s.GetStartTime()), s.GetAccepted(), s.GetCapacity())})
		}
	}
	return out
}

func (c *call) pledges() bool {
	for _, s := range c.GetScreening() {
		if s == outreachv1.Opportunity_PLEDGE {
			return true
		}
	}
	return false
}

// tone is how a state of an application looks.
func tone(s outreachv1.Application_State) ui.Tone {
	switch s {
	case outreachv1.Application_ACCEPTED:
		return ui.Good
	case outreachv1.Application_REQUESTED, outreachv1.Application_WAITLISTED:
		return ui.Calm
	default:
		return ui.Ended
	}
}

// live reports whether an application can still be taken back.
func live(a *outreachv1.Application) bool {
	switch a.GetState() {
	case outreachv1.Application_REQUESTED, outreachv1.Application_ACCEPTED, outreachv1.Application_WAITLISTED:
		return true
	default:
		return false
	}
}
