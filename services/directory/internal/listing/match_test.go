package listing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		category    string
		fields      []int32
		town        string
		from, until string
		want        int
		reasons     int
	}{
		"everything":                {"PLACE", []int32{3, 13}, "九段南一丁目", "2026-04-01", "2026-06-30", 100, 4},
		"three fields count as two": {"PLACE", []int32{3, 9, 13}, "", "", "", 70, 2},
		"only the category":         {"PLACE", nil, "", "", "", 40, 1},
		"only a field":              {"GOODS", []int32{13}, "", "", "", 15, 1},
		"only the town":             {"GOODS", []int32{1}, "九段南一丁目", "", "", 0, 0},
		"another 丁目":                {"PLACE", nil, "九段南三丁目", "", "", 50, 2},
		"another town":              {"PLACE", nil, "九段北一丁目", "", "", 40, 1},
		"whole ward":                {"PLACE", nil, "", "", "", 40, 1},
		"last day in common":        {"PLACE", nil, "", "2026-06-30", "", 50, 2},
		"a day too late":            {"PLACE", nil, "", "2026-07-01", "", 0, 0},
		"ended before":              {"PLACE", nil, "", "", "2026-03-31", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			x := text()
			x.ActivityFields, x.Town = []int32{3, 9, 13}, "九段南一丁目"
			x.AvailableFrom, x.AvailableUntil = date("2026-04-01"), date("2026-06-30")
			m := x.compare(&Candidate{Category: c.category, ActivityFields: c.fields, Town: c.town, AvailableFrom: date(c.from), AvailableUntil: date(c.until)}, jp.DateOf(noon))
			if m.Score != c.want || len(m.Reasons) != c.reasons {
				t.Errorf("%d for %v, want %d for %d reasons", m.Score, m.Reasons, c.want, c.reasons)
			}
		})
	}
}

// TestSuggestIsDeterministic holds that the order of the candidates does not
// matter, and that equal ones are told by publication and id.
func TestSuggestIsDeterministic(t *testing.T) {
	x := text()
	x.ActivityFields = []int32{3, 13}
	var all []*Candidate
	for i := range 60 {
		all = append(all, &Candidate{
			ID: fmt.Sprintf("%02d", i), Category: []string{"PLACE", "GOODS"}[i%2], ActivityFields: []int32{int32(i%3 + 2)}, PublishedAt: noon.AddDate(0, 0, i%7),
		})
	}
	want := x.Suggest(all, jp.DateOf(noon), 20)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		shuffled := slices.Clone(all)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(want, x.Suggest(shuffled, jp.DateOf(noon), 20), cmp.AllowUnexported(Match{})); diff != "" {
			t.Fatalf("another order suggests others:\n%s", diff)
		}
	}
	if len(want) != 20 || want[0].Score != 55 || want[0].ID != "34" {
		t.Errorf("the best is %+v of %d", want[0], len(want))
	}
	for i := 1; i < len(want); i++ {
		if want[i].Score > want[i-1].Score {
			t.Errorf("%d stands before %d", want[i-1].Score, want[i].Score)
		}
	}
}
