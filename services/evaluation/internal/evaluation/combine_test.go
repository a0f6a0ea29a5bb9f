package evaluation

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCombineVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/combine_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Item   string
		Org    *int
		Ward   *int
		Gap    *int
		Mean   *int `json:"mean_x10"`
		Class  string
		Errors []string
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 7 {
		t.Fatalf("%d vectors", len(vectors))
	}
	number := func(n *int) int {
		if n == nil {
			return 0
		}
		return *n
	}
	for _, v := range vectors {
		got := Combine(number(v.Org), number(v.Ward))
		if diff := cmp.Diff([]any{v.Gap, v.Mean, v.Class}, []any{got.Gap, got.MeanX10, got.Class.Label()}); diff != "" {
			t.Errorf("%s: %s", v.Item, diff)
		}
		bare := Answer{Score: number(v.Org)}.NeedsReason()
		if want := slices.Contains(v.Errors, "org:reason_required"); want && !bare {
			t.Errorf("%s: a reason is required", v.Item)
		}
	}
}

func TestOverallMean(t *testing.T) {
	t.Parallel()
	item := func(o, w int) Item { return Item{Combined: Combine(o, w)} }
	for _, tt := range []struct {
		items []Item
		want  string
	}{
		{nil, "null"},
		{[]Item{item(5, 0), item(0, 0)}, "null"},
		{[]Item{item(5, 4), item(5, 0)}, "45"},
		{[]Item{item(5, 4), item(4, 4)}, "43"}, // 42.5 is rounded up
		{[]Item{item(3, 3), item(3, 3), item(4, 3)}, "32"},
	} {
		raw, err := json.Marshal(OverallX10(tt.items))
		if err != nil || string(raw) != tt.want {
			t.Errorf("%v: %s, want %s", tt.items, raw, tt.want)
		}
	}
}

func TestDefaultTemplate(t *testing.T) {
	t.Parallel()
	d := Default()
	if err := d.Check(); err != nil || len(d.Criteria) != 15 {
		t.Fatalf("%v, %d criteria", err, len(d.Criteria))
	}
	if c := d.Criteria[3]; c.No != 4 || c.Name != "対等性" || c.Group != Process || c.Phase != "実施" {
		t.Errorf("criterion 4 = %+v", c)
	}
	if d.Criteria[14].Group != Outcome {
		t.Errorf("criterion 15 = %+v", d.Criteria[14])
	}
	d.Criteria[1].Name = d.Criteria[0].Name
	if d.Check() == nil {
		t.Error("a name stands twice")
	}
}
