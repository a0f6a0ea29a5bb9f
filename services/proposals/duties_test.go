package proposals_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// waits expects what waits for the caller, as actions in any order.
func (w *world) waits(by auth.Principal, want string) {
	w.t.Helper()
	resp, err := taskv1.NewTaskServiceClient(w.As(by)).ListTasks(w.t.Context(), &taskv1.ListTasksRequest{})
	w.must(err)
	var got []string
	for _, t := range resp.GetTasks() {
		if t.GetTitle() == "" || t.GetSubject() == "" || t.GetSince() == nil || !strings.HasPrefix(t.GetPath(), "/v1/") {
			w.t.Errorf("incomplete: %v", t)
		}
		got = append(got, t.GetAction())
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", by.ID, diff)
	}
}

func TestDuties(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	for _, by := range []auth.Principal{desk, staff, approver, reviewer, head, resident} {
		w.waits(by, "")
	}
	k := w.call(twoCriteria)
	w.bring(k.GetId(), proposalsv1.Proposal_ACCEPTED, nil)
	w.bring(k.GetId(), proposalsv1.Proposal_ASSIGNED, nil)
	returned := w.bring(k.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
	matter := w.ask(auth.Anonymous, nil).GetId()
	w.waits(desk, "accept assign route")
	w.waits(staff, "respondToAssignment")
	w.waits(staff2, "")
	w.must(err2(w.proposals(desk).ReturnProposal(ctx, &proposalsv1.ReturnProposalRequest{Id: returned, Fields: []string{"title"}, Message: "x", DueOn: today().String()})))
	w.route(matter, dept1)
	c := w.challenge()
	w.contribute(c.GetId(), true)
	meeting := w.meet("")
	w.must(w.record(staff, meeting))
	w.waits(desk, "assign")
	w.waits(staff, "answer confirmMinutes reply respondToAssignment")
	w.waits(head, "confirmMinutes resubmit")
	w.waits(head2, "")
	w.must(w.confirm(head, meeting))
	w.waits(head, "resubmit")
	w.waits(staff, "answer confirmMinutes reply respondToAssignment")

	reviewed := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	r := w.assignReviewer(reviewed, reviewer)
	w.waits(reviewer, "submit")
	w.must(w.handIn(reviewer, r.GetId(), 15, 20))
	w.waits(reviewer, "")
	w.must(err2(w.reviews(desk).CloseReviewPhase(ctx, &proposalsv1.CloseReviewPhaseRequest{Id: r.GetPhaseId()})))
	w.must(w.decide(reviewed, proposalsv1.Decision_ADOPTED))
	w.waits(approver, "approveDecision")
	drafter := approver
	drafter.ID = staff.ID
	w.waits(drafter, "") // Nobody approves the own draft.
}
