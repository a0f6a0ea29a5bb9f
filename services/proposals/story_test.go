package proposals_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

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

// From a phone call to a released decision: the desk writes the call down, a
// department answers it, it becomes a proposal, three people review it of whom
// one is recused, a meeting agrees on minutes, and it is decided with the others
// of its call. Everybody sees each step when it is public and not before.
func TestFromAPhoneCallToAReleasedDecision(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(func(in *proposalsv1.CallInput) { twoCriteria(in); in.ReleaseTogether = true })
	matter := w.ask(desk, func(r *proposalsv1.CreateConsultationRequest) {
		r.Channel, r.OrganizationId = proposalsv1.Consultation_PHONE, org1
	})
	w.route(matter.GetId(), dept1)
	w.must(err2(w.desk(staff).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: matter.GetId(), Body: "提案制度をご利用ください。"})))
	converted, err := w.desk(desk).ConvertConsultation(ctx, &proposalsv1.ConvertConsultationRequest{
		Id: matter.GetId(), Target: &proposalsv1.ConvertConsultationRequest_Proposal_{Proposal: &proposalsv1.ConvertConsultationRequest_Proposal{CallId: k.GetId()}},
	})
	w.must(err)
	id := converted.GetConsultation().GetProposalId()
	whole := content()
	whole.PreConsultation = matter.GetNumber()
	w.must(err2(w.proposals(head).UpdateProposal(ctx, &proposalsv1.UpdateProposalRequest{
		Id: id, Etag: "*", Proposal: &proposalsv1.ProposalInput{Content: whole},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
			"content.contactName", "content.contactPhone", "content.activities", "content.necessity", "content.declarations", "content.budget",
		}},
	})))
	for _, step := range w.way(id)[:5] { // Until the review.
		w.must(step())
	}
	for i, by := range []auth.Principal{reviewer, reviewer2, reviewer3} {
		r := w.assignReviewer(id, by)
		if i == 2 {
			w.must(err2(w.reviews(by).RecuseReview(ctx, &proposalsv1.RecuseReviewRequest{Id: r.GetId(), Reason: "親族が役員"})))
			w.must(err2(w.reviews(desk).CloseReviewPhase(ctx, &proposalsv1.CloseReviewPhaseRequest{Id: r.GetPhaseId()})))
			continue
		}
		w.must(w.handIn(by, r.GetId(), 12, 15))
	}
	meeting := w.meet(id)
	w.must(w.record(staff, meeting))
	w.must(w.confirm(staff, meeting))
	w.must(w.confirm(head, meeting))
	w.must(w.decide(id, proposalsv1.Decision_ADOPTED))
	w.must(err2(w.proposals(approver).ApproveDecision(ctx, &proposalsv1.ApproveDecisionRequest{Id: id})))
	if _, err := w.proposals(auth.Anonymous).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: id}); reason(err) != "RESOURCE_NOT_FOUND" {
		t.Errorf("before the release: %v", err)
	}
	if w.summary(auth.Anonymous, id) != nil || w.meetingSeen(auth.Anonymous, meeting) != nil || w.seen(auth.Anonymous, matter.GetId(), "") != nil {
		t.Error("everybody sees what is not public")
	}
	w.must(err2(w.calls(desk).ReleaseDecisions(ctx, &proposalsv1.ReleaseDecisionsRequest{Id: k.GetId()})))
	got, err := w.proposals(auth.Anonymous).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	if p := got.GetProposal(); p.GetState() != proposalsv1.Proposal_ADOPTED || p.GetConsultationId() != "" {
		t.Errorf("everybody sees %v", p)
	}
	if s := w.summary(auth.Anonymous, id); len(s) != 1 || s[0].GetAverageX100() != 2700 || s[0].GetCounted() != 2 {
		t.Errorf("review = %v", s)
	}
	wantPublic := "ConsultationConverted ProposalSubmitted <nil>→RECEIVED RECEIVED→IN_EXAMINATION IN_EXAMINATION→ADOPTED ProposalAdopted"
	if got := w.events(id, "public"); got != wantPublic {
		t.Errorf("public events = %s", got)
	}
	if mine := w.seen(auth.Anonymous, matter.GetId(), matter.GetAccessCode()); mine.GetProposalId() != id {
		t.Errorf("who asked sees %v", mine)
	}
}
