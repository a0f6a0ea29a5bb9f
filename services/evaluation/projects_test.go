package evaluation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

func TestFromPreparationToCompletion(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	p := w.project(nil)
	if p.GetPublicNumber() != "R8-協-0001" || p.GetState() != evaluationv1.Project_PREPARING || p.GetPublished() ||
		p.GetMySide() != evaluationv1.Project_WARD {
		t.Errorf("new project = %v", p)
	}
	_, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: p.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	for i, s := range w.way(p.GetId()) {
		if err := s(); err != nil {
			t.Fatalf("step %d: %v %s", i, err, reason(err))
		}
	}
	got, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: p.GetId()})
	w.must(err)
	p = got.GetProject()
	if p.GetState() != evaluationv1.Project_COMPLETED || p.GetAgreementNumber() != "R8-協定-0001" || p.GetGoals()[0].GetResult() != "130人" {
		t.Errorf("completed project = %v", p)
	}
	if p.GetBudget() != nil || p.GetMySide() != evaluationv1.Project_SIDE_UNSPECIFIED {
		t.Errorf("everybody sees %v", p.GetBudget())
	}
	var credits []string
	for _, c := range p.GetCredits() {
		credits = append(credits, c.GetPart().String()+" "+c.GetName())
	}
	want := []string{"CO_ORGANIZER 区民生活部商工振興課", "CO_ORGANIZER 政策経営部企画総務課", "CO_ORGANIZER 団体1"}
	if diff := cmp.Diff(want, credits); diff != "" {
		t.Errorf("credits: %s", diff)
	}
	if got := w.events(p.GetId(), "ward"); got != "ProjectCreated" {
		t.Errorf("ward events = %s", got)
	}
	if got := w.events(p.GetId(), "public"); got != "ProjectCreated AgreementSigned ProjectStarted ProjectReportFiled ProjectCompleted" {
		t.Errorf("public events = %s", got)
	}
	course, err := w.projects(auth.Anonymous).ListProjectProgress(t.Context(), &evaluationv1.ListProjectProgressRequest{ProjectId: p.GetId()})
	w.must(err)
	var titles []string
	for _, e := range course.GetEntries() {
		titles = append(titles, e.GetTitle())
	}
	if diff := cmp.Diff([]string{"事業の準備", "協定の締結", "事業の開始", "実績報告", "事業の完了"}, titles); diff != "" {
		t.Errorf("course: %s", diff)
	}
}

func (w *world) update(by auth.Principal, id, etag string, in *evaluationv1.ProjectInput, paths ...string) (*evaluationv1.Project, error) {
	resp, err := w.projects(by).UpdateProject(w.t.Context(), &evaluationv1.UpdateProjectRequest{Id: id, Etag: etag, Project: in, UpdateMask: mask(paths...)})
	return resp.GetProject(), err
}

func TestCreateProjectRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	create := func(by auth.Principal, change func(*evaluationv1.ProjectInput)) error {
		in := projectInput()
		change(in)
		return err2(w.projects(by).CreateProject(t.Context(), &evaluationv1.CreateProjectRequest{Project: in}))
	}
	same := func(*evaluationv1.ProjectInput) {}
	refused(t, create(staff, same), "PERMISSION_DENIED")
	refused(t, create(auth.Anonymous, same), "UNAUTHENTICATED")
	for name, c := range map[string]struct {
		want   string
		change func(*evaluationv1.ProjectInput)
	}{
		"no title":          {"INVALID_FIELD", func(in *evaluationv1.ProjectInput) { in.Title = "" }},
		"no organization":   {"INVALID_FIELD", func(in *evaluationv1.ProjectInput) { in.OrganizationIds = nil }},
		"two fiscal years":  {"INVALID_FIELD", func(in *evaluationv1.ProjectInput) { in.PeriodTo = "2028-05-01" }},
		"no such day":       {"INVALID_FIELD", func(in *evaluationv1.ProjectInput) { in.PeriodTo = "2027-02-30" }},
		"unbalanced":        {"INVALID_FIELD", func(in *evaluationv1.ProjectInput) { in.Budget[0].Amount++ }},
		"not verified":      {"ORGANIZATION_NOT_VERIFIED", func(in *evaluationv1.ProjectInput) { in.OrganizationIds = []string{org3} }},
		"no organization 2": {"ORGANIZATION_UNKNOWN", func(in *evaluationv1.ProjectInput) { in.OrganizationIds = []string{none} }},
		"ended department":  {"DEPARTMENT_UNKNOWN", func(in *evaluationv1.ProjectInput) { in.JointDepartmentIds = []string{dept9} }},
		"no predecessor":    {"RESOURCE_NOT_FOUND", func(in *evaluationv1.ProjectInput) { in.PredecessorId = none }},
	} {
		if got := reason(create(desk, c.change)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	w.directory.setDown(true)
	refused(t, create(desk, same), "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)
	if n := w.count(`SELECT count(*) FROM project`); n != 0 {
		t.Errorf("%d projects after refusals", n)
	}
	w.must(create(desk, func(in *evaluationv1.ProjectInput) { in.MultiYear, in.PeriodTo = true, "2028-05-01" }))
}

func TestUpdateProject(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	p := w.project(nil)
	title := &evaluationv1.ProjectInput{Title: "新しい名"}
	goals := &evaluationv1.ProjectInput{Goals: []*evaluationv1.ProjectGoalInput{{Indicator: "参加者数"}}}
	party := &evaluationv1.ProjectInput{OrganizationIds: []string{org2}}
	for want, update := range map[string]func() error{
		"PRECONDITION_REQUIRED": func() error { return err2(w.update(staff, p.GetId(), "", title, "title")) },
		"ETAG_MISMATCH":         func() error { return err2(w.update(staff, p.GetId(), `"9"`, title, "title")) },
		"INVALID_FIELD_MASK":    func() error { return err2(w.update(staff, p.GetId(), "*", title, "state")) },
		"RESOURCE_NOT_FOUND":    func() error { return err2(w.update(head2, p.GetId(), "*", title, "title")) },
		"PERMISSION_DENIED":     func() error { return err2(w.update(staff, p.GetId(), "*", party, "organizationIds")) },
		"ORGANIZATION_NOT_VERIFIED": func() error {
			return err2(w.update(desk, p.GetId(), "*", &evaluationv1.ProjectInput{OrganizationIds: []string{org3}}, "organizationIds"))
		},
	} {
		refused(t, update(), want)
	}
	for _, by := range []auth.Principal{editor, coordinator(), staff, staff2, desk} {
		w.must(err2(w.update(by, p.GetId(), "*", title, "title")))
	}
	changed, err := w.update(desk, p.GetId(), "*", party, "organization_ids")
	w.must(err)
	if changed.GetOrganizationIds()[0] != org2 || changed.GetCredits()[2].GetName() != "団体2" || changed.GetTitle() != "新しい名" {
		t.Errorf("changed = %v", changed)
	}
	agreed := w.bring(evaluationv1.Project_AGREED, nil)
	_, err = w.update(staff, agreed, "*", title, "title")
	refused(t, err, "PROJECT_NOT_EDITABLE")
	w.must(err2(w.update(editor, agreed, "*", goals, "goals")))
	_, err = w.projects(staff).StartProject(t.Context(), &evaluationv1.StartProjectRequest{Id: agreed})
	refused(t, err, "GOALS_MISSING")
	running := w.bring(evaluationv1.Project_RUNNING, nil)
	_, err = w.update(staff, running, "*", goals, "goals")
	refused(t, err, "GOALS_FIXED")
	_, err = w.update(head2, running, "*", title, "title") // Everybody sees it.
	refused(t, err, "PERMISSION_DENIED")
}

func TestStepsOfAProject(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	preparing := w.project(nil).GetId()
	begin := func(by auth.Principal, id, etag string) error {
		return err2(w.projects(by).StartProject(t.Context(), &evaluationv1.StartProjectRequest{Id: id, Etag: etag}))
	}
	complete := func(by auth.Principal, id string) error {
		return err2(w.projects(by).CompleteProject(t.Context(), &evaluationv1.CompleteProjectRequest{Id: id}))
	}
	terminate := func(by auth.Principal, id string) error {
		return err2(w.projects(by).TerminateProject(t.Context(), &evaluationv1.TerminateProjectRequest{Id: id, Reason: "担い手がいなくなったため"}))
	}
	refused(t, begin(staff, preparing, ""), "INVALID_STATE_TRANSITION")
	refused(t, begin(head, preparing, ""), "PERMISSION_DENIED")
	agreed := w.bring(evaluationv1.Project_AGREED, nil)
	refused(t, begin(staff2, agreed, ""), "PERMISSION_DENIED") // Not the lead.
	refused(t, begin(staff, agreed, `"99"`), "ETAG_MISMATCH")
	w.must(begin(desk, agreed, ""))
	refused(t, complete(staff, agreed), "FINAL_REPORT_MISSING")
	refused(t, terminate(head2, agreed), "PERMISSION_DENIED")
	w.must(terminate(head, agreed))
	refused(t, terminate(head, agreed), "INVALID_STATE_TRANSITION")
	if got := w.events(agreed, "public"); got != "ProjectCreated AgreementSigned ProjectStarted ProjectTerminated" {
		t.Errorf("events = %s", got)
	}
	w.must(terminate(staff, preparing))
	if got := w.events(preparing, "public"); got != "" {
		t.Errorf("everybody hears of a hidden project: %s", got)
	}
	done := w.bring(evaluationv1.Project_COMPLETED, nil)
	closing := func(by auth.Principal) error {
		return err2(w.projects(by).CloseProject(t.Context(), &evaluationv1.CloseProjectRequest{Id: done}))
	}
	refused(t, closing(desk), "INVALID_STATE_TRANSITION")
	if _, err := w.DB("evaluation").Pool().Exec(t.Context(), `UPDATE project SET state = 'EVALUATED' WHERE id = $1`, done); err != nil {
		t.Fatal(err)
	}
	w.must(closing(desk))
	if w.state(done) != evaluationv1.Project_CLOSED {
		t.Errorf("state = %v", w.state(done))
	}
}

func TestMilestones(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	add := func(by auth.Principal, in *evaluationv1.MilestoneInput) (*evaluationv1.Milestone, error) {
		resp, err := w.projects(by).CreateMilestone(t.Context(), &evaluationv1.CreateMilestoneRequest{ProjectId: id, Milestone: in})
		return resp.GetMilestone(), err
	}
	change := func(m, etag string, in *evaluationv1.MilestoneInput, paths ...string) (*evaluationv1.Milestone, error) {
		resp, err := w.projects(editor).UpdateMilestone(t.Context(), &evaluationv1.UpdateMilestoneRequest{ProjectId: id, Id: m, Etag: etag, Milestone: in, UpdateMask: mask(paths...)})
		return resp.GetMilestone(), err
	}
	late, err := add(staff, &evaluationv1.MilestoneInput{Title: "発表会", DueOn: today().AddDays(60).String()})
	w.must(err)
	w.must(err2(add(editor, &evaluationv1.MilestoneInput{Title: "下見", DueOn: today().AddDays(7).String()})))
	_, err = add(staff, &evaluationv1.MilestoneInput{Title: "日がない"})
	refused(t, err, "INVALID_FIELD")
	_, err = add(head2, &evaluationv1.MilestoneInput{Title: "他団体", DueOn: today().String()})
	refused(t, err, "PERMISSION_DENIED")
	done := &evaluationv1.MilestoneInput{DoneOn: today().String()}
	_, err = change(late.GetId(), "", done, "doneOn")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = change(late.GetId(), `"5"`, done, "doneOn")
	refused(t, err, "ETAG_MISMATCH")
	_, err = change(none, "*", done, "doneOn")
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = change(late.GetId(), "*", &evaluationv1.MilestoneInput{DoneOn: today().AddDays(1).String()}, "doneOn")
	refused(t, err, "INVALID_FIELD")
	got, err := change(late.GetId(), late.GetEtag(), done, "doneOn")
	w.must(err)
	if got.GetTitle() != "発表会" || got.GetDoneOn() != today().String() {
		t.Errorf("changed = %v", got)
	}
	list, err := w.projects(auth.Anonymous).ListMilestones(t.Context(), &evaluationv1.ListMilestonesRequest{ProjectId: id, PageSize: 1})
	w.must(err)
	if m := list.GetMilestones(); len(m) != 1 || m[0].GetTitle() != "下見" || list.GetNextPageToken() == "" {
		t.Errorf("milestones = %v", list)
	}
	if _, err := w.DB("evaluation").Pool().Exec(t.Context(), `
		INSERT INTO project_milestone (id, project_id, title, due_on, note, created_at, version)
		SELECT gen_random_uuid(), $1, 'x', current_date, '', now(), 1
		FROM generate_series(1, 98)`, id); err != nil {
		t.Fatal(err)
	}
	_, err = add(staff, &evaluationv1.MilestoneInput{Title: "多すぎる", DueOn: today().String()})
	refused(t, err, "MILESTONE_LIMIT")
	w.must(err2(w.projects(staff).TerminateProject(t.Context(), &evaluationv1.TerminateProjectRequest{Id: id, Reason: "x"})))
	_, err = change(late.GetId(), "*", done, "doneOn")
	refused(t, err, "PROJECT_ENDED")
}

func TestProgressNeedsASecondPersonOfTheWard(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	draft := func(by auth.Principal) (string, error) {
		resp, err := w.projects(by).CreateProjectProgress(t.Context(), &evaluationv1.CreateProjectProgressRequest{ProjectId: id, Title: "初回を開催", Body: "23人が参加しました。"})
		return resp.GetEntry().GetId(), err
	}
	approve := func(by auth.Principal, entry string) error {
		return err2(w.projects(by).ApproveProjectProgress(t.Context(), &evaluationv1.ApproveProjectProgressRequest{ProjectId: id, EntryId: entry}))
	}
	entries := func(by auth.Principal) int {
		resp, err := w.projects(by).ListProjectProgress(t.Context(), &evaluationv1.ListProjectProgressRequest{ProjectId: id})
		w.must(err)
		return len(resp.GetEntries())
	}
	before := entries(auth.Anonymous)
	byGroup, err := draft(editor)
	w.must(err)
	byWard, err := draft(staff)
	w.must(err)
	if entries(auth.Anonymous) != before || entries(viewer) != before+2 {
		t.Errorf("drafts: everybody sees %d of %d", entries(auth.Anonymous)-before, entries(viewer)-before)
	}
	refused(t, approve(staff, byWard), "SELF_APPROVAL_FORBIDDEN")
	refused(t, approve(approver2, none), "RESOURCE_NOT_FOUND")
	w.must(approve(approver, byWard))
	refused(t, approve(staff2, byWard), "INVALID_STATE_TRANSITION")
	w.must(approve(staff, byGroup))
	if entries(auth.Anonymous) != before+2 {
		t.Error("approved entries are not public")
	}
	_, err = w.projects(staff).CreateProjectProgress(t.Context(), &evaluationv1.CreateProjectProgressRequest{ProjectId: id, Date: today().AddDays(1).String(), Title: "x", Body: "x"})
	refused(t, err, "INVALID_FIELD")
}
