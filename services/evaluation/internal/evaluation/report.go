package evaluation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/survey"
)

// Redacted stands in a report where personal data were.
const Redacted = "（個人情報のため非公開）"

// Report is one published version: everything that public channels show.
type Report struct {
	EvaluationID     string           `json:"evaluationId"`
	Version          int              `json:"version"`
	Kind             Kind             `json:"kind"`
	ProjectID        string           `json:"projectId"`
	PublicNumber     string           `json:"publicNumber"`
	ProjectTitle     string           `json:"projectTitle"`
	Purpose          string           `json:"purpose"`
	FiscalYear       int              `json:"fiscalYear"`
	Credits          []project.Credit `json:"credits"`
	TemplateVersion  int              `json:"templateVersion"`
	Items            []Item           `json:"items"`
	OverallX10       *int             `json:"overallX10,omitempty"`
	Organization     *Texts           `json:"organization,omitempty"` // nil where it did not submit.
	Ward             *Texts           `json:"ward,omitempty"`         // nil where it did not submit.
	Talk             *Talk            `json:"talk,omitempty"`         // nil without one.
	Goals            []project.Goal   `json:"goals,omitempty"`
	Survey           []survey.Result  `json:"survey,omitempty"`
	SurveyReplies    int              `json:"surveyReplies,omitempty"`
	ThirdParty       *Comment         `json:"thirdParty,omitempty"`
	MissingSide      string           `json:"missingSide,omitempty"`
	LateReason       string           `json:"lateReason,omitempty"`
	CorrectionReason string           `json:"correctionReason,omitempty"`
	Agreements       []Agreement      `json:"agreements,omitempty"`
	PublishedAt      time.Time        `json:"publishedAt"`
}

// Texts are the free texts of one side.
type Texts struct {
	Strengths string `json:"strengths"`
	Issues    string `json:"issues"`
	Next      string `json:"next"`
}

// Talk is the talk without its items, which stand with the criteria.
type Talk struct {
	MeetingOn jp.Date    `json:"meetingOn"`
	Attendees []Attendee `json:"attendees"`
	Summary   string     `json:"summary"`
}

// Sources are what a report is made of beside the evaluation.
type Sources struct {
	Project *project.Project
	// Sheets are the newest versions of the submitted sheets.
	Sheets        map[project.Side]Sheet
	Survey        []survey.Result
	SurveyReplies int
}

// Report makes the next version of the published report, with the texts that the
// evaluation leaves out still in it.
func (e *Evaluation) Report(s Sources, correction string) *Report {
	p := s.Project
	r := &Report{
		EvaluationID: e.ID, Version: e.ReportVersion, Kind: e.Kind, ProjectID: p.ID, PublicNumber: p.PublicNumber,
		ProjectTitle: p.Title, Purpose: p.Purpose, FiscalYear: p.FiscalYear, Credits: p.Credits(),
		TemplateVersion: e.TemplateVersion, Goals: slices.Clone(p.Goals), Survey: s.Survey, SurveyReplies: s.SurveyReplies,
		LateReason: e.LateReason, CorrectionReason: correction, PublishedAt: e.PublishedAt,
	}
	r.Items = Compare(e.Criteria, s.Sheets[project.Organization], s.Sheets[project.Ward])
	for i := range r.Items {
		d := e.Discussion.item(r.Items[i].No)
		r.Items[i].Cause, r.Items[i].Improvement = d.Cause, d.Improvement
	}
	r.OverallX10 = OverallX10(r.Items)
	for side, sheet := range s.Sheets {
		texts := &Texts{Strengths: sheet.Strengths, Issues: sheet.Issues, Next: sheet.Next}
		if side == project.Organization {
			r.Organization = texts
		} else {
			r.Ward = texts
		}
	}
	if d := e.Discussion; d != nil {
		r.Talk = &Talk{MeetingOn: d.MeetingOn, Attendees: slices.Clone(d.Attendees), Summary: d.Summary}
	}
	if e.ThirdParty != nil {
		comment := *e.ThirdParty
		r.ThirdParty = &comment
	}
	for _, a := range e.Agreements {
		r.Agreements = append(r.Agreements, Agreement{Side: a.Side, On: a.On})
	}
	r.MissingSide = r.missing()
	return r
}

// missing says which side did not submit.
func (r *Report) missing() string {
	var names []string
	for _, c := range r.Credits {
		if r.Organization == nil && c.OrganizationID != "" || r.Ward == nil && c.DepartmentID != "" {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, "、") + "からは提出がありませんでした"
}

// texts are all free texts of the report.
func (r *Report) texts() []*string {
	all := []*string{&r.LateReason, &r.CorrectionReason}
	for i := range r.Items {
		item := &r.Items[i]
		all = append(all, &item.Organization.Reason, &item.Ward.Reason, &item.Cause, &item.Improvement)
	}
	for _, t := range []*Texts{r.Organization, r.Ward} {
		if t != nil {
			all = append(all, &t.Strengths, &t.Issues, &t.Next)
		}
	}
	if r.Talk != nil {
		all = append(all, &r.Talk.Summary)
		for i := range r.Talk.Attendees {
			all = append(all, &r.Talk.Attendees[i].Role)
		}
	}
	if r.ThirdParty != nil {
		all = append(all, &r.ThirdParty.Text)
	}
	return all
}

// Redact replaces every occurrence of what the evaluation leaves out, and of
// further texts, which it then leaves out too. Errors: REDACTION_NOT_FOUND for a
// further text that does not occur.
func (e *Evaluation) Redact(r *Report, further []string) error {
	texts := r.texts()
	var wrong []fault.Field
	for i, f := range further {
		if !slices.ContainsFunc(texts, func(t *string) bool { return strings.Contains(*t, f) }) {
			wrong = append(wrong, fault.Field{
				Path: fmt.Sprintf("redactions[%d]", i), Reason: ErrRedactionNotFound.Reason, Ja: ErrRedactionNotFound.Ja, En: ErrRedactionNotFound.En,
			})
		}
	}
	if len(wrong) > 0 {
		return ErrRedactionNotFound.On(wrong...)
	}
	for _, f := range further {
		if !slices.Contains(e.Redactions, f) {
			e.Redactions = append(e.Redactions, f)
		}
	}
	// Of two texts that begin at one place the longer one goes.
	longest := slices.Clone(e.Redactions)
	slices.SortStableFunc(longest, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, l := range longest {
		pairs = append(pairs, l, Redacted)
	}
	replace := strings.NewReplacer(pairs...)
	for _, t := range texts {
		*t = replace.Replace(*t)
	}
	return nil
}

// Changes tells in Japanese what differs from the version before.
func (r *Report) Changes(before *Report) []string {
	var out []string
	add := func(name string, a, b any) {
		if !same(a, b) {
			out = append(out, name)
		}
	}
	for i, item := range r.Items {
		if i < len(before.Items) {
			add(fmt.Sprintf("項目%d %s", item.No, item.Name), item, before.Items[i])
		}
	}
	add("団体の自由記述", r.Organization, before.Organization)
	add("区の自由記述", r.Ward, before.Ward)
	add("協議の記録", r.Talk, before.Talk)
	add("第三者の意見", r.ThirdParty, before.ThirdParty)
	add("成果目標", r.Goals, before.Goals)
	add("受益者アンケート", r.Survey, before.Survey)
	return out
}

func same(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
