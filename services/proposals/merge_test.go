package proposals_test

import (
	"context"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// What belonged to a merged organization belongs to the survivor: its proposals
// and drafts, joint ones, quotas, consultations, answers to challenges and
// meetings; a second event changes nothing.
func TestMergedOrganizationLivesOnInTheSurvivor(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(func(in *proposalsv1.CallInput) { in.MaxProposalsPerOrganization = 2 })
	submitted, draft := w.bring(k.GetId(), proposalsv1.Proposal_SUBMITTED, nil), w.draft(k.GetId(), nil).GetId()
	joint := func(of ...string) func(*proposalsv1.ProposalContent) {
		return func(c *proposalsv1.ProposalContent) { c.JointOrganizationIds = of }
	}
	beside := w.draft(k.GetId(), joint(org2)).GetId() // Organization 2 stands beside itself after the merger.
	other, err := w.proposals(head2).CreateProposal(ctx, &proposalsv1.CreateProposalRequest{CallId: k.GetId(), OrganizationId: org2, Content: &proposalsv1.ProposalContent{JointOrganizationIds: []string{org1, org3}}})
	w.must(err)
	matter := w.ask(editor, func(r *proposalsv1.CreateConsultationRequest) { r.OrganizationId = org1 }).GetId()
	c := w.challenge()
	answer := w.contribute(c.GetId(), false).GetId()
	meeting := w.meet("")
	w.must(w.record(staff, meeting))

	for range 2 {
		_, err := pg.InTx(ctx, w.DB("proposals"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, store.FollowMerger(ctx, tx, org1, org2)
		})
		w.must(err)
		for _, id := range []string{submitted, draft, beside, other.GetProposal().GetId()} {
			got, err := w.proposals(head2).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: id})
			w.must(err)
			p := got.GetProposal()
			want := 0
			if id == other.GetProposal().GetId() {
				want = 1 // Organization 3.
			}
			if p.GetOrganizationId() != org2 || len(p.GetContent().GetJointOrganizationIds()) != want {
				t.Errorf("%s: of %s with %v", id, p.GetOrganizationId(), p.GetContent().GetJointOrganizationIds())
			}
		}
		if w.seen(head2, matter, "").GetOrganizationId() != org2 {
			t.Error("the consultation stayed")
		}
		r, err := w.challenges(head2).GetContribution(ctx, &proposalsv1.GetContributionRequest{ChallengeId: c.GetId(), Id: answer})
		w.must(err)
		m, err := w.meetings(head2).GetMeeting(ctx, &proposalsv1.GetMeetingRequest{Id: meeting})
		w.must(err)
		if r.GetResponse().GetOrganizationId() != org2 || m.GetMeeting().GetAttendees()[0].GetOrganizationId() != org2 || m.GetMeeting().GetMinutes().GetRoles()[1].GetOrganizationId() != org2 {
			t.Errorf("%v, %v", r, m)
		}
		if _, err := w.proposals(editor).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: draft}); reason(err) != "RESOURCE_NOT_FOUND" {
			t.Errorf("the merged organization still sees its draft: %v", err)
		}
	}
	w.must(w.confirm(head2, meeting))
	var used int
	w.must(w.DB("proposals").QueryRow(ctx, `SELECT used FROM proposal_quota WHERE call_id = $1 AND organization_id = $2`, k.GetId(), org2).Scan(&used))
	if used != 1 {
		t.Errorf("the survivor has used %d places", used)
	}
}

func TestMergerIsFollowedByEvent(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.draft(w.call(nil).GetId(), nil).GetId()
	w.tell("organization", org1, &directoryv1.OrganizationMerged{OrganizationId: org1, SurvivorId: org2, SurvivorName: "団体2", Version: 3})
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		got, err := w.proposals(head2).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
		if err == nil && got.GetProposal().GetOrganizationName() == "団体2" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the draft did not move: %v, %v", got, err)
		}
	}
}
