package outreach_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestOffersOfTraining(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	_, err := w.opportunities(staff).CreateOpportunity(ctx, &outreachv1.CreateOpportunityRequest{Opportunity: func() *outreachv1.OpportunityInput {
		in := opportunityInput()
		placement(1)(in)
		return in
	}()})
	refused(t, err, "TRAINING_HOST_REQUIRED")
	id := w.call(func(in *outreachv1.OpportunityInput) { placement(2)(in); in.HoursPerDay = 0 })
	_, err = w.opportunities(editor).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id})
	refused(t, err, "PUBLICATION_INCOMPLETE")
	id = w.call(placement(2))
	w.must(err2(w.opportunities(editor).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id})))
	_, err = w.opportunities(coordinator()).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id})
	refused(t, err, "PERMISSION_DENIED")
	w.must(err2(w.opportunities(desk).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id})))
	w.must(err2(w.opportunities(desk).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id})))
	list, err := w.opportunities(auth.Anonymous).ListOpportunities(ctx, &outreachv1.ListOpportunitiesRequest{Kind: outreachv1.Opportunity_STAFF_PLACEMENT})
	w.must(err)
	if len(list.GetOpportunities()) != 1 || list.GetOpportunities()[0].GetTrainingDays() != 5 || list.GetOpportunities()[0].GetOrganizationName() == "" {
		t.Errorf("public offers %v", list.GetOpportunities())
	}
	_, err = w.apply(resident, id, nil)
	refused(t, err, "TRAINING_FOR_STAFF")
	_, err = w.opportunities(editor).InviteEarlierVolunteers(ctx, &outreachv1.InviteEarlierVolunteersRequest{Id: id})
	refused(t, err, "TRAINING_FOR_STAFF")
}

func TestTrainingNeedsTheSuperior(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	offer := w.publishedCall(placement(1))
	lecture := w.publishedCall(func(in *outreachv1.OpportunityInput) {
		placement(5)(in)
		in.Kind = outreachv1.Opportunity_STAFF_LECTURE
	})
	volunteers := w.publishedCall(nil)
	_, err := w.want(member(1), "", volunteers)
	refused(t, err, "TRAINING_WISH_CLOSED")
	_, err = w.want(member(1), "", offer, lecture)
	refused(t, err, "TRAINING_WISHES_MIXED")
	a, err := w.want(headStaff, "", offer)
	w.must(err)
	_, err = w.want(headStaff, "", offer)
	refused(t, err, "TRAINING_ALREADY_APPLIED")
	refused(t, w.placed(a.GetId(), offer), "TRAINING_NOT_APPROVED")
	approve := func(by auth.Principal) error {
		return err2(w.trainings(by).ApproveTrainingApplication(ctx, &outreachv1.ApproveTrainingApplicationRequest{Id: a.GetId()}))
	}
	refused(t, approve(headStaff), "SELF_APPROVAL_FORBIDDEN")
	refused(t, approve(approver), "RESOURCE_NOT_FOUND") // Of another department.
	refused(t, approve(staff), "PERMISSION_DENIED")
	_, err = w.trainings(staff2).GetTrainingApplication(ctx, &outreachv1.GetTrainingApplicationRequest{Id: a.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")

	matching := w.openMatching()
	_, err = w.matchings(desk).CreateTrainingMatching(ctx, &outreachv1.CreateTrainingMatchingRequest{
		TrainingMatching: &outreachv1.TrainingMatchingInput{FiscalYear: a.GetFiscalYear(), Level: a.GetLevel()},
	})
	refused(t, err, "TRAINING_MATCHING_OPEN")
	_, err = w.matchings(desk).VerifyTrainingMatching(ctx, &outreachv1.VerifyTrainingMatchingRequest{Id: matching})
	refused(t, err, "TRAINING_NOT_RUN")
	_, err = w.matchings(desk).RunTrainingMatching(ctx, &outreachv1.RunTrainingMatchingRequest{Id: matching})
	refused(t, err, "TRAINING_NOTHING_TO_MATCH")

	w.must(approve(boss))
	refused(t, approve(boss), "INVALID_STATE_TRANSITION")
	b, err := w.want(member(2), "", offer)
	w.must(err)
	declined, err := w.trainings(boss).DeclineTrainingApplication(ctx, &outreachv1.DeclineTrainingApplicationRequest{Id: b.GetId(), Reason: "繁忙期のため"})
	w.must(err)
	if declined.GetTrainingApplication().GetState() != outreachv1.TrainingApplication_DECLINED {
		t.Errorf("declined: %v", declined)
	}
	list, err := w.trainings(boss).ListTrainingApplications(ctx, &outreachv1.ListTrainingApplicationsRequest{Scope: outreachv1.ListTrainingApplicationsRequest_DEPARTMENT})
	w.must(err)
	if len(list.GetTrainingApplications()) != 2 {
		t.Errorf("the department has %d", len(list.GetTrainingApplications()))
	}
	_, err = w.trainings(staff).ListTrainingApplications(ctx, &outreachv1.ListTrainingApplicationsRequest{Scope: outreachv1.ListTrainingApplicationsRequest_ALL})
	refused(t, err, "PERMISSION_DENIED")
}

// A pending proposal of the host keeps away who is in charge of it or screens it,
// and only as long as it is pending.
func TestTrainingKeepsConflictsApart(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	offer := w.publishedCall(placement(5))
	inCharge := w.admitted(member(1), offer)
	screens, err := w.want(desk2, "", offer)
	w.must(err)
	w.must(err2(w.trainings(approver).ApproveTrainingApplication(ctx, &outreachv1.ApproveTrainingApplicationRequest{Id: screens.GetId()})))
	declares := w.admitted(member(2), offer)
	w.must(err2(w.trainings(boss).DeclareTrainingConflict(ctx, &outreachv1.DeclareTrainingConflictRequest{Id: declares, OrganizationId: org1, Reason: "親族が役員"})))
	waits, err := w.want(member(3), "", offer)
	w.must(err)

	w.proposes(1, proposalsv1.Proposal_UNDER_REVIEW, dept1)
	refused(t, w.placed(inCharge, offer), "TRAINING_CONFLICT_DEPARTMENT")
	refused(t, w.placed(screens.GetId(), offer), "TRAINING_CONFLICT_SCREENING")
	refused(t, w.placed(declares, offer), "TRAINING_CONFLICT_DECLARED")
	m := w.runMatching(w.openMatching())
	kinds := map[string]outreachv1.TrainingExclusion_Kind{}
	for _, e := range m.GetEntries() {
		for _, x := range e.GetExclusions() {
			kinds[e.GetApplicationId()] = x.GetKind()
		}
	}
	if diff := cmp.Diff(map[string]outreachv1.TrainingExclusion_Kind{
		inCharge: outreachv1.TrainingExclusion_DEPARTMENT, screens.GetId(): outreachv1.TrainingExclusion_SCREENING,
		declares: outreachv1.TrainingExclusion_DECLARED, waits.GetId(): outreachv1.TrainingExclusion_NOT_APPROVED,
	}, kinds); diff != "" {
		t.Error(diff)
	}
	if got := w.trained(desk, inCharge).GetState(); got != outreachv1.TrainingApplication_UNMATCHED {
		t.Errorf("with a conflict: %s", got)
	}
	if got := w.trained(desk, waits.GetId()).GetState(); got != outreachv1.TrainingApplication_REQUESTED {
		t.Errorf("without approval: %s", got)
	}

	w.proposes(2, proposalsv1.Proposal_ADOPTED, dept1)
	w.must(w.placed(inCharge, offer))
	refused(t, w.placed(declares, offer), "TRAINING_CONFLICT_DECLARED")
}

// What was matched is what anybody computes from what is shown; a change of it is
// found.
func TestTrainingMatchingRecomputes(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	first, second := w.publishedCall(placement(2)), w.publishedCall(placement(1))
	var ids []string
	for i := range 5 {
		ids = append(ids, w.admitted(member(i), first, second))
	}
	id := w.openMatching()
	open, err := w.matchings(staff).GetTrainingMatching(ctx, &outreachv1.GetTrainingMatchingRequest{Id: id})
	w.must(err)
	m := w.runMatching(id)
	if open.GetTrainingMatching().GetSeed() != "" || open.GetTrainingMatching().GetCommitment() != m.GetCommitment() || m.GetSeed() == "" {
		t.Errorf("commitment %q, then %q", open.GetTrainingMatching().GetCommitment(), m.GetCommitment())
	}
	ranks := []int32{}
	for _, p := range m.GetPlaces() {
		ranks = append(ranks, p.GetRank())
	}
	if !slices.Equal(ranks, []int32{1, 1, 2, 0, 0}) {
		t.Errorf("ranks in the order of the draw: %v", ranks)
	}
	_, err = w.matchings(desk).RunTrainingMatching(ctx, &outreachv1.RunTrainingMatchingRequest{Id: id})
	refused(t, err, "INVALID_STATE_TRANSITION")
	verify := func() *outreachv1.VerifyTrainingMatchingResponse {
		resp, err := w.matchings(staff2).VerifyTrainingMatching(ctx, &outreachv1.VerifyTrainingMatchingRequest{Id: id})
		w.must(err)
		return resp
	}
	if v := verify(); !v.GetVerified() || !cmp.Equal(m.GetPlaces(), v.GetPlaces(), protocmp.Transform()) {
		t.Errorf("not the same: %v", v)
	}
	matched := m.GetPlaces()[0].GetApplicationId()
	refused(t, w.placed(m.GetPlaces()[4].GetApplicationId(), first), "TRAINING_FULL")
	host, err := w.trainings(editor).ListTrainingApplications(ctx, &outreachv1.ListTrainingApplicationsRequest{Scope: outreachv1.ListTrainingApplicationsRequest_HOST, OpportunityId: first})
	w.must(err)
	if len(host.GetTrainingApplications()) != 2 || host.GetTrainingApplications()[0].GetMotive() != "" {
		t.Errorf("the host sees %v", host.GetTrainingApplications())
	}
	w.exec(`UPDATE training_matching SET places = jsonb_set(places, '{0,applicationId}', to_jsonb($2::text)) WHERE id = $1`, id, m.GetPlaces()[4].GetApplicationId())
	if verify().GetVerified() {
		t.Error("a changed result is verified")
	}
	list, err := w.matchings(auditor).ListTrainingMatchings(ctx, &outreachv1.ListTrainingMatchingsRequest{})
	w.must(err)
	if len(list.GetTrainingMatchings()) != 1 || len(ids) != len(m.GetEntries()) || matched == "" {
		t.Errorf("%d matchings", len(list.GetTrainingMatchings()))
	}
}

// Two matchings and placements by hand at once never give more places than a host
// has.
func TestTrainingCapacityHoldsInARace(t *testing.T) {
	t.Parallel()
	w := start(t)
	offer := w.publishedCall(placement(3))
	var ids []string
	for i := range 8 {
		ids = append(ids, w.admitted(member(i), offer))
	}
	matching := w.openMatching()
	var wait sync.WaitGroup
	run := func(f func() error) {
		wait.Go(func() {
			switch got := reason(f()); got {
			case "", "TRAINING_FULL", "TRAINING_NOT_APPROVED", "INVALID_STATE_TRANSITION":
			default:
				t.Errorf("reason %q", got)
			}
		})
	}
	for range 2 {
		run(func() error {
			return err2(w.matchings(desk).RunTrainingMatching(t.Context(), &outreachv1.RunTrainingMatchingRequest{Id: matching}))
		})
	}
	for _, id := range ids {
		run(func() error { return w.placed(id, offer) })
	}
	wait.Wait()
	if n := w.count(`SELECT count(*) FROM training_application WHERE state = 'MATCHED'`); n != 3 {
		t.Errorf("%d have a place", n)
	}
	if n := w.count(`SELECT accepted FROM opportunity_place WHERE opportunity_id = $1`, offer); n != 3 {
		t.Errorf("%d places are taken", n)
	}
}

func TestTrainingWithdrawalAndCancellation(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	later := w.publishedCall(func(in *outreachv1.OpportunityInput) {
		placement(1)(in)
		in.StartsOn, in.EndsOn = today().AddDays(1).String(), today().AddDays(2).String()
	})
	id := w.admitted(member(1), later)
	w.must(w.placed(id, later))
	withdraw := func(by auth.Principal, id string) error {
		return err2(w.trainings(by).WithdrawTrainingApplication(ctx, &outreachv1.WithdrawTrainingApplicationRequest{Id: id}))
	}
	refused(t, withdraw(member(2), id), "RESOURCE_NOT_FOUND")
	w.must(withdraw(member(1), id))
	refused(t, withdraw(member(1), id), "INVALID_STATE_TRANSITION")
	if n := w.count(`SELECT accepted FROM opportunity_place WHERE opportunity_id = $1`, later); n != 0 {
		t.Errorf("%d places are taken", n)
	}
	now := w.publishedCall(placement(1))
	begun := w.admitted(member(1), now)
	w.must(w.placed(begun, now))
	refused(t, withdraw(member(1), begun), "TRAINING_BEGUN")
	w.must(err2(w.opportunities(editor).CancelOpportunity(ctx, &outreachv1.CancelOpportunityRequest{Id: now, Reason: "会場の都合"})))
	if got := w.trained(member(1), begun).GetState(); got != outreachv1.TrainingApplication_CANCELLED {
		t.Errorf("called off: %s", got)
	}
	refused(t, w.placed(w.admitted(member(3), later), now), "TRAINING_WISH_CLOSED")
}
