package proposal

import (
	"errors"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

func TestStepsFollowTheCall(t *testing.T) {
	review := func(p *Proposal, c *call.Call) error { _, err := p.StartReview(everybody, c, noon); return err }
	talk := func(p *Proposal, c *call.Call) error { _, err := p.Negotiate(everybody, c, noon); return err }
	decide := func(p *Proposal, c *call.Call) error {
		_, err := p.DraftDecision(everybody, DecisionDraft{Outcome: Rejected}, c, noon)
		return err
	}
	type step = func(*Proposal, *call.Call) error
	for _, tt := range []struct {
		name  string
		call  *call.Call
		steps []step
		want  error // Of the last step.
	}{
		{"review first", openCall(call.Review, call.Negotiation), []step{review, talk, decide}, nil},
		{"negotiation first", openCall(call.Negotiation, call.Review), []step{talk, review, decide}, nil},
		{"usual of a fixed period", openCall(), []step{talk, review, decide}, nil},
		{"three steps", openCall(call.Review, call.Negotiation, call.Review), []step{review, talk, review, decide}, nil},
		{"talk before review", openCall(call.Review, call.Negotiation), []step{talk}, ErrStepOutOfOrder},
		{"review before talk", openCall(call.Negotiation, call.Review), []step{review}, ErrStepOutOfOrder},
		{"decision before the last step", openCall(call.Review, call.Negotiation), []step{review, decide}, ErrStepOutOfOrder},
		{"a step too many", openCall(call.Review), []step{review, talk}, ErrStepOutOfOrder},
	} {
		p := at(Assigned)
		var err error
		for i, s := range tt.steps {
			if err = s(p, tt.call); err != nil && i < len(tt.steps)-1 {
				t.Fatalf("%s: step %d: %v", tt.name, i, err)
			}
		}
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestNothingBeforeTheLeadAccepts(t *testing.T) {
	for _, r := range []Response{Pending, DeclinedBy} {
		p := at(Assigned)
		p.Assignments[0].Response = r
		if _, err := p.StartReview(everybody, openCall(call.Review), noon); !errors.Is(err, ErrLeadNotAccepted) {
			t.Errorf("lead %s: %v", r, err)
		}
	}
}

func TestAssign(t *testing.T) {
	for _, tt := range []struct {
		name string
		to   []Assignment
		want error
	}{
		{"one lead", []Assignment{{DepartmentID: "e", Part: Informed}, {DepartmentID: "d", Part: Lead}}, nil},
		{"no lead", []Assignment{{DepartmentID: "d", Part: Joint}}, ErrAssignmentInvalid},
		{"two leads", []Assignment{{DepartmentID: "d", Part: Lead}, {DepartmentID: "e", Part: Lead}}, ErrAssignmentInvalid},
		{"one department twice", []Assignment{{DepartmentID: "d", Part: Lead}, {DepartmentID: "d", Part: Joint}}, ErrAssignmentInvalid},
	} {
		p := at(Accepted)
		p.Assignments = nil
		_, err := p.Assign(everybody, tt.to, noon)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil && (p.LeadID() != "d" || p.DepartmentIDs()[0] != "d" || p.assignment("e").Response != AcceptedBy) {
			t.Errorf("%s: %v", tt.name, p.Assignments)
		}
	}
	p := at(Assigned) // The lead has accepted.
	if _, err := p.Assign(everybody, []Assignment{{DepartmentID: "d", Part: Lead}, {DepartmentID: "e", Part: Joint}}, noon); err != nil {
		t.Fatal(err)
	}
	if p.assignment("d").Response != AcceptedBy || p.assignment("e").Response != Pending {
		t.Errorf("answers after assigning again: %v", p.Assignments)
	}
}

func TestDeclineNeedsReasonAndOneAnswer(t *testing.T) {
	p := at(Assigned)
	p.Assignments[0].Response = Pending
	if _, err := p.Respond(everybody, DeclinedBy, "", noon); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("declined without reason: %v", err)
	}
	if _, err := p.Respond(everybody, DeclinedBy, "所管外のため", noon); err != nil {
		t.Error(err)
	}
	if _, err := p.Respond(everybody, AcceptedBy, "", noon); !errors.Is(err, ErrAssignmentAnswered) {
		t.Errorf("second answer: %v", err)
	}
	if got := p.Responsible(); len(got) != 0 {
		t.Errorf("who declined stands in public: %v", got)
	}
}

func TestDecisionDraft(t *testing.T) {
	zero, one := int64(0), int64(1)
	for _, tt := range []struct {
		name string
		d    DecisionDraft
		ok   bool
	}{
		{"adopted", DecisionDraft{Outcome: Adopted, Cost: &zero}, true},
		{"adopted without cost", DecisionDraft{Outcome: Adopted}, false},
		{"conditional", DecisionDraft{Outcome: ConditionallyAdopted, Cost: &one, Conditions: []string{"予算成立"}}, true},
		{"conditional without conditions", DecisionDraft{Outcome: ConditionallyAdopted, Cost: &one}, false},
		{"adopted with conditions", DecisionDraft{Outcome: Adopted, Cost: &one, Conditions: []string{"予算成立"}}, false},
		{"rejected", DecisionDraft{Outcome: Rejected}, true},
		{"rejected with cost", DecisionDraft{Outcome: Rejected, Cost: &one}, false},
	} {
		err := tt.d.check()
		if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestApproval(t *testing.T) {
	p := at(DecisionDrafted)
	if _, err := p.ApproveDecision(Reader{ID: "y", Approver: true}, openCall(), noon); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("own draft approved: %v", err)
	}
	if _, err := p.ReturnDecision(Reader{ID: "y", Approver: true}, "", noon); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("own draft returned: %v", err)
	}
	together := openCall()
	together.ReleaseTogether = true
	if _, err := p.ApproveDecision(everybody, together, noon); err != nil || p.State != DecisionApproved || p.Published {
		t.Errorf("approved, to be released: %v %s %v", err, p.State, p.Published)
	}
	if _, err := p.Release(everybody, noon); err != nil || p.State != Adopted || !p.Published {
		t.Errorf("released: %v %s %v", err, p.State, p.Published)
	}
}

func TestRejectedIsPublishedWithConsentOnly(t *testing.T) {
	for _, consent := range []bool{false, true} {
		p := at(DecisionDrafted)
		p.Decision.Outcome, p.Content.PublishConsent = Rejected, consent
		if _, err := p.ApproveDecision(everybody, openCall(), noon); err != nil || p.Published != consent || p.Hidden() == consent {
			t.Errorf("consent %v: %v, published %v, hidden %v", consent, err, p.Published, p.Hidden())
		}
	}
}

func TestCarriedOverIsReopenedAtTheLastStep(t *testing.T) {
	p := at(CarriedOver)
	c := openCall(call.Negotiation)
	if _, err := p.StartReview(everybody, c, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := p.DraftDecision(everybody, DecisionDraft{Outcome: Rejected}, c, noon); err != nil {
		t.Error(err)
	}
}

func TestJointOrganizationCanOnlyLeave(t *testing.T) {
	p := at(Submitted)
	p.Content.JointOrganizationIDs = []string{"j", "k"}
	j := Reader{ID: "x", Members: []string{"j"}, Writers: []string{"j"}, Represents: []string{"j"}}
	if _, err := p.Withdraw(j, "", noon); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("a joint organization withdrew: %v", err)
	}
	if _, err := p.Leave(j, "k"); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("another was thrown out: %v", err)
	}
	if _, err := p.Leave(j, "j"); err != nil || len(p.JointIDs()) != 1 {
		t.Errorf("leave: %v %v", err, p.JointIDs())
	}
	if _, err := p.Leave(j, "j"); !errors.Is(err, ErrNotJoint) {
		t.Errorf("left twice: %v", err)
	}
}
