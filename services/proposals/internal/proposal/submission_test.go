package proposal

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

func jst(month time.Month, day, hour, minute, second, nano int) time.Time {
	return time.Date(2026, month, day, hour, minute, second, nano, jp.Tokyo).UTC()
}

func TestDeadlineToTheSecond(t *testing.T) {
	closed := openCall(call.Review)
	closed.State = call.Closed
	postmark := openCall(call.Review)
	postmark.PostmarkRule = true
	postmarkClosed := *postmark
	postmarkClosed.State = call.Closed
	concluded := *postmark
	concluded.State = call.Concluded
	endless := openCall(call.Review)
	endless.ClosesOn = jp.Date{}
	draft := openCall(call.Review)
	draft.State = call.Draft
	last, after := jp.Date{Year: 2026, Month: 8, Day: 10}, jp.Date{Year: 2026, Month: 8, Day: 11}
	for _, tt := range []struct {
		name     string
		call     *call.Call
		at       time.Time
		postmark jp.Date
		want     error
	}{
		{"last second before the opening", openCall(), jst(6, 30, 23, 59, 59, 999999999), jp.Date{}, call.ErrNotOpen},
		{"first second", openCall(), jst(7, 1, 0, 0, 0, 0), jp.Date{}, nil},
		{"last nanosecond", openCall(), jst(8, 10, 23, 59, 59, 999999999), jp.Date{}, nil},
		{"midnight after", openCall(), jst(8, 11, 0, 0, 0, 0), jp.Date{}, call.ErrClosed},
		{"no end", endless, jst(12, 31, 12, 0, 0, 0), jp.Date{}, nil},
		{"draft call", draft, noon, jp.Date{}, call.ErrNotOpen},
		{"closed early", closed, noon, jp.Date{}, call.ErrClosed},
		{"postmark in time, arrival late", postmark, jst(8, 13, 10, 0, 0, 0), last, nil},
		{"postmark in time, closed by the job", &postmarkClosed, jst(8, 13, 10, 0, 0, 0), last, nil},
		{"postmark late", postmark, jst(8, 13, 10, 0, 0, 0), after, call.ErrClosed},
		{"postmark in time, concluded", &concluded, jst(8, 13, 10, 0, 0, 0), last, call.ErrClosed},
		{"postmark without the rule", openCall(), jst(8, 13, 10, 0, 0, 0), last, call.ErrClosed},
	} {
		p := at(Draft)
		p.OnBehalf, p.Channel = true, "MAIL"
		_, err := p.Submit(everybody, Submission{Call: tt.call, Now: tt.at, PostmarkOn: tt.postmark})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestPostmarkOnlyForPaperByMail(t *testing.T) {
	c := openCall()
	c.PostmarkRule = true
	for name, change := range map[string]func(*Proposal, *Submission){
		"web":         func(p *Proposal, _ *Submission) { p.OnBehalf = false },
		"fax":         func(p *Proposal, _ *Submission) { p.Channel = "FAX" },
		"from future": func(_ *Proposal, s *Submission) { s.PostmarkOn = jp.DateOf(noon).AddDays(1) },
	} {
		p, s := at(Draft), Submission{Call: c, Now: noon, PostmarkOn: jp.DateOf(noon)}
		p.OnBehalf, p.Channel = true, "MAIL"
		change(p, &s)
		if _, err := p.Submit(everybody, s); !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckContent(t *testing.T) {
	c := openCall()
	c.Fields = []call.Field{
		{Key: "years", Label: "活動年数", Type: "NUMBER", Required: true},
		{Key: "since", Label: "設立日", Type: "DATE"},
		{Key: "area", Label: "地域", Type: "CHOICE", Choices: []string{"麹町", "神田"}},
		{Key: "memo", Label: "備考", Type: "TEXT", MaxLength: 3},
	}
	good := func() Content {
		g := full()
		g.Answers = map[string]string{"years": "3", "since": "2001-04-01", "area": "神田", "memo": "あいう"}
		return g
	}
	for _, tt := range []struct {
		name   string
		change func(*Content)
		want   error
		field  string
	}{
		{"complete", func(*Content) {}, nil, ""},
		{"declaration missing", func(c *Content) { c.Declarations = nil }, ErrDeclarationMissing, ""},
		{"no title", func(c *Content) { c.Title = "" }, ErrIncomplete, "content.title"},
		{"no way to reach", func(c *Content) { c.ContactPhone = "" }, ErrIncomplete, "content.contactPhone"},
		{"mail is enough", func(c *Content) { c.ContactPhone, c.ContactEmail = "", "a@example.jp" }, nil, ""},
		{"own field missing", func(c *Content) { delete(c.Answers, "years") }, ErrIncomplete, "content.answers.years"},
		{"own field no number", func(c *Content) { c.Answers["years"] = "三" }, ErrIncomplete, "content.answers.years"},
		{"own field no date", func(c *Content) { c.Answers["since"] = "2001-02-29" }, ErrIncomplete, "content.answers.since"},
		{"own field no choice", func(c *Content) { c.Answers["area"] = "新宿" }, ErrIncomplete, "content.answers.area"},
		{"own field too long", func(c *Content) { c.Answers["memo"] = "あいうえ" }, ErrIncomplete, "content.answers.memo"},
		{"unknown own field", func(c *Content) { c.Answers["x"] = "1" }, ErrIncomplete, "content.answers.x"},
		{"joint with itself", func(c *Content) { c.JointOrganizationIDs = []string{"o"} }, ErrIncomplete, "content.jointOrganizationIds"},
		{"budget unbalanced", func(c *Content) {
			c.Budget = []BudgetRow{{Side: "INCOME", Amount: 100}, {Side: "EXPENSE", Amount: 99}}
		}, ErrUnbalanced, "content.budget"},
		{"budget balanced over rows", func(c *Content) {
			c.Budget = []BudgetRow{{Side: "INCOME", Amount: 100}, {Side: "EXPENSE", Amount: 99}, {Side: "EXPENSE", Amount: 1}}
		}, nil, ""},
	} {
		content := good()
		tt.change(&content)
		err := content.Check(c, "o")
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			continue
		}
		if f, _ := fault.As(err); tt.field != "" && (len(f.Fields) == 0 || f.Fields[0].Path != tt.field) {
			t.Errorf("%s: fields %v, want %s", tt.name, f.Fields, tt.field)
		}
	}
	themed := openCall()
	themed.ThemeKind = call.Themed
	content := full()
	if err := content.Check(themed, "o"); !errors.Is(err, ErrIncomplete) {
		t.Errorf("themed call without theme: %v", err)
	}
}

func TestNumber(t *testing.T) {
	for year, want := range map[int]string{2026: "R8-提-0012", 2002: "H14-提-0012", 2019: "H31-提-0012"} {
		p := Proposal{FiscalYear: year}
		p.Numbered(12)
		if p.Number != want {
			t.Errorf("number of %d = %s, want %s", year, p.Number, want)
		}
	}
}

func TestOnlyNamedFieldsAreCorrected(t *testing.T) {
	p := at(Returned)
	p.Correction.Fields = []string{"title", "budget"}
	to := Content{Title: "新", Purpose: "新"}
	if err := p.Update(everybody, &to, []string{"title", "purpose"}); !errors.Is(err, ErrNotInCorrection) {
		t.Errorf("purpose was not to be corrected: %v", err)
	}
	if p.Content.Title != "題" {
		t.Error("a refused update changed the content")
	}
	if err := p.Update(everybody, &to, []string{"title"}); err != nil || p.Content.Title != "新" || p.Content.Purpose != "目的" {
		t.Errorf("correction: %v, content %v", err, p.Content)
	}
	if err := at(Submitted).Update(everybody, &to, []string{"title"}); !errors.Is(err, ErrNotEditable) {
		t.Errorf("update of a submitted proposal: %v", err)
	}
}

func TestLateCorrectionIsMarked(t *testing.T) {
	p := at(Returned)
	p.Correction.DueOn = jp.Date{Year: 2026, Month: 7, Day: 20}
	if p.Late(jst(7, 20, 23, 59, 59, 999999999)) || !p.Late(jst(7, 21, 0, 0, 0, 0)) {
		t.Error("the last day ends at midnight in Tokyo")
	}
}

func TestCompareGoesByTheForm(t *testing.T) {
	a, b := full(), full()
	b.Purpose, b.Title = "別の目的", "別の題"
	b.Budget = []BudgetRow{{Side: "INCOME", Amount: 1}}
	a.Answers = map[string]string{} // As empty as none.
	want := []Difference{
		{Field: "title", From: "題", To: "別の題"},
		{Field: "purpose", From: "目的", To: "別の目的"},
		{Field: "budget", To: b.Budget},
	}
	if diff := cmp.Diff(want, Compare(&a, &b)); diff != "" {
		t.Error(diff)
	}
}
