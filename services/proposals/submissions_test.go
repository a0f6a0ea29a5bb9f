package proposals_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestSubmissionRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	open := w.call(nil)
	future := w.call(func(c *proposalsv1.CallInput) { c.Round, c.OpensOn = 2, today().AddDays(1).String() })
	submit := func(by auth.Principal, id string) error {
		_, err := w.proposals(by).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id})
		return err
	}
	for _, tt := range []struct {
		name, call string
		change     func(*proposalsv1.ProposalContent)
		want       string
	}{
		{"before the opening", future.GetId(), nil, "CALL_NOT_OPEN"},
		{"declaration missing", open.GetId(), func(c *proposalsv1.ProposalContent) { c.Declarations = c.Declarations[1:] }, "DECLARATION_MISSING"},
		{"incomplete", open.GetId(), func(c *proposalsv1.ProposalContent) { c.Purpose = "" }, "PROPOSAL_INCOMPLETE"},
		{"unbalanced", open.GetId(), func(c *proposalsv1.ProposalContent) { c.Budget[0].Amount = 1 }, "BUDGET_UNBALANCED"},
		{"unknown joint organization", open.GetId(), func(c *proposalsv1.ProposalContent) { c.JointOrganizationIds = []string{none} }, "ORGANIZATION_UNKNOWN"},
	} {
		id := w.draft(tt.call, tt.change).GetId()
		if got := reason(submit(head, id)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if w.events(id, "public")+w.events(id, "ward") != "" {
			t.Errorf("%s: a refused submission told something", tt.name)
		}
	}
	resp, err := w.proposals(head3).CreateProposal(t.Context(), &proposalsv1.CreateProposalRequest{CallId: open.GetId(), OrganizationId: org3, Content: content()})
	w.must(err)
	refused(t, submit(head3, resp.GetProposal().GetId()), "ORGANIZATION_NOT_VERIFIED")

	id := w.draft(open.GetId(), nil).GetId()
	refused(t, submit(editor, id), "PERMISSION_DENIED")
	refused(t, submit(head2, id), "RESOURCE_NOT_FOUND")
	refused(t, submit(desk, id), "RESOURCE_NOT_FOUND")
	refused(t, submit(coordinator(), id), "PERMISSION_DENIED")
	w.directory.setDown(true)
	refused(t, submit(head, id), "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)
	_, err = w.calls(desk).CloseCall(t.Context(), &proposalsv1.CloseCallRequest{Id: open.GetId(), Reason: "中止"})
	w.must(err)
	refused(t, submit(head, id), "CALL_CLOSED")
}

func TestPaperByMailIsInTimeByItsPostmark(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(func(c *proposalsv1.CallInput) {
		c.PostmarkRule, c.OpensOn, c.ClosesOn = true, today().AddDays(-20).String(), today().AddDays(-2).String()
	})
	create := func() string {
		resp, err := w.proposals(desk).CreateProposal(t.Context(), &proposalsv1.CreateProposalRequest{
			CallId: c.GetId(), OrganizationId: org1, Content: content(), Channel: proposalsv1.Proposal_MAIL, PaperNote: "封書で受領",
		})
		w.must(err)
		return resp.GetProposal().GetId()
	}
	id := create()
	_, err := w.proposals(desk).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id})
	refused(t, err, "CALL_CLOSED")
	_, err = w.proposals(desk).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id, PostmarkOn: today().AddDays(-1).String()})
	refused(t, err, "CALL_CLOSED")
	_, err = w.proposals(desk).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id, PostmarkOn: "2026-02-30"})
	refused(t, err, "INVALID_FIELD")
	got, err := w.proposals(desk).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id, PostmarkOn: today().AddDays(-2).String()})
	w.must(err)
	if got.GetProposal().GetNumber() == "" || got.GetProposal().GetChannel() != proposalsv1.Proposal_MAIL {
		t.Errorf("submitted = %v", got.GetProposal())
	}
	_, err = w.proposals(editor).CreateProposal(t.Context(), &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: org1})
	refused(t, err, "CALL_CLOSED")
}

// Twenty submissions at once: twenty numbers, none twice and none left out.
func TestNumbersUnderParallelSubmissions(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	var ids []string
	for range 20 {
		ids = append(ids, w.draft(c.GetId(), nil).GetId())
	}
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		numbers []string
	)
	client := w.proposals(head)
	for _, id := range ids {
		wg.Go(func() {
			resp, err := client.SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			numbers = append(numbers, resp.GetProposal().GetNumber())
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := fmt.Sprintf("R8-提-%04d", i+1); n != want {
			t.Fatalf("numbers = %v", numbers)
		}
	}
	stats, err := w.statistics(auth.Anonymous).GetCallStatistics(t.Context(), &proposalsv1.GetCallStatisticsRequest{Id: c.GetId()})
	w.must(err)
	if s := stats.GetStatistics(); s.GetProposals() != 20 || s.GetOrganizations() != 1 || s.GetReceived() != 20 {
		t.Errorf("statistics = %v", s)
	}
}

func TestQuotaUnderParallelSubmissions(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(func(c *proposalsv1.CallInput) { c.MaxProposalsPerOrganization = 2 })
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		done []string
	)
	client := w.proposals(head)
	for range 8 {
		id := w.draft(c.GetId(), nil).GetId()
		wg.Go(func() {
			_, err := client.SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: id})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done = append(done, id)
			} else {
				refused(t, err, "QUOTA_EXCEEDED")
			}
		})
	}
	wg.Wait()
	if len(done) != 2 {
		t.Fatalf("%d of a quota of 2", len(done))
	}
	_, err := client.WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: done[0], Reason: "出し直し"})
	w.must(err)
	w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
}

// Two movers at once: one step happens, once.
func TestTwoMoversAtOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	for range 5 {
		id := w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
		var (
			wg   sync.WaitGroup
			errs [2]error
		)
		movers := []func() error{
			func() error {
				_, err := w.proposals(desk).AcceptProposal(t.Context(), &proposalsv1.AcceptProposalRequest{Id: id, Etag: `"2"`})
				return err
			},
			func() error {
				_, err := w.proposals(head).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: id, Etag: `"2"`, Reason: "x"})
				return err
			},
		}
		for i, m := range movers {
			wg.Go(func() { errs[i] = m() })
		}
		wg.Wait()
		got := []string{reason(errs[0]), reason(errs[1])}
		slices.Sort(got)
		if got[0] != "" || got[1] != "ETAG_MISMATCH" && got[1] != "INVALID_STATE_TRANSITION" {
			t.Errorf("reasons = %v", got)
		}
	}
}

func TestCorrectionLoop(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
	_, err := w.proposals(desk).ReturnProposal(t.Context(), &proposalsv1.ReturnProposalRequest{Id: id, Fields: []string{"nothing"}, Message: "x", DueOn: today().String()})
	refused(t, err, "INVALID_FIELD")
	_, err = w.proposals(desk).ReturnProposal(t.Context(), &proposalsv1.ReturnProposalRequest{Id: id, Fields: []string{"title"}, Message: "x", DueOn: today().AddDays(-1).String()})
	refused(t, err, "INVALID_FIELD")
	_, err = w.proposals(desk).ReturnProposal(t.Context(), &proposalsv1.ReturnProposalRequest{Id: id, Fields: []string{"title", "budget"}, Message: "題を直してください", DueOn: today().String()})
	w.must(err)

	got, err := w.proposals(editor).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	if f := got.GetProposal().GetCorrection().GetFields(); len(f) != 2 {
		t.Errorf("correction = %v", got.GetProposal().GetCorrection())
	}
	update := func(path string) (*proposalsv1.UpdateProposalResponse, error) {
		return w.proposals(editor).UpdateProposal(t.Context(), &proposalsv1.UpdateProposalRequest{
			Id: id, Etag: got.GetProposal().GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}},
			Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{Title: "直した題"}},
		})
	}
	_, err = update("content.purpose")
	refused(t, err, "FIELD_NOT_IN_CORRECTION")
	_, err = update("content.title")
	w.must(err)
	_, err = w.proposals(head).ResubmitProposal(t.Context(), &proposalsv1.ResubmitProposalRequest{Id: id})
	w.must(err)
	_, err = w.proposals(editor).UpdateProposal(t.Context(), &proposalsv1.UpdateProposalRequest{
		Id: id, Etag: "*", UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"content.title"}}, Proposal: &proposalsv1.ProposalInput{},
	})
	refused(t, err, "PROPOSAL_NOT_EDITABLE")

	list, err := w.proposals(viewer).ListRevisions(t.Context(), &proposalsv1.ListRevisionsRequest{ProposalId: id, PageSize: 1})
	w.must(err)
	rest, err := w.proposals(viewer).ListRevisions(t.Context(), &proposalsv1.ListRevisionsRequest{ProposalId: id, PageSize: 1, PageToken: list.GetNextPageToken()})
	w.must(err)
	if list.GetRevisions()[0].GetNumber() != 1 || rest.GetRevisions()[0].GetNumber() != 2 || rest.GetNextPageToken() != "" {
		t.Errorf("revisions = %v, %v", list, rest)
	}
	cmp, err := w.proposals(desk).CompareRevisions(t.Context(), &proposalsv1.CompareRevisionsRequest{ProposalId: id, From: 1, To: 2})
	w.must(err)
	if d := cmp.GetDifferences(); len(d) != 1 || d[0].GetField() != "title" || d[0].GetTo().GetStringValue() != "直した題" {
		t.Errorf("differences = %v", d)
	}
	_, err = w.proposals(desk).GetRevision(t.Context(), &proposalsv1.GetRevisionRequest{ProposalId: id, Number: 3})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.proposals(head2).GetRevision(t.Context(), &proposalsv1.GetRevisionRequest{ProposalId: id, Number: 1})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

func TestJointProposerReadsAndLeaves(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	joint := func(c *proposalsv1.ProposalContent) { c.JointOrganizationIds = []string{org2} }
	draft := w.draft(c.GetId(), joint).GetId()
	_, err := w.proposals(head2).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: draft})
	refused(t, err, "RESOURCE_NOT_FOUND")
	id := w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, joint)
	got, err := w.proposals(head2).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	if p := got.GetProposal(); p.GetContent().GetContactName() != "" || p.GetJointOrganizationNames()[0] != "団体2" {
		t.Errorf("joint view = %v", p)
	}
	_, err = w.proposals(head2).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: id, Reason: "x"})
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.proposals(head).LeaveProposal(t.Context(), &proposalsv1.LeaveProposalRequest{Id: id})
	refused(t, err, "NOT_A_JOINT_PROPOSER")
	_, err = w.proposals(head2).LeaveProposal(t.Context(), &proposalsv1.LeaveProposalRequest{Id: id})
	w.must(err)
	_, err = w.proposals(head2).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

func TestReproposalIsLinkedBothWays(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
	repropose := func() (*proposalsv1.ReproposeProposalResponse, error) {
		return w.proposals(head).ReproposeProposal(t.Context(), &proposalsv1.ReproposeProposalRequest{Id: id, CallId: c.GetId()})
	}
	_, err := repropose()
	refused(t, err, "INVALID_STATE_TRANSITION")
	_, err = w.proposals(head).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: id, Reason: "出し直し"})
	w.must(err)
	made, err := repropose()
	w.must(err)
	_, err = repropose()
	refused(t, err, "ALREADY_REPROPOSED")
	old, err := w.proposals(head).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
	w.must(err)
	p := made.GetProposal()
	if p.GetPredecessorId() != id || old.GetProposal().GetSuccessorId() != p.GetId() || p.GetContent().GetDeclarations() != nil || p.GetNumber() != "" {
		t.Errorf("new draft = %v", p)
	}
}
