package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// CorrectSheet adds a version of the own side's open sheet.
func (s *evaluations) CorrectSheet(ctx context.Context, req *evaluationv1.CorrectSheetRequest) (*evaluationv1.CorrectSheetResponse, error) {
	sheet := sheetFromProto(req.GetSheet())
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CorrectSheetResponse, error) {
		h, err := hold(ctx, tx, req.GetEvaluationId())
		if err != nil {
			return nil, err
		}
		side := sideFromPath(req.GetSide())
		if !evaluation.Submits(h.member, h.project, side) {
			return nil, evaluation.ErrOtherSide
		}
		if err := h.Correct(h.member.ID); err != nil {
			return nil, err
		}
		if err := sheet.Check(h.Criteria); err != nil {
			return nil, err
		}
		if err := sheet.Complete(h.Criteria); err != nil {
			return nil, err
		}
		last, err := store.GetSheetRevision(ctx, tx, h.ID, side, 0)
		if err != nil {
			return nil, err
		}
		r := store.SheetRevision{
			Side: side, Number: last.Number + 1, Content: sheet, Reason: req.GetReason(), MadeBy: h.member.ID, MadeAt: tx.Now,
		}
		store.AddSheetRevision(tx, h.ID, r)
		store.UpdateEvaluation(tx, h.Evaluation)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.sheet.correct", ObjectType: "evaluation", ObjectID: h.ID, Detail: map[string]string{"side": string(side)}})
		return &evaluationv1.CorrectSheetResponse{Sheet: revisionToProto(h.Evaluation, r)}, nil
	})
}
