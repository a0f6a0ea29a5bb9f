package facilities_test

import (
	"testing"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// TestSimulateBooking tries drafts out: a dearer class, a closure, both together,
// and nothing is booked, approved or remembered by it.
func TestSimulateBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	day := openDay(5).String()
	booking := order(func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.Date, r.UserClass = "", day, "GENERAL" })
	ask := func(drafts ...string) *facilitiesv1.SimulateBookingResponse {
		t.Helper()
		resp, err := w.bookings(approver).SimulateBooking(ctx, &facilitiesv1.SimulateBookingRequest{Booking: booking, OrganizationKind: "VOLUNTEER_GROUP", DraftIds: drafts})
		w.must(err)
		return resp
	}
	now := ask()
	if now.GetInForce().GetReason() != "" || now.GetInForce().GetFee().GetAmount() == 0 || now.GetInForce().GetOpenTime() == nil {
		t.Fatalf("without drafts: %v", now)
	}

	classes, err := w.rules(clerk).ListUserClasses(ctx, &facilitiesv1.ListUserClassesRequest{})
	w.must(err)
	var class *facilitiesv1.Rule
	for _, r := range classes.GetUserClasses() {
		if r.GetCode() == "GENERAL" {
			class = r
		}
	}
	content := class.GetUserClass()
	content.MultiplierNum, content.MultiplierDen = 2, 1
	_, err = w.rules(clerk).UpdateRule(ctx, &facilitiesv1.UpdateRuleRequest{
		Id: class.GetId(), Etag: class.GetEtag(), UpdateMask: mask("user_class", "valid_from"),
		Rule: &facilitiesv1.RuleInput{ValidFrom: today().String(), Content: &facilitiesv1.RuleInput_UserClass{UserClass: content}},
	})
	w.must(err)
	if got := ask(class.GetId()); got.GetDrafted().GetFee().GetAmount() != 2*got.GetInForce().GetFee().GetAmount() {
		t.Errorf("a class of twice the price: %v", got)
	}
	room, err := w.facilities(nobody).GetRoom(ctx, &facilitiesv1.GetRoomRequest{Id: booking.GetRoomId()})
	w.must(err)
	closure, err := w.facilities(clerk).CreateClosure(ctx, &facilitiesv1.CreateClosureRequest{
		FacilityId: room.GetRoom().GetFacilityId(),
		Closure:    &facilitiesv1.ClosureInput{Kind: facilitiesv1.Closure_DATE_RANGE, Reason: "点検（見本）", ValidFrom: day, ValidTo: day},
	})
	w.must(err)
	got := ask(class.GetId(), closure.GetClosure().GetId())
	if got.GetDrafted().GetReason() != "FACILITY_CLOSED" || got.GetDrafted().GetFee() != nil || got.GetDrafted().GetMessage() == "" || got.GetDrafted().GetMessageEn() == "" {
		t.Errorf("closed: %v", got)
	}
	if again := ask(); again.GetInForce().GetFee().GetAmount() != now.GetInForce().GetFee().GetAmount() || again.GetDrafted().GetReason() != "" {
		t.Errorf("the drafts are remembered: %v", again)
	}
	if n := w.count(`SELECT count(*) FROM booking`); n != 0 {
		t.Errorf("%d bookings were made", n)
	}
}

func TestSimulateBookingRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	booking := order(func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.Date = "", openDay(5).String() })
	for _, c := range map[string]struct {
		req    *facilitiesv1.SimulateBookingRequest
		reason string
	}{
		"no booking": {&facilitiesv1.SimulateBookingRequest{}, "INVALID_FIELD"},
		"no such draft": {
			&facilitiesv1.SimulateBookingRequest{Booking: booking, DraftIds: []string{"01980000-0000-7000-8000-00000000dead"}}, "RESOURCE_NOT_FOUND",
		},
	} {
		_, err := w.bookings(clerk).SimulateBooking(t.Context(), c.req)
		refused(t, err, c.reason)
	}
	_, err := w.bookings(staff).SimulateBooking(t.Context(), &facilitiesv1.SimulateBookingRequest{Booking: booking})
	refused(t, err, "PERMISSION_DENIED")
	past := order(func(r *facilitiesv1.CreateBookingRequest) {
		r.OrganizationId, r.Date = "", today().AddDays(-1).String()
	})
	resp, err := w.bookings(clerk).SimulateBooking(t.Context(), &facilitiesv1.SimulateBookingRequest{Booking: past})
	w.must(err)
	if resp.GetInForce().GetReason() != "PAST_DATE" {
		t.Errorf("past: %v", resp)
	}
}
