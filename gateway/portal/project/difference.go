package project

import (
	"context"
	"fmt"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// difference is one field of a change in words.
type difference struct{ label, before, after string }

// shownFields are the fields that can change, by their paths, in words.
var shownFields = []struct {
	path, label string
	words       func(context.Context, *evaluationv1.ProjectInput) string
}{
	{"title", "project.name", func(_ context.Context, in *evaluationv1.ProjectInput) string { return in.GetTitle() }},
	{"purpose", "project.purpose", func(_ context.Context, in *evaluationv1.ProjectInput) string { return in.GetPurpose() }},
	{"form", "project.form", func(ctx context.Context, in *evaluationv1.ProjectInput) string {
		if in.GetForm() == "" {
			return ""
		}
		return text.S(ctx, "proposal.forms."+in.GetForm())
	}},
	{"period_from", "project.periodfrom", func(ctx context.Context, in *evaluationv1.ProjectInput) string {
		return ui.LongDate(ctx, in.GetPeriodFrom())
	}},
	{"period_to", "project.periodto", func(ctx context.Context, in *evaluationv1.ProjectInput) string {
		return ui.LongDate(ctx, in.GetPeriodTo())
	}},
	{"multi_year", "project.multiyear", func(ctx context.Context, in *evaluationv1.ProjectInput) string {
		return text.S(ctx, fmt.Sprintf("project.truth.%t", in.GetMultiYear()))
	}},
	{"ward_cost", "project.wardcost", func(ctx context.Context, in *evaluationv1.ProjectInput) string { return ui.Yen(ctx, in.GetWardCost()) }},
	{"goals", "project.goals", goalWords},
	{"roles", "project.roles", roleWords},
	{"budget", "project.budget", budgetWords},
}

func goalWords(ctx context.Context, in *evaluationv1.ProjectInput) string {
	var out []string
	for i, g := range in.GetGoals() {
		out = append(out, fmt.Sprintf("%d. %s %s → %s %s", i+1, g.GetIndicator(), g.GetBaseline(), g.GetTarget(), g.GetMethod()))
	}
	return strings.Join(out, "\n")
}

func roleWords(ctx context.Context, in *evaluationv1.ProjectInput) string {
	var out []string
	for _, r := range in.GetRoles() {
		out = append(out, text.S(ctx, "project.rolewords", r.GetItem(), r.GetOrganizationRole(), r.GetWardRole()))
	}
	return strings.Join(out, "\n")
}

func budgetWords(ctx context.Context, in *evaluationv1.ProjectInput) string {
	var out []string
	for _, b := range in.GetBudget() {
		out = append(out, strings.TrimSpace(text.Enum(ctx, "proposal.sides", b.GetSide())+" "+b.GetAccount()+" "+ui.Yen(ctx, b.GetAmount())+" "+b.GetNote()))
	}
	return strings.Join(out, "\n")
}

// differences are what the change would make other.
func (c *change) differences(ctx context.Context) []difference {
	var out []difference
	for _, f := range shownFields {
		for _, path := range c.GetChangeMask().GetPaths() {
			if path == f.path {
				out = append(out, difference{f.label, f.words(ctx, c.GetBefore()), f.words(ctx, c.GetAfter())})
			}
		}
	}
	return out
}
