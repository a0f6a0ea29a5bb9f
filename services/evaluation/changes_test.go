package evaluation_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

func (w *world) ask(by auth.Principal, project string, after *evaluationv1.ProjectInput, paths ...string) (*evaluationv1.ProjectChange, error) {
	resp, err := w.projects(by).RequestChange(w.t.Context(), &evaluationv1.RequestChangeRequest{ProjectId: project, After: after, ChangeMask: mask(paths...), Reason: "会場の都合"})
	return resp.GetChange(), err
}

func (w *world) accept(by auth.Principal, project, id string) error {
	return err2(w.projects(by).AcceptChange(w.t.Context(), &evaluationv1.AcceptChangeRequest{ProjectId: project, Id: id}))
}

func (w *world) decline(by auth.Principal, project, id string) error {
	return err2(w.projects(by).DeclineChange(w.t.Context(), &evaluationv1.DeclineChangeRequest{ProjectId: project, Id: id, Answer: "予算の都合"}))
}

func (w *world) withdraw(by auth.Principal, project, id string) error {
	return err2(w.projects(by).WithdrawChange(w.t.Context(), &evaluationv1.WithdrawChangeRequest{ProjectId: project, Id: id}))
}

// One side asks, the other answers; the project changes, and the agreement has to
// be signed anew.
func TestChangeIsAnsweredByTheOtherSide(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	end := jp.FiscalYearEnd(jp.FiscalYear(today())).AddDays(-31).String()
	after := &evaluationv1.ProjectInput{PeriodTo: end, Title: "これは変えない"}
	c, err := w.ask(editor, id, after, "periodTo")
	w.must(err)
	if c.GetAfter().GetTitle() != "" || c.GetBefore().GetPeriodTo() == end || c.GetSide() != evaluationv1.Project_ORGANIZATION {
		t.Errorf("request = %v", c)
	}
	_, err = w.ask(staff, id, after, "periodTo")
	refused(t, err, "CHANGE_PENDING")
	refused(t, w.accept(head, id, c.GetId()), "CHANGE_OF_OWN_SIDE")
	refused(t, w.decline(head, id, c.GetId()), "CHANGE_OF_OWN_SIDE")
	refused(t, w.withdraw(staff, id, c.GetId()), "CHANGE_OF_OTHER_SIDE")
	refused(t, w.accept(head2, id, c.GetId()), "PERMISSION_DENIED")
	refused(t, w.accept(staff, id, none), "RESOURCE_NOT_FOUND")
	_, err = w.projects(staff).AcceptChange(t.Context(), &evaluationv1.AcceptChangeRequest{ProjectId: id, Id: c.GetId(), Etag: `"99"`})
	refused(t, err, "ETAG_MISMATCH")
	w.must(w.accept(staff, id, c.GetId()))
	refused(t, w.accept(staff, id, c.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, w.withdraw(editor, id, c.GetId()), "INVALID_STATE_TRANSITION")
	got, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
	w.must(err)
	if p := got.GetProject(); p.GetPeriodTo() != end || !p.GetAgreementOutdated() || p.GetTitle() == "これは変えない" {
		t.Errorf("changed project = %v", p)
	}
	w.must(err2(w.draftAgreement(staff, id)))
	w.must(w.sign(approver, id))
	w.must(w.sign(head, id))
	got, err = w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
	w.must(err)
	if p := got.GetProject(); p.GetAgreementOutdated() || p.GetState() != evaluationv1.Project_RUNNING {
		t.Errorf("after the new version = %v", p)
	}
}

func TestChangesAreForThePartiesAlone(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	goals := &evaluationv1.ProjectInput{Goals: []*evaluationv1.ProjectGoalInput{{Indicator: "参加者数", Target: "150人"}}}
	c, err := w.ask(staff, id, goals, "goals")
	w.must(err)
	w.must(w.decline(head, id, c.GetId()))
	c, err = w.ask(staff, id, goals, "goals")
	w.must(err)
	w.must(w.withdraw(staff2, id, c.GetId()))
	c, err = w.ask(staff, id, goals, "goals")
	w.must(err)
	w.must(w.accept(head, id, c.GetId()))
	for by, want := range map[*auth.Principal]string{&viewer: "", &staff2: "", &desk: "", &head2: "PERMISSION_DENIED", &auth.Anonymous: "UNAUTHENTICATED"} {
		list, err := w.projects(*by).ListChanges(t.Context(), &evaluationv1.ListChangesRequest{ProjectId: id})
		refused(t, err, want)
		if want == "" && len(list.GetChanges()) != 3 {
			t.Errorf("%s lists %d", by.ID, len(list.GetChanges()))
		}
		_, err = w.projects(*by).GetChange(t.Context(), &evaluationv1.GetChangeRequest{ProjectId: id, Id: c.GetId()})
		refused(t, err, want)
	}
	got, err := w.projects(auth.Anonymous).GetProject(t.Context(), &evaluationv1.GetProjectRequest{Id: id})
	w.must(err)
	if p := got.GetProject(); !p.GetAgreementOutdated() || p.GetGoals()[0].GetTarget() != "150人" {
		t.Errorf("goals changed by both sides = %v", p)
	}
	_, err = w.ask(staff, id, goals, "state")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = w.ask(viewer, id, goals, "goals")
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.ask(staff, id, &evaluationv1.ProjectInput{PeriodTo: "2000-01-01"}, "periodTo")
	refused(t, err, "INVALID_FIELD")
	_, err = w.ask(staff, w.project(nil).GetId(), goals, "goals")
	refused(t, err, "INVALID_STATE_TRANSITION")
}
