package proposals_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestFromDraftToAdopted(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_DECISION_DRAFTED, nil)

	before, err := w.progress(auth.Anonymous).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	w.must(err)
	if before.GetPublicState() != proposalsv1.ProgressEntry_IN_EXAMINATION {
		t.Errorf("public state before the approval = %v", before.GetPublicState())
	}
	if _, err := w.proposals(auth.Anonymous).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id}); reason(err) != "RESOURCE_NOT_FOUND" {
		t.Errorf("public get before the approval: %v", err)
	}

	_, err = w.proposals(approver).ApproveDecision(t.Context(), &proposalsv1.ApproveDecisionRequest{Id: id})
	w.must(err)
	got, err := w.proposals(auth.Anonymous).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	p := got.GetProposal()
	if p.GetNumber() != "R8-提-0001" || p.GetState() != proposalsv1.Proposal_ADOPTED || p.GetDecision().GetCost() != 300000 ||
		p.GetOrganizationName() != "団体1" || p.GetAssignments()[0].GetDepartmentName() != "区民生活部商工振興課" {
		t.Errorf("adopted proposal = %v", p)
	}
	if p.GetContent().GetContactName() != "" || p.GetContent().GetBudget() != nil {
		t.Errorf("the public sees private content: %v", p.GetContent())
	}

	after, err := w.progress(auth.Anonymous).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	w.must(err)
	var course []string
	for _, e := range after.GetEntries() {
		course = append(course, e.GetTitle())
	}
	want := []string{"受付", "審査中", "協議中", "審査中", "採択"}
	if diff := cmp.Diff(want, course); diff != "" {
		t.Errorf("course: %s", diff)
	}
	last := after.GetEntries()[4]
	if last.GetOrganizationName() != "団体1" || last.GetDepartmentNames()[0] != "区民生活部商工振興課" || last.GetDate() != today().String() {
		t.Errorf("last entry = %v", last)
	}
	wantWard := "DRAFT→SUBMITTED SUBMITTED→ACCEPTED ACCEPTED→ASSIGNED ASSIGNED→ASSIGNED ASSIGNED→UNDER_REVIEW " +
		"UNDER_REVIEW→IN_NEGOTIATION IN_NEGOTIATION→DECISION_DRAFTED DECISION_DRAFTED→ADOPTED"
	if got := w.events(id, "ward"); got != wantWard {
		t.Errorf("ward events = %s", got)
	}
	wantPublic := "ProposalSubmitted <nil>→RECEIVED RECEIVED→IN_EXAMINATION IN_EXAMINATION→IN_NEGOTIATION " +
		"IN_NEGOTIATION→IN_EXAMINATION IN_EXAMINATION→ADOPTED ProposalAdopted"
	if got := w.events(id, "public"); got != wantPublic {
		t.Errorf("public events = %s", got)
	}
}
