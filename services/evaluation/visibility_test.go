package evaluation_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

func (w *world) listAll(by auth.Principal, req *evaluationv1.ListProjectsRequest) []*evaluationv1.ProjectSummary {
	w.t.Helper()
	var rows []*evaluationv1.ProjectSummary
	for {
		resp, err := w.projects(by).ListProjects(w.t.Context(), req)
		w.must(err)
		rows = append(rows, resp.GetProjects()...)
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return rows
		}
	}
}

// For every role: the list shows exactly what get shows, in every order, whatever
// the page size.
func TestListIsFilterOfGet(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	ids := []string{
		w.project(nil).GetId(),
		w.project(func(in *evaluationv1.ProjectInput) { in.OrganizationIds = []string{org2} }).GetId(),
		w.project(func(in *evaluationv1.ProjectInput) { in.LeadDepartmentId, in.JointDepartmentIds = dept2, nil }).GetId(),
		w.bring(evaluationv1.Project_AGREED, nil),
		w.bring(evaluationv1.Project_RUNNING, nil),
		w.bring(evaluationv1.Project_COMPLETED, nil),
	}
	for _, by := range []auth.Principal{
		auth.Anonymous, resident, viewer, editor, head, head2, head3, coordinator(), staff, staff2, desk, desk2, approver, approver2,
		reviewer, auditor, admin, both(),
	} {
		var want []string
		for _, id := range ids {
			_, err := w.projects(by).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
			if err == nil {
				want = append(want, id)
			} else if reason(err) != "RESOURCE_NOT_FOUND" {
				t.Errorf("%s: %v", by.ID, err)
			}
		}
		slices.Sort(want)
		for _, order := range []string{"", "publicNumber", "publicNumber desc"} {
			rows := w.listAll(by, &evaluationv1.ListProjectsRequest{PageSize: 2, OrderBy: order})
			got := make([]string, len(rows))
			numbers := make([]string, len(rows))
			for i, r := range rows {
				got[i], numbers[i] = r.GetId(), r.GetPublicNumber()
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %q: %s", by.ID, order, diff)
			}
			if order == "publicNumber" && !slices.IsSorted(numbers) {
				t.Errorf("%s: numbers %v", by.ID, numbers)
			}
		}
	}
}

// What is hidden is not found, for whatever is asked of it.
func TestHiddenProjectIsNotFound(t *testing.T) {
	t.Parallel()
	w := start(t)
	hidden := w.project(nil).GetId()
	p := w.projects(auth.Anonymous)
	for name, call := range map[string]func() error{
		"progress": func() error {
			return err2(p.ListProjectProgress(t.Context(), &evaluationv1.ListProjectProgressRequest{ProjectId: hidden}))
		},
		"milestones": func() error {
			return err2(p.ListMilestones(t.Context(), &evaluationv1.ListMilestonesRequest{ProjectId: hidden}))
		},
		"reports": func() error {
			return err2(p.ListReports(t.Context(), &evaluationv1.ListReportsRequest{ProjectId: hidden}))
		},
		"agreement": func() error {
			return err2(w.agreements(auth.Anonymous).ListAgreementVersions(t.Context(), &evaluationv1.ListAgreementVersionsRequest{ProjectId: hidden}))
		},
		"changes": func() error {
			return err2(w.projects(head2).ListChanges(t.Context(), &evaluationv1.ListChangesRequest{ProjectId: hidden}))
		},
		"start": func() error {
			return err2(w.projects(staffOfNone()).StartProject(t.Context(), &evaluationv1.StartProjectRequest{Id: hidden}))
		},
	} {
		if got := reason(call()); got != "RESOURCE_NOT_FOUND" {
			t.Errorf("%s of a hidden project: %s", name, got)
		}
	}
}

// staffOfNone is staff of a department without a part.
func staffOfNone() auth.Principal {
	p := staff
	p.ID, p.DepartmentID = "elsewhere", dept9
	return p
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	w.project(func(in *evaluationv1.ProjectInput) { in.OrganizationIds = []string{org2, org1} })
	agreed := w.bring(evaluationv1.Project_AGREED, func(in *evaluationv1.ProjectInput) { in.JointDepartmentIds = nil })
	for _, tt := range []struct {
		name string
		req  *evaluationv1.ListProjectsRequest
		want int
	}{
		{"all", &evaluationv1.ListProjectsRequest{}, 2},
		{"state", &evaluationv1.ListProjectsRequest{State: evaluationv1.Project_AGREED}, 1},
		{"fiscal year", &evaluationv1.ListProjectsRequest{FiscalYear: 2026}, 2},
		{"another year", &evaluationv1.ListProjectsRequest{FiscalYear: 2025}, 0},
		{"organization", &evaluationv1.ListProjectsRequest{OrganizationId: org1}, 2},
		{"lead organization", &evaluationv1.ListProjectsRequest{OrganizationId: org2}, 1},
		{"joint department", &evaluationv1.ListProjectsRequest{DepartmentId: dept2}, 1},
		{"number", &evaluationv1.ListProjectsRequest{PublicNumber: "R8-協-0002"}, 1},
		{"another number", &evaluationv1.ListProjectsRequest{PublicNumber: "R8-協-0009"}, 0},
	} {
		if rows := w.listAll(desk, tt.req); len(rows) != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, len(rows), tt.want)
		}
	}
	for want, req := range map[string]*evaluationv1.ListProjectsRequest{
		"INVALID_PAGE_SIZE":  {PageSize: -1},
		"INVALID_PAGE_TOKEN": {PageToken: "x"},
		"INVALID_FIELD":      {OrderBy: "title"},
	} {
		refused(t, err2(w.projects(desk).ListProjects(t.Context(), req)), want)
	}
	first, err := w.projects(desk).ListProjects(t.Context(), &evaluationv1.ListProjectsRequest{PageSize: 1})
	w.must(err)
	_, err = w.projects(desk).ListProjects(t.Context(), &evaluationv1.ListProjectsRequest{PageSize: 1, FiscalYear: 2026, PageToken: first.GetNextPageToken()})
	refused(t, err, "PAGE_TOKEN_MISMATCH")

	batch := func(by auth.Principal) ([]*evaluationv1.ProjectSummary, error) {
		resp, err := w.projects(by).BatchGetProjects(t.Context(), &evaluationv1.BatchGetProjectsRequest{Ids: []string{agreed, none, first.GetProjects()[0].GetId()}})
		return resp.GetProjects(), err
	}
	_, err = batch(desk)
	refused(t, err, "PERMISSION_DENIED")
	forms, err := w.projects(auth.Anonymous).ListCollaborationForms(t.Context(), &evaluationv1.ListCollaborationFormsRequest{})
	w.must(err)
	if len(forms.GetForms()) != 8 || forms.GetForms()[1].GetName() != "共催" {
		t.Errorf("forms = %v", forms)
	}
}

// A service is told what everybody may know, and nothing of a hidden project.
func TestBatchGetForServices(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	hidden, agreed := w.project(nil).GetId(), w.bring(evaluationv1.Project_AGREED, nil)
	resp, err := evaluationv1.NewProjectServiceClient(w.others.Peer("evaluation")).BatchGetProjects(t.Context(), &evaluationv1.BatchGetProjectsRequest{Ids: []string{hidden, agreed, none}})
	w.must(err)
	if p := resp.GetProjects(); len(p) != 1 || p[0].GetId() != agreed || p[0].GetPublicNumber() != "R8-協-0002" || len(p[0].GetCredits()) != 3 {
		t.Errorf("projects = %v", p)
	}
}
