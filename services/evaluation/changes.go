package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// RequestChange asks the other side for a change.
func (s *projects) RequestChange(ctx context.Context, req *evaluationv1.RequestChangeRequest) (*evaluationv1.RequestChangeResponse, error) {
	paths, err := rpc.Mask(req.GetChangeMask(), project.TermFields()...)
	if err != nil {
		return nil, err
	}
	after, err := termsFromProto("after", req.GetAfter())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.RequestChangeResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		c := &project.Change{ID: s.NewID(), Fields: paths, After: after, Reason: req.GetReason()}
		if err := p.Ask(by, c, tx.Now); err != nil {
			return nil, err
		}
		if err := store.AddChange(ctx, tx, c); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.change.request", ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"change": c.ID}})
		return &evaluationv1.RequestChangeResponse{Change: changeToProto(c, p)}, nil
	})
}

// insider reads a project for a party or the desk; who sees it as everybody does
// is refused. Errors: RESOURCE_NOT_FOUND, PERMISSION_DENIED.
func (s *projects) insider(ctx context.Context, id string) (*project.Project, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, id, by)
	if err != nil {
		return nil, err
	}
	if !by.Inside(p) {
		return nil, fault.ErrPermissionDenied
	}
	return p, nil
}

// GetChange shows a change request.
func (s *projects) GetChange(ctx context.Context, req *evaluationv1.GetChangeRequest) (*evaluationv1.GetChangeResponse, error) {
	p, err := s.insider(ctx, req.GetProjectId())
	if err != nil {
		return nil, err
	}
	c, err := store.GetChange(ctx, s.DB, p.ID, req.GetId())
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetChangeResponse{Change: changeToProto(c, p)}, nil
}

// ListChanges lists the change requests of a project.
func (s *projects) ListChanges(ctx context.Context, req *evaluationv1.ListChangesRequest) (*evaluationv1.ListChangesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, err := s.insider(ctx, req.GetProjectId())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListChanges(ctx, s.DB, p.ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(c *project.Change) []string { return []string{c.ID} })
	resp := &evaluationv1.ListChangesResponse{Changes: convert.List(rows, func(c *project.Change) *evaluationv1.ProjectChange { return changeToProto(c, p) })}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// changeStep is what the requests of all verbs of a change have.
type changeStep interface {
	GetProjectId() string
	GetId() string
	GetEtag() string
}

// answerOf names the step that leads to a state of a change request.
var answerOf = map[project.ChangeState]string{
	project.Accepted: "accept", project.Declined: "decline", project.Withdrawn: "withdraw",
}

// answerChange runs one verb on a change request of a locked project and writes
// it, and the project where it changed.
func answerChange[R any](ctx context.Context, s *projects, req changeStep, verb func(*project.Change, lockedProject) error, answer func(*evaluationv1.ProjectChange) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return none, err
		}
		if !by.Inside(p) {
			return none, fault.ErrPermissionDenied
		}
		c, err := store.GetChange(ctx, tx, p.ID, req.GetId())
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		if err := verb(c, lockedProject{Project: p, tx: tx, by: by}); err != nil {
			return none, err
		}
		store.UpdateChange(tx, c)
		if c.State == project.Accepted {
			if err := store.UpdateProject(ctx, tx, p); err != nil {
				return none, err
			}
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "evaluation.change." + answerOf[c.State], ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"change": c.ID},
		})
		return answer(changeToProto(c, p)), nil
	})
}

// AcceptChange changes the project as the other side asked.
func (s *projects) AcceptChange(ctx context.Context, req *evaluationv1.AcceptChangeRequest) (*evaluationv1.AcceptChangeResponse, error) {
	return answerChange(ctx, s, req, func(c *project.Change, p lockedProject) error {
		return c.Accept(p.Project, p.by, req.GetAnswer(), p.tx.Now)
	}, func(c *evaluationv1.ProjectChange) *evaluationv1.AcceptChangeResponse {
		return &evaluationv1.AcceptChangeResponse{Change: c}
	})
}

// DeclineChange leaves the project as it is.
func (s *projects) DeclineChange(ctx context.Context, req *evaluationv1.DeclineChangeRequest) (*evaluationv1.DeclineChangeResponse, error) {
	return answerChange(ctx, s, req, func(c *project.Change, p lockedProject) error {
		return c.Decline(p.Project, p.by, req.GetAnswer(), p.tx.Now)
	}, func(c *evaluationv1.ProjectChange) *evaluationv1.DeclineChangeResponse {
		return &evaluationv1.DeclineChangeResponse{Change: c}
	})
}

// WithdrawChange takes a request of the own side back.
func (s *projects) WithdrawChange(ctx context.Context, req *evaluationv1.WithdrawChangeRequest) (*evaluationv1.WithdrawChangeResponse, error) {
	return answerChange(ctx, s, req, func(c *project.Change, p lockedProject) error {
		return c.Withdraw(p.Project, p.by, p.tx.Now)
	}, func(c *evaluationv1.ProjectChange) *evaluationv1.WithdrawChangeResponse {
		return &evaluationv1.WithdrawChangeResponse{Change: c}
	})
}
