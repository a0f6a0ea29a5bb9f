package evaluation

import (
	"context"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
)

// CreateProject makes a project that did not come from a proposal. Its parties are
// asked of directory, as of now and outside the transaction.
func (s *projects) CreateProject(ctx context.Context, req *evaluationv1.CreateProjectRequest) (*evaluationv1.CreateProjectResponse, error) {
	terms, err := termsFromProto("project", req.GetProject())
	if err != nil {
		return nil, err
	}
	p := &project.Project{Terms: terms, Parties: partiesFromProto(req.GetProject()), PredecessorID: req.GetProject().GetPredecessorId()}
	if err := p.Check(); err != nil {
		return nil, err
	}
	parties, err := s.directory.namesOf(ctx, p.Parties, jp.DateOf(s.Now()))
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateProjectResponse, error) {
		by, year := readerOf(ctx, tx.Now), jp.FiscalYear(jp.DateOf(tx.Now))
		p.Begin(s.NewID(), year, by.ID, tx.Now)
		serial, err := number.Next(ctx, tx, "協", year)
		if err != nil {
			return nil, err
		}
		p.Numbered(year, serial)
		parties.keep(tx, p)
		if _, err := store.InsertProject(ctx, tx, p); err != nil {
			return nil, err
		}
		if err := tellCreation(ctx, tx, p, s.NewID()); err != nil {
			return nil, err
		}
		return &evaluationv1.CreateProjectResponse{Project: projectToProto(p, by)}, nil
	})
}

// tellCreation writes the first entries of history and course, the fact and the
// audit entry of a new project.
func tellCreation(ctx context.Context, tx *pg.Tx, p *project.Project, entryID string) error {
	m, by := project.Move{Action: project.Create, To: p.State}, auth.From(ctx)
	store.AddProjectTransition(tx, p, m, by)
	enter(tx, p, p.Enter(entryID, m, by.Actor(), tx.Now), string(m.Action))
	audit.Add(ctx, tx, audit.Entry{Action: "evaluation.project.create", ObjectType: "project", ObjectID: p.ID})
	created := &evaluationv1.ProjectCreated{Project: summaryToProto(p)}
	if err := event.Add(ctx, tx, event.Event{Aggregate: "project", ID: p.ID, Visibility: event.Ward, Message: created}); err != nil {
		return err
	}
	if !p.Published {
		return nil
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "project", ID: p.ID, Visibility: event.Public, Message: created})
}

// UpdateProject changes fields of a project under preparation, and goals until the
// start.
func (s *projects) UpdateProject(ctx context.Context, req *evaluationv1.UpdateProjectRequest) (*evaluationv1.UpdateProjectResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), append(project.TermFields(), project.PartyFields...)...)
	if err != nil {
		return nil, err
	}
	edit := project.Edit{Fields: paths, Parties: partiesFromProto(req.GetProject()), PredecessorID: req.GetProject().GetPredecessorId()}
	if edit.Terms, err = termsFromProto("project", req.GetProject()); err != nil {
		return nil, err
	}
	parties, err := s.newParties(ctx, req.GetId(), edit)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UpdateProjectResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), p.Version); err != nil {
			return nil, err
		}
		if err := p.Edit(by, edit); err != nil {
			return nil, err
		}
		parties.keep(tx, p)
		if err := store.UpdateProject(ctx, tx, p); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "evaluation.project.update", ObjectType: "project", ObjectID: p.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &evaluationv1.UpdateProjectResponse{Project: projectToProto(p, by)}, nil
	})
}

// newParties asks directory about the parties that the desk names. A hidden
// project is not found before they are looked at.
func (s *projects) newParties(ctx context.Context, id string, e project.Edit) (names, error) {
	if _, err := store.GetProject(ctx, s.DB, id, readerOf(ctx, s.Now())); err != nil || !isDesk(ctx) {
		return names{}, err
	}
	var of project.Parties
	if slices.Contains(e.Fields, "organization_ids") {
		of.OrganizationIDs = e.Parties.OrganizationIDs
	}
	if slices.Contains(e.Fields, "lead_department_id") {
		of.LeadDepartmentID = e.Parties.LeadDepartmentID
	}
	if slices.Contains(e.Fields, "joint_department_ids") {
		of.JointDepartmentIDs = e.Parties.JointDepartmentIDs
	}
	return s.directory.namesOf(ctx, of, jp.DateOf(s.Now()))
}

// GetProject shows a project to whom it is visible.
func (s *projects) GetProject(ctx context.Context, req *evaluationv1.GetProjectRequest) (*evaluationv1.GetProjectResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetProjectResponse{Project: projectToProto(p, by)}, nil
}

var projectOrders = map[string]store.Order{
	"": store.Newest, "updateTime desc": store.Newest, "publicNumber": store.ByNumber, "publicNumber desc": store.ByNumberDown,
}

// ListProjects lists what GetProject shows.
func (s *projects) ListProjects(ctx context.Context, req *evaluationv1.ListProjectsRequest) (*evaluationv1.ListProjectsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	f := store.ProjectFilter{
		State: project.State(convert.EnumName(req.GetState())), FiscalYear: int(req.GetFiscalYear()), OrganizationID: req.GetOrganizationId(),
		DepartmentID: req.GetDepartmentId(), PublicNumber: req.GetPublicNumber(), ProposalID: req.GetProposalId(),
		Order: projectOrders[req.GetOrderBy()],
	}
	rows, err := store.ListProjects(ctx, s.DB, readerOf(ctx, s.Now()), f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(p *project.Project) []string { return store.ProjectAfter(p, f.Order) })
	resp := &evaluationv1.ListProjectsResponse{Projects: convert.List(rows, summaryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// BatchGetProjects tells services what everybody may know.
func (s *projects) BatchGetProjects(ctx context.Context, req *evaluationv1.BatchGetProjectsRequest) (*evaluationv1.BatchGetProjectsResponse, error) {
	rows, err := store.BatchProjects(ctx, s.DB, req.GetIds())
	if err != nil {
		return nil, err
	}
	return &evaluationv1.BatchGetProjectsResponse{Projects: convert.List(rows, summaryToProto)}, nil
}

// ListCollaborationForms lists the forms of collaboration.
func (s *projects) ListCollaborationForms(context.Context, *evaluationv1.ListCollaborationFormsRequest) (*evaluationv1.ListCollaborationFormsResponse, error) {
	return &evaluationv1.ListCollaborationFormsResponse{Forms: convert.List(project.Forms(), func(f project.Form) *evaluationv1.CollaborationForm {
		return &evaluationv1.CollaborationForm{Code: f.Code, Name: f.Name, Description: f.Description, AgreementDocument: f.Document}
	})}, nil
}
