package evaluation

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// RecordDiscussion records the talk of both sides.
func (s *evaluations) RecordDiscussion(ctx context.Context, req *evaluationv1.RecordDiscussionRequest) (*evaluationv1.RecordDiscussionResponse, error) {
	d, err := discussionFromProto(req.GetDiscussion())
	if err != nil {
		return nil, err
	}
	return change(ctx, s, req, verb{"evaluation.evaluation.recordDiscussion", func(ctx context.Context, h held) error {
		by := h.member
		by.Desk = h.by.Party.Desk
		if by.Side(h.project) == project.None {
			return fault.ErrPermissionDenied
		}
		items, err := compared(ctx, h.tx, h.Evaluation)
		if err != nil {
			return err
		}
		return h.Discuss(d, items, h.tx.Now)
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.RecordDiscussionResponse {
		return &evaluationv1.RecordDiscussionResponse{Evaluation: e}
	})
}

// AgreeEvaluation records the agreement of the caller's side.
func (s *evaluations) AgreeEvaluation(ctx context.Context, req *evaluationv1.AgreeEvaluationRequest) (*evaluationv1.AgreeEvaluationResponse, error) {
	return change(ctx, s, req, verb{"evaluation.evaluation.agree", func(_ context.Context, h held) error {
		var sides []project.Side
		if h.member.Heads(h.project) {
			sides = append(sides, project.Organization)
		}
		if h.member.Approves(h.project) {
			sides = append(sides, project.Ward)
		}
		side := project.Side(convert.EnumName(req.GetSide()))
		if side == project.None && len(sides) > 0 {
			side = sides[0]
		}
		if !slices.Contains(sides, side) {
			return evaluation.ErrAgreementOfOtherSide
		}
		return h.Agree(evaluation.Agreement{Side: side, By: h.member.ID, On: jp.DateOf(h.tx.Now)})
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.AgreeEvaluationResponse {
		return &evaluationv1.AgreeEvaluationResponse{Evaluation: e}
	})
}

// CommentEvaluation takes a third party's comment in.
func (s *evaluations) CommentEvaluation(ctx context.Context, req *evaluationv1.CommentEvaluationRequest) (*evaluationv1.CommentEvaluationResponse, error) {
	on, err := convert.Day("decidedOn", req.GetDecidedOn())
	if err != nil {
		return nil, err
	}
	return change(ctx, s, req, verb{"evaluation.evaluation.comment", func(ctx context.Context, h held) error {
		third := auth.From(ctx)
		ofParty := project.Reader{Members: third.Organizations(), Department: third.DepartmentID}
		switch {
		case !h.by.Commentates(h.Evaluation):
			return fault.ErrPermissionDenied
		case ofParty.Inside(h.project):
			return evaluation.ErrConflict
		}
		if on.IsZero() {
			on = jp.DateOf(h.tx.Now)
		}
		return h.Comment(evaluation.Comment{Text: req.GetComment(), DecidedOn: on})
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.CommentEvaluationResponse {
		return &evaluationv1.CommentEvaluationResponse{Evaluation: e}
	})
}
