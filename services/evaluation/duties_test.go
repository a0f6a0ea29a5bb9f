package evaluation_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// waits expects what waits for a person, by action.
func (w *world) waits(by auth.Principal, want ...string) {
	w.t.Helper()
	resp, err := taskv1.NewTaskServiceClient(w.As(by)).ListTasks(w.t.Context(), &taskv1.ListTasksRequest{})
	w.must(err)
	var got []string
	for _, t := range resp.GetTasks() {
		if t.GetTitle() == "" || t.GetSubject() == "" || t.GetSince() == nil || t.GetPath() == "" {
			w.t.Errorf("incomplete: %v", t)
		}
		got = append(got, t.GetAction())
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("tasks of %s: %s", by.ID, diff)
	}
}

func TestDutiesOfAProject(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.project(nil).GetId()
	w.waits(staff, "draftAgreement")
	w.waits(staff2)
	w.must(err2(w.draftAgreement(staff, id)))
	w.waits(approver) // Nobody has signed yet.
	w.must(w.sign(head, id))
	w.waits(approver, "signAgreement")
	w.waits(head)
	w.waits(head2)
	w.must(w.sign(approver, id))
	w.waits(approver)
	w.must(err2(w.projects(staff).StartProject(t.Context(), &evaluationv1.StartProjectRequest{Id: id})))
	c, err := w.ask(staff, id, &evaluationv1.ProjectInput{Title: "新しい名"}, "title")
	w.must(err)
	w.waits(head, "answerChange")
	w.waits(staff)
	w.must(w.accept(head, id, c.GetId()))
	w.must(err2(w.projects(editor).CreateProjectProgress(t.Context(), &evaluationv1.CreateProjectProgressRequest{ProjectId: id, Title: "x", Body: "x"})))
	w.waits(staff2, "approveProgress")
	if _, err := w.DB("evaluation").Pool().Exec(t.Context(), `UPDATE project SET period_to = current_date - 3 WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	w.waits(editor, "fileReport")
	w.must(err2(w.projects(editor).FileReport(t.Context(), &evaluationv1.FileReportRequest{ProjectId: id, Report: reportInput()})))
	w.waits(editor)
	w.waits(staff, "approveProgress", "completeProject")
	v := w.version(nil)
	w.must(w.openComments(v.GetId(), today().String()))
	w.must(err2(w.comment(head, v.GetId(), 1)))
	w.waits(desk, "answerComment")
}

// Each step of an evaluation waits for the side that has not taken it, and tells
// nothing of the other side's sheet.
func TestDutiesOfAnEvaluation(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.waits(head, "submitSheet")
	w.waits(head2)
	w.waits(viewer)
	w.waits(staff, "submitSheet")
	w.waits(approver, "submitSheet")
	w.lead(id, evaluationv1.Evaluation_ONE_SUBMITTED)
	w.waits(head)
	w.waits(staff, "submitSheet")
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))
	w.waits(editor, "recordDiscussion")
	w.waits(staff, "recordDiscussion")
	w.waits(approver)
	w.must(w.discuss(editor, id))
	w.waits(editor)
	w.waits(head, "agree")
	w.waits(approver, "agree")
	w.waits(approver2)
	w.must(w.agree(head, id))
	w.waits(head)
	w.waits(desk)
	w.must(w.agree(approver, id))
	w.waits(approver, "publish")
	w.waits(desk, "publish")
	w.must(w.publish(desk, id))
	w.waits(desk)
	w.waits(editor)
	found, err := w.improvements(auth.Anonymous).ListImprovements(t.Context(), &evaluationv1.ListImprovementsRequest{EvaluationId: id})
	w.must(err)
	improvement := found.GetImprovements()[0].GetId()
	for days, want := range map[int][]string{15: nil, 14: {"updateImprovement"}, -100: {"updateImprovement"}} {
		w.exec(`UPDATE improvement SET due_on = $2 WHERE id = $1`, improvement, today().AddDays(days))
		w.waits(editor, want...)
		w.waits(staff, want...)
	}
	w.exec(`UPDATE improvement SET responsible = 'WARD' WHERE id = $1`, improvement)
	w.waits(editor)
}
