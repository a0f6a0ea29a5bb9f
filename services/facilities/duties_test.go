package facilities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// tasks are what waits for the caller.
func (w *world) tasks(by auth.Principal) []*taskv1.Task {
	w.t.Helper()
	resp, err := taskv1.NewTaskServiceClient(w.As(by)).ListTasks(w.t.Context(), &taskv1.ListTasksRequest{})
	w.must(err)
	for _, t := range resp.GetTasks() {
		if t.GetTitle() == "" || t.GetSubject() == "" || t.GetSince() == nil || !strings.HasPrefix(t.GetPath(), "/v1/") || t.GetService() != "facilities" {
			w.t.Errorf("incomplete: %v", t)
		}
	}
	return resp.GetTasks()
}

// wait expects what waits for the callers, as actions in any order.
func (w *world) wait(want string, callers ...auth.Principal) {
	w.t.Helper()
	for _, by := range callers {
		var got []string
		for _, t := range w.tasks(by) {
			got = append(got, t.GetAction())
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			w.t.Errorf("%s (-want +got):\n%s", by.ID, diff)
		}
	}
}

// A booking waits for its approval, its payment, an answer, a reduction and a
// refund, each for those who can do it.
func TestDutiesOfBookings(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.wait("", editor, viewer, resident, staff, desk, clerk, approver, auditor, admin)
	b := w.book(nil)
	verbs := func(p auth.Principal) map[string]func() error { return w.bookingVerbs(p, b.GetId(), "") }
	w.wait("approve", clerk, approver)
	w.wait("pay", editor, head)
	w.wait("", viewer, head2, desk, staff)
	pay := w.tasks(head)[0]
	if pay.GetOrganizationId() != org1 || pay.GetNumber() != b.GetNumber() || pay.GetPath() != "/v1/bookings/"+b.GetId() ||
		pay.GetDueOn() == "" || pay.GetDueOn() > b.GetDate() || pay.GetOverdue() || !strings.Contains(pay.GetSubject(), "麹町区民館 洋室A ") {
		t.Errorf("%v", pay)
	}
	w.must(verbs(desk)["requestInformation"]())
	w.wait("", clerk, approver)
	w.wait("answerInformation pay", head)
	for _, task := range w.tasks(head) {
		if task.GetAction() == "answerInformation" && task.GetDueOn() != today().String() {
			t.Errorf("%v", task)
		}
	}
	w.must(verbs(head)["answerInformation"]())
	w.wait("approve", clerk)
	w.must(verbs(both)["reduceFee"]())
	w.wait("decideReduction", approver)
	w.wait("", clerk, both, head)
	w.must(verbs(approver)["decideReduction"]())
	w.approve(b.GetId())
	w.wait("pay", head)
	_, err := w.bookings(desk).RecordPayment(t.Context(), &facilitiesv1.RecordPaymentRequest{
		Id: b.GetId(), Amount: 500, Method: facilitiesv1.BookingPayment_CASHLESS,
	})
	w.must(err)
	w.wait("", head, desk, clerk, approver)
	_, err = w.bookings(clerk).CancelBooking(t.Context(), &facilitiesv1.CancelBookingRequest{Id: b.GetId(), Cause: facilitiesv1.Booking_WARD, Reason: "設備の故障"})
	w.must(err)
	w.wait("recordRefund", desk, clerk)
	w.must(verbs(desk)["recordRefund"]())
	w.wait("", desk, clerk)

	own, err := w.try(clerk, func(r *facilitiesv1.CreateBookingRequest) {
		r.Channel, r.PaperNote = facilitiesv1.Booking_DESK, "電話の記録"
	})
	w.must(err)
	w.wait("", clerk) // Nobody approves what they entered.
	w.wait("approve", approver)
	w.exec(`UPDATE booking SET expires_at = now() WHERE id = $1`, own.GetId())
	w.wait("", approver, head)
}

// Drafts of rules and closures wait for another person's approval; appeals for a
// decision.
func TestDutiesOfRulesAndPenalties(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.draftClosure(closing(openDay(10), openDay(10)))
	w.wait("approve", approver)
	w.wait("", clerk, desk)
	if got := w.tasks(approver)[0]; got.GetPath() != "/v1/closures/"+c.GetId() || got.GetTitle() != "休館の案を承認する" || got.GetDueOn() != openDay(9).String() {
		t.Errorf("%v", got)
	}
	_, err := w.approveClosure(c.GetId())
	w.must(err)
	w.wait("", approver)
	_, err = w.facilities(both).CreateFacility(t.Context(), &facilitiesv1.CreateFacilityRequest{Facility: facilityInput()})
	w.must(err)
	w.wait("", both)
	w.wait("approve", approver)

	p, err := w.penalty(clerk, w.missed(5), noShow)
	w.must(err)
	w.must(w.appeal(head, p.GetId()))
	w.wait("decideAppeal", desk)
	w.wait("", clerk) // Who recorded it.
	_, err = w.decideAppeal(desk, p.GetId(), true)
	w.must(err)
	w.wait("", desk, clerk)
}

// A lottery waits for its public value, its winner confirms until its hour; an
// offer of the wait-list has its hour too.
func TestDutiesOfLotteriesAndOffers(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.PublicEntropySource = "（見本）公開の乱数" })
	_, err := w.enter(head, entryFor(l.GetId(), org1, "AM"))
	w.must(err)
	w.wait("", clerk)
	w.later(l.GetId(), 90*time.Minute)
	w.task("run-lotteries")
	w.wait("recordEntropy", clerk)
	w.must(w.recordEntropy(l.GetId(), "12345"))
	w.wait("", clerk, head)
	w.drawn(l.GetId())
	w.wait("confirm", head)
	w.wait("", viewer, head2)
	if got := w.tasks(head)[0]; !strings.HasSuffix(got.GetSubject(), "まで）") || got.GetOrganizationId() != org1 {
		t.Errorf("%v", got)
	}

	id := w.taken(openDay(10), "AM")
	place := w.waits(1, openDay(10), "AM")
	w.wait("", group(1))
	w.cancel(id)
	w.wait("accept", group(1))
	if got := w.tasks(group(1))[0]; !strings.HasPrefix(got.GetSubject(), "集会室1 ") || !strings.HasSuffix(got.GetSubject(), "まで）") || got.GetPath() != "/v1/waitlist/"+place {
		t.Errorf("%v", got)
	}
	w.endOffer(place)
	w.wait("", group(1))
}
