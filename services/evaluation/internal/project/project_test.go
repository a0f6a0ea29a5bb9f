package project

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Project)
		path   string
	}{
		"whole":           {func(*Project) {}, ""},
		"no title":        {func(p *Project) { p.Title = "" }, "project.title"},
		"no organization": {func(p *Project) { p.OrganizationIDs = nil }, "project.organizationIds"},
		"no department":   {func(p *Project) { p.LeadDepartmentID = "" }, "project.leadDepartmentId"},
		"lead twice":      {func(p *Project) { p.JointDepartmentIDs = []string{"d"} }, "project.jointDepartmentIds"},
		"half a period":   {func(p *Project) { p.PeriodTo = jp.Date{} }, "project.periodTo"},
		"backwards":       {func(p *Project) { p.PeriodTo = day(3, 31) }, "project.periodTo"},
		"last day":        {func(p *Project) { p.PeriodTo = jp.NewDate(2027, 3, 31) }, ""},
		"a day too long":  {func(p *Project) { p.PeriodTo = jp.NewDate(2027, 4, 1) }, "project.periodTo"},
		"two years":       {func(p *Project) { p.PeriodTo, p.MultiYear = jp.NewDate(2027, 4, 1), true }, ""},
		"no period":       {func(p *Project) { p.PeriodFrom, p.PeriodTo = jp.Date{}, jp.Date{} }, ""},
		"unbalanced":      {func(p *Project) { p.Budget[0].Amount = 101 }, "project.budget"},
		"account twice":   {func(p *Project) { p.Budget = append(p.Budget, BudgetRow{Side: Income, Account: "区負担金"}) }, "project.budget[2].account"},
		"indicator twice": {func(p *Project) { p.Goals = append(p.Goals, p.Goals[0]) }, "project.goals[1].indicator"},
	} {
		p := at(Preparing)
		c.change(p)
		err := p.Check()
		if f, _ := fault.As(err); (c.path == "") != (err == nil) || f != nil && (f.Reason != "INVALID_FIELD" || f.Fields[0].Path != c.path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEdit(t *testing.T) {
	terms := Terms{Title: "新", Goals: []Goal{{Indicator: "参加者数", Target: "150人"}}}
	for name, c := range map[string]struct {
		state  State
		by     Reader
		fields []Field
		want   error
	}{
		"under preparation":   {Preparing, everybody, []Field{"title", "goals"}, nil},
		"by nobody":           {Preparing, Reader{}, []Field{"title"}, fault.ErrPermissionDenied},
		"parties by staff":    {Preparing, Reader{Staff: true, Department: "d"}, []Field{"joint_department_ids"}, fault.ErrPermissionDenied},
		"goals once agreed":   {Agreed, everybody, []Field{"goals"}, nil},
		"title once agreed":   {Agreed, everybody, []Field{"title", "goals"}, ErrNotEditable},
		"goals while it runs": {Running, everybody, []Field{"goals"}, ErrGoalsFixed},
		"title while it runs": {Running, everybody, []Field{"title"}, ErrNotEditable},
		"goals of the past":   {Completed, everybody, []Field{"goals"}, ErrGoalsFixed},
	} {
		if err := at(c.state).Edit(c.by, Edit{Fields: c.fields, Terms: terms}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := at(Preparing)
	if f, _ := fault.As(p.Edit(everybody, Edit{Fields: []Field{"predecessor_id"}, PredecessorID: p.ID})); f == nil || f.Fields[0].Path != "project.predecessorId" {
		t.Errorf("its own predecessor: %v", f)
	}
	p = at(Preparing)
	if err := p.Edit(everybody, Edit{Fields: []Field{"period_from", "period_to"}, Terms: Terms{PeriodFrom: jp.NewDate(2027, 4, 1), PeriodTo: jp.NewDate(2027, 9, 30)}}); err != nil || p.FiscalYear != 2027 || p.Title != "題" {
		t.Errorf("the year follows the first day: %v, %d", err, p.FiscalYear)
	}
}

func TestFile(t *testing.T) {
	rows := func() []ReportRow {
		return []ReportRow{
			{Side: Income, Account: "区負担金", Amount: 100},
			{Side: Expense, Account: "報償費", Amount: 30, PaidOn: day(4, 1)},
			{Side: Expense, Account: "報償費", Amount: 50, PaidOn: jp.NewDate(2027, 3, 31)},
		}
	}
	for name, c := range map[string]struct {
		state  State
		kind   ReportKind
		change func(*ReportContent)
		want   error
	}{
		"final":                  {Running, Final, func(*ReportContent) {}, nil},
		"interim without values": {Running, Interim, func(c *ReportContent) { c.Results = nil }, nil},
		"corrected final":        {Completed, Final, func(*ReportContent) {}, nil},
		"interim too late":       {Completed, Interim, func(*ReportContent) {}, fault.ErrInvalidStateTransition},
		"too early":              {Agreed, Final, func(*ReportContent) {}, fault.ErrInvalidStateTransition},
		"evaluated":              {Evaluated, Final, func(*ReportContent) {}, fault.ErrInvalidStateTransition},
		"a day before the year":  {Running, Final, func(c *ReportContent) { c.Rows[1].PaidOn = day(3, 31) }, ErrCostOutsideYear},
		"a day after the year":   {Running, Final, func(c *ReportContent) { c.Rows[2].PaidOn = jp.NewDate(2027, 4, 1) }, ErrCostOutsideYear},
		"an income of before":    {Running, Final, func(c *ReportContent) { c.Rows[0].PaidOn = day(3, 31) }, ErrCostOutsideYear},
		"no day":                 {Running, Final, func(c *ReportContent) { c.Rows[1].PaidOn = jp.Date{} }, fault.ErrInvalidField},
		"nothing spent":          {Running, Final, func(c *ReportContent) { c.Rows = []ReportRow{c.Rows[0], {Side: Expense, Account: "報償費"}} }, nil},
		"account missing":        {Running, Final, func(c *ReportContent) { c.Rows = c.Rows[1:] }, ErrAccountsDiffer},
		"account on other side":  {Running, Final, func(c *ReportContent) { c.Rows[0].Side = Expense }, ErrAccountsDiffer},
		"goal missing":           {Running, Final, func(c *ReportContent) { c.Results = nil }, fault.ErrInvalidField},
		"goal twice":             {Running, Final, func(c *ReportContent) { c.Results = append(c.Results, c.Results[0]) }, fault.ErrInvalidField},
		"backwards":              {Running, Final, func(c *ReportContent) { c.PeriodTo = day(3, 1) }, fault.ErrInvalidField},
	} {
		p := at(c.state)
		r := &Report{Kind: c.kind, Content: ReportContent{PeriodFrom: day(4, 1), PeriodTo: day(9, 30), Rows: rows(), Results: []GoalResult{{GoalNo: 1, Value: "9人"}}}}
		c.change(&r.Content)
		err := p.File(everybody, r)
		if !errors.Is(err, c.want) || c.want != nil && p.Goals[0].Result != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, r := at(Running), &Report{Kind: Interim, Content: ReportContent{Rows: rows(), Results: []GoalResult{{GoalNo: 1, Value: "9人"}}}}
	if err := p.File(everybody, r); err != nil {
		t.Fatal(err)
	}
	want := []SettlementRow{{Income, "区負担金", 100, 100}, {Expense, "報償費", 100, 80}}
	if diff := cmp.Diff(want, r.Content.Settlement); diff != "" || p.Goals[0].Result != "9人" || r.Side != Organization {
		t.Errorf("settlement %s, goals %v", diff, p.Goals)
	}
	if err := p.File(Reader{Members: []string{"o"}}, r); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("by a viewer: %v", err)
	}
	several := at(Running)
	several.MultiYear, several.PeriodTo = true, jp.NewDate(2028, 5, 1)
	if from, to := several.CostDays(); from != day(4, 1) || to != jp.NewDate(2029, 3, 31) {
		t.Errorf("days of several years: %v to %v", from, to)
	}
}

func TestChange(t *testing.T) {
	group := Reader{ID: "g", Members: []string{"o"}, Writers: []string{"o"}, Represents: []string{"o"}}
	ward := Reader{ID: "w", Staff: true, Department: "j"}
	ask := func(by Reader, fields ...Field) (*Project, *Change) {
		p, c := at(Running), &Change{Fields: fields, After: Terms{Title: "新", Goals: []Goal{{Indicator: "参加者数", Target: "9人"}}}}
		p.Goals[0].Result = "3人"
		if err := p.Ask(by, c, noon); err != nil {
			t.Fatal(err)
		}
		return p, c
	}
	p, c := ask(group, "title")
	for name, err := range map[string]error{
		"own side":    c.Accept(p, Reader{ID: "g2", Members: []string{"o"}, Represents: []string{"o"}}, "", noon),
		"same person": c.Accept(p, Reader{ID: "g", Desk: true}, "", noon),
		"decline":     c.Decline(p, group, "", noon),
	} {
		if !errors.Is(err, ErrChangeOfOwnSide) || p.Title != "題" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.Accept(p, ward, "", noon); err != nil || p.Title != "新" || !p.AgreementOutdated || c.State != Accepted || p.Goals[0].Target != "120人" {
		t.Errorf("accepted: %v, %+v", err, p.Terms)
	}
	if err := c.Decline(p, ward, "", noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("answered twice: %v", err)
	}
	p, c = ask(ward, GoalsField)
	if err := c.Accept(p, group, "", noon); err != nil || !p.AgreementOutdated || p.Goals[0] != (Goal{Indicator: "参加者数", Target: "9人", Result: "3人"}) {
		t.Errorf("goals alone: %v, %+v", err, p.Goals)
	}
	p, c = ask(ward, "title")
	if err := c.Withdraw(p, group, noon); !errors.Is(err, ErrChangeOfOtherSide) {
		t.Errorf("withdrawn by the other side: %v", err)
	}
	if err := c.Withdraw(p, ward, noon); err != nil || c.State != Withdrawn {
		t.Errorf("withdrawn: %v", err)
	}
	if err := at(Preparing).Ask(ward, &Change{}, noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("before the agreement: %v", err)
	}
}

func TestTakeKnowsEveryField(t *testing.T) {
	whole := Terms{
		Title: "題", Purpose: "目的", Form: "cohost", PeriodFrom: day(4, 1), PeriodTo: day(5, 1), MultiYear: true, WardCost: 1,
		Goals: []Goal{{Indicator: "i"}}, Roles: []Role{{Item: "r"}}, Budget: []BudgetRow{{Account: "a"}},
	}
	if diff := cmp.Diff(whole, whole.Only(TermFields())); diff != "" {
		t.Errorf("a field is not taken over: %s", diff)
	}
}

func TestFollow(t *testing.T) {
	for _, c := range []struct {
		ids, want []string
		changed   bool
	}{
		{[]string{"a", "b"}, []string{"s", "b"}, true},
		{[]string{"a", "s"}, []string{"s"}, true},
		{[]string{"s", "a", "b"}, []string{"s", "b"}, true},
		{[]string{"b"}, []string{"b"}, false},
	} {
		p := &Project{Parties: Parties{OrganizationIDs: slices.Clone(c.ids)}}
		if got := p.Follow("a", "s"); got != c.changed || !slices.Equal(p.OrganizationIDs, c.want) {
			t.Errorf("%v: %v, %v", c.ids, got, p.OrganizationIDs)
		}
	}
}

func TestCreditsByForm(t *testing.T) {
	for form, want := range map[string][2]Part{
		"commission": {Organizer, Contractor}, "koen": {Patron, Organizer}, "subsidy": {Supporter, Organizer},
		"cohost": {CoOrganizer, CoOrganizer}, "": {CoOrganizer, CoOrganizer},
	} {
		p := at(Agreed)
		p.Form, p.Names = form, Names{Departments: map[string]string{"d": "課"}, Organizations: map[string]string{"o": "団体"}}
		c := p.Credits()
		if len(c) != 3 || c[0] != (Credit{Part: want[0], DepartmentID: "d", Name: "課"}) || c[2] != (Credit{Part: want[1], OrganizationID: "o", Name: "団体"}) {
			t.Errorf("%q: %v", form, c)
		}
	}
	for _, f := range Forms() {
		if f.Name == "" || FormOf(f.Code) != f {
			t.Errorf("form %v", f)
		}
	}
}
