package evaluation

import (
	"context"
	"errors"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
)

// ruleStep is what the requests of all verbs of the rulebook have.
type ruleStep interface {
	GetId() string
	GetEtag() string
}

// stepTo names the step that leads to a state.
var stepTo = map[rulebook.State]string{
	rulebook.Commenting: "openComments", rulebook.CommentsClosed: "closeComments", rulebook.Adopted: "adopt",
}

// changeRules runs one verb on a locked version and writes it.
func changeRules[R any](ctx context.Context, s *rules, req ruleStep, do func(context.Context, *pg.Tx, *rulebook.Version) error, answer func(*evaluationv1.RulebookVersion) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		v, err := store.LockRulebook(ctx, tx, req.GetId())
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), v.Version); err != nil {
			return none, err
		}
		if err := do(ctx, tx, v); err != nil {
			return none, err
		}
		store.UpdateRulebook(tx, v)
		audit.Add(ctx, tx, audit.Entry{
			Action: "evaluation.rulebook." + stepTo[v.State], ObjectType: "rulebook", ObjectID: v.ID,
			Detail: map[string]string{"state": string(v.State)},
		})
		return answer(rulebookToProto(v, "")), nil
	})
}

// OpenRulebookComments opens a version for comments.
func (s *rules) OpenRulebookComments(ctx context.Context, req *evaluationv1.OpenRulebookCommentsRequest) (*evaluationv1.OpenRulebookCommentsResponse, error) {
	until, err := convert.Day("until", req.GetUntil())
	if err != nil {
		return nil, err
	}
	return changeRules(ctx, s, req, func(_ context.Context, tx *pg.Tx, v *rulebook.Version) error {
		return v.OpenComments(until, tx.Now)
	}, func(v *evaluationv1.RulebookVersion) *evaluationv1.OpenRulebookCommentsResponse {
		return &evaluationv1.OpenRulebookCommentsResponse{Version: v}
	})
}

// CloseRulebookComments ends the comments.
func (s *rules) CloseRulebookComments(ctx context.Context, req *evaluationv1.CloseRulebookCommentsRequest) (*evaluationv1.CloseRulebookCommentsResponse, error) {
	return changeRules(ctx, s, req, func(_ context.Context, _ *pg.Tx, v *rulebook.Version) error {
		return v.CloseComments()
	}, func(v *evaluationv1.RulebookVersion) *evaluationv1.CloseRulebookCommentsResponse {
		return &evaluationv1.CloseRulebookCommentsResponse{Version: v}
	})
}

// AdoptRulebookVersion puts a version in force.
func (s *rules) AdoptRulebookVersion(ctx context.Context, req *evaluationv1.AdoptRulebookVersionRequest) (*evaluationv1.AdoptRulebookVersionResponse, error) {
	from, err := convert.Day("effectiveFrom", req.GetEffectiveFrom())
	if err != nil {
		return nil, err
	}
	return changeRules(ctx, s, req, func(ctx context.Context, tx *pg.Tx, v *rulebook.Version) error {
		unanswered, err := store.Unanswered(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		if err := v.Adopt(from, unanswered, tx.Now); err != nil {
			return err
		}
		if v.Number, err = number.Next(ctx, tx, "則", 0); err != nil {
			return err
		}
		return tellAdoption(ctx, tx, v)
	}, func(v *evaluationv1.RulebookVersion) *evaluationv1.AdoptRulebookVersionResponse {
		return &evaluationv1.AdoptRulebookVersionResponse{Version: v}
	})
}

// tellAdoption tells an adoption and the clauses that changed by it, in the chain of
// each project whose experience led to a change too. The counter
// that gave the number is locked: no other adoption comes between.
func tellAdoption(ctx context.Context, tx *pg.Tx, v *rulebook.Version) error {
	before, err := store.NewestAdopted(ctx, tx)
	if errors.Is(err, fault.ErrNotFound) {
		before, err = nil, nil
	}
	if err != nil {
		return err
	}
	comments, err := store.CommentsWithChange(ctx, tx, v.ID)
	if err != nil {
		return err
	}
	for _, c := range comments {
		if c.PublicNumber != "" {
			store.AddTrail(tx, trail.Entry{
				PublicNumber: c.PublicNumber, Kind: trail.Clause, ObjectID: v.ID, Step: c.ID,
				Title: fmt.Sprintf("%s（第%d版）第%d条の改正", v.Title, v.Number, c.ClauseNo), At: tx.Now,
			})
		}
	}
	return event.Add(ctx, tx, event.Event{
		Aggregate: "rulebook", ID: v.ID, Visibility: event.Public, Message: rulebookAdopted(v, before, comments),
	})
}
