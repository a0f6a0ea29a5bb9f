package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// ListProjectProgress shows the public course of a project.
func (s *projects) ListProjectProgress(ctx context.Context, req *evaluationv1.ListProjectProgressRequest) (*evaluationv1.ListProjectProgressResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListProjectProgress(ctx, s.DB, p.ID, by.Inside(p), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(e *project.Entry) []string { return []string{e.Date.String(), e.ID} })
	resp := &evaluationv1.ListProjectProgressResponse{Entries: convert.List(rows, entryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// CreateProjectProgress drafts an entry.
func (s *projects) CreateProjectProgress(ctx context.Context, req *evaluationv1.CreateProjectProgressRequest) (*evaluationv1.CreateProjectProgressResponse, error) {
	on, err := convert.Day("date", req.GetDate())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateProjectProgressResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		e := &project.Entry{ID: s.NewID(), Date: on, Title: req.GetTitle(), Body: req.GetBody()}
		if err := p.Announce(by, e, tx.Now); err != nil {
			return nil, err
		}
		store.AddProjectProgress(tx, e)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.projectProgress.create", ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"entry": e.ID}})
		return &evaluationv1.CreateProjectProgressResponse{Entry: entryToProto(e)}, nil
	})
}

// ApproveProjectProgress publishes the draft of another person.
func (s *projects) ApproveProjectProgress(ctx context.Context, req *evaluationv1.ApproveProjectProgressRequest) (*evaluationv1.ApproveProjectProgressResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.ApproveProjectProgressResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		e, err := store.GetProjectProgress(ctx, tx, p.ID, req.GetEntryId())
		if err != nil {
			return nil, err
		}
		if err := e.Approve(p, by); err != nil {
			return nil, err
		}
		store.PublishProjectProgress(tx, e)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.projectProgress.approve", ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"entry": e.ID}})
		return &evaluationv1.ApproveProjectProgressResponse{Entry: entryToProto(e)}, nil
	})
}
