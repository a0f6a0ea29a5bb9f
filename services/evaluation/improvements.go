package evaluation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/improvement"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
)

// improvements answers ImprovementService.
type improvements struct {
	evaluationv1.UnimplementedImprovementServiceServer
	service.Deps
}

// GetImprovement shows an improvement.
func (s *improvements) GetImprovement(ctx context.Context, req *evaluationv1.GetImprovementRequest) (*evaluationv1.GetImprovementResponse, error) {
	i, err := store.GetImprovement(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetImprovementResponse{Improvement: improvementToProto(i)}, nil
}

// ListImprovements lists improvements, newest first.
func (s *improvements) ListImprovements(ctx context.Context, req *evaluationv1.ListImprovementsRequest) (*evaluationv1.ListImprovementsResponse, error) {
	page, filter, err := pageOf(s.Deps, req)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListImprovements(ctx, s.DB, store.ImprovementFilter{
		State: improvement.State(convert.EnumName(req.GetState())), ProjectID: req.GetProjectId(), EvaluationID: req.GetEvaluationId(),
		PublicNumber: req.GetPublicNumber(), FiscalYear: int(req.GetFiscalYear()),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(i *improvement.Improvement) []string {
		return []string{i.CreatedAt.UTC().Format(time.RFC3339Nano), i.ID}
	})

	resp := &evaluationv1.ListImprovementsResponse{Improvements: convert.List(rows, improvementToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// holdImprovement locks the project and then the improvement.
func holdImprovement(ctx context.Context, tx *pg.Tx, id string) (*improvement.Improvement, *project.Project, error) {
	i, err := store.GetImprovement(ctx, tx, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := store.LockProject(ctx, tx, i.ProjectID, readerOf(ctx, tx.Now))
	if err != nil {
		return nil, nil, err
	}
	i, err = store.LockImprovement(ctx, tx, id)
	return i, p, err
}

// UpdateImprovement says who carries it out, until when and how far it is.
func (s *improvements) UpdateImprovement(ctx context.Context, req *evaluationv1.UpdateImprovementRequest) (*evaluationv1.UpdateImprovementResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), "responsible", "due_on", "progress")
	if err != nil {
		return nil, err
	}
	due, err := convert.Day("improvement.dueOn", req.GetImprovement().GetDueOn())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UpdateImprovementResponse, error) {
		i, p, err := holdImprovement(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if readerOf(ctx, tx.Now).Side(p) == project.None {
			return nil, fault.ErrPermissionDenied
		}
		if err := rpc.RequireETag(req.GetEtag(), i.Version); err != nil {
			return nil, err
		}
		if err := i.Editable(); err != nil {
			return nil, err
		}
		if paths.Has("responsible") {
			i.Responsible = project.Side(convert.EnumName(req.GetImprovement().GetResponsible()))
		}
		if paths.Has("due_on") {
			i.DueOn = due
		}
		if paths.Has("progress") {
			i.Progress = req.GetImprovement().GetProgress()
		}
		store.UpdateImprovement(tx, i)
		audit.Add(ctx, tx, audit.Entry{
			Action: "evaluation.improvement.update", ObjectType: "improvement", ObjectID: i.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &evaluationv1.UpdateImprovementResponse{Improvement: improvementToProto(i)}, nil
	})
}

// CloseImprovement brings it to its end.
func (s *improvements) CloseImprovement(ctx context.Context, req *evaluationv1.CloseImprovementRequest) (*evaluationv1.CloseImprovementResponse, error) {
	outcome := improvement.Outcome(convert.EnumName(req.GetOutcome()))
	if outcome == "" {
		outcome = improvement.Done
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CloseImprovementResponse, error) {
		i, p, err := holdImprovement(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if readerOf(ctx, tx.Now).Side(p) != project.Ward {
			return nil, fault.ErrPermissionDenied
		}
		if err := rpc.CheckETag(req.GetEtag(), i.Version); err != nil {
			return nil, err
		}
		if err := i.Close(outcome, req.GetResult(), tx.Now); err != nil {
			return nil, err
		}
		store.UpdateImprovement(tx, i)
		store.AddTrail(tx, trail.Entry{
			PublicNumber: i.PublicNumber, Kind: trail.Improvement, ObjectID: i.ID, Step: "CLOSED",
			Title: "改善事項の完了：" + i.CriterionName + "（" + outcome.Label() + "）", At: tx.Now,
		})
		err = event.Add(ctx, tx, event.Event{Aggregate: "improvement", ID: i.ID, Visibility: event.Public, Message: &evaluationv1.ImprovementClosed{
			ImprovementId: i.ID, ProjectId: i.ProjectID, PublicNumber: i.PublicNumber, Outcome: outcomeToProto(outcome),
		}})
		if err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.improvement.close", ObjectType: "improvement", ObjectID: i.ID, Detail: map[string]string{"outcome": string(outcome)}})
		return &evaluationv1.CloseImprovementResponse{Improvement: improvementToProto(i)}, nil
	})
}

// takenOver keeps that the agreement of a project, signed by both sides now, takes
// improvements over. Errors: IMPROVEMENT_UNKNOWN.
func takenOver(ctx context.Context, tx *pg.Tx, p *project.Project, improvementIDs []string) error {
	if len(improvementIDs) == 0 {
		return nil
	}
	known, err := store.TakeOver(ctx, tx, improvement.Takeover{
		ProjectID: p.ID, PublicNumber: p.PublicNumber, SignedOn: jp.DateOf(tx.Now),
	}, improvementIDs)
	if err != nil {
		return err
	}
	unknown := slices.DeleteFunc(slices.Clone(improvementIDs), func(id string) bool { return slices.Contains(known, id) })
	if len(unknown) > 0 {
		return improvement.ErrUnknown.With("improvementIds", strings.Join(unknown, ","))
	}
	return nil
}

func outcomeToProto(o improvement.Outcome) evaluationv1.Improvement_Outcome {
	return value[evaluationv1.Improvement_Outcome](evaluationv1.Improvement_Outcome_value, o)
}

func improvementToProto(i *improvement.Improvement) *evaluationv1.Improvement {
	return &evaluationv1.Improvement{
		Id: i.ID, EvaluationId: i.EvaluationID, ProjectId: i.ProjectID, PublicNumber: i.PublicNumber, FiscalYear: int32(i.FiscalYear),
		CriterionNo: int32(i.CriterionNo), CriterionName: i.CriterionName, Cause: i.Cause, Text: i.Text,
		State:       value[evaluationv1.Improvement_State](evaluationv1.Improvement_State_value, i.State),
		Responsible: sideToProto(i.Responsible), DueOn: convert.Date(i.DueOn), Progress: i.Progress, Outcome: outcomeToProto(i.Outcome),
		Result: i.Result, ClosedOn: convert.Date(i.ClosedOn), CreateTime: convert.Instant(i.CreatedAt), Etag: rpc.ETag(i.Version),
		TakenOverBy: convert.List(i.TakenOver, func(t improvement.Takeover) *evaluationv1.ImprovementTakeover {
			return &evaluationv1.ImprovementTakeover{ProjectId: t.ProjectID, PublicNumber: t.PublicNumber, SignedOn: convert.Date(t.SignedOn)}
		}),
	}
}
