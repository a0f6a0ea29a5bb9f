package browser

import (
	"fmt"
	"net/http"
	"testing"
)

// evalPages are the pages over projects, their evaluation, the rulebook and the
// ward's challenges.
var evalPages = []page{
	{"/projects", []string{"", "representative", "staff", "desk"}},
	{"/projects?state=RUNNING&fiscalYear=2026", []string{""}},
	{"/projects?state=TERMINATED", []string{""}},
	{"/projects/new", []string{"desk"}},
	{"/projects/{finished}", []string{"", "resident", "representative", "staff", "desk"}},
	{"/projects/{running}", []string{"", "staff", "approver", "desk"}},
	{"/projects/{finished}/reports/1", []string{"", "staff"}},
	{"/projects/{running}/reports/new", []string{"staff"}},
	{"/projects/{running}/changes/new", []string{"staff"}},
	{"/projects/{running}/milestones/new", []string{"staff"}},
	{"/projects/{running}/agreement", []string{"", "staff", "approver"}},
	{"/rulebook", []string{"", "representative", "desk"}},
	{"/rulebook/versions", []string{"", "desk"}},
	{"/rulebook/versions/{rulebook}", []string{""}},
	{"/rulebook/versions/new", []string{"desk"}},
	{"/rulebook/versions/{rulebook}/clauses/61/comments", []string{"", "representative"}},
	{"/rulebook/compare", []string{""}},
	{"/rulebook/compare?from={rulebook}&to={rulebook}", []string{""}},
	{"/evaluations/new?projectId={running}", []string{"staff"}},
	{"/evaluations/statistics", []string{""}},
	{"/evaluationTemplates", []string{"", "desk"}},
	{"/evaluationTemplates/1", []string{""}},
	{"/evaluationTemplates/new", []string{"desk"}},
	{"/evaluations/statistics?fiscalYear=2025", []string{""}},
	{"/evaluations/{evaluated}", []string{"desk", "approver"}},
	{"/evaluations/{unwritten}", []string{"desk"}},
	{"/evaluations/{evaluated}/correction", []string{"staff"}},
	{"/evaluations/{evaluated}/survey", []string{"staff"}},
	{"/evaluations/{unwritten}/survey", []string{"staff"}},
	{"/improvements", []string{"", "staff"}},
	{"/improvements/{improvement}", []string{"", "representative", "staff"}},
	{"/survey", []string{""}},
	{"/survey/thanks", []string{""}},
	{"/challenges", []string{"", "representative", "staff"}},
	{"/challenges/new/edit", []string{"staff", "desk"}},
	{"/challenges/{challenge}", []string{"", "resident", "representative", "desk"}},
}

var evalSamples = []sample{
	{"{finished}", listed("", "/v1/projects?fiscalYear=2025")},
	{"{running}", listed("", "/v1/projects?fiscalYear=2026&state=RUNNING")},
	{"{rulebook}", func(t *testing.T) string {
		found := newClient(t).call(http.MethodGet, "/v1/rulebook/versions?state=ADOPTED", nil)["versions"].([]any)
		return fmt.Sprint(found[len(found)-1].(map[string]any)["id"]) // the first, which the sample data has
	}},
	{"{improvement}", listed("", "/v1/improvements")},
	{"{challenge}", listed("", "/v1/challenges?state=PUBLISHED")},
}
