package project

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// ReportKind is which report it is; the values are those of the contract.
type ReportKind string

// The kinds of report.
const (
	Interim ReportKind = "INTERIM"
	Final   ReportKind = "FINAL"
)

// Report is a filed report; it is never changed.
type Report struct {
	ProjectID string
	Number    int // Within the project, from 1.
	Kind      ReportKind
	Content   ReportContent
	Side      Side
	FiledBy   string // Pseudonym.
	FiledAt   time.Time
}

// ReportContent is what a report says.
type ReportContent struct {
	PeriodFrom      jp.Date         `json:"periodFrom"`
	PeriodTo        jp.Date         `json:"periodTo"`
	Activities      string          `json:"activities"`
	ProgressPercent int             `json:"progressPercent"`
	Participants    int             `json:"participants"`
	Results         []GoalResult    `json:"results,omitempty"`
	Rows            []ReportRow     `json:"rows,omitempty"`
	Settlement      []SettlementRow `json:"settlement,omitempty"` // Made of budget and rows when it is filed.
	Issues          string          `json:"issues,omitempty"`
	NextSteps       string          `json:"nextSteps,omitempty"`
}

// GoalResult is the value of an indicator.
type GoalResult struct {
	GoalNo int    `json:"goalNo"` // From 1.
	Value  string `json:"value"`
}

// ReportRow is one income or expense.
type ReportRow struct {
	Side    BudgetSide `json:"side"`
	Account string     `json:"account"`
	Amount  int64      `json:"amount"`          // Yen.
	PaidOn  jp.Date    `json:"paidOn,omitzero"` // Of an expense.
	Note    string     `json:"note,omitempty"`
}

// SettlementRow holds an account's budget against its result, in yen.
type SettlementRow struct {
	Side    BudgetSide `json:"side"`
	Account string     `json:"account"`
	Budget  int64      `json:"budget"`
	Result  int64      `json:"result"`
}

// File takes a report: of a running project, or once more of a completed one that
// is not evaluated yet. The values of the indicators become those of the goals.
// Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION, INVALID_FIELD,
// ACCOUNTS_DIFFER, COST_OUTSIDE_FISCAL_YEAR.
func (p *Project) File(by Reader, r *Report) error {
	side := by.Side(p)
	if side == None {
		return fault.ErrPermissionDenied
	}
	if p.State != Running && (p.State != Completed || r.Kind != Final) {
		return fault.Transition(string(p.State), string(p.State), allowed(p.State)...)
	}
	if err := p.checkResults(r); err != nil {
		return err
	}
	if err := p.checkAccounts(r.Content.Rows); err != nil {
		return err
	}
	if err := p.checkDays(r.Content.Rows); err != nil {
		return err
	}
	r.ProjectID, r.Side, r.FiledBy = p.ID, side, by.ID
	r.Content.Settlement = p.settle(r.Content.Rows)
	p.Goals = slices.Clone(p.Goals)
	for _, v := range r.Content.Results {
		p.Goals[v.GoalNo-1].Result = v.Value
	}
	return nil
}

func (p *Project) checkResults(r *Report) error {
	var wrong []fault.Field
	c := r.Content
	if c.PeriodTo.Before(c.PeriodFrom) {
		wrong = append(wrong, fault.Wrong("report.periodTo", "報告の対象期間の最終日は、初日以後の日にしてください。", "The last day must not be before the first."))
	}
	seen := map[int]bool{}
	for i, v := range c.Results {
		if v.GoalNo > len(p.Goals) || seen[v.GoalNo] {
			wrong = append(wrong, fault.Wrong(fmt.Sprintf("report.results[%d].goalNo", i), "成果目標の番号を、重ならないように指定してください。", "Name each goal of the project once."))
		}
		seen[v.GoalNo] = true
	}
	if r.Kind == Final && len(wrong) == 0 && len(seen) < len(p.Goals) {
		wrong = append(wrong, fault.Wrong("report.results", "実績報告では、すべての成果目標の結果を記入してください。", "The report of results needs a value for each goal."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

type account struct {
	side BudgetSide
	name string
}

// checkAccounts refuses other accounts than those of the budget.
func (p *Project) checkAccounts(rows []ReportRow) error {
	var missing, unknown []string
	for _, b := range p.Budget {
		if !slices.ContainsFunc(rows, func(r ReportRow) bool { return r.Side == b.Side && r.Account == b.Account }) {
			missing = append(missing, b.Account)
		}
	}
	for _, r := range rows {
		known := slices.ContainsFunc(p.Budget, func(b BudgetRow) bool { return r.Side == b.Side && r.Account == b.Account })
		if !known && !slices.Contains(unknown, r.Account) {
			unknown = append(unknown, r.Account)
		}
	}
	if len(missing)+len(unknown) > 0 {
		return ErrAccountsDiffer.With("missing", strings.Join(missing, ",")).With("unknown", strings.Join(unknown, ","))
	}
	return nil
}

// CostDays are the first and the last day that a cost may have: of the project's
// fiscal year, or of all its years where it has several.
func (p *Project) CostDays() (from, to jp.Date) {
	last := p.FiscalYear
	if p.MultiYear && !p.PeriodTo.IsZero() {
		last = jp.FiscalYear(p.PeriodTo)
	}
	return jp.FiscalYearStart(p.FiscalYear), jp.FiscalYearEnd(last)
}

func (p *Project) checkDays(rows []ReportRow) error {
	from, to := p.CostDays()
	var undated, outside []fault.Field
	for i, r := range rows {
		path := fmt.Sprintf("report.rows[%d].paidOn", i)
		switch {
		case r.PaidOn.IsZero():
			if r.Side == Expense && r.Amount > 0 {
				undated = append(undated, fault.Missing(path))
			}
		case r.PaidOn.Before(from) || r.PaidOn.After(to):
			e := ErrCostOutsideYear
			outside = append(outside, fault.Field{Path: path, Reason: e.Reason, Ja: e.Ja, En: e.En})
		}
	}
	if len(undated) > 0 {
		return fault.ErrInvalidField.On(undated...)
	}
	return ErrCostOutsideYear.With("from", from.String()).With("to", to.String()).OnAny(outside)
}

// settle adds the rows up by account, in the budget's order.
func (p *Project) settle(rows []ReportRow) []SettlementRow {
	results := map[account]int64{}
	for _, r := range rows {
		results[account{r.Side, r.Account}] += r.Amount
	}
	out := make([]SettlementRow, len(p.Budget))
	for i, b := range p.Budget {
		out[i] = SettlementRow{Side: b.Side, Account: b.Account, Budget: b.Amount, Result: results[account{b.Side, b.Account}]}
	}
	return out
}
