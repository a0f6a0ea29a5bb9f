package evaluation

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

const (
	benchedEvaluations = 100_000
	benchYear          = 2010
)

// plainEvaluation has the fields of the contract's Evaluation in a list.
type plainEvaluation struct {
	ID            string                  `json:"id"`
	ProjectID     string                  `json:"projectId"`
	PublicNumber  string                  `json:"publicNumber"`
	ProjectTitle  string                  `json:"projectTitle"`
	Kind          string                  `json:"kind"`
	State         string                  `json:"state"`
	FiscalYear    int                     `json:"fiscalYear"`
	OpensOn       string                  `json:"opensOn"`
	DueOn         string                  `json:"dueOn"`
	Sheets        []evaluation.Submission `json:"sheets"`
	ReportVersion int                     `json:"reportVersion"`
	CreateTime    time.Time               `json:"createTime"`
}

func (f floor) evaluations(r *http.Request) (any, error) {
	by := evaluation.Reader{Party: project.Reader{Desk: r.URL.Query().Get("as") == "desk"}}
	rows, err := store.ListEvaluations(r.Context(), f.db, by, store.EvaluationFilter{
		State: evaluation.State(r.URL.Query().Get("state")),
	}, pg.Page{Size: benchPage})
	if err != nil {
		return nil, err
	}
	page := make([]plainEvaluation, 0, benchPage)
	for _, e := range rows[:min(len(rows), benchPage)] {
		page = append(page, plainEvaluation{
			ID: e.ID, ProjectID: e.ProjectID, PublicNumber: e.Project.PublicNumber, ProjectTitle: e.Project.Title, Kind: string(e.Kind),
			State: string(e.State), FiscalYear: e.Project.FiscalYear, OpensOn: e.OpensOn.String(), DueOn: e.DueOn.String(),
			Sheets: e.Submissions, ReportVersion: e.ReportVersion, CreateTime: e.CreatedAt,
		})
	}
	return map[string]any{"evaluations": page}, nil
}

func (f floor) year(r *http.Request) (any, error) {
	n, err := store.GetYearFigures(r.Context(), f.db, benchYear)
	if err != nil {
		return nil, err
	}
	newest, err := store.ListImprovements(r.Context(), f.db, store.ImprovementFilter{FiscalYear: benchYear}, pg.Page{Size: newestImprovements - 1})
	return map[string]any{"figures": n, "newestImprovements": newest}, err
}

// fillEvaluations copies the sample's published project, evaluation and
// improvement into 100,000 of 20 fiscal years; one in fifty is still open.
func fillEvaluations(b *testing.B, rig *benchmark.Rig) {
	b.Helper()
	of := rig.Texts(b, "evaluation", `SELECT id FROM evaluation WHERE state = 'PUBLISHED' LIMIT 1`)[0]
	projectOf := rig.Texts(b, "evaluation", `SELECT project_id FROM evaluation WHERE id = $1`, of)[0]
	improvementOf := rig.Texts(b, "evaluation", `SELECT id FROM improvement WHERE evaluation_id = $1 LIMIT 1`, of)[0]
	id := func(kind string, i int) string { return fmt.Sprintf("0199%s-0000-7000-8000-%012d", kind, i) }
	year := func(i int) int { return benchYear - 10 + i%20 }
	for _, c := range []benchmark.Copies{
		{Table: "project", Of: projectOf, Changes: func(i int) map[string]any {
			return map[string]any{
				"id": id("0001", i), "public_number": "R8-協-" + strconv.Itoa(100_000+i), "serial": 100_000 + i, "fiscal_year": year(i),
				"agreement_number": "R8-協定-" + strconv.Itoa(100_000+i),
			}
		}},
		{Table: "evaluation", Of: of, Changes: func(i int) map[string]any {
			due := time.Date(year(i)+1, 3, 31, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%60).Format(time.DateOnly)
			changes := map[string]any{"id": id("0002", i), "project_id": id("0001", i), "fiscal_year": year(i), "opens_on": due, "due_on": due}
			if i%50 == 0 {
				changes["state"], changes["report_version"] = "OPEN", 0
			}
			return changes
		}},
		{Table: "improvement", Of: improvementOf, Changes: func(i int) map[string]any {
			return map[string]any{"id": id("0003", i), "evaluation_id": id("0002", i), "project_id": id("0001", i), "fiscal_year": year(i)}
		}},
	} {
		c.Service, c.Count = "evaluation", benchedEvaluations
		rig.Fill(b, c)
	}
}

// BenchmarkEvaluations lists 100,000 evaluations, for everybody and as the desk's
// due list, and reports on one fiscal year of them.
func BenchmarkEvaluations(b *testing.B) {
	rig := benchmark.New(b)
	fillEvaluations(b, rig)
	compare := func(name, floor, path, as string) {
		token := ""
		if as != "" {
			token = rig.Token(as)
		}
		b.Run(name, func(b *testing.B) {
			rig.Compare(b, benchmark.Load{Requests: 80, Clients: 2},
				benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, rig.Floor+floor, "", nil)
				}},
				benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, rig.Origin+path, token, nil)
				}})
		})
	}
	query := func(values url.Values) string { return "?" + values.Encode() }
	size := strconv.Itoa(benchPage)
	compare("public list", "/evaluations", "/v1/evaluations"+query(url.Values{"pageSize": {size}}), "")
	compare("due list", "/evaluations"+query(url.Values{"as": {"desk"}, "state": {"OPEN"}}),
		"/v1/evaluations"+query(url.Values{"pageSize": {size}, "state": {"OPEN"}}), "desk")
	compare("yearly report", "/year", fmt.Sprintf("/v1/evaluationStatistics/%d", benchYear), "")
}
