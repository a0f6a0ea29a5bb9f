package evaluation_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

// task finds a recurring job of the service.
func (w *world) task(name string) func(context.Context) error {
	w.t.Helper()
	for _, task := range evaluation.Module.Tasks(w.deps) {
		if task.Name == name {
			return task.Run
		}
	}
	w.t.Fatalf("no task %s", name)
	return nil
}

func (w *world) sheet(p auth.Principal, id, side string) (*evaluationv1.Sheet, error) {
	resp, err := w.evaluations(p).GetSheet(w.t.Context(), &evaluationv1.GetSheetRequest{EvaluationId: id, Side: side})
	return resp.GetSheet(), err
}

func TestDraftOfASheet(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	empty, err := w.sheet(viewer, id, "organization")
	w.must(err)
	if empty.GetEtag() != `"0"` || empty.GetAnswers() != nil {
		t.Errorf("nothing was saved: %v", empty)
	}
	update := func(p auth.Principal, etag string, in *evaluationv1.SheetInput, paths ...string) (*evaluationv1.Sheet, error) {
		resp, err := w.evaluations(p).UpdateSheet(t.Context(), &evaluationv1.UpdateSheetRequest{
			EvaluationId: id, Side: "organization", Sheet: in, Etag: etag, UpdateMask: mask(paths...),
		})
		return resp.GetSheet(), err
	}
	draft := &evaluationv1.SheetInput{Strengths: "書きかけ", Answers: []*evaluationv1.SheetAnswer{{CriterionNo: 1, Score: five(1)}}}
	first, err := update(editor, `"0"`, draft, "answers", "strengths")
	w.must(err)
	if first.GetEtag() != `"1"` || first.GetAnswers()[0].GetScore() != 1 {
		t.Errorf("a draft may lack reasons: %v", first)
	}
	second, err := update(head, first.GetEtag(), &evaluationv1.SheetInput{Issues: "課題"}, "issues")
	w.must(err)
	if second.GetStrengths() != "書きかけ" || second.GetIssues() != "課題" || len(second.GetAnswers()) != 1 {
		t.Errorf("only the issues change: %v", second)
	}
	for want, do := range map[string]func() error{
		"PRECONDITION_REQUIRED": func() error { return err2(update(editor, "", draft, "strengths")) },
		"ETAG_MISMATCH":         func() error { return err2(update(editor, first.GetEtag(), draft, "strengths")) },
		"INVALID_FIELD_MASK":    func() error { return err2(update(editor, "*", draft, "side")) },
		"SHEET_OF_OTHER_SIDE":   func() error { return err2(update(staff, "*", draft, "strengths")) },
		"PERMISSION_DENIED":     func() error { return err2(update(viewer, "*", draft, "strengths")) },
		"INVALID_FIELD": func() error {
			return err2(update(editor, "*", &evaluationv1.SheetInput{Answers: []*evaluationv1.SheetAnswer{{CriterionNo: 16}}}, "answers"))
		},
		"RESOURCE_NOT_FOUND": func() error { return err2(update(head2, "*", draft, "strengths")) },
	} {
		refused(t, do(), want)
	}
	same, err := w.sheet(viewer, id, "organization")
	w.must(err)
	if same.GetEtag() != second.GetEtag() {
		t.Error("a refusal changed the draft")
	}
}

func TestSubmissionIsRefused(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	refused(t, w.submit(head, id, "organization"), "SHEET_INCOMPLETE")
	w.must(w.save(editor, id, "organization", func(in *evaluationv1.SheetInput) { in.Answers = in.Answers[:14] }))
	refused(t, w.submit(head, id, "organization"), "SHEET_INCOMPLETE")
	w.must(w.save(editor, id, "organization", func(in *evaluationv1.SheetInput) { in.Answers[3].Reason, in.Answers[6].Score = "", five(1) }))
	err := w.submit(head, id, "organization")
	refused(t, err, "SCORE_REASON_REQUIRED")
	if got := facts(err)["criteria"]; got != "4,7" {
		t.Errorf("criteria = %s", got)
	}
	w.must(w.save(editor, id, "organization", nil))
	refused(t, w.submit(approver, id, "organization"), "SHEET_OF_OTHER_SIDE")
	refused(t, w.submit(head, id, "ward"), "SHEET_OF_OTHER_SIDE")
	refused(t, w.submit(editor, id, "organization"), "PERMISSION_DENIED")
	if w.stands(id) != evaluationv1.Evaluation_OPEN {
		t.Error("a refusal changed the evaluation")
	}
	w.must(w.submit(head, id, "organization"))
	refused(t, w.submit(head, id, "organization"), "SHEET_NOT_EDITABLE")
	refused(t, w.save(editor, id, "organization", nil), "SHEET_NOT_EDITABLE")

	w.must(w.save(staff, id, "ward", nil))
	refused(t, w.submit(staff, id, "ward"), "SELF_APPROVAL_FORBIDDEN")
	w.must(err2(w.evaluations(staff).SubmitSheet(t.Context(), &evaluationv1.SubmitSheetRequest{EvaluationId: id, Side: "ward", Reason: "担当が一人のため"})))
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'evaluation.sheet.submit' AND reason = '担当が一人のため'`); n != 1 {
		t.Error("the reason is kept in the audit log")
	}
}

// Both sides submit at once: one opens the sheets, and both are there.
func TestBothSubmitAtOnce(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.must(w.save(editor, id, "organization", nil))
	w.must(w.save(staff, id, "ward", nil))
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _ = w.submit(head, id, "organization") })
		wg.Go(func() { _ = w.submit(approver, id, "ward") })
	}
	wg.Wait()
	if got := w.stands(id); got != evaluationv1.Evaluation_BOTH_SUBMITTED {
		t.Fatalf("state = %v", got)
	}
	if got := w.events(id, "ward"); got != "EvaluationOpened EvaluationSheetSubmitted EvaluationSheetSubmitted EvaluationSheetsUnsealed" {
		t.Errorf("events = %s", got)
	}
	if n := w.count(`SELECT count(*) FROM sheet_revision`); n != 2 {
		t.Errorf("%d open sheets", n)
	}
}

func TestOpenSheets(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.lead(id, evaluationv1.Evaluation_BOTH_SUBMITTED)
	if n := w.count(`SELECT count(*) FROM sheet WHERE sealed IS NULL AND wrapped_key IS NULL`); n != 2 {
		t.Errorf("%d sheets without a sealed copy", n)
	}
	for _, p := range []auth.Principal{viewer, staff, staff2, desk, approver} {
		for _, side := range []string{"organization", "ward"} {
			s, err := w.sheet(p, id, side)
			w.must(err)
			salt, err := hex.DecodeString(s.GetCommitmentSalt())
			w.must(err)
			sum := sha256.Sum256(append(salt, s.GetCommitmentText()...))
			if hex.EncodeToString(sum[:]) != s.GetCommitment() || s.GetRevision() != 1 || s.GetStrengths() != side+"のよかった点" {
				t.Errorf("%s reads %s: %v", p.ID, side, s)
			}
		}
	}
	_, err := w.sheet(reviewer, id, "ward")
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.evaluations(viewer).GetSheet(t.Context(), &evaluationv1.GetSheetRequest{EvaluationId: id, Side: "ward", Revision: 2})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

func TestCorrectionOfASheet(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	correct := func(p auth.Principal, side string, change func(*evaluationv1.SheetInput)) error {
		in := wholeSheet(side)
		if change != nil {
			change(in)
		}
		return err2(w.evaluations(p).CorrectSheet(t.Context(), &evaluationv1.CorrectSheetRequest{EvaluationId: id, Side: side, Sheet: in, Reason: "数え間違い"}))
	}
	w.lead(id, evaluationv1.Evaluation_ONE_SUBMITTED)
	refused(t, correct(head, "organization", nil), "SHEET_SEALED")
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))
	w.must(w.discuss(staff, id))
	w.must(w.agree(head, id))
	refused(t, correct(head, "ward", nil), "SHEET_OF_OTHER_SIDE")
	refused(t, correct(head, "organization", func(in *evaluationv1.SheetInput) { in.Answers[3].Reason = "" }), "SCORE_REASON_REQUIRED")
	refused(t, correct(head, "organization", func(in *evaluationv1.SheetInput) { in.Answers = in.Answers[1:] }), "SHEET_INCOMPLETE")
	w.must(correct(head, "organization", func(in *evaluationv1.SheetInput) {
		in.Answers[3] = &evaluationv1.SheetAnswer{CriterionNo: 4, Score: five(3)}
	}))
	if got := w.stands(id); got != evaluationv1.Evaluation_BOTH_SUBMITTED {
		t.Errorf("a correction goes back to the talk: %v", got)
	}
	old, err := w.evaluations(viewer).GetSheet(t.Context(), &evaluationv1.GetSheetRequest{EvaluationId: id, Side: "organization", Revision: 1})
	w.must(err)
	now, err := w.sheet(staff, id, "organization")
	w.must(err)
	if old.GetSheet().GetAnswers()[3].GetScore() != 2 || now.GetAnswers()[3].GetScore() != 3 || now.GetRevision() != 2 || now.GetCorrectionReason() != "数え間違い" {
		t.Errorf("%v, then %v", old, now)
	}
	w.must(w.discuss(staff, id)) // Without the gap, and what was said of it may stay.
}

// A delegation lets nobody at a sheet, and who belongs to both sides has one.
func TestSheetsOfDelegatesAndOfBothSides(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	c := coordinator()
	c.Memberships = []auth.Membership{{OrganizationID: org2, Role: optionsv1.Role_ROLE_EDITOR}}
	c.Roles = append(c.Roles, optionsv1.Role_ROLE_EDITOR)
	refused(t, w.save(c, id, "organization", nil), "SHEET_OF_OTHER_SIDE")
	_, err := w.sheet(c, id, "organization")
	refused(t, err, "SHEET_SEALED")
	w.must(w.save(both(), id, "organization", nil))
	refused(t, w.save(both(), id, "ward", nil), "SHEET_OF_OTHER_SIDE")
	_, err = w.sheet(both(), id, "ward")
	refused(t, err, "SHEET_SEALED")
}
