package evaluation

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
)

// stepRequest is what the requests of all verbs of a project have.
type stepRequest interface {
	GetId() string
	GetEtag() string
}

// lockedProject is a project in the hands of a verb.
type lockedProject struct {
	*project.Project
	tx *pg.Tx
	by project.Reader
}

// step runs one verb of the state graph on a locked project and records what
// happened.
func step[R any](ctx context.Context, s *projects, req stepRequest, verb func(context.Context, lockedProject) (project.Move, error), answer func(*evaluationv1.Project) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		m, err := verb(ctx, lockedProject{Project: p, tx: tx, by: by})
		if err != nil {
			return none, err
		}
		if err := recordMove(ctx, tx, p, m, s.NewID); err != nil {
			return none, err
		}
		return answer(projectToProto(p, by)), nil
	})
}

// recordMove writes a step of a locked project with its history, its public entry,
// its fact and its audit entry.
func recordMove(ctx context.Context, tx *pg.Tx, p *project.Project, m project.Move, newID func() string) error {
	by := auth.From(ctx)
	if err := store.UpdateProject(ctx, tx, p); err != nil {
		return err
	}
	store.AddProjectTransition(tx, p, m, by)
	enter(tx, p, p.Enter(newID(), m, by.Actor(), tx.Now), string(m.Action))
	audit.Add(ctx, tx, audit.Entry{
		Action: "evaluation.project." + string(m.Action), ObjectType: "project", ObjectID: p.ID,
		Detail: map[string]string{"from": string(m.From), "to": string(m.To)},
	})
	message := factOf(p, m)
	if message == nil {
		return nil
	}
	visibility := event.Public
	if !p.Published {
		visibility = event.Ward
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "project", ID: p.ID, Visibility: visibility, Message: message})
}

// enter writes an entry that a step made: into the course and, where everybody can
// read the project, into the chain of its public number. Agreements and
// evaluations are parts of the chain of their own.
func enter(tx *pg.Tx, p *project.Project, e *project.Entry, step string) {
	store.AddProjectProgress(tx, e)
	if p.Published && step != string(project.Agree) && step != string(project.Evaluate) {
		chain(tx, p, trail.Entry{Step: step, Title: e.Title, At: tx.Now})
	}
}

// chain adds a fact about a project to the chain of its public number.
func chain(tx *pg.Tx, p *project.Project, e trail.Entry) {
	e.PublicNumber, e.Kind, e.ObjectID = p.PublicNumber, trail.Project, p.ID
	store.AddTrail(tx, e)
}

// factOf is what a step tells; nil where something else tells it: the signing its
// own fact, the publication of an evaluation too.
func factOf(p *project.Project, m project.Move) proto.Message {
	summary := summaryToProto(p)
	switch m.Action {
	case project.Start:
		return &evaluationv1.ProjectStarted{Project: summary}
	case project.Complete:
		return &evaluationv1.ProjectCompleted{Project: summary}
	case project.Terminate:
		return &evaluationv1.ProjectTerminated{Project: summary}
	case project.Close:
		return &evaluationv1.ProjectClosed{Project: summary}
	default:
		return nil
	}
}

// StartProject begins the work.
func (s *projects) StartProject(ctx context.Context, req *evaluationv1.StartProjectRequest) (*evaluationv1.StartProjectResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p lockedProject) (project.Move, error) {
		return p.Start(p.by, p.tx.Now)
	}, func(p *evaluationv1.Project) *evaluationv1.StartProjectResponse {
		return &evaluationv1.StartProjectResponse{Project: p}
	})
}

// CompleteProject ends the work.
func (s *projects) CompleteProject(ctx context.Context, req *evaluationv1.CompleteProjectRequest) (*evaluationv1.CompleteProjectResponse, error) {
	return step(ctx, s, req, func(ctx context.Context, p lockedProject) (project.Move, error) {
		reported, err := store.Reported(ctx, p.tx, p.ID)
		if err != nil {
			return project.Move{}, err
		}
		return p.Complete(p.by, reported, p.tx.Now)
	}, func(p *evaluationv1.Project) *evaluationv1.CompleteProjectResponse {
		return &evaluationv1.CompleteProjectResponse{Project: p}
	})
}

// TerminateProject ends a project before its time.
func (s *projects) TerminateProject(ctx context.Context, req *evaluationv1.TerminateProjectRequest) (*evaluationv1.TerminateProjectResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p lockedProject) (project.Move, error) {
		return p.Terminate(p.by, req.GetReason())
	}, func(p *evaluationv1.Project) *evaluationv1.TerminateProjectResponse {
		return &evaluationv1.TerminateProjectResponse{Project: p}
	})
}

// CloseProject closes the record.
func (s *projects) CloseProject(ctx context.Context, req *evaluationv1.CloseProjectRequest) (*evaluationv1.CloseProjectResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p lockedProject) (project.Move, error) {
		return p.Close(p.by)
	}, func(p *evaluationv1.Project) *evaluationv1.CloseProjectResponse {
		return &evaluationv1.CloseProjectResponse{Project: p}
	})
}
