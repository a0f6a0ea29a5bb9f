package evaluation_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// improvement is the one that a published evaluation calls for.
func (w *world) improvement(evaluation string) *evaluationv1.Improvement {
	w.t.Helper()
	list, err := w.improvements(auth.Anonymous).ListImprovements(w.t.Context(), &evaluationv1.ListImprovementsRequest{EvaluationId: evaluation})
	w.must(err)
	if len(list.GetImprovements()) != 1 {
		w.t.Fatalf("improvements = %v", list)
	}
	return list.GetImprovements()[0]
}

func TestImprovementIsTrackedToItsEnd(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	w.lead(e.GetId(), evaluationv1.Evaluation_PUBLISHED)
	i := w.improvement(e.GetId())
	if i.GetText() != "会議の日程を年度の初めに双方で決める" || i.GetState() != evaluationv1.Improvement_OPEN || i.GetPublicNumber() != e.GetPublicNumber() {
		t.Errorf("improvement = %v", i)
	}
	update := func(p auth.Principal, etag string, paths ...string) error {
		return err2(w.improvements(p).UpdateImprovement(t.Context(), &evaluationv1.UpdateImprovementRequest{
			Id: i.GetId(), Etag: etag, UpdateMask: mask(paths...),
			Improvement: &evaluationv1.ImprovementInput{Responsible: evaluationv1.Project_WARD, DueOn: "2027-04-30", Progress: "日程案を作成中"},
		}))
	}
	closeIt := func(p auth.Principal, etag string) error {
		return err2(w.improvements(p).CloseImprovement(t.Context(), &evaluationv1.CloseImprovementRequest{Id: i.GetId(), Result: "年間の日程表を作った", Etag: etag}))
	}
	refused(t, update(editor, "", "progress"), "PRECONDITION_REQUIRED")
	refused(t, update(editor, `"9"`, "progress"), "ETAG_MISMATCH")
	refused(t, update(editor, "*", "text"), "INVALID_FIELD_MASK")
	refused(t, update(head2, "*", "progress"), "PERMISSION_DENIED")
	w.must(update(editor, i.GetEtag(), "responsible", "dueOn"))
	if got := w.improvement(e.GetId()); got.GetResponsible() != evaluationv1.Project_WARD || got.GetDueOn() != "2027-04-30" || got.GetProgress() != "" {
		t.Errorf("updated = %v", got)
	}
	refused(t, closeIt(head, ""), "PERMISSION_DENIED")
	refused(t, closeIt(staff, `"1"`), "ETAG_MISMATCH")
	w.must(closeIt(staff, ""))
	refused(t, closeIt(staff, ""), "IMPROVEMENT_CLOSED")
	refused(t, update(editor, "*", "progress"), "IMPROVEMENT_CLOSED")
	if got := w.events(i.GetId(), "public"); got != "ImprovementClosed" {
		t.Errorf("events = %s", got)
	}
	got, err := w.improvements(auth.Anonymous).GetImprovement(t.Context(), &evaluationv1.GetImprovementRequest{Id: i.GetId()})
	w.must(err)
	if c := got.GetImprovement(); c.GetOutcome() != evaluationv1.Improvement_DONE || c.GetClosedOn() != today().String() || c.GetResult() == "" {
		t.Errorf("closed = %v", c)
	}
	refused(t, err2(w.improvements(auth.Anonymous).GetImprovement(t.Context(), &evaluationv1.GetImprovementRequest{Id: none})), "RESOURCE_NOT_FOUND")
}

// The next year's agreement takes the improvement over; the yearly report says so.
func TestTakeoverAndYearlyReport(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	w.lead(e.GetId(), evaluationv1.Evaluation_PUBLISHED)
	i := w.improvement(e.GetId())
	next := w.project(nil)
	w.must(err2(w.agreements(staff).DraftAgreement(t.Context(), &evaluationv1.DraftAgreementRequest{ProjectId: next.GetId()})))
	refer := func(ids ...string) {
		w.must(err2(w.agreements(staff).UpdateAgreement(t.Context(), &evaluationv1.UpdateAgreementRequest{
			ProjectId: next.GetId(), Agreement: &evaluationv1.AgreementInput{ImprovementIds: ids}, Etag: "*", UpdateMask: mask("improvementIds"),
		})))
	}
	refer(i.GetId())
	w.must(w.sign(head, next.GetId()))
	w.must(w.sign(approver, next.GetId()))
	by := w.improvement(e.GetId()).GetTakenOverBy()
	if len(by) != 1 || by[0].GetProjectId() != next.GetId() || by[0].GetPublicNumber() != next.GetPublicNumber() || by[0].GetSignedOn() != today().String() {
		t.Errorf("taken over by %v", by)
	}
	resp, err := evaluationv1.NewEvaluationStatisticsServiceClient(w.As(auth.Anonymous)).GetEvaluationStatistics(t.Context(), &evaluationv1.GetEvaluationStatisticsRequest{FiscalYear: e.GetFiscalYear()})
	w.must(err)
	s := resp.GetStatistics()
	if s.GetProjects() != 2 || len(s.GetForms()) != 1 || s.GetForms()[0].GetName() != "共催" || s.GetFinalEvaluations() != 1 || s.GetInterimEvaluations() != 0 {
		t.Errorf("projects and evaluations = %v", s)
	}
	if s.GetImprovements() != 1 || s.GetClosedImprovements() != 0 || s.GetTakenOverImprovements() != 1 || len(s.GetNewestImprovements()) != 1 {
		t.Errorf("improvements = %v", s)
	}
	if c := s.GetCriteria(); len(c) != 15 || c[3].GetName() != "対等性" || c[3].GetOrganizationMeanX10() != 20 || c[3].GetWardMeanX10() != 40 || c[3].GetWardScores() != 1 {
		t.Errorf("criteria = %v", c)
	}
	resp, err = evaluationv1.NewEvaluationStatisticsServiceClient(w.As(auth.Anonymous)).GetEvaluationStatistics(t.Context(), &evaluationv1.GetEvaluationStatisticsRequest{FiscalYear: 2001})
	w.must(err)
	if s := resp.GetStatistics(); s.GetProjects() != 0 || s.GetCriteria() != nil {
		t.Errorf("a year without projects = %v", s)
	}
}

func TestUnknownImprovementIsNotTakenOver(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	p := w.project(nil)
	w.must(err2(w.agreements(staff).DraftAgreement(t.Context(), &evaluationv1.DraftAgreementRequest{ProjectId: p.GetId()})))
	err := err2(w.agreements(staff).UpdateAgreement(t.Context(), &evaluationv1.UpdateAgreementRequest{
		ProjectId: p.GetId(), Agreement: &evaluationv1.AgreementInput{ImprovementIds: []string{none}}, Etag: "*", UpdateMask: mask("improvementIds"),
	}))
	if err == nil { // It is refused at the latest with the signature that would take it over.
		w.must(w.sign(head, p.GetId()))
		err = w.sign(approver, p.GetId())
	}
	refused(t, err, "IMPROVEMENT_UNKNOWN")
}
