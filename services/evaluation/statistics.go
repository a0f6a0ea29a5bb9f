package evaluation

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// statistics answers EvaluationStatisticsService.
type statistics struct {
	evaluationv1.UnimplementedEvaluationStatisticsServiceServer
	service.Deps
}

// newestImprovements is how many improvements the yearly report shows.
const newestImprovements = 100

// GetEvaluationStatistics reports on one fiscal year.
func (s *statistics) GetEvaluationStatistics(ctx context.Context, req *evaluationv1.GetEvaluationStatisticsRequest) (*evaluationv1.GetEvaluationStatisticsResponse, error) {
	year := int(req.GetFiscalYear())
	n, err := store.GetYearFigures(ctx, s.DB, year)
	if err != nil {
		return nil, err
	}
	newest, err := store.ListImprovements(ctx, s.DB, store.ImprovementFilter{FiscalYear: year}, pg.Page{Size: newestImprovements - 1})
	if err != nil {
		return nil, err
	}
	template, err := store.GetTemplate(ctx, s.DB, 0)
	if err != nil {
		return nil, err
	}
	out := figuresToProto(n, template)
	out.FiscalYear, out.NewestImprovements = req.GetFiscalYear(), convert.List(newest, improvementToProto)
	return &evaluationv1.GetEvaluationStatisticsResponse{Statistics: out}, nil
}

// figuresToProto shows the figures, criteria in the order of the template and
// those that it does not have behind.
func figuresToProto(n *store.YearFigures, t evaluation.Template) *evaluationv1.EvaluationStatistics {
	place := func(name string) int {
		at := slices.IndexFunc(t.Criteria, func(c evaluation.Criterion) bool { return c.Name == name })
		if at < 0 {
			return len(t.Criteria)
		}
		return at
	}
	slices.SortStableFunc(n.Criteria, func(a, b store.CriterionSum) int { return place(a.Name) - place(b.Name) })
	out := &evaluationv1.EvaluationStatistics{
		InterimEvaluations: int32(n.Interim), FinalEvaluations: int32(n.Final),
		Improvements: int32(n.Improvements), ClosedImprovements: int32(n.Closed), TakenOverImprovements: int32(n.TakenOver),
		Criteria: convert.List(n.Criteria, func(c store.CriterionSum) *evaluationv1.CriterionMean {
			return &evaluationv1.CriterionMean{
				Name: c.Name, Group: groupToProto(c.Group),
				OrganizationMeanX10: whole(evaluation.MeanX10(c.OrganizationSum, c.OrganizationScores)), OrganizationScores: int32(c.OrganizationScores),
				WardMeanX10: whole(evaluation.MeanX10(c.WardSum, c.WardScores)), WardScores: int32(c.WardScores),
			}
		}),
	}
	for _, f := range n.Forms {
		out.Projects += int32(f.Projects)
		out.Forms = append(out.Forms, &evaluationv1.FormCount{Form: f.Form, Name: project.FormOf(f.Form).Name, Projects: int32(f.Projects)})
	}
	return out
}
