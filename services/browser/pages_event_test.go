package browser

import (
	"net/http"
	"testing"
)

// eventPages are the pages of who runs events and calls, and of the training of
// staff.
var eventPages = []page{
	{"/own/events", []string{"representative", "staff", "desk", "approver", "clerk"}},
	{"/own/events?state=DRAFT", []string{"representative"}},
	{"/events/new", []string{"representative", "staff"}},
	{"/events/{ownevent}/manage", []string{"representative", "desk"}},
	{"/events/{ownevent}/edit", []string{"representative"}},
	{"/events/{hostedevent}/manage", []string{"representative"}},
	{"/events/{hostedevent}/revisions", []string{"representative", "desk"}},
	{"/events/{hostedevent}/registrations", []string{"representative"}},
	{"/events/{lots}/draw", []string{""}},
	{"/own/opportunities", []string{"representative", "staff", "desk", "approver"}},
	{"/opportunities/new", []string{"representative", "staff"}},
	{"/opportunities/{owncall}/manage", []string{"representative", "desk"}},
	{"/opportunities/{hostedcall}/manage", []string{"staff"}},
	{"/opportunities/{hostedcall}/revisions", []string{"staff"}},
	{"/opportunities/{hostedcall}/applications", []string{"staff"}},
	{"/opportunities/{hostedcall}/shifts", []string{"staff"}},
	{"/opportunities/{hostedcall}/hours", []string{"staff"}},
	{"/unmet-demand", []string{"staff", "desk"}},
	{"/trainings", []string{"staff", "desk", "approver"}},
	{"/trainings/new", []string{"staff"}},
	{"/trainings/new?level=STAFF_EXCHANGE", []string{"approver"}},
	{"/trainings/{training}", []string{"staff", "desk", "approver"}},
	{"/trainings/{trained}", []string{"staff", "desk", "representative"}},
	{"/training-matchings", []string{"desk", "staff"}},
	{"/training-matchings/{matching}", []string{"desk", "staff"}},
	{"/training-summaries", []string{"", "staff"}},
	{"/training-statistics", []string{"", "staff"}},
}

var eventSamples = []sample{
	{"{ownevent}", named("representative", "/v1/events?state=DRAFT", "events", "読み手の講習会（見本・下書き）")},
	{"{hostedevent}", named("representative", "/v1/events?state=PUBLISHED", "events", "世代をつなぐ読み聞かせの会（見本）")},
	{"{lots}", func(t *testing.T) string {
		return findIn(t, "", "/v1/events?state=PUBLISHED", "events", func(e map[string]any) bool {
			admission, _ := e["admission"].(map[string]any)
			return admission["mode"] == "LOTTERY"
		})
	}},
	{"{owncall}", listed("representative", "/v1/opportunities?state=PENDING")},
	{"{hostedcall}", named("staff", "/v1/opportunities?state=PUBLISHED&pageSize=200", "opportunities", "特別養護老人ホームでのシーツ交換")},
	{"{training}", listed("staff", "/v1/trainingApplications?level=STAFF_EXCHANGE")},
	{"{trained}", listed("staff", "/v1/trainingApplications?state=MATCHED&level=STAFF_PLACEMENT")},
	{"{matching}", listed("desk", "/v1/trainingMatchings")},
}

// findIn finds the id of the first thing in a list of REST that is meant.
func findIn(t *testing.T, person, path, list string, is func(map[string]any) bool) string {
	t.Helper()
	c := newClient(t)
	if person != "" {
		c = as(t, person)
	}
	found, _ := c.call(http.MethodGet, path, nil)[list].([]any)
	for _, one := range found {
		if of, ok := one.(map[string]any); ok && is(of) {
			id, _ := of["id"].(string)
			return id
		}
	}
	t.Fatalf("%s as %q has nothing that is meant", path, person)
	return ""
}

// named finds the id of the first thing in a list of REST by the beginning of its
// title.
func named(person, path, list, title string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return findIn(t, person, path, list, func(of map[string]any) bool {
			got, _ := of["title"].(string)
			return len(got) >= len(title) && got[:len(title)] == title
		})
	}
}
