package survey

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

func whole(score int) []Score {
	var out []Score
	for i := range Questions {
		out = append(out, Score{No: i + 1, Score: score})
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	twice := whole(3)
	twice[1].No = 1
	for name, c := range map[string]struct {
		scores []Score
		path   string
	}{
		"whole": {whole(5), ""}, "none": {nil, "scores"}, "one missing": {whole(1)[1:], "scores"}, "twice": {twice, "scores[1].no"},
		"not asked": {append(whole(1), Score{No: len(Questions) + 1, Score: 1}), "scores[5].no"}, "zero": {[]Score{{Score: 1}}, "scores[0].no"},
	} {
		err, path := Check(c.scores), ""
		if f, ok := fault.As(err); ok {
			path = f.Fields[0].Path
		}
		if path != c.path {
			t.Errorf("%s: %v at %q", name, err, path)
		}
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	replies, results := Results(map[Score]int{
		{1, 4}: 5, {1, 5}: 5, // Enough of both.
		{2, 4}: 6, {2, 5}: 4, // Four chose one step.
		{3, 1}: 10,
	})
	want := []Result{
		{No: 1, AverageX100: 450, Counts: []int{0, 0, 0, 5, 5}},
		{No: 2, AverageX100: 440},
		{No: 3, AverageX100: 100, Counts: []int{10, 0, 0, 0, 0}},
		{No: 4},
		{No: 5},
	}
	for i := range want {
		want[i].Question = Questions[i]
	}
	if diff := cmp.Diff(want, results); diff != "" || replies != 10 {
		t.Errorf("%d replies (-want +got):\n%s", replies, diff)
	}
}
