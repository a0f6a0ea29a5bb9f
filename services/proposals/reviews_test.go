package proposals_test

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

var (
	reviewer2 = servicetest.Staff("reviewer2", dept2, optionsv1.Role_ROLE_REVIEWER)
	reviewer3 = servicetest.Staff("reviewer3", dept2, optionsv1.Role_ROLE_REVIEWER)
)

func (w *world) reviews(p auth.Principal) proposalsv1.ReviewServiceClient {
	return proposalsv1.NewReviewServiceClient(w.As(p))
}

// twoCriteria is a call with two criteria, whose review comes last.
func twoCriteria(in *proposalsv1.CallInput) {
	in.Steps = []proposalsv1.Call_Step{proposalsv1.Call_REVIEW}
	in.Criteria = []*proposalsv1.Criterion{
		{No: 1, Name: "公益性", MaxPoints: 15, FloorPercent: 40}, {No: 2, Name: "協働の必要性", MaxPoints: 20, FloorPercent: 40},
	}
}

func (w *world) assignReviewer(proposalID string, by auth.Principal) *proposalsv1.Review {
	w.t.Helper()
	resp, err := w.reviews(desk).AssignReview(w.t.Context(), &proposalsv1.AssignReviewRequest{ProposalId: proposalID, ReviewerId: by.ID})
	w.must(err)
	return resp.GetReview()
}

func (w *world) handIn(by auth.Principal, id string, points ...int32) error {
	req := &proposalsv1.SubmitReviewRequest{Id: id, Comment: by.ID + "の講評"}
	for i, p := range points {
		req.Scores = append(req.Scores, &proposalsv1.Score{No: int32(i + 1), Points: p})
	}
	return err2(w.reviews(by).SubmitReview(w.t.Context(), req))
}

func (w *world) summary(by auth.Principal, proposalID string) []*proposalsv1.PhaseResult {
	w.t.Helper()
	resp, err := w.reviews(by).GetReviewSummary(w.t.Context(), &proposalsv1.GetReviewSummaryRequest{ProposalId: proposalID})
	if reason(err) == "RESOURCE_NOT_FOUND" {
		return nil
	}
	w.must(err)
	return resp.GetReviewSummary().GetPhases()
}

// Three reviewers, one of whom is recused: the other two count, and nobody sees
// the scores of another before the phase is closed.
func TestReviewByThreeOfWhomOneIsRecused(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(twoCriteria)
	id := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	if _, err := w.proposals(reviewer).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: id}); reason(err) != "RESOURCE_NOT_FOUND" {
		t.Errorf("before the assignment: %v", err)
	}
	r1, r2, r3 := w.assignReviewer(id, reviewer), w.assignReviewer(id, reviewer2), w.assignReviewer(id, reviewer3)
	got, err := w.proposals(reviewer).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	if got.GetProposal().GetContent().GetBudget() == nil || got.GetProposal().GetContent().GetContactName() != "" {
		t.Errorf("a reviewer sees %v", got)
	}
	w.must(err2(w.reviews(reviewer3).RecuseReview(ctx, &proposalsv1.RecuseReviewRequest{Id: r3.GetId(), Reason: "親族が役員"})))
	if _, err := w.proposals(reviewer3).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: id}); reason(err) != "RESOURCE_NOT_FOUND" {
		t.Errorf("after the conflict: %v", err)
	}
	if list, err := w.proposals(reviewer3).ListProposals(ctx, &proposalsv1.ListProposalsRequest{}); err != nil || len(list.GetProposals()) != 0 {
		t.Errorf("lists after the conflict: %v, %v", list, err)
	}
	_, err = w.reviews(desk).AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: id, ReviewerId: reviewer3.ID})
	refused(t, err, "CONFLICT_OF_INTEREST")
	w.must(w.handIn(reviewer, r1.GetId(), 12, 15))

	// Sealed: another reviewer, the desk and the lead department see counts only.
	refused(t, err2(w.reviews(reviewer2).GetReview(ctx, &proposalsv1.GetReviewRequest{Id: r1.GetId()})), "RESOURCE_NOT_FOUND")
	for _, by := range []auth.Principal{desk, staff} {
		seen, err := w.reviews(by).GetReview(ctx, &proposalsv1.GetReviewRequest{Id: r1.GetId()})
		w.must(err)
		if seen.GetReview().GetScores() != nil || seen.GetReview().GetComment() != "" {
			t.Errorf("%s sees %v", by.ID, seen)
		}
		if p := w.summary(by, id)[0]; p.GetAverageX100() != 0 || p.GetSheets() != nil || p.GetComments() != nil || p.GetCounted() != 1 || p.GetRecused() != 1 {
			t.Errorf("summary for %s: %v", by.ID, p)
		}
	}
	close := &proposalsv1.CloseReviewPhaseRequest{Id: r1.GetPhaseId()}
	refused(t, err2(w.reviews(desk).CloseReviewPhase(ctx, close)), "REVIEWS_PENDING")
	refused(t, w.decide(id, proposalsv1.Decision_ADOPTED), "REVIEWS_PENDING")
	_, err = w.reviews(desk).ListReviewResults(ctx, &proposalsv1.ListReviewResultsRequest{Id: r1.GetPhaseId()})
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.must(w.handIn(reviewer2, r2.GetId(), 11, 14))
	w.must(err2(w.reviews(desk).CloseReviewPhase(ctx, close)))

	p := w.summary(reviewer, id)[0]
	if p.GetAverageX100() != 2600 || p.GetCounted() != 2 || !p.GetPassed() || len(p.GetSheets()) != 2 || p.GetCriteria()[0].GetAverageX100() != 1150 {
		t.Errorf("summary = %v", p)
	}
	if w.summary(reviewer3, id) != nil || w.summary(auth.Anonymous, id) != nil || len(w.summary(head, id)) != 0 {
		t.Error("who may not see the summary sees it")
	}
	refused(t, err2(w.reviews(reviewer).RecuseReview(ctx, &proposalsv1.RecuseReviewRequest{Id: r1.GetId(), Reason: "x"})), "PHASE_CLOSED")
	refused(t, w.handIn(reviewer2, r1.GetId(), 1, 1), "PERMISSION_DENIED") // Visible now.
	_, err = w.reviews(reviewer3).ListReviewResults(ctx, &proposalsv1.ListReviewResultsRequest{Id: r1.GetPhaseId()})
	refused(t, err, "PERMISSION_DENIED")

	w.must(w.decide(id, proposalsv1.Decision_ADOPTED))
	w.must(err2(w.proposals(approver).ApproveDecision(ctx, &proposalsv1.ApproveDecisionRequest{Id: id})))
	if p := w.summary(auth.Anonymous, id)[0]; p.GetAverageX100() != 2600 || p.GetSheets() != nil || len(p.GetComments()) != 2 {
		t.Errorf("everybody sees %v", p)
	}
}

// Where nothing passes, nothing is adopted.
func TestNothingPassesNothingIsAdopted(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(twoCriteria)
	low, high := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil), w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	phase, err := w.reviews(desk).CreateReviewPhase(ctx, &proposalsv1.CreateReviewPhaseRequest{CallId: k.GetId(), FloorX100: 2600})
	w.must(err)
	_, err = w.reviews(desk).CreateReviewPhase(ctx, &proposalsv1.CreateReviewPhaseRequest{CallId: k.GetId()})
	refused(t, err, "PHASE_OPEN")
	// Below one floor of an item, and below the floor of the whole.
	w.must(w.handIn(reviewer, w.assignReviewer(low, reviewer).GetId(), 5, 20))
	w.must(w.handIn(reviewer, w.assignReviewer(high, reviewer).GetId(), 11, 14))
	closed, err := w.reviews(desk).CloseReviewPhase(ctx, &proposalsv1.CloseReviewPhaseRequest{Id: phase.GetReviewPhase().GetId()})
	w.must(err)
	_, err = w.reviews(desk).CloseReviewPhase(ctx, &proposalsv1.CloseReviewPhaseRequest{Id: closed.GetReviewPhase().GetId()})
	refused(t, err, "INVALID_STATE_TRANSITION")
	results, err := w.reviews(approver).ListReviewResults(ctx, &proposalsv1.ListReviewResultsRequest{Id: closed.GetReviewPhase().GetId()})
	w.must(err)
	if r := results.GetResults(); !results.GetNonePassed() || r[0].GetProposalId() != low || r[0].GetRank() != 1 || r[1].GetAverageX100() != 2500 {
		t.Errorf("results = %v", results)
	}
	for _, id := range []string{low, high} {
		refused(t, w.decide(id, proposalsv1.Decision_ADOPTED), "REVIEW_NOT_PASSED")
		refused(t, w.decide(id, proposalsv1.Decision_CONDITIONALLY_ADOPTED), "REVIEW_NOT_PASSED")
		w.must(w.decide(id, proposalsv1.Decision_REJECTED))
	}
	_, err = w.reviews(desk).AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: low, ReviewerId: reviewer.ID})
	refused(t, err, "NOT_UNDER_REVIEW")
	third := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	_, err = w.reviews(desk).AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: third, ReviewerId: reviewer.ID})
	refused(t, err, "PHASE_CLOSED")
	list, err := w.reviews(desk).ListReviewPhases(ctx, &proposalsv1.ListReviewPhasesRequest{CallId: k.GetId()})
	w.must(err)
	if p := list.GetReviewPhases(); len(p) != 1 || p[0].GetName() != "第1次審査" || p[0].GetSubmitted() != 2 {
		t.Errorf("phases = %v", p)
	}
}

func TestSheetRefusalsAndQueue(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(twoCriteria)
	id := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	second := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	r := w.assignReviewer(id, reviewer)
	w.assignReviewer(second, reviewer)
	_, err := w.reviews(desk).AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: id, ReviewerId: reviewer.ID})
	refused(t, err, "REVIEWER_ASSIGNED")
	_, err = w.reviews(reviewer2).SaveReview(ctx, &proposalsv1.SaveReviewRequest{Id: r.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	save := func(by auth.Principal, points int32) error {
		return err2(w.reviews(by).SaveReview(ctx, &proposalsv1.SaveReviewRequest{Id: r.GetId(), Scores: []*proposalsv1.Score{{No: 1, Points: points}}}))
	}
	refused(t, save(reviewer, 16), "SCORE_INVALID")
	w.must(save(reviewer, 15))
	refused(t, err2(w.reviews(reviewer).SubmitReview(ctx, &proposalsv1.SubmitReviewRequest{Id: r.GetId()})), "SHEET_INCOMPLETE")
	refused(t, err2(w.reviews(reviewer).SubmitReview(ctx, &proposalsv1.SubmitReviewRequest{Id: r.GetId(), Etag: r.GetEtag()})), "ETAG_MISMATCH")
	related := reviewer
	related.Memberships = []auth.Membership{{OrganizationID: org1, Role: optionsv1.Role_ROLE_VIEWER}}
	refused(t, save(related, 1), "CONFLICT_OF_INTEREST")
	refused(t, err2(w.reviews(reviewer).SubmitReview(ctx, &proposalsv1.SubmitReviewRequest{Id: r.GetId(), Abstain: true})), "INVALID_FIELD")
	w.must(err2(w.reviews(reviewer).SubmitReview(ctx, &proposalsv1.SubmitReviewRequest{Id: r.GetId(), Abstain: true, Reason: "専門外のため"})))
	refused(t, save(reviewer, 1), "INVALID_STATE_TRANSITION")
	for q, want := range map[proposalsv1.ListReviewsRequest_Queue]int{0: 2, proposalsv1.ListReviewsRequest_PENDING: 1, proposalsv1.ListReviewsRequest_DONE: 1} {
		list, err := w.reviews(reviewer).ListReviews(ctx, &proposalsv1.ListReviewsRequest{Queue: q})
		w.must(err)
		if len(list.GetReviews()) != want {
			t.Errorf("queue %v has %d", q, len(list.GetReviews()))
		}
	}
	if list, err := w.reviews(reviewer2).ListReviews(ctx, &proposalsv1.ListReviewsRequest{}); err != nil || len(list.GetReviews()) != 0 {
		t.Errorf("the queue of another: %v, %v", list, err)
	}
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(twoCriteria)
	var ids []string
	for range 4 {
		ids = append(ids, w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil))
	}
	distribute := func(change func(*proposalsv1.DistributeReviewsRequest)) (int, error) {
		req := &proposalsv1.DistributeReviewsRequest{CallId: k.GetId(), Mode: proposalsv1.DistributeReviewsRequest_EVENLY, ReviewerIds: []string{"reviewer-a", "reviewer-b", "reviewer-c"}, PerProposal: 2}
		change(req)
		resp, err := w.reviews(desk).DistributeReviews(ctx, req)
		return len(resp.GetReviews()), err
	}
	_, err := distribute(func(r *proposalsv1.DistributeReviewsRequest) { r.PerProposal = 4 })
	refused(t, err, "INVALID_FIELD")
	_, err = distribute(func(r *proposalsv1.DistributeReviewsRequest) {
		r.Mode, r.ReviewerIds = proposalsv1.DistributeReviewsRequest_BY_TRACK, nil
	})
	refused(t, err, "INVALID_FIELD")
	track := func(proposals ...string) func(*proposalsv1.DistributeReviewsRequest) {
		return func(r *proposalsv1.DistributeReviewsRequest) {
			r.Mode = proposalsv1.DistributeReviewsRequest_BY_TRACK
			r.Tracks = []*proposalsv1.DistributeReviewsRequest_Track{{Name: "福祉", ProposalIds: proposals, ReviewerIds: []string{"reviewer-d", "reviewer-e"}}}
		}
	}
	_, err = distribute(track(none))
	refused(t, err, "NOT_UNDER_REVIEW")
	var wg sync.WaitGroup
	made := make([]int, 4)
	for i := range made { // At once: one of them assigns, the others find it done.
		wg.Go(func() {
			n, err := distribute(func(*proposalsv1.DistributeReviewsRequest) {})
			if err != nil {
				t.Error(err)
			}
			made[i] = n
		})
	}
	wg.Wait()
	if made[0]+made[1]+made[2]+made[3] != 8 {
		t.Errorf("assigned %v", made)
	}
	n, err := distribute(track(ids[0], ids[1]))
	w.must(err)
	if n != 4 {
		t.Errorf("a track assigns %d", n)
	}
}

func TestPresentations(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(twoCriteria)
	id := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	_, err := w.reviews(auth.Anonymous).ListPresentations(ctx, &proposalsv1.ListPresentationsRequest{CallId: k.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	phase, err := w.reviews(desk).CreateReviewPhase(ctx, &proposalsv1.CreateReviewPhaseRequest{CallId: k.GetId(), Name: "公開プレゼンテーション", DueOn: today().String()})
	w.must(err)
	at := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	schedule := func(proposal string) error {
		return err2(w.reviews(desk).SchedulePresentations(ctx, &proposalsv1.SchedulePresentationsRequest{
			Id: phase.GetReviewPhase().GetId(), Venue: "区役所4階", StartTime: timestamppb.New(at), Minutes: 20, ProposalIds: []string{proposal},
		}))
	}
	refused(t, schedule(none), "NOT_UNDER_REVIEW")
	w.must(schedule(id))
	got, err := w.reviews(auth.Anonymous).ListPresentations(ctx, &proposalsv1.ListPresentationsRequest{CallId: k.GetId()})
	w.must(err)
	if p := got.GetPresentations(); len(p) != 1 || p[0].GetTitle() == "" || p[0].GetOrganizationName() != "団体1" || !p[0].GetStartTime().AsTime().Equal(at) {
		t.Errorf("schedule = %v", got)
	}
	one, err := w.reviews(staff).GetReviewPhase(ctx, &proposalsv1.GetReviewPhaseRequest{Id: phase.GetReviewPhase().GetId()})
	w.must(err)
	if one.GetReviewPhase().GetVenue() != "区役所4階" {
		t.Errorf("phase = %v", one)
	}
}

// Only who reviews for the ward today is assigned; without directory nobody is.
func TestUnknownReviewersAreRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(twoCriteria)
	id := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	assign := func(proposal, who string) error {
		return err2(w.reviews(desk).AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: proposal, ReviewerId: who}))
	}
	refused(t, assign(id, staff.ID), "REVIEWER_UNKNOWN")
	refused(t, assign(none, staff.ID), "RESOURCE_NOT_FOUND")
	evenly := &proposalsv1.DistributeReviewsRequest{
		CallId: k.GetId(), Mode: proposalsv1.DistributeReviewsRequest_EVENLY, ReviewerIds: []string{reviewer.ID, none}, PerProposal: 1,
	}
	_, err := w.reviews(desk).DistributeReviews(ctx, evenly)
	refused(t, err, "REVIEWER_UNKNOWN")
	if got := metadataOf(err)["reviewerId"]; got != none {
		t.Errorf("the refusal names %q", got)
	}
	_, err = w.reviews(desk).DistributeReviews(ctx, &proposalsv1.DistributeReviewsRequest{
		CallId: k.GetId(), Mode: proposalsv1.DistributeReviewsRequest_BY_TRACK,
		Tracks: []*proposalsv1.DistributeReviewsRequest_Track{{Name: "福祉", ProposalIds: []string{id}, ReviewerIds: []string{none}}},
	})
	refused(t, err, "REVIEWER_UNKNOWN")
	w.directory.setDown(true)
	refused(t, assign(id, reviewer.ID), "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)
	if n := w.count(`SELECT count(*) FROM review`); n != 0 {
		t.Errorf("%d sheets are there", n)
	}
	w.must(assign(id, reviewer.ID))
}

// metadataOf are the facts that come with a refusal.
func metadataOf(err error) map[string]string {
	if f, ok := rpc.FromStatus(status.Convert(err)); ok {
		return f.Metadata
	}
	return nil
}
