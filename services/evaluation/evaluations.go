package evaluation

import (
	"context"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

func registerEvaluations(d service.Deps, r grpc.ServiceRegistrar) {
	evaluationv1.RegisterEvaluationServiceServer(r, &evaluations{Deps: d, vault: newVault(d)})
	evaluationv1.RegisterEvaluationReportServiceServer(r, &reports{Deps: d})
	evaluationv1.RegisterSurveyServiceServer(r, &surveys{Deps: d})
	evaluationv1.RegisterImprovementServiceServer(r, &improvements{Deps: d})
	evaluationv1.RegisterEvaluationStatisticsServiceServer(r, &statistics{Deps: d})
	evaluationv1.RegisterTrailServiceServer(r, &trails{Deps: d})
}

// evaluations answers EvaluationService.
type evaluations struct {
	evaluationv1.UnimplementedEvaluationServiceServer
	service.Deps
	vault vault
}

// CreateEvaluation opens an evaluation of a project.
func (s *evaluations) CreateEvaluation(ctx context.Context, req *evaluationv1.CreateEvaluationRequest) (*evaluationv1.CreateEvaluationResponse, error) {
	e, err := evaluationFromProto(req.GetEvaluation())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateEvaluationResponse, error) {
		by := evaluationReader(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetEvaluation().GetProjectId(), by.Party)
		if err != nil {
			return nil, err
		}
		if by.Party.Side(p) != project.Ward {
			return nil, fault.ErrPermissionDenied
		}
		t, err := store.GetTemplate(ctx, tx, e.TemplateVersion)
		if err != nil {
			return nil, err
		}
		e.ID, e.TemplateVersion, e.Criteria = s.NewID(), t.Version, t.Criteria
		if err := e.Begin(p, tx.Now); err != nil {
			return nil, err
		}
		if err := store.InsertEvaluation(ctx, tx, e, p.FiscalYear); err != nil {
			return nil, err
		}
		if e.State == evaluation.Open {
			if err := addOpened(ctx, tx, e, p); err != nil {
				return nil, err
			}
		}
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.evaluation.create", ObjectType: "evaluation", ObjectID: e.ID})
		return &evaluationv1.CreateEvaluationResponse{Evaluation: evaluationToProto(e, p, by)}, nil
	})
}

// addOpened tells that both sides can fill in their sheets.
func addOpened(ctx context.Context, tx *pg.Tx, e *evaluation.Evaluation, p *project.Project) error {
	return event.Add(ctx, tx, event.Event{Aggregate: "evaluation", ID: e.ID, Visibility: event.Ward, Message: &evaluationv1.EvaluationOpened{
		EvaluationId: e.ID, ProjectId: p.ID, PublicNumber: p.PublicNumber, Kind: kindToProto(e.Kind), DueOn: convert.Date(e.DueOn),
	}})
}

// OpenEvaluation opens an evaluation in preparation.
func (s *evaluations) OpenEvaluation(ctx context.Context, req *evaluationv1.OpenEvaluationRequest) (*evaluationv1.OpenEvaluationResponse, error) {
	return change(ctx, s, req, verb{"evaluation.evaluation.open", func(ctx context.Context, h held) error {
		if h.by.Party.Side(h.project) != project.Ward {
			return fault.ErrPermissionDenied
		}
		if err := h.Open(h.tx.Now); err != nil {
			return err
		}
		return addOpened(ctx, h.tx, h.Evaluation, h.project)
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.OpenEvaluationResponse {
		return &evaluationv1.OpenEvaluationResponse{Evaluation: e}
	})
}

// GetEvaluation shows an evaluation.
func (s *evaluations) GetEvaluation(ctx context.Context, req *evaluationv1.GetEvaluationRequest) (*evaluationv1.GetEvaluationResponse, error) {
	by := evaluationReader(ctx, s.Now())
	e, p, err := s.read(ctx, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetEvaluationResponse{Evaluation: evaluationToProto(e, p, by)}, nil
}

// read reads an evaluation that the reader sees, with its project.
func (s *evaluations) read(ctx context.Context, id string, by evaluation.Reader) (*evaluation.Evaluation, *project.Project, error) {
	return readEvaluation(ctx, s.DB, id, by)
}

func readEvaluation(ctx context.Context, r pg.Reader, id string, by evaluation.Reader) (*evaluation.Evaluation, *project.Project, error) {
	e, err := store.GetEvaluation(ctx, r, id, by)
	if err != nil {
		return nil, nil, err
	}
	p, err := store.GetProject(ctx, r, e.ProjectID, by.Party)
	return e, p, err
}

// ListEvaluations lists evaluations by their due day.
func (s *evaluations) ListEvaluations(ctx context.Context, req *evaluationv1.ListEvaluationsRequest) (*evaluationv1.ListEvaluationsResponse, error) {
	page, filter, err := pageOf(s.Deps, req)
	if err != nil {
		return nil, err
	}
	due, err := convert.Day("dueBefore", req.GetDueBefore())
	if err != nil {
		return nil, err
	}
	by := evaluationReader(ctx, s.Now())
	rows, err := store.ListEvaluations(ctx, s.DB, by, store.EvaluationFilter{
		State: evaluation.State(convert.EnumName(req.GetState())), Kind: evaluation.Kind(convert.EnumName(req.GetKind())), DueBefore: due,
		OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(), ProjectID: req.GetProjectId(),
		FiscalYear: int(req.GetFiscalYear()),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(r store.EvaluationRow) []string { return []string{r.DueOn.String(), r.ID} })
	resp := &evaluationv1.ListEvaluationsResponse{}
	for _, r := range rows {
		resp.Evaluations = append(resp.Evaluations, evaluationInList(r.Evaluation, r.Project, by))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// AssignCommentators names the third persons.
func (s *evaluations) AssignCommentators(ctx context.Context, req *evaluationv1.AssignCommentatorsRequest) (*evaluationv1.AssignCommentatorsResponse, error) {
	return change(ctx, s, req, verb{"evaluation.evaluation.assignCommentators", func(_ context.Context, h held) error {
		return h.Assign(req.GetCommentatorIds())
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.AssignCommentatorsResponse {
		return &evaluationv1.AssignCommentatorsResponse{Evaluation: e}
	})
}
