package evaluation_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func TestDiscussionAndAgreement(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.lead(id, evaluationv1.Evaluation_ONE_SUBMITTED)
	refused(t, w.discuss(editor, id), "INVALID_STATE_TRANSITION")
	_, err := w.evaluations(staff).GetComparison(t.Context(), &evaluationv1.GetComparisonRequest{Id: id})
	refused(t, err, "SHEET_SEALED")
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))

	bare := discussion()
	bare.Items[0].Improvement = ""
	record := func(p auth.Principal, d *evaluationv1.Discussion, etag string) error {
		return err2(w.evaluations(p).RecordDiscussion(t.Context(), &evaluationv1.RecordDiscussionRequest{Id: id, Discussion: d, Etag: etag}))
	}
	err = record(staff, bare, "")
	refused(t, err, "DISCUSSION_INCOMPLETE")
	if facts(err)["criteria"] != "4" {
		t.Errorf("criteria = %v", facts(err))
	}
	refused(t, record(staff, discussion(), `"1"`), "ETAG_MISMATCH")
	refused(t, record(viewer, discussion(), ""), "PERMISSION_DENIED")
	refused(t, w.discuss(head2, id), "RESOURCE_NOT_FOUND")
	refused(t, w.agree(head, id), "INVALID_STATE_TRANSITION")
	if w.stands(id) != evaluationv1.Evaluation_BOTH_SUBMITTED {
		t.Error("a refusal changed the evaluation")
	}
	w.must(record(editor, discussion(), ""))

	agreeFor := func(p auth.Principal, side evaluationv1.Project_Side) error {
		return err2(w.evaluations(p).AgreeEvaluation(t.Context(), &evaluationv1.AgreeEvaluationRequest{Id: id, Side: side}))
	}
	refused(t, agreeFor(head, evaluationv1.Project_WARD), "AGREEMENT_OF_OTHER_SIDE")
	refused(t, agreeFor(approver, evaluationv1.Project_ORGANIZATION), "AGREEMENT_OF_OTHER_SIDE")
	refused(t, agreeFor(approver2, evaluationv1.Project_WARD), "AGREEMENT_OF_OTHER_SIDE") // Of the joint department.
	w.must(agreeFor(both(), evaluationv1.Project_ORGANIZATION))
	refused(t, agreeFor(both(), evaluationv1.Project_WARD), "AGREEMENT_REPEATED")
	refused(t, w.agree(head, id), "AGREEMENT_REPEATED")
	w.must(w.discuss(staff, id)) // Another record ends the agreement to the one before.
	w.must(w.agree(head, id))
	w.must(w.agree(approver, id))
	if w.stands(id) != evaluationv1.Evaluation_AGREED {
		t.Errorf("state = %v", w.stands(id))
	}
}

func TestThirdParty(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	outside := servicetest.Staff("outside", none, optionsv1.Role_ROLE_REVIEWER)
	comment := func(p auth.Principal) error {
		return err2(w.evaluations(p).CommentEvaluation(t.Context(), &evaluationv1.CommentEvaluationRequest{Id: id, Comment: "継続が望ましい"}))
	}
	assign := func(p auth.Principal) error {
		return err2(w.evaluations(p).AssignCommentators(t.Context(), &evaluationv1.AssignCommentatorsRequest{Id: id, CommentatorIds: []string{outside.ID, reviewer.ID}}))
	}
	refused(t, comment(outside), "RESOURCE_NOT_FOUND")
	refused(t, assign(staff), "PERMISSION_DENIED")
	w.must(assign(desk))
	refused(t, comment(outside), "INVALID_STATE_TRANSITION")
	w.lead(id, evaluationv1.Evaluation_BOTH_SUBMITTED)
	refused(t, comment(reviewer), "CONFLICT_OF_INTEREST") // Of the joint department.
	w.must(comment(outside))
	s, err := w.sheet(outside, id, "organization")
	w.must(err)
	if len(s.GetAnswers()) != 15 {
		t.Errorf("an assigned commentator reads both sheets: %v", s)
	}
	for p, sees := range map[string]bool{"editor": true, "outside": true} {
		by := map[string]auth.Principal{"editor": editor, "outside": outside}[p]
		got, err := w.evaluations(by).GetEvaluation(t.Context(), &evaluationv1.GetEvaluationRequest{Id: id})
		w.must(err)
		if (got.GetEvaluation().GetThirdParty().GetComment() == "継続が望ましい") != sees || got.GetEvaluation().GetCommentatorIds() != nil {
			t.Errorf("%s sees %v", p, got)
		}
	}
	w.must(w.discuss(staff, id))
	w.must(w.agree(head, id))
	w.must(w.agree(approver, id))
	w.must(w.publish(desk, id))
	refused(t, assign(desk), "INVALID_STATE_TRANSITION")
	refused(t, comment(outside), "INVALID_STATE_TRANSITION")
}
