package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

func TestAverageOfTheVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/score_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		MaxPoints   map[string]int `json:"max_points"`
		Floor       int            `json:"floor_total_x100"`
		ItemPercent int            `json:"floor_item_percent"`
		Cases       []struct {
			Sheets   []map[string]int `json:"sheets"`
			Expected struct {
				Average int            `json:"average_x100"`
				Items   map[string]int `json:"per_item_x100"`
				Below   []string       `json:"below_item_floor"`
				Pass    bool           `json:"pass"`
			} `json:"expected"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(raw, &v); err != nil || len(v.Cases) != 3 {
		t.Fatal(err, len(v.Cases))
	}
	var criteria []call.Criterion
	no := map[string]int{}
	for name, points := range v.MaxPoints {
		no[name] = len(criteria) + 1
		criteria = append(criteria, call.Criterion{No: no[name], Name: name, MaxPoints: points, FloorPercent: v.ItemPercent})
	}
	for i, c := range v.Cases {
		var sheets []Sheet
		for _, s := range c.Sheets {
			var sheet Sheet
			for name, points := range s {
				sheet = append(sheet, Score{No: no[name], Points: points})
			}
			sheets = append(sheets, sheet)
		}
		got := Average(criteria, v.Floor, sheets)
		items, below := map[string]int{}, []string{}
		for _, r := range got.Criteria {
			items[r.Name] = r.AverageX100
			if r.BelowFloor {
				below = append(below, r.Name)
			}
		}
		if got.AverageX100 != c.Expected.Average || got.Passed != c.Expected.Pass || !cmp.Equal(items, c.Expected.Items) || !cmp.Equal(below, c.Expected.Below) {
			t.Errorf("case %d: %+v, want %+v", i, got, c.Expected)
		}
	}
}

func TestFloorsAreInclusive(t *testing.T) {
	criteria := []call.Criterion{{No: 1, MaxPoints: 10, FloorPercent: 40}}
	for _, tt := range []struct {
		points, floor int
		passed        bool
	}{{4, 400, true}, {4, 401, false}, {3, 0, false}} {
		if got := Average(criteria, tt.floor, []Sheet{{{1, tt.points}}}); got.Passed != tt.passed {
			t.Errorf("%d points, floor %d: %+v", tt.points, tt.floor, got)
		}
	}
}

func TestRank(t *testing.T) {
	of := func(average, necessary int) Result {
		return Result{AverageX100: average, Criteria: []CriterionResult{{Criterion: call.Criterion{Name: necessity}, AverageX100: necessary}}}
	}
	if !of(200, 1).Before(of(100, 9)) || !of(100, 9).Before(of(100, 1)) || of(100, 1).Before(of(100, 1)) {
		t.Error("rank")
	}
}

// Every proposal has its reviewers, nobody has two more than another, and the same
// question has the same answer.
func TestEvenly(t *testing.T) {
	var proposals, reviewers []string
	for i := range 17 {
		proposals = append(proposals, fmt.Sprintf("p%02d", i))
	}
	for i := range 5 {
		reviewers = append(reviewers, fmt.Sprintf("r%d", i))
	}
	pairs := Evenly(proposals, reviewers, 3, nil, nil)
	load, has := map[string]int{}, map[string]int{}
	for _, p := range pairs {
		load[p.ReviewerID]++
		has[p.ProposalID]++
	}
	for _, p := range proposals {
		if has[p] != 3 {
			t.Errorf("%s has %d reviewers", p, has[p])
		}
	}
	for _, r := range reviewers {
		if load[r] < 51/5 || load[r] > 51/5+1 {
			t.Errorf("%s has %d proposals", r, load[r])
		}
	}
	slices.Reverse(reviewers)
	if diff := cmp.Diff(pairs, Evenly(proposals, reviewers, 3, nil, nil)); diff != "" {
		t.Errorf("another order of reviewers: %s", diff)
	}
	there := map[Pair]bool{}
	for _, p := range pairs {
		there[p] = true
	}
	if again := Evenly(proposals, reviewers, 3, there, nil); len(again) != 0 {
		t.Errorf("a second time: %v", again)
	}
	blocked := map[Pair]bool{{"p00", "r0"}: true, {"p00", "r1"}: true, {"p00", "r2"}: true}
	got := Evenly([]string{"p00"}, reviewers, 3, nil, blocked)
	if diff := cmp.Diff([]Pair{{"p00", "r3"}, {"p00", "r4"}}, got); diff != "" {
		t.Errorf("with conflicts: %s", diff)
	}
	byTrack := ByTrack([]Track{{[]string{"p1"}, []string{"b", "a"}}, {[]string{"p1", "p2"}, []string{"a"}}}, nil, map[Pair]bool{{"p2", "a"}: true})
	if diff := cmp.Diff([]Pair{{"p1", "a"}, {"p1", "b"}}, byTrack); diff != "" {
		t.Errorf("by track: %s", diff)
	}
}

var (
	criteria = []call.Criterion{{No: 1, MaxPoints: 15}, {No: 2, MaxPoints: 20}}
	own      = proposal.Reader{ID: "r"}
)

func in(s State) *Review {
	return &Review{State: s, ReviewerID: "r", Parties: []string{"o1", "o2"}, DepartmentIDs: []string{"lead", "joint"}}
}

func TestSheets(t *testing.T) {
	whole := Sheet{{1, 15}, {2, 0}}
	for name, tt := range map[string]struct {
		do   func(*Review) error
		want error
	}{
		"save a part":       {func(r *Review) error { return r.Save(own, criteria, Sheet{{1, 3}}, "") }, nil},
		"too many points":   {func(r *Review) error { return r.Save(own, criteria, Sheet{{1, 16}}, "") }, ErrScore},
		"unknown criterion": {func(r *Review) error { return r.Save(own, criteria, Sheet{{3, 1}}, "") }, ErrScore},
		"twice":             {func(r *Review) error { return r.Save(own, criteria, Sheet{{1, 1}, {1, 1}}, "") }, ErrScore},
		"another's":         {func(r *Review) error { return r.Save(proposal.Reader{ID: "x", Desk: true}, criteria, nil, "") }, fault.ErrPermissionDenied},
		"own organization": {func(r *Review) error {
			return r.Save(proposal.Reader{ID: "r", Members: []string{"o2"}}, criteria, nil, "")
		}, ErrConflict},
		"submit":              {func(r *Review) error { return r.Submit(own, criteria, whole, "") }, nil},
		"submit a part":       {func(r *Review) error { return r.Submit(own, criteria, Sheet{{1, 3}}, "") }, ErrIncomplete},
		"submit nothing":      {func(r *Review) error { return r.Submit(own, criteria, nil, "") }, ErrIncomplete},
		"abstain":             {func(r *Review) error { return r.Abstain(own, "x") }, nil},
		"abstain for nothing": {func(r *Review) error { return r.Abstain(own, "") }, fault.ErrInvalidField},
		"closed":              {func(r *Review) error { r.PhaseClosed = true; return r.Save(own, criteria, nil, "") }, ErrPhaseClosed},
		"recused":             {func(r *Review) error { r.State = Recused; return r.Save(own, criteria, nil, "") }, fault.ErrInvalidStateTransition},
		"submitted":           {func(r *Review) error { r.State = Submitted; return r.Submit(own, criteria, whole, "") }, fault.ErrInvalidStateTransition},
	} {
		if err := tt.do(in(Assigned)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := in(Assigned)
	if err := errors.Join(r.Save(own, criteria, whole, "講評"), r.Submit(own, criteria, nil, "")); err != nil || len(r.Scores) != 2 || r.Comment != "講評" {
		t.Errorf("what was saved is handed in: %v, %+v", err, r)
	}
}

func TestRecusal(t *testing.T) {
	for name, tt := range map[string]struct {
		by   proposal.Reader
		want error
	}{
		"reviewer": {own, nil}, "desk": {proposal.Reader{ID: "d", Desk: true}, nil},
		"lead":                          {proposal.Reader{ID: "s", Staff: true, Department: "lead"}, nil},
		"joint":                         {proposal.Reader{ID: "s", Staff: true, Department: "joint"}, nil},
		"other department":              {proposal.Reader{ID: "s", Staff: true, Department: "x"}, fault.ErrPermissionDenied},
		"reviewer of the same proposal": {proposal.Reader{ID: "x"}, fault.ErrPermissionDenied},
	} {
		r := in(Submitted)
		r.Scores, r.Comment = Sheet{{1, 3}}, "x"
		err := r.Recuse(tt.by, "兄弟が団体の役員")
		if !errors.Is(err, tt.want) || err == nil && (r.State != Recused || r.Scores != nil || r.Comment != "") {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
	r := in(Assigned)
	r.PhaseClosed = true
	if err := r.Recuse(own, "x"); !errors.Is(err, ErrPhaseClosed) {
		t.Error(err)
	}
	if err := in(Recused).Recuse(own, "x"); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Error(err)
	}
}

func TestSchedule(t *testing.T) {
	at := time.Date(2026, 10, 1, 4, 0, 0, 0, time.UTC)
	p := &Phase{}
	if err := p.Schedule(Program{Venue: "区役所", StartAt: at, Minutes: 20, Pause: 5, ProposalIDs: []string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Presentation{{"a", at, 20}, {"b", at.Add(25 * time.Minute), 20}}, p.Presentations); diff != "" {
		t.Error(diff)
	}
	p.Closed = true
	if err := p.Schedule(Program{}); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Error(err)
	}
}
