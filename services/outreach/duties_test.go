package outreach_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
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

func TestDutiesOfPublications(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	ctx := t.Context()
	everybody := []auth.Principal{desk, approver, staff, staff2, editor, head, head2, clerk, resident}
	for _, by := range everybody {
		w.waits(by, "")
	}
	id := w.draft(func(in *outreachv1.EventInput) { in.Credits = bothSides() }).GetId()
	w.must(err2(w.events(head).RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.waits(desk, "approve")
	w.waits(approver, "") // It is an organization's.
	w.waits(head, "confirmCredit")
	w.waits(editor, "")
	w.must(err2(w.events(desk).ReturnEvent(ctx, &outreachv1.ReturnEventRequest{Id: id, Reason: "場所が足りません。"})))
	w.waits(editor, "correct")
	w.waits(head, "correct")
	w.waits(desk, "")
	w.must(err2(w.events(head).RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.must(err2(w.events(desk).ApproveEvent(ctx, &outreachv1.ApproveEventRequest{Id: id})))
	w.waits(desk, "") // Its credits are not confirmed: it cannot be published.
	w.must(err2(w.events(head).ConfirmEventCredit(ctx, &outreachv1.ConfirmEventCreditRequest{Id: id})))
	w.waits(head, "")
	w.waits(desk, "publish")
	w.must(w.publish(id))
	for _, by := range everybody {
		w.waits(by, "")
	}
	asking := w.published(func(in *outreachv1.EventInput) {
		in.Admission = &outreachv1.EventAdmission{Mode: outreachv1.EventAdmission_APPROVAL, Capacity: 5}
	})
	w.must(err2(w.register(auth.Anonymous, asking, "a@example.com")))
	w.must(err2(w.register(auth.Anonymous, asking, "b@example.com")))
	w.waits(editor, "admit")
	w.waits(head2, "")
}

// A draft of a booking waits for its organization until it is put forward.
func TestDutiesOfABooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	w.tell("directory", "organization", org1, &directoryv1.OrganizationVerified{Organization: &directoryv1.Organization{Id: org1, Name: "団体1"}, Version: 1})
	w.booking(func(b *facilitiesv1.BookingFact) { b.CallForVolunteers, b.VolunteersWanted = true, 2 })
	id := w.drafted("booking:" + booking1)
	w.drafted("volunteers:" + booking1)
	w.waits(editor, "completeDraft completeDraft")
	w.waits(head2, "")
	w.waits(desk, "")
	e, err := w.get(editor, id)
	w.must(err)
	w.must(err2(w.events(editor).UpdateEvent(ctx, &outreachv1.UpdateEventRequest{
		Id: id, Etag: e.GetEtag(), UpdateMask: mask("contact"), Event: &outreachv1.EventInput{Contact: eventInput().GetContact()},
	})))
	w.waits(editor, "completeDraft completeDraft")
	w.must(err2(w.events(editor).RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.waits(editor, "completeDraft")
	w.must(err2(w.events(desk).ReturnEvent(ctx, &outreachv1.ReturnEventRequest{Id: id, Reason: "時間を確かめてください。"})))
	w.waits(editor, "completeDraft correct")
	w.booking(func(b *facilitiesv1.BookingFact) { // The day is over.
		b.BookingId, b.Date, b.PublishAsEvent, b.CallForVolunteers, b.VolunteersWanted = none, today().AddDays(-1).String(), false, true, 1
	})
	w.drafted("volunteers:" + none)
	w.waits(editor, "completeDraft correct")
}

func TestDutiesOfTheDesk(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	ctx := t.Context()
	p := w.asked(w.board("1", nil).GetId())
	w.waits(desk, "decidePosting")
	w.waits(keeper, "decidePosting")
	w.waits(clerk, "") // Of another department.
	w.must(err2(w.approve(keeper, p.GetId())))
	w.waits(desk, "")

	a := w.applied(func(in *outreachv1.SponsorshipInput) { in.DepartmentId = "" })
	w.waits(desk, "assignSponsorship")
	w.must(err2(w.sponsorships(desk).AssignSponsorship(ctx, &outreachv1.AssignSponsorshipRequest{Id: a.GetId(), DepartmentId: dept1})))
	w.waits(desk, "")
	w.waits(staff, "draftSponsorshipDecision")
	w.must(w.draftDecision(staff, a.GetId(), true))
	w.waits(staff, "")
	w.waits(approver, "decideSponsorship")
	w.must(err2(w.decideSponsorship(approver, a.GetId())))
	w.waits(head, "")
	w.exec(`UPDATE sponsorship SET starts_on = '2026-04-01', ends_on = '2026-04-02'`)
	w.waits(head, "reportSponsorship")
	w.waits(editor, "")

	s := w.source("https://partner.example/feed", nil)
	w.exec(`UPDATE source SET failures = 5 WHERE id = $1`, s.GetId())
	w.waits(desk, "repairSource")
	w.waits(staff, "")
}
