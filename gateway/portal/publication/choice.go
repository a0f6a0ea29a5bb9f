package publication

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// kindOptions are the kinds of call that the caller can begin: a placement is an
// organization's.
func kindOptions(ctx context.Context) []ui.Option {
	kinds := []outreachv1.Opportunity_Kind{
		outreachv1.Opportunity_VOLUNTEER, outreachv1.Opportunity_EXPERIENCE, outreachv1.Opportunity_STAFF_LECTURE, outreachv1.Opportunity_STAFF_EXCHANGE,
	}
	if len(ui.ViewOf(ctx).Caller.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE)) > 0 {
		kinds = append(kinds, outreachv1.Opportunity_STAFF_PLACEMENT)
	}
	return enum(ctx, "", func(v outreachv1.Opportunity_Kind) string { return text.Enum(ctx, "opportunity.kind", v) }, kinds...)
}

func partOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "", func(v typev1.Credit_Part) string { return text.Enum(ctx, "ui.credit", v) },
		typev1.Credit_ORGANIZER, typev1.Credit_CO_ORGANIZER, typev1.Credit_PATRON, typev1.Credit_SUPPORTER, typev1.Credit_CONTRACTOR)
}

func feeOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "publication.unsaid", func(v outreachv1.EventFee_Kind) string { return text.Enum(ctx, "publication.fee", v) },
		outreachv1.EventFee_FREE, outreachv1.EventFee_PAID)
}

// eases are what can ease taking part, by their names in the input.
var eases = []string{
	"wheelchair", "signLanguage", "captioning", "hearingLoop", "nursingRoom", "diaperCorner", "foodAndDrink", "strollerRental", "strollerUse",
}

func easeOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "publication.unsaid", func(v outreachv1.EventAccessibility_Availability) string {
		return text.Enum(ctx, "publication.ease", v)
	},
		outreachv1.EventAccessibility_AVAILABLE, outreachv1.EventAccessibility_NOT_AVAILABLE)
}

func modeOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "publication.mode.none", func(v outreachv1.EventAdmission_Mode) string { return text.Enum(ctx, "publication.mode", v) },
		outreachv1.EventAdmission_FIRST_COME, outreachv1.EventAdmission_APPROVAL, outreachv1.EventAdmission_LOTTERY)
}

func selectionOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "", func(v outreachv1.Opportunity_Selection) string { return text.Enum(ctx, "opportunity.selection", v) },
		outreachv1.Opportunity_HOST_DECIDES, outreachv1.Opportunity_FIRST_COME)
}

func screeningOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "", func(v outreachv1.Opportunity_Screening) string { return text.Enum(ctx, "publication.screening", v) },
		outreachv1.Opportunity_INTERVIEW, outreachv1.Opportunity_PLEDGE)
}

func weekdayOptions(ctx context.Context) []ui.Option {
	return enum(ctx, "", func(v outreachv1.Opportunity_Weekday) string { return text.Enum(ctx, "opportunity.weekday", v) },
		outreachv1.Opportunity_MONDAY, outreachv1.Opportunity_TUESDAY, outreachv1.Opportunity_WEDNESDAY, outreachv1.Opportunity_THURSDAY,
		outreachv1.Opportunity_FRIDAY, outreachv1.Opportunity_SATURDAY, outreachv1.Opportunity_SUNDAY)
}

func (d *draft) fieldOptions(ctx context.Context) []ui.Option {
	return append([]ui.Option{{Text: text.S(ctx, "ui.choose")}}, d.fields...)
}

// everyOptions are the repetitions that the form knows; one that it does not know
// can be kept.
func (d *draft) everyOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "publication.every.once")}}
	for _, every := range []string{"DAILY", "WEEKLY", "MONTHLY"} {
		out = append(out, ui.Option{Value: every, Text: text.S(ctx, "publication.every."+every)})
	}
	if d.form.Get("_every") == kept {
		out = append(out, ui.Option{Value: kept, Text: text.S(ctx, "publication.every.KEEP", d.form.Get(ruleField))})
	}
	return out
}

// training reports whether the draft is an offer of training of the staff.
func (d *draft) training() bool { return len(callFieldsOf(d.post)) > len(callFields) }
