package agreement

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
)

var (
	noon  = time.Date(2026, 7, 15, 3, 0, 0, 0, time.UTC)
	staff = project.Reader{ID: "s", Staff: true, Department: "d"}
	head  = project.Reader{ID: "h", Members: []string{"o"}, Writers: []string{"o"}, Represents: []string{"o"}}
	head2 = project.Reader{ID: "h2", Members: []string{"q"}, Writers: []string{"q"}, Represents: []string{"q"}}
	boss  = project.Reader{ID: "b", Approver: true, Department: "d"}
)

func whole() *project.Project {
	return &project.Project{
		ID: "p", PublicNumber: "R8-提-0012", State: project.Preparing,
		Parties: project.Parties{OrganizationIDs: []string{"o"}, LeadDepartmentID: "d"},
		Terms: project.Terms{
			Title: "街歩き", Purpose: "歴史を伝える", Form: "cohost", PeriodFrom: jp.NewDate(2026, 4, 1), PeriodTo: jp.NewDate(2027, 3, 31), WardCost: 1234567,
			Roles: []project.Role{{Item: "広報", WardRole: "掲載"}}, Goals: []project.Goal{{Indicator: "参加者数", Target: "120人"}},
		},
		Names: project.Names{Organizations: map[string]string{"o": "団体い", "q": "団体ろ"}, Departments: map[string]string{"d": "商工振興課"}},
	}
}

// rules have a model text for every item.
func rules() *rulebook.Version {
	v := &rulebook.Version{ID: "v", Number: 2, Clauses: []rulebook.Clause{{No: 1, Section: "EVALUATION", Text: "ひな形ではない"}}}
	for i, item := range rulebook.Items[:len(rulebook.Items)-1] {
		v.Clauses = append(v.Clauses, rulebook.Clause{No: i + 2, Title: item.Name, Item: item.Item, ModelText: "定める。"})
	}
	return v
}

func draft(t *testing.T, p *project.Project) *Agreement {
	t.Helper()
	a, err := New(p, staff, rules(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFill(t *testing.T) {
	for model, want := range map[string]string{
		"「{事業名}」は{目的}。":        "「街歩き」は歴史を伝える。",
		"{協働の形態}で{実施期間}":       "共催で" + jp.LongDate(jp.NewDate(2026, 4, 1)) + "から" + jp.LongDate(jp.NewDate(2027, 3, 31)) + "まで",
		"{区の負担額}を上限とする。":       "金1,234,567円を上限とする。",
		"甲は{担当部課}、乙は{団体名}":     "甲は商工振興課、乙は団体い",
		"{役割分担}/{成果目標}/{知らない}": "広報　甲：掲載　乙：―/参加者数　120人/{知らない}",
	} {
		if got := fill(whole(), model); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
	for _, b := range blanks {
		text := "前" + b.name + "後"
		if got := fill(&project.Project{}, text); got != text || !unfilled(got) {
			t.Errorf("%s without a project: %s", b.name, got)
		}
	}
}

func TestChecklist(t *testing.T) {
	a := draft(t, whole())
	if err := a.complete(); err != nil || len(a.Articles) != 21 {
		t.Fatalf("%d articles, %v", len(a.Articles), err)
	}
	// Each required item is missed, by its absence and by a blank; the others are not.
	for i, item := range rulebook.Items[:len(rulebook.Items)-1] {
		for name, spoil := range map[string]func(*Article){
			"absent": func(t *Article) { t.Item = "" },
			"blank":  func(t *Article) { t.Text = "期間は{実施期間}とする。" },
		} {
			a := draft(t, whole())
			spoil(&a.Articles[i])
			err := a.complete()
			f, _ := fault.As(err)
			if item.Required != (err != nil) || f != nil && (f.Metadata["missing"] != string(item.Item) || len(f.Fields) != 1) {
				t.Errorf("%s %s: %v", item.Item, name, err)
			}
		}
	}
	a.OrganizationSignatory, a.Articles = "", nil
	f, _ := fault.As(a.complete())
	if f == nil || len(f.Fields) != 17 || !strings.HasSuffix(f.Metadata["missing"], ",VALIDITY,SIGNATURES") {
		t.Errorf("nothing written: %+v", f)
	}
}

func TestSign(t *testing.T) {
	p := whole()
	a := draft(t, p)
	if _, err := a.Sign(p, head, project.None, noon); err != nil || a.State != PartlySigned || len(a.SHA256) != 64 {
		t.Fatalf("first: %v, %s", err, a.State)
	}
	text := a.Text
	if _, err := a.Sign(p, head, project.Organization, noon); !errors.Is(err, ErrRepeated) {
		t.Errorf("same person: %v", err)
	}
	deputy := head
	deputy.ID = "deputy"
	if _, err := a.Sign(p, deputy, project.Organization, noon); !errors.Is(err, ErrRepeated) {
		t.Errorf("same organization: %v", err)
	}
	p.Title = "変えた題"
	s, err := a.Sign(p, boss, project.Ward, noon)
	if err != nil || a.State != Signed || a.Text != text || a.SignedAt != noon {
		t.Errorf("second: %v, %s", err, a.State)
	}
	if diff := cmp.Diff(Signature{Position: 2, Side: project.Ward, DepartmentID: "d", Name: "商工振興課", Signatory: "千代田区長", SignedBy: "b", SignedAt: noon}, s); diff != "" {
		t.Error(diff)
	}
	if _, err := a.Sign(p, deputy, project.None, noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("after all: %v", err)
	}
}

func TestSigningSide(t *testing.T) {
	both := boss
	both.Represents = []string{"o"}
	lead := project.Reader{ID: "x", Approver: true, Department: "e"}
	for _, c := range []struct {
		name string
		by   project.Reader
		side project.Side
		want error
	}{
		{"own", head, project.None, nil},
		{"named", head, project.Organization, nil},
		{"wrong", head, project.Ward, ErrOtherSide},
		{"ward", boss, project.None, nil},
		{"ward, wrong", boss, project.Organization, ErrOtherSide},
		{"staff", staff, project.Ward, fault.ErrPermissionDenied},
		{"another department", lead, project.Ward, fault.ErrPermissionDenied},
		{"another organization", head2, project.Organization, fault.ErrPermissionDenied},
		{"both, unsaid", both, project.None, fault.ErrInvalidField},
		{"both, said", both, project.Ward, nil},
	} {
		p := whole()
		a := draft(t, p)
		if _, err := a.Sign(p, c.by, c.side, noon); !errors.Is(err, c.want) || (c.want != nil) != (a.State == Draft) {
			t.Errorf("%s: %v, %s", c.name, err, a.State)
		}
	}
}

func TestVersions(t *testing.T) {
	p := whole()
	for _, c := range []struct {
		before State
		want   error
		after  State
	}{
		{Draft, ErrInDraft, Draft}, {PartlySigned, nil, Abandoned}, {Signed, nil, Signed}, {Abandoned, nil, Abandoned},
	} {
		before := &Agreement{State: c.before, Version: 4, ImprovementIDs: []string{"i"}}
		a, err := New(p, head, rules(), before)
		if !errors.Is(err, c.want) || before.State != c.after || err == nil && (a.Version != 5 || a.ImprovementIDs[0] != "i") {
			t.Errorf("after %s: %v, %s", c.before, err, before.State)
		}
	}
	for _, s := range []project.State{project.Completed, project.Evaluated, project.Closed, project.Terminated} {
		p.State = s
		if _, err := New(p, head, rules(), nil); !errors.Is(err, fault.ErrInvalidStateTransition) {
			t.Errorf("in %s: %v", s, err)
		}
	}
	if _, err := New(whole(), boss, rules(), nil); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("by an approver: %v", err)
	}
}

// The canonical text is the same for the same agreement, whatever line ends were
// typed, and says all that is agreed.
func TestCanonicalText(t *testing.T) {
	a, b := draft(t, whole()), draft(t, whole())
	a.Articles[0].Text, b.Articles[0].Text = "一\r\n二", "一\n二"
	a.fix(whole())
	b.fix(whole())
	if a.Text != b.Text || strings.Contains(a.Text, "\r") {
		t.Errorf("texts differ: %q", a.Text)
	}
	for _, want := range []string{"「街歩き」に関する協定書\n事業番号：R8-提-0012　協定書の版：第1版\n", "（第2版）", "第1条（目的）\n一\n二\n", "第21条（有効期間）", "乙　団体い　代表者\n"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("text lacks %q: %s", want, a.Text)
		}
	}
}
