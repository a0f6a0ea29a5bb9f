package proposals_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestAssignmentAndSteps(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_ACCEPTED, nil)
	assign := func(in ...*proposalsv1.AssignmentInput) error {
		_, err := w.proposals(desk).AssignDepartments(t.Context(), &proposalsv1.AssignDepartmentsRequest{Id: id, Assignments: in})
		return err
	}
	lead, joint := proposalsv1.Assignment_LEAD, proposalsv1.Assignment_JOINT
	refused(t, assign(&proposalsv1.AssignmentInput{DepartmentId: dept1, Role: joint}), "ASSIGNMENT_INVALID")
	refused(t, assign(&proposalsv1.AssignmentInput{DepartmentId: dept9, Role: lead}), "DEPARTMENT_UNKNOWN")
	refused(t, assign(&proposalsv1.AssignmentInput{DepartmentId: none, Role: lead}), "DEPARTMENT_UNKNOWN")
	_, err := w.proposals(staff).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.must(assign(&proposalsv1.AssignmentInput{DepartmentId: dept2, Role: joint}, &proposalsv1.AssignmentInput{DepartmentId: dept1, Role: lead, Duty: "会場の手配"}))

	_, err = w.proposals(desk).StartReview(t.Context(), &proposalsv1.StartReviewRequest{Id: id})
	refused(t, err, "LEAD_NOT_ACCEPTED")
	_, err = w.proposals(staff2).RespondToAssignment(t.Context(), &proposalsv1.RespondToAssignmentRequest{Id: id, Response: proposalsv1.Assignment_DECLINED})
	refused(t, err, "INVALID_FIELD")
	_, err = w.proposals(staff2).RespondToAssignment(t.Context(), &proposalsv1.RespondToAssignmentRequest{Id: id, Response: proposalsv1.Assignment_DECLINED, Reason: "所管外"})
	w.must(err)
	w.must(w.respond(staff, id))
	refused(t, w.respond(staff, id), "ASSIGNMENT_ANSWERED")
	_, err = w.proposals(staff).Negotiate(t.Context(), &proposalsv1.NegotiateRequest{Id: id})
	refused(t, err, "STEP_OUT_OF_ORDER")
	_, err = w.proposals(desk).StartReview(t.Context(), &proposalsv1.StartReviewRequest{Id: id})
	w.must(err)
	refused(t, w.decide(id, proposalsv1.Decision_ADOPTED), "STEP_OUT_OF_ORDER")
	_, err = w.proposals(staff2).Negotiate(t.Context(), &proposalsv1.NegotiateRequest{Id: id})
	refused(t, err, "PERMISSION_DENIED") // It sees the proposal, and is not the lead.

	mine, err := w.proposals(head).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	for _, a := range mine.GetProposal().GetAssignments() {
		if a.GetDuty()+a.GetReason() != "" {
			t.Errorf("the organization reads the ward's notes: %v", a)
		}
	}
}

func TestDraftedDecisionStaysInside(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_IN_NEGOTIATION, nil)
	_, err := w.proposals(approver).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.proposals(staff).DraftDecision(t.Context(), &proposalsv1.DraftDecisionRequest{Id: id, Outcome: proposalsv1.Decision_ADOPTED, Reason: "理由", DecidedBy: "部長"})
	refused(t, err, "INVALID_FIELD") // The cost is missing.
	w.must(w.decide(id, proposalsv1.Decision_ADOPTED))
	for _, tt := range []struct {
		by   auth.Principal
		sees bool
	}{{head, false}, {staff, true}, {desk, true}, {approver, true}} {
		got, err := w.proposals(tt.by).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
		w.must(err)
		if sees := got.GetProposal().GetDecision() != nil; sees != tt.sees {
			t.Errorf("%s sees the draft: %v", tt.by.ID, sees)
		}
	}
	both := servicetest.Staff("staff", dept1, optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_APPROVER) // The drafter.
	_, err = w.proposals(both).ApproveDecision(t.Context(), &proposalsv1.ApproveDecisionRequest{Id: id})
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	_, err = w.proposals(both).ReturnDecision(t.Context(), &proposalsv1.ReturnDecisionRequest{Id: id, Reason: "x"})
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	back, err := w.proposals(headStaff).ReturnDecision(t.Context(), &proposalsv1.ReturnDecisionRequest{Id: id, Reason: "費用を見直す"})
	w.must(err)
	if p := back.GetProposal(); p.GetState() != proposalsv1.Proposal_IN_NEGOTIATION || p.GetDecision().GetReturnReason() == "" {
		t.Errorf("returned = %v", p)
	}
	w.must(w.decide(id, proposalsv1.Decision_REJECTED))
}

func TestReleaseTogether(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(func(c *proposalsv1.CallInput) { c.ReleaseTogether = true })
	release := func() error {
		_, err := w.calls(desk).ReleaseDecisions(t.Context(), &proposalsv1.ReleaseDecisionsRequest{Id: c.GetId()})
		return err
	}
	refused(t, release(), "NOTHING_TO_RELEASE")
	var ids []string
	for _, o := range []proposalsv1.Decision_Outcome{proposalsv1.Decision_ADOPTED, proposalsv1.Decision_REJECTED, proposalsv1.Decision_CARRIED_OVER} {
		id := w.bring(c.GetId(), proposalsv1.Proposal_IN_NEGOTIATION, nil)
		w.must(w.decide(id, o))
		_, err := w.proposals(approver).ApproveDecision(t.Context(), &proposalsv1.ApproveDecisionRequest{Id: id})
		w.must(err)
		ids = append(ids, id)
		if got, err := w.proposals(head).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id}); err != nil || got.GetProposal().GetDecision() != nil {
			t.Errorf("before the release: %v %v", got, err)
		}
	}
	_, err := w.proposals(head).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: ids[0], Reason: "x"})
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.must(release())
	for i, want := range []proposalsv1.Proposal_State{proposalsv1.Proposal_ADOPTED, proposalsv1.Proposal_REJECTED, proposalsv1.Proposal_CARRIED_OVER} {
		if got := w.state(ids[i]); got != want {
			t.Errorf("released: %v, want %v", got, want)
		}
	}
	_, err = w.proposals(desk).StartReview(t.Context(), &proposalsv1.StartReviewRequest{Id: ids[2]})
	w.must(err)
	got, err := w.proposals(auth.Anonymous).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: ids[2]})
	w.must(err)
	if p := got.GetProposal(); p.GetState() != 0 || p.GetPublicState() != proposalsv1.ProgressEntry_IN_EXAMINATION || p.GetDecision() != nil {
		t.Errorf("reopened, in public: %v", p)
	}
	w.must(w.decide(ids[2], proposalsv1.Decision_REJECTED))
}

func TestConditionalAdoption(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_IN_NEGOTIATION, nil)
	w.must(w.decide(id, proposalsv1.Decision_CONDITIONALLY_ADOPTED))
	_, err := w.proposals(approver).ApproveDecision(t.Context(), &proposalsv1.ApproveDecisionRequest{Id: id})
	w.must(err)
	confirm := func(by auth.Principal) error {
		_, err := w.proposals(by).ConfirmConditions(t.Context(), &proposalsv1.ConfirmConditionsRequest{Id: id, Note: "予算が成立した"})
		return err
	}
	refused(t, confirm(staff2), "PERMISSION_DENIED") // Everybody sees it now.
	w.must(confirm(staff))
	refused(t, confirm(staff), "INVALID_STATE_TRANSITION")
	if got := w.state(id); got != proposalsv1.Proposal_ADOPTED {
		t.Errorf("state = %v", got)
	}
}

func TestRejectedWithoutConsentIsNotNamed(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_IN_NEGOTIATION, func(c *proposalsv1.ProposalContent) { c.PublishConsent = false })
	w.must(w.decide(id, proposalsv1.Decision_REJECTED))
	_, err := w.proposals(approver).ApproveDecision(t.Context(), &proposalsv1.ApproveDecisionRequest{Id: id})
	w.must(err)
	_, err = w.proposals(auth.Anonymous).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	got, err := w.progress(auth.Anonymous).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	w.must(err)
	if got.GetTitle() != "（非公開）" || got.GetOrganizationName() != "（非公開）" || got.GetEntries()[0].GetOrganizationName() != "（非公開）" {
		t.Errorf("public course = %v", got)
	}
	own, err := w.progress(head).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	w.must(err)
	if own.GetOrganizationName() != "団体1" {
		t.Errorf("own course = %v", own)
	}
}
