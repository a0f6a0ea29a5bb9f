package evaluation

import (
	"context"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// figures are those of one fiscal year.
type figures struct {
	*evaluationv1.EvaluationStatistics
	form *ui.Form
}

// statistics is the report on a fiscal year: the present one where none is asked
// for.
func statistics(q *web.Request) error {
	year := jp.FiscalYear(q.Today())
	if n, err := strconv.ParseInt(q.Query("fiscalYear"), 10, 32); err == nil {
		year = int(n)
	}
	resp, err := evaluationv1.NewEvaluationStatisticsServiceClient(q.Site.Service("evaluation")).GetEvaluationStatistics(q.Context(), &evaluationv1.GetEvaluationStatisticsRequest{FiscalYear: int32(year)})
	if err != nil {
		return err
	}
	return q.Render(statisticsPage(&figures{resp.GetStatistics(), ui.NewForm(url.Values{"fiscalYear": {strconv.Itoa(year)}})}))
}

// formBars are the projects by form of collaboration.
func (f *figures) formBars(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, c := range f.GetForms() {
		name := text.S(ctx, "yearly.noform")
		if c.GetForm() != "" {
			name = text.S(ctx, "proposal.forms."+c.GetForm())
		}
		out = append(out, ui.Bar{Name: name, Value: int64(c.GetProjects()), Shown: text.S(ctx, "yearly.count", c.GetProjects())})
	}
	return out
}

// meanAxes are the means of both sides by criterion; a criterion without any has
// a length of its own: none.
func (f *figures) meanAxes(ctx context.Context) []ui.Axis {
	var out []ui.Axis
	for _, c := range f.GetCriteria() {
		out = append(out, ui.Axis{
			Name: c.GetName(), Ward: float64(c.GetWardMeanX10()), Partner: float64(c.GetOrganizationMeanX10()), Most: 50,
			WardShown: meanShown(ctx, c.WardMeanX10, c.GetWardScores()), PartnerShown: meanShown(ctx, c.OrganizationMeanX10, c.GetOrganizationScores()),
		})
	}
	return out
}

func meanShown(ctx context.Context, mean *int32, scores int32) string {
	if mean == nil {
		return text.S(ctx, "yearly.nomean")
	}
	return text.S(ctx, "yearly.meanof", tenth(*mean), scores)
}

// improvementBars are the improvements by what became of them.
func (f *figures) improvementBars(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, n := range []struct {
		key   string
		count int32
	}{
		{"yearly.improvements", f.GetImprovements()},
		{"yearly.closed", f.GetClosedImprovements()},
		{"yearly.takenover", f.GetTakenOverImprovements()},
	} {
		out = append(out, ui.Bar{Name: text.S(ctx, n.key), Value: int64(n.count), Shown: text.S(ctx, "yearly.count", n.count)})
	}
	return out
}
