package outreach_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// A renewal is asked for when its time comes, and not when it is done by then.
func TestRenewalIsAskedForInTime(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	verified := func(version int64, days int) {
		w.tell("directory", "organization", org1, &directoryv1.OrganizationVerified{
			Organization: &directoryv1.Organization{Id: org1, Name: "団体1", ValidUntil: today().AddDays(days).String()}, Version: version,
		})
	}
	verified(3, 70)
	w.occasions(2)
	w.deliver()
	if got := w.kindsOf(head); got != "organization_verified" {
		t.Errorf("early: %q", got)
	}
	verified(4, 400)
	w.occasions(4)
	w.exec(`UPDATE notice_occasion SET due_at = now() WHERE due_at < now() + interval '100 days'`)
	w.deliver()
	if got := w.kindsOf(head); got != "organization_verified organization_verified" {
		t.Errorf("renewed: %q", got)
	}
	w.exec(`UPDATE notice_occasion SET due_at = now() WHERE state = 'OPEN'`)
	w.deliver()
	if got := w.kindsOf(head); got != "organization_verified organization_verified organization_renewal_due" {
		t.Errorf("due: %q", got)
	}
}

// Each side is reminded of its own sheet, by what is kept of its project.
func TestEvaluationReminders(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.tell("evaluation", "project", project1, &evaluationv1.ProjectCreated{Project: projectFact(project1, "R8-提-0001")})
	w.tellAs("evaluation", event.Event{Aggregate: "evaluation", ID: none, Visibility: event.Ward, Message: &evaluationv1.EvaluationOpened{EvaluationId: none, ProjectId: project1, PublicNumber: "R8-提-0001", DueOn: "2027-04-30"}})
	w.tellAs("evaluation", event.Event{Aggregate: "evaluation", ID: none, Visibility: event.Ward, Message: &evaluationv1.EvaluationReminderDue{
		EvaluationId: none, ProjectId: project1, PublicNumber: "R8-提-0001", Side: evaluationv1.Project_WARD, Days: 1, DueOn: "2027-04-30", OrganizationIds: []string{org1}, DepartmentIds: []string{dept1},
	}})
	w.occasions(3)
	w.deliver()
	if got := w.kindsOf(head); got != "project_created evaluation_opened" {
		t.Errorf("organization: %q", got)
	}
	if got := w.kindsOf(staff); got != "project_created evaluation_opened evaluation_due" {
		t.Errorf("ward: %q", got)
	}
	if got := w.notified(staff)[2].GetSubject(); got != "【至急】評価シートの提出期限：R8-提-0001" {
		t.Errorf("subject = %s", got)
	}
}

// A tentative booking is reminded of before it ends, unless it was decided by then;
// offers and results go to the organization. A resident's own names nobody there.
func TestBookingsAreTold(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	tell := func(aggregate, id string, m proto.Message) {
		w.tellAs("facilities", event.Event{Aggregate: aggregate, ID: id, Visibility: event.Ward, Message: m})
	}
	fact := func(id string, version int64) *facilitiesv1.BookingFact {
		return &facilitiesv1.BookingFact{
			BookingId: id, Number: "R8-施-000001", OrganizationId: org1, FacilityName: "見本区民館", RoomName: "洋室A", Date: today().AddDays(20).String(),
			StartTime: "13:00", EndTime: "15:00", Title: "定例会", ExpireTime: timestamppb.New(time.Now().Add(72 * time.Hour)), Version: version,
		}
	}
	tell("booking", booking1, &facilitiesv1.BookingRequested{Booking: fact(booking1, 1)})
	tell("booking", none, &facilitiesv1.BookingRequested{Booking: fact(none, 1)})
	w.occasions(4)
	approved := fact(none, 2)
	approved.ExpireTime = nil
	tell("booking", none, &facilitiesv1.BookingConfirmed{Booking: approved})
	own := fact(proposal1, 1)
	own.OrganizationId = ""
	tell("booking", proposal1, &facilitiesv1.BookingRequested{Booking: own})
	w.occasions(5)
	w.exec(`UPDATE notice_occasion SET due_at = now() WHERE state = 'OPEN'`)
	w.deliver()
	if got := w.kindsOf(head); strings.Count(got, "booking_received") != 2 || strings.Count(got, "booking_approved") != 1 || strings.Count(got, "booking_expiring") != 1 {
		t.Errorf("head got %q", got)
	}
	tell("booking", booking1, &facilitiesv1.BookingCancelled{BookingId: booking1, OrganizationId: org1, State: facilitiesv1.Booking_EXPIRED, Date: "2026-12-01"})
	tell("waitlistPlace", booking1, &facilitiesv1.WaitlistOffered{PlaceId: booking1, OrganizationId: org1, OfferEndTime: timestamppb.Now()})
	tell("lotteryEntry", booking1, &facilitiesv1.LotteryEntryDecided{EntryId: booking1, LotteryId: none, OrganizationId: org1, Won: true, ConfirmBefore: timestamppb.Now()})
	w.occasions(8)
	w.deliver()
	for _, want := range []string{"booking_ended", "waitlist_offered", "lottery_decided"} {
		if got := w.kindsOf(editor); !strings.Contains(got, want) {
			t.Errorf("editor got %q without %s", got, want)
		}
	}
}

// A resident is told of the own booking, place and entry what an organization would be
// told of its own, and nobody else is.
func TestResidentsAreToldOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	owner := servicetest.Resident("01980000-0000-7000-8000-0000000000a7")
	tell := func(aggregate string, told *facilitiesv1.ResidentTold) {
		told.PersonId = owner.ID
		w.tellAs("facilities", event.Event{Aggregate: aggregate, ID: booking1, Visibility: event.Private, Message: told})
	}
	b := &facilitiesv1.BookingFact{
		BookingId: booking1, Number: "R8-施-000001", FacilityName: "見本区民館", RoomName: "洋室A", Date: today().AddDays(20).String(),
		StartTime: "13:00", EndTime: "15:00", Title: "読書会", ExpireTime: timestamppb.New(time.Now().Add(72 * time.Hour)), Version: 1,
	}
	tell("booking", &facilitiesv1.ResidentTold{Fact: &facilitiesv1.ResidentTold_BookingRequested{BookingRequested: &facilitiesv1.BookingRequested{Booking: b}}})
	tell("booking", &facilitiesv1.ResidentTold{Fact: &facilitiesv1.ResidentTold_BookingInformationRequested{
		BookingInformationRequested: &facilitiesv1.BookingInformationRequested{BookingId: booking1, Number: b.GetNumber(), DueOn: "2027-01-08"},
	}})
	tell("booking", &facilitiesv1.ResidentTold{Fact: &facilitiesv1.ResidentTold_BookingConfirmed{BookingConfirmed: &facilitiesv1.BookingConfirmed{Booking: b}}})
	tell("booking", &facilitiesv1.ResidentTold{Fact: &facilitiesv1.ResidentTold_BookingCancelled{
		BookingCancelled: &facilitiesv1.BookingCancelled{BookingId: booking1, Number: b.GetNumber(), State: facilitiesv1.Booking_CANCELLED, Cause: facilitiesv1.Booking_WARD},
	}})
	tell("waitlistPlace", &facilitiesv1.ResidentTold{Fact: &facilitiesv1.ResidentTold_WaitlistOffered{
		WaitlistOffered: &facilitiesv1.WaitlistOffered{PlaceId: booking1, Date: b.GetDate(), OfferEndTime: timestamppb.Now()},
	}})
	tell("lotteryEntry", &facilitiesv1.ResidentTold{Fact: &facilitiesv1.ResidentTold_LotteryEntryDecided{
		LotteryEntryDecided: &facilitiesv1.LotteryEntryDecided{EntryId: booking1, LotteryId: none},
	}})
	w.occasions(7)
	w.deliver()
	want := "booking_received booking_information booking_approved booking_ended waitlist_offered lottery_decided"
	if got := strings.Fields(w.kindsOf(owner)); !sameWords(got, strings.Fields(want)) {
		t.Errorf("the resident got %q", got)
	}
	for _, by := range []auth.Principal{resident, head, editor, staff, desk} {
		if got := w.kindsOf(by); got != "" {
			t.Errorf("%s got %q", by.ID, got)
		}
	}
}

// Points are told to whose booking it was, and so is the answer to an appeal.
func TestPenaltiesAreTold(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	owner := servicetest.Resident("01980000-0000-7000-8000-0000000000a8")
	tell := func(id string, m proto.Message) {
		w.tellAs("facilities", event.Event{Aggregate: "penalty", ID: id, Visibility: event.Private, Message: m})
	}
	tell(booking1, &facilitiesv1.PenaltyRecorded{
		PenaltyId: booking1, OrganizationId: org1, Kind: facilitiesv1.Penalty_NO_SHOW, HalfPoints: 2, AppealBy: "2026-12-15", SuspendedUntil: "2027-06-01",
	})
	tell(none, &facilitiesv1.PenaltyRecorded{PenaltyId: none, PersonId: owner.ID, Kind: facilitiesv1.Penalty_LATE_CANCEL, HalfPoints: 1, AppealBy: "2026-12-15"})
	tell(none, &facilitiesv1.PenaltyAppealDecided{PenaltyId: none, PersonId: owner.ID, Lifted: true})
	w.occasions(3)
	w.deliver()
	read := func(by auth.Principal, kind string) string {
		for _, n := range w.notified(by) {
			if n.GetKind() == kind {
				got, err := w.notices(by).GetNotice(t.Context(), &outreachv1.GetNoticeRequest{Id: n.GetId()})
				w.must(err)
				return got.GetNotice().GetSubject() + got.GetNotice().GetText()
			}
		}
		return ""
	}
	for _, c := range []struct {
		by   auth.Principal
		kind string
		want []string
	}{
		{editor, "penalty_recorded", []string{"無断不使用（1点）", "12月15日", "5月31日", "/penalties/" + booking1}},
		{owner, "penalty_recorded", []string{"直前の取消し（0.5点）", "/penalties/" + none}},
		{owner, "penalty_decided", []string{"点数を取り消します"}},
	} {
		got := read(c.by, c.kind)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s of %s lacks %q: %s", c.kind, c.by.ID, want, got)
			}
		}
	}
	if got := read(owner, "penalty_recorded"); strings.Contains(got, "新しい予約ができません") {
		t.Errorf("nobody is suspended: %s", got)
	}
	if got := w.kindsOf(staff); got != "" {
		t.Errorf("staff got %q", got)
	}
}

func sameWords(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// What outreach itself decides is told, too.
func TestOwnStepsAreTold(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	ctx := t.Context()
	id := w.draft(func(in *outreachv1.EventInput) { in.Credits = bothSides() }).GetId()
	w.must(err2(w.events(head).RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.must(err2(w.events(desk).ReturnEvent(ctx, &outreachv1.ReturnEventRequest{Id: id, Reason: "場所が足りません。"})))
	w.must(err2(w.events(head).RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.must(err2(w.events(desk).ApproveEvent(ctx, &outreachv1.ApproveEventRequest{Id: id})))
	w.must(err2(w.events(head).ConfirmEventCredit(ctx, &outreachv1.ConfirmEventCreditRequest{Id: id})))
	w.must(w.publish(id))
	p := w.asked(w.board("1", nil).GetId())
	w.must(err2(w.approve(desk, p.GetId())))
	a := w.applied(nil)
	w.must(w.draftDecision(staff, a.GetId(), true))
	w.must(err2(w.decideSponsorship(approver, a.GetId())))
	w.exec(`UPDATE notice_occasion SET due_at = now() WHERE state = 'OPEN'`)
	w.deliver()
	got := w.kindsOf(head)
	for kind, n := range map[string]int{
		"credit_asked": 2, "publication_returned": 1, "publication_published": 1, "posting_decided": 1, "sponsorship_decided": 1, "sponsorship_report_due": 1,
	} {
		if strings.Count(got, kind) != n {
			t.Errorf("%s: %d times, want %d (%s)", kind, strings.Count(got, kind), n, got)
		}
	}
	if got := w.kindsOf(editor); strings.Contains(got, "credit_asked") {
		t.Errorf("only who confirms is asked: %q", got)
	}
}

// Who follows something is told of it once, however many of its things are followed.
func TestFollowersAreTold(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	fan := servicetest.Resident("01980000-0000-7000-8000-00000000fa01")
	for kind, target := range map[outreachv1.Follow_Kind]string{
		outreachv1.Follow_TOPIC: "history", outreachv1.Follow_ORGANIZATION: org1, outreachv1.Follow_PROPOSAL: proposal1,
	} {
		w.must(err2(outreachv1.NewFollowServiceClient(w.As(fan)).CreateFollow(t.Context(), &outreachv1.CreateFollowRequest{Follow: &outreachv1.FollowInput{Kind: kind, Target: target}})))
	}
	w.published(nil)
	w.deliver()
	if got := w.kindsOf(fan); got != "followed_news" {
		t.Fatalf("got %q", got)
	}
	if got := w.notified(fan)[0].GetSubject(); got != "フォロー中のお知らせ：神田の街歩き" {
		t.Errorf("subject = %s", got)
	}
	w.exec(`UPDATE notice_occasion SET state = 'OPEN', due_at = now()`) // Killed before it was noted.
	w.tell("proposals", "proposal", proposal1, &proposalsv1.ProposalStatusChanged{ProposalId: proposal1, Number: "R8-提-0012", OrganizationId: org1, PublicTo: proposalsv1.ProgressEntry_IN_EXAMINATION, Version: 4})
	w.until("the step", func() bool {
		return w.count(`SELECT count(*) FROM notice_occasion WHERE object_id = $1`, proposal1) == 1
	})
	w.deliver()
	if got := w.kindsOf(fan); got != "followed_news followed_news" {
		t.Errorf("got %q", got)
	}
	if got := len(w.mailsTo(fan.ID + "@example.com")); got != 2 {
		t.Errorf("%d mails, want 2", got)
	}
}
