package proposals_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// tell commits a public event of directory; its relay finds it.
func (w *world) tell(aggregate, id string, m proto.Message) {
	w.t.Helper()
	w.tellAs(event.Event{Aggregate: aggregate, ID: id, Visibility: event.Public, Message: m})
}

func (w *world) tellAs(e event.Event) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB("directory"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, event.Add(ctx, tx, e)
	})
	w.must(err)
}

// TestReferralIsNoted shows the ward, and nobody else, what the intermediary
// reported; a referral of something else changes nothing.
func TestReferralIsNoted(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.ask(resident, nil).GetId()
	w.must(err2(w.desk(desk).ReferConsultation(t.Context(), &proposalsv1.ReferConsultationRequest{Id: id, OrganizationId: orgI, Message: "ご案内します。"})))
	report := func(consultation string, outcome directoryv1.Referral_Outcome) {
		w.tellAs(event.Event{Aggregate: "referral", ID: none, Visibility: event.Ward, Message: &directoryv1.ReferralReported{
			ReferralId: none, IntermediaryName: "中間支援", ConsultationId: consultation, Outcome: outcome, ReportedOn: "2026-05-01",
		}})
	}
	report("", directoryv1.Referral_RESOLVED)
	report(none, directoryv1.Referral_RESOLVED)
	report(id, directoryv1.Referral_CONTINUING)
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for len(w.seen(desk, id, "").GetNotes()) == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("no note")
		}
	}
	notes := w.seen(desk, id, "").GetNotes()
	if len(notes) != 1 || notes[0].GetBody() != "紹介の報告（中間支援、2026-05-01）：支援を続けています。" {
		t.Errorf("notes = %v", notes)
	}
	if asker := w.seen(resident, id, ""); len(asker.GetNotes()) != 0 || asker.GetState() != proposalsv1.Consultation_REFERRED {
		t.Errorf("who asked sees %v", asker)
	}
}

func TestNamesFollowDirectory(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.bring(w.call(nil).GetId(), proposalsv1.Proposal_ADOPTED, nil)
	w.tell("organization", org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "新しい名"}, Version: 2})
	w.tell("organization", org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "古い名"}, Version: 1})
	w.tell("organization", org2, &directoryv1.OrganizationSuspended{Organization: &directoryv1.Organization{Id: org2, Name: "団体2"}, Version: 2})
	w.tell("department", dept1, &directoryv1.DepartmentChanged{Version: 2, Department: &directoryv1.Department{
		Id: dept1, FullName: "地域振興部商工観光課", UpdateTime: timestamppb.New(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)),
	}})
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		got, err := w.proposals(auth.Anonymous).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
		w.must(err)
		p := got.GetProposal()
		if p.GetOrganizationName() == "新しい名" && p.GetAssignments()[0].GetDepartmentName() == "地域振興部商工観光課" {
			break
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("names = %s, %s", p.GetOrganizationName(), p.GetAssignments()[0].GetDepartmentName())
		}
	}
	course, err := w.progress(auth.Anonymous).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	w.must(err)
	last := course.GetEntries()[4]
	if course.GetOrganizationName() != "新しい名" || last.GetOrganizationName() != "団体1" || last.GetDepartmentNames()[0] != "区民生活部商工振興課" {
		t.Errorf("entries keep the names of their day: %v", course)
	}
}

// A call past its last day is closed by itself, soon after the start.
func TestOverdueCallCloses(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	ended := today().AddDays(-1).String()
	if _, err := w.DB("proposals").Pool().Exec(t.Context(), `UPDATE call SET closes_on = $2 WHERE id = $1`, c.GetId(), ended); err != nil {
		t.Fatal(err)
	}
	w.must(w.closeOverdue(t.Context()))
	got, err := w.calls(auth.Anonymous).GetCall(t.Context(), &proposalsv1.GetCallRequest{Id: c.GetId()})
	w.must(err)
	if got.GetCall().GetState() != proposalsv1.Call_CLOSED {
		t.Errorf("state = %v", got.GetCall().GetState())
	}
	if got := w.events(c.GetId(), "public"); got != "CallPublished CallClosed" {
		t.Errorf("events = %s", got)
	}
}

// closeOverdue runs the task as its job does.
func (w *world) closeOverdue(ctx context.Context) error {
	return proposals.Module.Tasks(w.deps)[0].Run(ctx)
}
