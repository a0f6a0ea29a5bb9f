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

// ListMilestones lists the milestones of a project.
func (s *projects) ListMilestones(ctx context.Context, req *evaluationv1.ListMilestonesRequest) (*evaluationv1.ListMilestonesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), readerOf(ctx, s.Now()))
	if err != nil {
		return nil, err
	}
	rows, err := store.ListMilestones(ctx, s.DB, p.ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(m *project.Milestone) []string { return []string{m.DueOn.String(), m.ID} })
	resp := &evaluationv1.ListMilestonesResponse{Milestones: convert.List(rows, milestoneToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// CreateMilestone adds a milestone.
func (s *projects) CreateMilestone(ctx context.Context, req *evaluationv1.CreateMilestoneRequest) (*evaluationv1.CreateMilestoneResponse, error) {
	m, err := milestoneFromProto(req.GetMilestone())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateMilestoneResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		if err := m.Write(p, by, tx.Now); err != nil {
			return nil, err
		}
		n, err := store.CountMilestones(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		if err := p.RoomForMilestone(n); err != nil {
			return nil, err
		}
		m.ID, m.ProjectID, m.CreatedAt, m.Version = s.NewID(), p.ID, tx.Now, 1
		store.AddMilestone(tx, m)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.milestone.create", ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"milestone": m.ID}})
		return &evaluationv1.CreateMilestoneResponse{Milestone: milestoneToProto(m)}, nil
	})
}

// UpdateMilestone changes a milestone.
func (s *projects) UpdateMilestone(ctx context.Context, req *evaluationv1.UpdateMilestoneRequest) (*evaluationv1.UpdateMilestoneResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), "title", "due_on", "done_on", "note")
	if err != nil {
		return nil, err
	}
	in, err := milestoneFromProto(req.GetMilestone())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UpdateMilestoneResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		m, err := store.GetMilestone(ctx, tx, p.ID, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), m.Version); err != nil {
			return nil, err
		}
		m.Take(paths, in)
		if err := m.Write(p, by, tx.Now); err != nil {
			return nil, err
		}
		store.UpdateMilestone(tx, m)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.milestone.update", ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"milestone": m.ID}})
		return &evaluationv1.UpdateMilestoneResponse{Milestone: milestoneToProto(m)}, nil
	})
}

// milestoneFromProto reads a milestone as a side writes it. Errors: INVALID_FIELD
// for days that do not exist.
func milestoneFromProto(in *evaluationv1.MilestoneInput) (*project.Milestone, error) {
	due, err := convert.Day("milestone.dueOn", in.GetDueOn())
	if err != nil {
		return nil, err
	}
	done, err := convert.Day("milestone.doneOn", in.GetDoneOn())
	if err != nil {
		return nil, err
	}
	return &project.Milestone{Title: in.GetTitle(), DueOn: due, DoneOn: done, Note: in.GetNote()}, nil
}
