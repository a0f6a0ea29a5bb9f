package evaluation_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

const proposal1 = "01980000-0000-7000-8000-0000000000a1"

func adopted() *proposalsv1.ProposalAdopted {
	return &proposalsv1.ProposalAdopted{
		ProposalId: proposal1, Number: "R8-提-0012", FiscalYear: 2026, Title: "放課後の読み聞かせ", Purpose: "居場所をつくる",
		OrganizationId: org1, JointOrganizationIds: []string{org2}, LeadDepartmentId: dept1, JointDepartmentIds: []string{dept2},
		Form: "cohost", Cost: 380000, DecidedOn: "2026-10-01",
		Goals: []*proposalsv1.Goal{{Indicator: "参加者数", Baseline: "64人", Target: "2,400人", Method: "受付"}},
		Roles: []*proposalsv1.RoleRow{{Item: "会場", OrganizationRole: "準備", WardRole: "確保"}},
	}
}

// projectOf waits for the project of a proposal.
func (w *world) projectOf(proposal string) *evaluationv1.Project {
	w.t.Helper()
	var id string
	w.until("the project", func() bool {
		list, err := w.projects(auth.Anonymous).ListProjects(w.t.Context(), &evaluationv1.ListProjectsRequest{ProposalId: proposal})
		w.must(err)
		if len(list.GetProjects()) == 1 {
			id = list.GetProjects()[0].GetId()
		}
		return id != ""
	})
	got, err := w.projects(auth.Anonymous).GetProject(w.t.Context(), &evaluationv1.GetProjectRequest{Id: id})
	w.must(err)
	return got.GetProject()
}

func TestAdoptedProposalBecomesAProject(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.tell("directory", "organization", org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "団体1"}, Version: 1})
	w.tell("proposals", "proposal", proposal1, adopted())
	p := w.projectOf(proposal1)
	if p.GetPublicNumber() != "R8-提-0012" || p.GetState() != evaluationv1.Project_PREPARING || !p.GetPublished() || p.GetWardCost() != 380000 ||
		p.GetGoals()[0].GetTarget() != "2,400人" || p.GetRoles()[0].GetWardRole() != "確保" || p.GetForm() != "cohost" ||
		p.GetOrganizationIds()[1] != org2 || p.GetJointDepartmentIds()[0] != dept2 || p.GetFiscalYear() != 2026 {
		t.Errorf("project = %v", p)
	}
	if got := w.events(p.GetId(), "public") + " " + w.events(p.GetId(), "ward"); got != "ProjectCreated ProjectCreated" {
		t.Errorf("events = %s", got)
	}
	list, err := w.projects(auth.Anonymous).ListProjects(t.Context(), &evaluationv1.ListProjectsRequest{PublicNumber: "R8-提-0012"})
	w.must(err)
	if len(list.GetProjects()) != 1 {
		t.Errorf("by its number: %v", list)
	}
}

// The agreement names the parties also before any event has told their names.
func TestAgreementOfUnnamedParties(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	w.tell("proposals", "proposal", proposal1, adopted())
	p := w.projectOf(proposal1)
	w.exec(`DELETE FROM organization_ref`)
	w.directory.setDown(true)
	refused(t, err2(w.draftAgreement(staff, p.GetId())), "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)
	a, err := w.draftAgreement(staff, p.GetId())
	w.must(err)
	text := a.String()
	if !strings.Contains(text, "団体1") || !strings.Contains(text, "団体2") || strings.Contains(text, "{団体名}") {
		t.Errorf("the agreement is %s", text)
	}
}

// However often the adoption is told, by redelivery, under another id or from the
// start, there is one project, told once.
func TestReplayChangesNothing(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.tell("proposals", "proposal", proposal1, adopted())
	p := w.projectOf(proposal1)
	w.must(err2(w.update(editor, p.GetId(), "*", &evaluationv1.ProjectInput{Title: "変えた名"}, "title")))
	w.tell("proposals", "proposal", proposal1, adopted())
	w.tell("proposals", "proposal", none, adopted())
	handle := evaluation.Module.Consumers(w.deps)[1].Handle
	for i := range 3 {
		_, err := pg.InTx(t.Context(), w.deps.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, handle(ctx, tx, message(t, "kyodo.proposals.v1.ProposalAdopted", adopted(), i))
		})
		w.must(err)
	}
	last := adopted()
	last.ProposalId, last.Number = none, "R8-提-0013"
	w.tell("proposals", "proposal", none, last)
	w.projectOf(none)
	if n := w.count(`SELECT count(*) FROM project`); n != 2 {
		t.Errorf("%d projects", n)
	}
	if again := w.projectOf(proposal1); again.GetTitle() != "変えた名" || again.GetId() != p.GetId() {
		t.Errorf("after the replay = %v", again)
	}
	if got := w.events(p.GetId(), "public"); got != "ProjectCreated" {
		t.Errorf("events = %s", got)
	}
}

func message(t *testing.T, name string, m proto.Message, n int) event.Message {
	t.Helper()
	raw, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return event.Message{ID: string(rune('a' + n)), Type: name, Subject: "kyodo.proposals.public.proposal." + proposal1, Data: json.RawMessage(raw)}
}

func TestNamesFollowDirectory(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_AGREED, nil)
	w.tell("directory", "organization", org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "新しい名"}, Version: 2})
	w.tell("directory", "organization", org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "古い名"}, Version: 1})
	w.tell("directory", "department", dept1, &directoryv1.DepartmentChanged{Version: 2, Department: &directoryv1.Department{
		Id: dept1, FullName: "地域振興部商工観光課", UpdateTime: timestamppb.New(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)),
	}})
	w.until("the new names", func() bool {
		got, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
		w.must(err)
		c := got.GetProject().GetCredits()
		return c[0].GetName() == "地域振興部商工観光課" && c[2].GetName() == "新しい名"
	})
	a, err := w.agreement(auth.Anonymous, id, 0)
	w.must(err)
	if a.GetSignatures()[0].GetName() != "団体1" {
		t.Errorf("a signature keeps the name of its day: %v", a.GetSignatures())
	}
}

// What belonged to a merged organization belongs to its survivor.
func TestMergedOrganization(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	joint := w.project(func(in *evaluationv1.ProjectInput) { in.OrganizationIds = []string{org1, org2} }).GetId()
	_, err := w.projects(head2).FileReport(t.Context(), &evaluationv1.FileReportRequest{ProjectId: id, Report: reportInput()})
	refused(t, err, "PERMISSION_DENIED")
	merged := &directoryv1.OrganizationMerged{OrganizationId: org1, SurvivorId: org2, SurvivorName: "団体2", Version: 2}
	w.tell("directory", "organization", org1, merged)
	w.until("the project follows", func() bool {
		got, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
		w.must(err)
		return got.GetProject().GetOrganizationIds()[0] == org2
	})
	w.must(err2(w.projects(head2).FileReport(t.Context(), &evaluationv1.FileReportRequest{ProjectId: id, Report: reportInput()})))
	got, err := w.projects(desk).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: joint})
	w.must(err)
	if ids := got.GetProject().GetOrganizationIds(); len(ids) != 1 || ids[0] != org2 {
		t.Errorf("joint project = %v", ids)
	}
	a, err := w.agreement(auth.Anonymous, id, 0)
	w.must(err)
	if s := a.GetSignatures()[0]; s.GetOrganizationId() != org2 || s.GetName() != "団体1" {
		t.Errorf("signature = %v", s)
	}
}
