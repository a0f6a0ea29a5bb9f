package training

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

func TestMatch(t *testing.T) {
	entry := func(id string, not []Exclusion, wishes ...string) Entry {
		return Entry{ApplicationID: id, Wishes: wishes, Exclusions: not}
	}
	for name, c := range map[string]struct {
		order   []string
		entries []Entry
		offers  []Capacity
		want    string
	}{
		"the first in the order has the first word": {
			[]string{"b", "a"}, []Entry{entry("a", nil, "x", "y"), entry("b", nil, "x", "y")}, []Capacity{{"x", 1}, {"y", 1}}, "[{b x 1} {a y 2}]",
		},
		"an excluded offer is passed over": {
			[]string{"a"}, []Entry{entry("a", []Exclusion{{"x", Declaration}}, "x", "y")}, []Capacity{{"x", 1}, {"y", 1}}, "[{a y 2}]",
		},
		"without approval nothing": {
			[]string{"a", "b"}, []Entry{entry("a", []Exclusion{{"", NotApproved}}, "x"), entry("b", nil, "x")}, []Capacity{{"x", 1}}, "[{b x 1}]",
		},
		"no place is left": {
			[]string{"a", "b"}, []Entry{entry("a", nil, "x"), entry("b", nil, "x", "z")}, []Capacity{{"x", 1}}, "[{a x 1} {b  0}]",
		},
	} {
		if got := fmt.Sprint(Match(c.order, c.entries, c.offers)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestConflict(t *testing.T) {
	pending := []Pending{{OrganizationIDs: []string{"o", "p"}, DepartmentIDs: []string{"d"}}}
	for name, c := range map[string]struct {
		a    Application
		host string
		want Reason
	}{
		"none":                    {Application{DepartmentID: "e"}, "o", ""},
		"its department":          {Application{DepartmentID: "d"}, "o", Department},
		"of the joint one too":    {Application{DepartmentID: "d"}, "p", Department},
		"who screens":             {Application{DepartmentID: "e", Screens: true}, "o", Screening},
		"who screens others":      {Application{DepartmentID: "e", Screens: true}, "q", ""},
		"declared":                {Application{Conflicts: []Conflict{{OrganizationID: "q"}}}, "q", Declaration},
		"a department's own host": {Application{DepartmentID: "d", Screens: true}, "", ""},
	} {
		if got := c.a.Conflict(Offer{OrganizationID: c.host}, pending); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Report and follow-up are due by the calendar of the offices.
func TestDays(t *testing.T) {
	a := Application{}
	a.Give(Offer{ID: "x", Level: opportunity.StaffPlacement, StartsOn: jp.NewDate(2026, 12, 14), LastOn: jp.NewDate(2026, 12, 18)}, "")
	got := []jp.Date{a.ReportDueOn, a.FollowUpOn, a.FollowUpDueOn(), a.EraseOn}
	want := []jp.Date{jp.NewDate(2027, 1, 4), jp.NewDate(2027, 6, 18), jp.NewDate(2027, 7, 2), jp.NewDate(2029, 12, 18)}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
