package proposals_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestDraftOfACall(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, public := w.calls(desk), w.calls(auth.Anonymous)
	_, err := w.calls(staff).CreateCall(t.Context(), &proposalsv1.CreateCallRequest{Call: callInput()})
	refused(t, err, "PERMISSION_DENIED")
	in := callInput()
	in.Title, in.Steps = "", nil
	made, err := client.CreateCall(t.Context(), &proposalsv1.CreateCallRequest{Call: in})
	w.must(err)
	c := made.GetCall()
	if len(c.GetDeclarations()) != 7 || len(c.GetCriteria()) != 8 || c.GetSteps()[0] != proposalsv1.Call_NEGOTIATION {
		t.Errorf("what the desk left open = %v", c)
	}
	_, err = client.CreateCall(t.Context(), &proposalsv1.CreateCallRequest{Call: callInput()})
	refused(t, err, "ROUND_TAKEN")
	_, err = public.GetCall(t.Context(), &proposalsv1.GetCallRequest{Id: c.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = client.PublishCall(t.Context(), &proposalsv1.PublishCallRequest{Id: c.GetId()})
	refused(t, err, "CALL_INCOMPLETE")

	update := func(etag string, change func(*proposalsv1.CallInput), paths ...string) (*proposalsv1.Call, error) {
		in := &proposalsv1.CallInput{}
		change(in)
		resp, err := client.UpdateCall(t.Context(), &proposalsv1.UpdateCallRequest{Id: c.GetId(), Call: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return resp.GetCall(), err
	}
	title := func(in *proposalsv1.CallInput) { in.Title = "令和8年度 募集" }
	_, err = update("", title, "title")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(`"9"`, title, "title")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(c.GetEtag(), title, "state")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(c.GetEtag(), func(in *proposalsv1.CallInput) { in.ClosesOn = "2000-01-01" }, "closesOn")
	refused(t, err, "INVALID_FIELD")
	updated, err := update(c.GetEtag(), title, "title")
	w.must(err)
	if updated.GetTitle() != "令和8年度 募集" || updated.GetOpensOn() != in.GetOpensOn() || len(updated.GetCriteria()) != 8 {
		t.Errorf("updated = %v", updated)
	}

	w.must(err2(client.PublishCall(t.Context(), &proposalsv1.PublishCallRequest{Id: c.GetId()})))
	_, err = client.PublishCall(t.Context(), &proposalsv1.PublishCallRequest{Id: c.GetId()})
	refused(t, err, "INVALID_STATE_TRANSITION")
	_, err = update("*", title, "title")
	refused(t, err, "CALL_NOT_EDITABLE")
}

func TestCallFromPublishedToConcluded(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, public := w.calls(desk), w.calls(auth.Anonymous)
	c := w.call(nil)
	_, err := client.ExtendCall(t.Context(), &proposalsv1.ExtendCallRequest{Id: c.GetId(), ClosesOn: today().String(), Reason: "x"})
	refused(t, err, "INVALID_FIELD")
	_, err = client.ExtendCall(t.Context(), &proposalsv1.ExtendCallRequest{Id: c.GetId(), ClosesOn: today().AddDays(30).String()})
	refused(t, err, "INVALID_FIELD") // The reason is missing.
	w.must(err2(client.ExtendCall(t.Context(), &proposalsv1.ExtendCallRequest{Id: c.GetId(), ClosesOn: today().AddDays(30).String(), Reason: "周知のため"})))

	id := w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
	_, err = client.ConcludeCall(t.Context(), &proposalsv1.ConcludeCallRequest{Id: c.GetId()})
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.must(err2(client.CloseCall(t.Context(), &proposalsv1.CloseCallRequest{Id: c.GetId(), Reason: "予定数に達したため"})))
	_, err = client.ConcludeCall(t.Context(), &proposalsv1.ConcludeCallRequest{Id: c.GetId()})
	refused(t, err, "PROPOSALS_UNDECIDED")
	w.must(err2(w.proposals(head).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: id, Reason: "x"})))
	w.must(err2(client.ConcludeCall(t.Context(), &proposalsv1.ConcludeCallRequest{Id: c.GetId()})))

	got, err := public.GetCall(t.Context(), &proposalsv1.GetCallRequest{Id: c.GetId()})
	w.must(err)
	if got.GetCall().GetState() != proposalsv1.Call_CONCLUDED {
		t.Errorf("state = %v", got.GetCall().GetState())
	}
	course, err := public.ListCallProgress(t.Context(), &proposalsv1.ListCallProgressRequest{CallId: c.GetId()})
	w.must(err)
	if e := course.GetEntries(); len(e) != 3 || !strings.Contains(e[2].GetBody(), "1団体から1件") {
		t.Errorf("course = %v", e)
	}
	if got := w.events(c.GetId(), "public"); got != "CallPublished ProgressPublished CallClosed" {
		t.Errorf("events = %s", got)
	}
}

func TestListCalls(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i := range int32(3) {
		w.call(func(c *proposalsv1.CallInput) { c.Round = i + 1 })
	}
	w.must(err2(w.calls(desk).CreateCall(t.Context(), &proposalsv1.CreateCallRequest{Call: &proposalsv1.CallInput{FiscalYear: 2027}})))
	for by, want := range map[*auth.Principal]int{&auth.Anonymous: 3, &desk: 4} {
		n, token := 0, ""
		for {
			page, err := w.calls(*by).ListCalls(t.Context(), &proposalsv1.ListCallsRequest{PageSize: 2, PageToken: token})
			w.must(err)
			n += len(page.GetCalls())
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		if n != want {
			t.Errorf("%q lists %d calls, want %d", by.ID, n, want)
		}
	}
}

func TestStatisticsOfAYear(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	w.bring(c.GetId(), proposalsv1.Proposal_ADOPTED, nil)
	w.bring(c.GetId(), proposalsv1.Proposal_DECISION_DRAFTED, nil)
	w.draft(c.GetId(), nil)
	got, err := w.statistics(auth.Anonymous).GetProposalStatistics(t.Context(), &proposalsv1.GetProposalStatisticsRequest{FiscalYear: 2026})
	w.must(err)
	s := got.GetStatistics()
	if s.GetProposals() != 2 || s.GetOrganizations() != 1 || s.GetAdopted() != 1 || s.GetInExamination() != 1 || len(s.GetDurations()) != 3 {
		t.Errorf("statistics = %v", s)
	}
	empty, err := w.statistics(auth.Anonymous).GetProposalStatistics(t.Context(), &proposalsv1.GetProposalStatisticsRequest{FiscalYear: 1999})
	w.must(err)
	if empty.GetStatistics().GetProposals() != 0 {
		t.Errorf("a year without proposals = %v", empty)
	}
}
