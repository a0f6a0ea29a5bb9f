package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// GetComparison puts both sheets side by side.
func (s *evaluations) GetComparison(ctx context.Context, req *evaluationv1.GetComparisonRequest) (*evaluationv1.GetComparisonResponse, error) {
	by := evaluationReader(ctx, s.Now())
	e, p, err := s.read(ctx, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	if !e.Unsealed() || !by.Inside(e, p) {
		return nil, evaluation.ErrSealed
	}
	items, err := compared(ctx, s.DB, e)
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetComparisonResponse{Comparison: comparisonToProto(e, items)}, nil
}

// compared holds the newest open sheets of both sides against each other.
func compared(ctx context.Context, r pg.Reader, e *evaluation.Evaluation) ([]evaluation.Item, error) {
	sheets, err := store.NewestSheets(ctx, r, e.ID)
	if err != nil {
		return nil, err
	}
	return evaluation.Compare(e.Criteria, sheets[project.Organization], sheets[project.Ward]), nil
}
