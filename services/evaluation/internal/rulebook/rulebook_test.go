package rulebook

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var (
	noon  = time.Date(2026, 7, 15, 3, 0, 0, 0, time.UTC)
	today = jp.DateOf(noon)
)

func in(s State) *Version {
	return &Version{
		ID: "v", State: s, Title: "題", Clauses: []Clause{{No: 1, Section: "EVALUATION", Title: "評価", Text: "文"}}, CommentsUntil: today,
		ReviewMeeting: &Meeting{HeldOn: today, OrganizationIDs: []string{"o"}},
	}
}

func TestEveryVerbInEveryState(t *testing.T) {
	verbs := map[string]func(*Version) error{
		"openComments":  func(v *Version) error { return v.OpenComments(today, noon) },
		"closeComments": func(v *Version) error { return v.CloseComments() },
		"adopt":         func(v *Version) error { return v.Adopt(today, nil, noon) },
	}
	for _, from := range []State{Draft, Commenting, CommentsClosed, Adopted} {
		for name, verb := range verbs {
			v := in(from)
			err := verb(v)
			if want := slices.Contains(next[from], name); want != (err == nil) || !want && (!errors.Is(err, fault.ErrInvalidStateTransition) || v.State != from) {
				t.Errorf("%s in %s: %v, state %s", name, from, err, v.State)
			}
		}
	}
}

func TestAdopt(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*Version)
		from       jp.Date
		unanswered []int
		want       error
	}{
		"whole":                {func(*Version) {}, today, nil, nil},
		"no clauses":           {func(v *Version) { v.Clauses = nil }, today, nil, ErrWithoutClauses},
		"no meeting":           {func(v *Version) { v.ReviewMeeting = nil }, today, nil, ErrMeetingRequired},
		"meeting without org":  {func(v *Version) { v.ReviewMeeting.OrganizationIDs = nil }, today, nil, ErrMeetingRequired},
		"unanswered":           {func(*Version) {}, today, []int{2, 5}, ErrCommentsUnanswered},
		"from yesterday":       {func(*Version) {}, today.AddDays(-1), nil, fault.ErrInvalidField},
		"from the next year":   {func(*Version) {}, today.AddMonths(9), nil, nil},
		"everything is amiss":  {func(v *Version) { v.Clauses, v.ReviewMeeting = nil, nil }, today, []int{1}, ErrWithoutClauses},
		"meeting before words": {func(v *Version) { v.ReviewMeeting = nil }, today, []int{1}, ErrMeetingRequired},
	} {
		v := in(CommentsClosed)
		c.change(v)
		err := v.Adopt(c.from, c.unanswered, noon)
		if !errors.Is(err, c.want) || (c.want == nil) != (v.State == Adopted) {
			t.Errorf("%s: %v, %s", name, err, v.State)
		}
		if f, _ := fault.As(err); errors.Is(err, ErrCommentsUnanswered) && f.Metadata["clauses"] != "2,5" {
			t.Errorf("%s: %v", name, f.Metadata)
		}
	}
}

// The last day for comments ends at midnight in Tokyo.
func TestCommentsAreOpenOnTheLastDay(t *testing.T) {
	for at, want := range map[time.Time]error{
		today.EndOfDay():     nil,
		today.NextMidnight(): ErrCommentsNotOpen,
	} {
		if err := in(Commenting).Comment(&Comment{ClauseNo: 1}, at); !errors.Is(err, want) {
			t.Errorf("%v: %v", at, err)
		}
	}
	if err := in(Commenting).Comment(&Comment{ClauseNo: 2}, noon); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a clause that is not there: %v", err)
	}
	if err := in(CommentsClosed).Comment(&Comment{ClauseNo: 1}, noon); !errors.Is(err, ErrCommentsNotOpen) {
		t.Errorf("closed: %v", err)
	}
}

func TestEdit(t *testing.T) {
	for _, c := range []struct {
		state State
		field string
		want  error
	}{
		{Draft, "clauses", nil},
		{Draft, "review_meeting", nil},
		{Commenting, "clauses", ErrNotEditable},
		{Commenting, "title", ErrNotEditable},
		{Commenting, "review_meeting", nil},
		{Commenting, "note", nil},
		{CommentsClosed, "clauses", nil},
		{Adopted, "note", ErrNotEditable},
		{Adopted, "clauses", ErrNotEditable},
	} {
		if err := in(c.state).Edit(Edit{Fields: []string{c.field}}, noon); !errors.Is(err, c.want) {
			t.Errorf("%s in %s: %v", c.field, c.state, err)
		}
	}
}

func TestComplete(t *testing.T) {
	clause := func(no int, section string, item Item, model string) Clause {
		return Clause{No: no, Section: section, Title: "題", Text: "文", Item: item, ModelText: model}
	}
	for name, c := range map[string]struct {
		clauses []Clause
		held    jp.Date
		path    string
	}{
		"sorted":             {[]Clause{clause(3, "EVALUATION", "", ""), clause(1, AgreementTerms, "PURPOSE", "m")}, today, ""},
		"number twice":       {[]Clause{clause(1, "EVALUATION", "", ""), clause(1, "EVALUATION", "", "")}, today, "version.clauses[1].no"},
		"item elsewhere":     {[]Clause{clause(1, "EVALUATION", "PURPOSE", "m")}, today, "version.clauses[0].item"},
		"item without model": {[]Clause{clause(1, AgreementTerms, "PURPOSE", "")}, today, "version.clauses[0].modelText"},
		"meeting to come":    {nil, today.AddDays(1), "version.reviewMeeting.heldOn"},
	} {
		v := &Version{Clauses: c.clauses, ReviewMeeting: &Meeting{HeldOn: c.held}}
		err := v.Complete(noon)
		if f, _ := fault.As(err); (c.path == "") != (err == nil) || f != nil && f.Fields[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
		if v.Title != UsualTitle || len(v.Clauses) > 1 && v.Clauses[0].No > v.Clauses[1].No {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestCompare(t *testing.T) {
	from := []Clause{{No: 1, Text: "甲"}, {No: 2, Text: "乙"}, {No: 4, Text: "丁"}}
	to := []Clause{{No: 1, Text: "甲"}, {No: 2, Text: "乙に改める"}, {No: 3, Text: "丙"}}
	var got []string
	for _, d := range Compare(from, to) {
		got = append(got, fmt.Sprintf("%d %s %v %v", d.No, d.Kind, d.From != nil, d.To != nil))
	}
	want := []string{"2 CHANGED true true", "3 ADDED false true", "4 REMOVED true false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := Compare(to, to); d != nil {
		t.Errorf("a version differs from itself: %v", d)
	}
}
