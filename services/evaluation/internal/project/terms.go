package project

import (
	"fmt"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Terms are what both sides agree on and may change together.
type Terms struct {
	Title      string      `json:"title"`
	Purpose    string      `json:"purpose,omitempty"`
	Form       string      `json:"form,omitempty"`
	PeriodFrom jp.Date     `json:"periodFrom,omitzero"` // Zero while not set.
	PeriodTo   jp.Date     `json:"periodTo,omitzero"`   // Last day, inclusive.
	MultiYear  bool        `json:"multiYear,omitempty"` // Whether the period may cross fiscal years.
	WardCost   int64       `json:"wardCost,omitempty"`  // Yen.
	Goals      []Goal      `json:"goals,omitempty"`
	Roles      []Role      `json:"roles,omitempty"`
	Budget     []BudgetRow `json:"budget,omitempty"`
}

// Goal is one goal with its indicator (成果目標); its number is its place, from 1.
type Goal struct {
	Indicator string `json:"indicator"`
	Baseline  string `json:"baseline,omitempty"` // With its unit, as Target and Result.
	Target    string `json:"target,omitempty"`
	Method    string `json:"method,omitempty"`
	Result    string `json:"result,omitempty"` // Of the newest report.
}

// Role says who does what in one matter.
type Role struct {
	Item             string `json:"item"`
	OrganizationRole string `json:"organizationRole,omitempty"`
	WardRole         string `json:"wardRole,omitempty"`
}

// BudgetSide is a side of the budget; the values are those of the contract.
type BudgetSide string

// The sides of the budget.
const (
	Income  BudgetSide = "INCOME"
	Expense BudgetSide = "EXPENSE"
)

// BudgetRow is an account of the budget.
type BudgetRow struct {
	Side    BudgetSide `json:"side"`
	Account string     `json:"account"`
	Amount  int64      `json:"amount"` // Yen.
	Note    string     `json:"note,omitempty"`
}

// Field names a field of the terms as update masks do.
type Field = string

// GoalsField can be changed until the start.
const GoalsField Field = "goals"

// takes are the fields of the terms, each with how it is taken over.
var takes = []struct {
	field Field
	take  func(to *Terms, from Terms)
}{
	{"title", func(to *Terms, from Terms) { to.Title = from.Title }},
	{"purpose", func(to *Terms, from Terms) { to.Purpose = from.Purpose }},
	{"form", func(to *Terms, from Terms) { to.Form = from.Form }},
	{"period_from", func(to *Terms, from Terms) { to.PeriodFrom = from.PeriodFrom }},
	{"period_to", func(to *Terms, from Terms) { to.PeriodTo = from.PeriodTo }},
	{"multi_year", func(to *Terms, from Terms) { to.MultiYear = from.MultiYear }},
	{"ward_cost", func(to *Terms, from Terms) { to.WardCost = from.WardCost }},
	{GoalsField, func(to *Terms, from Terms) { to.Goals = withResults(from.Goals, to.Goals) }},
	{"roles", func(to *Terms, from Terms) { to.Roles = from.Roles }},
	{"budget", func(to *Terms, from Terms) { to.Budget = from.Budget }},
}

// TermFields are the fields of the terms.
func TermFields() []Field {
	names := make([]Field, len(takes))
	for i, t := range takes {
		names[i] = t.field
	}
	return names
}

// Take takes the named fields over from other terms; other names are passed over.
// A goal whose indicator stays keeps its result.
func (t *Terms) Take(fields []Field, from Terms) {
	for _, f := range takes {
		if slices.Contains(fields, f.field) {
			f.take(t, from)
		}
	}
}

// Only are the named fields alone.
func (t Terms) Only(fields []Field) Terms {
	var out Terms
	out.Take(fields, t)
	return out
}

func withResults(goals, old []Goal) []Goal {
	out := slices.Clone(goals)
	for i := range out {
		if at := slices.IndexFunc(old, func(g Goal) bool { return g.Indicator == out[i].Indicator }); at >= 0 {
			out[i].Result = old[at].Result
		}
	}
	return out
}

// check names what is missing or contradicts itself.
func (t *Terms) check() []fault.Field {
	var wrong []fault.Field
	if t.Title == "" {
		wrong = append(wrong, fault.Missing("project.title"))
	}
	if t.PeriodFrom.IsZero() != t.PeriodTo.IsZero() {
		wrong = append(wrong, fault.Wrong("project.periodTo", "実施期間は、初日と最終日の両方を入力してください。", "A period needs its first and its last day."))
	} else if t.PeriodTo.Before(t.PeriodFrom) {
		wrong = append(wrong, fault.Wrong("project.periodTo", "実施期間の最終日は、初日以後の日にしてください。", "The last day must not be before the first."))
	} else if !t.MultiYear && jp.FiscalYear(t.PeriodFrom) != jp.FiscalYear(t.PeriodTo) {
		wrong = append(wrong, fault.Wrong("project.periodTo", "実施期間は一つの年度に収めるか、複数年度の事業として指定してください。", "The period crosses fiscal years; say that the project does."))
	}
	for i, g := range t.Goals {
		if slices.ContainsFunc(t.Goals[:i], func(o Goal) bool { return o.Indicator == g.Indicator }) {
			wrong = append(wrong, fault.Wrong(fmt.Sprintf("project.goals[%d].indicator", i), "同じ指標が重複しています。", "Two goals have the same indicator."))
		}
	}
	return append(wrong, t.checkBudget()...)
}

func (t *Terms) checkBudget() []fault.Field {
	var wrong []fault.Field
	totals := map[BudgetSide]int64{}
	for i, r := range t.Budget {
		totals[r.Side] += r.Amount
		if slices.ContainsFunc(t.Budget[:i], func(o BudgetRow) bool { return o.Side == r.Side && o.Account == r.Account }) {
			wrong = append(wrong, fault.Wrong(fmt.Sprintf("project.budget[%d].account", i), "同じ科目が重複しています。金額をまとめてください。", "An account stands twice on one side."))
		}
	}
	if totals[Income] != totals[Expense] {
		wrong = append(wrong, fault.Wrong("project.budget", "収入と支出の合計が一致していません。", "Income and expense must be equal."))
	}
	return wrong
}
