// Package project has the pages of projects: what was agreed, how it goes and
// what came of it for everybody, and what the two sides do with it.
package project

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/projects", list),
		web.Public(http.MethodGet, "/projects/{id}", show),
		web.SignedIn(http.MethodGet, "/projects/new", begin).For(evaluationv1.ProjectService_CreateProject_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/new", create),
		web.SignedIn(http.MethodGet, "/projects/{id}/edit", edit).For(evaluationv1.ProjectService_UpdateProject_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{id}/edit", save),
		web.SignedIn(http.MethodPost, "/projects/{id}/steps/{step}", take),
		web.SignedIn(http.MethodPost, "/projects/{projectId}/progress/{entryId}/{step}", takeEntry),
		web.SignedIn(http.MethodGet, "/projects/{id}/milestones/{milestone}", editMilestone).For(evaluationv1.ProjectService_UpdateMilestone_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{id}/milestones/{milestone}", saveMilestone),
		web.Public(http.MethodGet, "/projects/{id}/reports/{number}", showReport),
		web.SignedIn(http.MethodGet, "/projects/{id}/reports/new", beginReport).For(evaluationv1.ProjectService_FileReport_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{id}/reports/new", fileReport),
		web.SignedIn(http.MethodGet, "/projects/{id}/documents/new", beginDocument).For(evaluationv1.ProjectAttachmentService_UploadProjectAttachment_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{id}/documents/new", addDocument),
		web.SignedIn(http.MethodPost, "/projects/{projectId}/documents/{attachmentId}/{step}", takeDocument),
		web.SignedIn(http.MethodGet, "/projects/{id}/changes/new", beginChange).For(evaluationv1.ProjectService_RequestChange_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{id}/changes/new", requestChange),
		web.SignedIn(http.MethodGet, "/projects/{projectId}/changes/{id}", showChange).For(evaluationv1.ProjectService_GetChange_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{projectId}/changes/{id}/steps/{step}", takeChange),
	}
}

func projects(q *web.Request) evaluationv1.ProjectServiceClient {
	return evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation"))
}

// search is the list of projects and what it was asked for.
type search struct {
	form        *ui.Form
	departments []ui.Option
	found       []*evaluationv1.ProjectSummary
	first, next string
}

// states are the choices of the list.
var states = []evaluationv1.Project_State{
	evaluationv1.Project_PREPARING, evaluationv1.Project_AGREED, evaluationv1.Project_RUNNING, evaluationv1.Project_COMPLETED,
	evaluationv1.Project_EVALUATED, evaluationv1.Project_CLOSED, evaluationv1.Project_TERMINATED,
}

const (
	listed = 20 // Projects a page of the list.
	// shown bounds the course on the page of a project; the rest is on its pages.
	shown = 30
)

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	var err error
	if s.departments, err = Departments(q); err != nil {
		return err
	}
	req := &evaluationv1.ListProjectsRequest{
		State:        evaluationv1.Project_State(evaluationv1.Project_State_value[q.Query("state")]),
		DepartmentId: q.Query("departmentId"), OrganizationId: q.Query("organizationId"), ProposalId: q.Query("proposalId"),
		PublicNumber: q.Query("publicNumber"), PageToken: q.Query("page"), PageSize: listed,
	}
	if year, err := strconv.ParseInt(q.Query("fiscalYear"), 10, 32); err == nil {
		req.FiscalYear = int32(year)
	}
	resp, err := projects(q).ListProjects(q.Context(), req)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetProjects()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// Departments are the ward's departments as choices, none first.
func Departments(q *web.Request) ([]ui.Option, error) {
	resp, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).ListDepartments(q.Context(), &directoryv1.ListDepartmentsRequest{PageSize: 200})
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, d := range resp.GetDepartments() {
		out = append(out, ui.Option{Value: d.GetId(), Text: d.GetFullName()})
	}
	return out, nil
}

// file is everything that the page of one project shows the caller.
type file struct {
	*evaluationv1.Project
	form        *ui.Form // Of the steps.
	milestones  []*evaluationv1.Milestone
	course      []*evaluationv1.ProjectProgressEntry
	first, next string // Pages of the course.
	reports     []*evaluationv1.Report
	agreement   *evaluationv1.Agreement // nil while the caller may see none.
	evaluations []*evaluationv1.Evaluation
	published   *evaluationv1.EvaluationReport // Newest published evaluation.
	attachments []*evaluationv1.ProjectAttachment

	improvements []*evaluationv1.Improvement
	changes      []*evaluationv1.ProjectChange // For the parties.
	before       *evaluationv1.Project         // That of the year before; nil without one that the caller may see.
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := projects(q).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: id})
	if err != nil {
		return err
	}
	f := &file{Project: got.GetProject(), form: form}
	if err := f.read(q); err != nil {
		return err
	}
	return q.RenderAs(status, showPage(f))
}

// read reads what belongs to the project, side by side.
func (f *file) read(q *web.Request) error {
	var all errgroup.Group
	all.Go(func() error {
		resp, err := projects(q).ListMilestones(q.Context(), &evaluationv1.ListMilestonesRequest{ProjectId: f.GetId(), PageSize: 100})
		f.milestones = resp.GetMilestones()
		return err
	})
	all.Go(func() error {
		resp, err := projects(q).ListProjectProgress(q.Context(), &evaluationv1.ListProjectProgressRequest{ProjectId: f.GetId(), PageSize: shown, PageToken: q.Query("page")})
		f.course = resp.GetEntries()
		f.first, f.next = q.Pages(resp.GetNextPageToken())
		return err
	})
	all.Go(func() error {
		resp, err := projects(q).ListReports(q.Context(), &evaluationv1.ListReportsRequest{ProjectId: f.GetId(), PageSize: 50})
		f.reports = resp.GetReports()
		return err
	})
	all.Go(func() error {
		resp, err := evaluationv1.NewAgreementServiceClient(q.Site.Service("evaluation")).GetAgreement(q.Context(), &evaluationv1.GetAgreementRequest{ProjectId: f.GetId()})
		f.agreement = resp.GetAgreement()
		if web.NotFound(err) {
			return nil
		}
		return err
	})
	all.Go(func() error { return f.readEvaluation(q) })
	all.Go(func() error { return f.readOrigin(q) })
	all.Go(func() error {
		resp, err := attachments(q).ListProjectAttachments(q.Context(), &evaluationv1.ListProjectAttachmentsRequest{ProjectId: f.GetId()})
		f.attachments = resp.GetAttachments()
		return err
	})
	if ui.Can(q.Context(), evaluationv1.ProjectService_ListChanges_FullMethodName) {
		all.Go(func() error {
			resp, err := projects(q).ListChanges(q.Context(), &evaluationv1.ListChangesRequest{ProjectId: f.GetId(), PageSize: 50})
			f.changes = resp.GetChanges()
			if web.NotFound(err) || err != nil && problem.Fault(err).Kind == fault.Denied { // for the parties alone
				return nil
			}
			return err
		})
	}
	return all.Wait()
}

// readEvaluation reads the evaluations, and what the newest published one says.
func (f *file) readEvaluation(q *web.Request) error {
	resp, err := evaluationv1.NewEvaluationServiceClient(q.Site.Service("evaluation")).ListEvaluations(q.Context(), &evaluationv1.ListEvaluationsRequest{ProjectId: f.GetId(), PageSize: 50})
	if err != nil {
		return err
	}
	f.evaluations = resp.GetEvaluations()
	newest := ""
	for _, e := range f.evaluations {
		if e.GetReportVersion() > 0 {
			newest = e.GetId()
		}
	}
	if newest == "" {
		return nil
	}
	var all errgroup.Group
	all.Go(func() error {
		report, err := evaluationv1.NewEvaluationReportServiceClient(q.Site.Service("evaluation")).GetEvaluationReport(q.Context(), &evaluationv1.GetEvaluationReportRequest{Id: newest})
		f.published = report.GetReport()
		return err
	})
	all.Go(func() error {
		resp, err := evaluationv1.NewImprovementServiceClient(q.Site.Service("evaluation")).ListImprovements(q.Context(), &evaluationv1.ListImprovementsRequest{ProjectId: f.GetId(), PageSize: 50})
		f.improvements = resp.GetImprovements()
		return err
	})
	return all.Wait()
}

// Party reports whether the caller belongs to one of the project's sides. The
// project names the side to those who write; an approver or a viewer belongs to
// it by the department or the organization.
func Party(ctx context.Context, p *evaluationv1.Project) bool {
	caller := ui.ViewOf(ctx).Caller
	own := func(m auth.Membership) bool { return slices.Contains(p.GetOrganizationIds(), m.OrganizationID) }
	return p.GetMySide() != evaluationv1.Project_SIDE_UNSPECIFIED ||
		caller.DepartmentID != "" && (caller.DepartmentID == p.GetLeadDepartmentId() || slices.Contains(p.GetJointDepartmentIds(), caller.DepartmentID)) ||
		slices.ContainsFunc(caller.Memberships, own)
}

func (f *file) party(ctx context.Context) bool { return Party(ctx, f.Project) }

// Tone is how a state looks.
func Tone(s evaluationv1.Project_State) ui.Tone {
	switch s {
	case evaluationv1.Project_AGREED, evaluationv1.Project_RUNNING:
		return ui.Good
	case evaluationv1.Project_PREPARING:
		return ui.Warning
	case evaluationv1.Project_CLOSED, evaluationv1.Project_TERMINATED:
		return ui.Ended
	default:
		return ui.Calm
	}
}

// steps are the entries of the course for the timeline.
func (f *file) steps(ctx context.Context) []ui.Step {
	var out []ui.Step
	for _, e := range f.course {
		if e.GetPublished() {
			s := ui.Step{Date: e.GetDate(), Title: e.GetTitle(), Body: e.GetBody()}
			if e.GetSide() != evaluationv1.Project_SIDE_UNSPECIFIED {
				s.Title = text.S(ctx, "project.writtenby", e.GetTitle(), text.Enum(ctx, "evaluation.side", e.GetSide()))
			}
			out = append(out, s)
		}
	}
	return out
}

// drafts are the entries of the course that await approval.
func (f *file) drafts() []*evaluationv1.ProjectProgressEntry {
	var out []*evaluationv1.ProjectProgressEntry
	for _, e := range f.course {
		if !e.GetPublished() {
			out = append(out, e)
		}
	}
	return out
}

// settled is the newest report with budget against result; nil without one.
func (f *file) settled() *evaluationv1.Report {
	for i := len(f.reports) - 1; i >= 0; i-- {
		if len(f.reports[i].GetSettlement()) > 0 {
			return f.reports[i]
		}
	}
	return nil
}
