package evaluation

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

var (
	noon = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	due  = jp.Date{Year: 2026, Month: time.June, Day: 10}
)

func both(s State) *Evaluation {
	return &Evaluation{
		State: s, DueOn: due, Criteria: Default().Criteria,
		Submissions: []Submission{{Side: project.Organization, By: "o"}, {Side: project.Ward, By: "w"}},
	}
}

func TestBegin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		kind       Kind
		state      project.State
		opens, due jp.Date
		want       State
		err        error
	}{
		{"interim of a running one", Interim, project.Running, jp.Date{}, due, Open, nil},
		{"final of a completed one", Final, project.Completed, jp.Date{}, due, Open, nil},
		{"final of a running one", Final, project.Running, jp.Date{}, due, "", ErrNotEvaluable},
		{"interim of a completed one", Interim, project.Completed, jp.Date{}, due, "", ErrNotEvaluable},
		{"later", Interim, project.Running, jp.DateOf(noon).AddDays(1), due, Preparing, nil},
		{"past first day", Interim, project.Running, jp.DateOf(noon).AddDays(-9), due, Open, nil},
		{"due today", Interim, project.Running, jp.Date{}, jp.DateOf(noon), Open, nil},
		{"due yesterday", Interim, project.Running, jp.Date{}, jp.DateOf(noon).AddDays(-1), "", fault.ErrInvalidField},
		{"due in two years and a day", Interim, project.Running, jp.Date{}, jp.DateOf(noon).AddMonths(24).AddDays(1), "", fault.ErrInvalidField},
	} {
		e := &Evaluation{Kind: tt.kind, OpensOn: tt.opens, DueOn: tt.due}
		err := e.Begin(&project.Project{State: tt.state}, noon)
		if !errors.Is(err, tt.err) || err == nil && e.State != tt.want {
			t.Errorf("%s: %v, %v", tt.name, e.State, err)
		}
	}
}

func TestSubmissions(t *testing.T) {
	t.Parallel()
	e := &Evaluation{State: Open}
	if err := e.Submit(Submission{Side: project.Ward}); err != nil || e.State != OneSubmitted || e.Unsealed() {
		t.Fatalf("%v, %v", e.State, err)
	}
	if err := e.Writable(project.Ward); !errors.Is(err, ErrNotEditable) {
		t.Error(err)
	}
	if err := e.Correct("w"); !errors.Is(err, ErrSealed) {
		t.Error(err)
	}
	if err := e.Submit(Submission{Side: project.Organization}); err != nil || e.State != BothSubmitted || !e.Unsealed() {
		t.Fatalf("%v, %v", e.State, err)
	}
	if err := (&Evaluation{State: Preparing}).Writable(project.Ward); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Error(err)
	}
}

func TestSheetRules(t *testing.T) {
	t.Parallel()
	criteria := Default().Criteria[:3]
	whole := Sheet{Answers: []Answer{{CriterionNo: 1, Score: 3}, {CriterionNo: 2}, {CriterionNo: 3, Score: 2, Reason: "人手"}}}
	if err := errors.Join(whole.Check(criteria), whole.Complete(criteria)); err != nil {
		t.Error(err)
	}
	twice := Sheet{Answers: []Answer{{CriterionNo: 1}, {CriterionNo: 1}}}
	unknown := Sheet{Answers: []Answer{{CriterionNo: 9}}}
	for _, s := range []Sheet{twice, unknown} {
		if err := s.Check(criteria); !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("%v: %v", s, err)
		}
	}
	bare := Sheet{Answers: []Answer{{CriterionNo: 1, Score: 1, Reason: " "}, {CriterionNo: 2, Score: 2}, {CriterionNo: 3, Score: 3}}}
	if err, _ := fault.As(bare.Complete(criteria)); err == nil || err.Reason != "SCORE_REASON_REQUIRED" || err.Metadata["criteria"] != "1,2" {
		t.Errorf("bare scores: %v", err)
	}
	if err, _ := fault.As(twice.Complete(criteria)); err == nil || err.Reason != "SHEET_INCOMPLETE" || err.Metadata["criteria"] != "2,3" {
		t.Errorf("open criteria: %v", err)
	}
	sealed := Sealed{Sheet: whole, Salt: []byte("salt")}
	other := Sealed{Sheet: whole, Salt: []byte("salz")}
	if len(sealed.Commitment()) != 64 || sealed.Commitment() == other.Commitment() {
		t.Error("the commitment depends on salt and sheet, and on nothing else")
	}
}

func TestDiscussAndAgree(t *testing.T) {
	t.Parallel()
	e := both(BothSubmitted)
	organization := Sheet{Answers: []Answer{{CriterionNo: 4, Score: 2}, {CriterionNo: 5, Score: 4}}}
	ward := Sheet{Answers: []Answer{{CriterionNo: 4, Score: 4}, {CriterionNo: 5, Score: 4}}}
	items := Compare(e.Criteria, organization, ward)
	d := Discussion{MeetingOn: jp.DateOf(noon), Attendees: []Attendee{{Side: project.Ward, Role: "係長"}}}
	refuse := func(name string, d Discussion, want error) {
		if err := e.Discuss(d, items, noon); !errors.Is(err, want) || e.State != BothSubmitted {
			t.Errorf("%s: %v, %v", name, err, e.State)
		}
	}
	refuse("nothing of item 4", d, ErrDiscussionIncomplete)
	d.Items = []DiscussionItem{{CriterionNo: 4, Cause: "会議が少ない"}}
	refuse("no improvement", d, ErrDiscussionIncomplete)
	d.Items = []DiscussionItem{{CriterionNo: 4, Cause: "会議が少ない", Improvement: "毎月開く"}, {CriterionNo: 99}}
	refuse("unknown item", d, fault.ErrInvalidField)
	d.Items = d.Items[:1]
	tomorrow := d
	tomorrow.MeetingOn = d.MeetingOn.AddDays(1)
	refuse("a talk to come", tomorrow, fault.ErrInvalidField)
	if err := e.Discuss(d, items, noon); err != nil || e.State != Discussed || e.Discussion.Attendees[0].Count != 1 {
		t.Fatalf("%v, %v", e.State, err)
	}
	if err := e.Agree(Agreement{Side: project.Organization, By: "o"}); err != nil || e.State != Discussed {
		t.Fatal(err)
	}
	for _, a := range []Agreement{{Side: project.Organization, By: "p"}, {Side: project.Ward, By: "o"}} {
		if err := e.Agree(a); !errors.Is(err, ErrAgreementRepeated) {
			t.Errorf("%v: %v", a, err)
		}
	}
	if err := e.Publish("d", "", noon); !errors.Is(err, ErrAgreementsMissing) {
		t.Error(err)
	}
	if err := e.Agree(Agreement{Side: project.Ward, By: "w"}); err != nil || e.State != Agreed {
		t.Fatalf("%v, %v", e.State, err)
	}
	if err := e.Correct("o"); err != nil || e.State != BothSubmitted || e.Agreements != nil {
		t.Errorf("a corrected sheet goes back to the talk: %v, %v", e.State, err)
	}
}

func TestLateSide(t *testing.T) {
	t.Parallel()
	at := func(days int) time.Time { return due.AddDays(days).StartOfDay().Add(time.Hour) }
	for _, tt := range []struct {
		name, by, reason string
		now              time.Time
		want             error
	}{
		{"30 days after", "d", "理由", at(30), ErrLateSideMaySubmit},
		{"31 days after", "d", "理由", at(31), nil},
		{"without the decision", "d", "", at(31), fault.ErrInvalidField},
		{"by who submitted", "w", "理由", at(31), fault.ErrSelfApprovalForbidden},
	} {
		e := &Evaluation{State: OneSubmitted, DueOn: due, Submissions: []Submission{{Side: project.Ward, By: "w"}}}
		if err := e.Publish(tt.by, tt.reason, tt.now); !errors.Is(err, tt.want) || (err == nil) != (e.State == Published) {
			t.Errorf("%s: %v, %v", tt.name, e.State, err)
		}
	}
	if err := (&Evaluation{State: Open}).Publish("d", "x", noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Error(err)
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		today, days int
		due         bool
	}{
		{-15, 0, false},
		{-14, -14, true},
		{-4, -14, true},
		{-3, -3, true},
		{0, -3, true},
		{1, 1, true},
		{13, 1, true},
		{14, 14, true},
		{40, 14, true},
	} {
		days, isDue := Reminder(due, due.AddDays(tt.today))
		if days != tt.days || isDue != tt.due {
			t.Errorf("day %d: %d, %v", tt.today, days, isDue)
		}
	}
	e := &Evaluation{State: OneSubmitted, Submissions: []Submission{{Side: project.Ward}}}
	if got := e.Awaited(); len(got) != 1 || got[0] != project.Organization {
		t.Errorf("awaited = %v", got)
	}
	if got := both(Discussed).Awaited(); got != nil {
		t.Errorf("awaited after both = %v", got)
	}
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	e := both(Published)
	e.ReportVersion = 1
	report := func() *Report {
		return e.Report(Sources{
			Project: &project.Project{Parties: project.Parties{OrganizationIDs: []string{"o"}, LeadDepartmentID: "d"}},
			Sheets: map[project.Side]Sheet{
				project.Organization: {Strengths: "見本 太郎さんと見本 太郎丸", Answers: []Answer{{CriterionNo: 1, Score: 4, Reason: "見本 太郎"}}},
				project.Ward:         {Issues: "電話 03-0000-0000"},
			},
		}, "")
	}
	r := report()
	if err := e.Redact(r, []string{"見本 花子"}); !errors.Is(err, ErrRedactionNotFound) || e.Redactions != nil {
		t.Errorf("%v, %v", err, e.Redactions)
	}
	if err := e.Redact(r, []string{"見本 太郎", "見本 太郎丸"}); err != nil {
		t.Fatal(err)
	}
	if r.Organization.Strengths != Redacted+"さんと"+Redacted || r.Items[0].Organization.Reason != Redacted {
		t.Errorf("%q, %q", r.Organization.Strengths, r.Items[0].Organization.Reason)
	}
	again := report() // What was removed once stays so.
	if err := e.Redact(again, []string{"03-0000-0000"}); err != nil || strings.Contains(again.Organization.Strengths, "太郎") {
		t.Errorf("%v: %q", err, again.Organization.Strengths)
	}
	if got := strings.Join(again.Changes(r), "、"); got != "区の自由記述" {
		t.Errorf("changes = %s", got)
	}
}

func TestSides(t *testing.T) {
	t.Parallel()
	p := &project.Project{Parties: project.Parties{OrganizationIDs: []string{"o"}, LeadDepartmentID: "d", JointDepartmentIDs: []string{"j"}}}
	for _, tt := range []struct {
		name            string
		r               project.Reader
		side            project.Side
		writes, submits bool
	}{
		{"viewer", project.Reader{Members: []string{"o"}}, project.Organization, false, false},
		{"editor", project.Reader{Members: []string{"o"}, Writers: []string{"o"}}, project.Organization, true, false},
		{"representative", project.Reader{Members: []string{"o"}, Writers: []string{"o"}, Represents: []string{"o"}}, project.Organization, true, true},
		{"of another organization", project.Reader{Members: []string{"x"}, Writers: []string{"x"}, Represents: []string{"x"}}, project.None, false, false},
		{"staff", project.Reader{Staff: true, Department: "j"}, project.Ward, true, true},
		{"approver", project.Reader{Approver: true, Department: "d"}, project.Ward, false, true},
		{"staff of another department", project.Reader{Staff: true, Department: "x"}, project.None, false, false},
		{"desk", project.Reader{Desk: true}, project.None, false, false},
		{"of both sides", project.Reader{Members: []string{"o"}, Writers: []string{"o"}, Staff: true, Department: "d"}, project.Organization, true, false},
	} {
		if got := SideOf(tt.r, p); got != tt.side {
			t.Errorf("%s belongs to %q", tt.name, got)
		}
		for _, side := range []project.Side{project.Organization, project.Ward} {
			if got, want := Writes(tt.r, p, side), tt.writes && side == tt.side; got != want {
				t.Errorf("%s writes for %s: %v", tt.name, side, got)
			}
			if got, want := Submits(tt.r, p, side), tt.submits && side == tt.side; got != want {
				t.Errorf("%s submits for %s: %v", tt.name, side, got)
			}
		}
	}
}
