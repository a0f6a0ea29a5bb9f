package survey

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var now = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

func TestResultsOfFewRepliesAreNotShown(t *testing.T) {
	t.Parallel()
	s := &Survey{Questions: []string{"満足度", "また参加したいか"}}
	got := s.Results(map[Score]int{{1, 5}: 4, {1, 1}: 1, {2, 3}: 4})
	want := []Result{
		{No: 1, Question: "満足度", Counts: []int{1, 0, 0, 0, 4}, Replies: 5},
		{No: 2, Question: "また参加したいか", Suppressed: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEndOfASurvey(t *testing.T) {
	t.Parallel()
	s := &Survey{ClosesOn: jp.DateOf(now), Questions: []string{"満足度"}}
	if s.Closed(now) || s.Begin(now) != nil || !s.Closed(s.ClosesOn.NextMidnight()) {
		t.Error("the last day is inclusive")
	}
	if err := s.Issue(MaxLinks, now); err != nil || s.Links != MaxLinks {
		t.Error(err)
	}
	if err := s.Issue(1, now); !errors.Is(err, ErrLinkLimit) {
		t.Error(err)
	}
	if err := s.Begin(s.ClosesOn.NextMidnight()); !errors.Is(err, fault.ErrInvalidField) {
		t.Error(err)
	}
	if err := s.End(now); err != nil || !s.Closed(now) {
		t.Error(err)
	}
	if err := errors.Join(s.End(now), s.Issue(1, now)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	for _, scores := range [][]Score{{{No: 2, Score: 1}}, {{No: 1, Score: 1}, {No: 1, Score: 2}}, {{No: 0, Score: 1}}} {
		if err := s.Check(scores); !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("%v: %v", scores, err)
		}
	}
}
