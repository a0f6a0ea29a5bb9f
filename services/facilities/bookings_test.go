package facilities_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

func (w *world) bookings(p auth.Principal) facilitiesv1.BookingServiceClient {
	return facilitiesv1.NewBookingServiceClient(w.As(p))
}

// order is a booking of organization 1 that can be had: one slot of 洋室A on the
// first open day.
func order(change func(*facilitiesv1.CreateBookingRequest)) *facilitiesv1.CreateBookingRequest {
	req := &facilitiesv1.CreateBookingRequest{
		OrganizationId: org1, RoomId: room, Date: openDay(4).String(), SlotCodes: []string{"AM"}, UserClass: "GENERAL",
		Purpose: facilitiesv1.UserClass_MEETING, Headcount: 10,
	}
	if change != nil {
		change(req)
	}
	return req
}

func (w *world) try(p auth.Principal, change func(*facilitiesv1.CreateBookingRequest)) (*facilitiesv1.Booking, error) {
	w.t.Helper()
	resp, err := w.bookings(p).CreateBooking(w.t.Context(), order(change))
	return resp.GetBooking(), err
}

// book books as the editor of organization 1.
func (w *world) book(change func(*facilitiesv1.CreateBookingRequest)) *facilitiesv1.Booking {
	w.t.Helper()
	b, err := w.try(editor, change)
	w.must(err)
	return b
}

func (w *world) booking(id string) *facilitiesv1.Booking {
	w.t.Helper()
	resp, err := w.bookings(clerk).GetBooking(w.t.Context(), &facilitiesv1.GetBookingRequest{Id: id})
	w.must(err)
	return resp.GetBooking()
}

func (w *world) approve(id string) {
	w.t.Helper()
	_, err := w.bookings(clerk).ApproveBooking(w.t.Context(), &facilitiesv1.ApproveBookingRequest{Id: id})
	w.must(err)
}

// atoms counts what the booking holds.
func (w *world) atoms(id string) int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM booking_atom WHERE holder_id = $1 AND holder_kind = 'BOOKING'`, id)
}

func TestCreateBooking(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) {
		r.RoomId, r.SlotCodes, r.Title, r.UserClass = roomAB, []string{"PM", "AM"}, "防災ワークショップ", ""
		r.PublishAsEvent, r.CallForVolunteers, r.VolunteersWanted = true, true, 5
	})
	got := []any{
		b.GetState(), b.GetOrganizationId(), b.GetOrganizationName(), b.GetFacilityId(), b.GetRoomName() != "", b.GetSlotCodes(),
		b.GetStartTime(), b.GetEndTime(), b.GetUserClass(), b.GetPayment().GetState(), b.GetChannel(), b.GetEtag(), w.atoms(b.GetId()),
	}
	want := []any{
		facilitiesv1.Booking_TENTATIVE, org1, "団体1", hall, true,
		[]string{"AM", "PM"},
		"09:00", "17:00", "GENERAL",
		facilitiesv1.BookingPayment_DUE, facilitiesv1.Booking_ONLINE, `"1"`, 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("booking (-want +got):\n%s", diff)
	}
	year := jp.FiscalYear(today())
	if number := fmt.Sprintf("%s-施-%06d", jp.FiscalYearCode(year), 1); b.GetNumber() != number {
		t.Errorf("number %s, want %s", b.GetNumber(), number)
	}
	if b.GetFee().GetAmount() == 0 || b.GetFee().GetAmount()%10 != 0 || !b.GetExpireTime().AsTime().After(time.Now()) {
		t.Errorf("fee %v, expires %v", b.GetFee(), b.GetExpireTime().AsTime())
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested" {
		t.Errorf("events: %s", got)
	}
	if n := w.count(`SELECT count(*) FROM booking_transition WHERE booking_id = $1 AND action = 'create'`, b.GetId()); n != 1 {
		t.Errorf("%d steps", n)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE object_id = $1 AND action = 'facilities.booking.create'`, b.GetId()); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	_, err := w.try(head2, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.UserClass = org2, "NPO" })
	refused(t, err, "SLOT_TAKEN")
	if b := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.SlotCodes = []string{"NI"} }); b.GetNumber()[len(b.GetNumber())-1] != '2' {
		t.Errorf("a refused booking has taken a number: %s", b.GetNumber())
	}
}

func TestCreateBookingAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := withKey(t.Context(), "the-same")
	first, err := w.bookings(editor).CreateBooking(ctx, order(nil))
	w.must(err)
	again, err := w.bookings(editor).CreateBooking(ctx, order(nil))
	w.must(err)
	if first.GetBooking().GetId() != again.GetBooking().GetId() || w.count(`SELECT count(*) FROM booking`) != 1 {
		t.Errorf("%v, then %v", first, again)
	}
	_, err = w.bookings(editor).CreateBooking(ctx, order(func(r *facilitiesv1.CreateBookingRequest) { r.Headcount = 11 }))
	refused(t, err, "IDEMPOTENCY_KEY_REUSED")
	_, err = facilitiesv1.NewBookingServiceClient(w.Bare(editor)).CreateBooking(t.Context(), order(nil))
	refused(t, err, "IDEMPOTENCY_KEY_REQUIRED")
}

func TestCreateBookingRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.exec(`INSERT INTO organization_quota (holder_id, suspended_until) VALUES ($1, now() + interval '1 day')`, org2)
	type change = func(*facilitiesv1.CreateBookingRequest)
	for _, tt := range []struct {
		want   string
		by     auth.Principal
		change change
	}{
		{"PAST_DATE", editor, func(r *facilitiesv1.CreateBookingRequest) { r.Date = today().AddDays(-1).String() }},
		{"NOT_OPEN_YET", editor, func(r *facilitiesv1.CreateBookingRequest) { r.Date = workday(today().AddMonths(6)).String() }},
		{"FACILITY_CLOSED", editor, func(r *facilitiesv1.CreateBookingRequest) {
			r.Date = jp.Date{Year: today().Year, Month: time.December, Day: 30}.String()
		}},
		{"CLASS_NOT_ALLOWED", editor, func(r *facilitiesv1.CreateBookingRequest) { r.UserClass = "COMPANY" }},
		{"CLASS_NOT_ALLOWED", editor, func(r *facilitiesv1.CreateBookingRequest) { r.UserClass = "KINGS" }},
		{"PURPOSE_NOT_ALLOWED", head4, func(r *facilitiesv1.CreateBookingRequest) {
			r.OrganizationId, r.UserClass, r.Purpose = org4, "COMPANY", facilitiesv1.UserClass_COURSE
		}},
		{"CAPACITY_EXCEEDED", editor, func(r *facilitiesv1.CreateBookingRequest) { r.Headcount = 41 }},
		{"EQUIPMENT_UNKNOWN", editor, func(r *facilitiesv1.CreateBookingRequest) {
			r.Equipment = []*facilitiesv1.BookedEquipment{{Code: "ORGAN", Count: 1}}
		}},
		{"SLOT_UNKNOWN", editor, func(r *facilitiesv1.CreateBookingRequest) { r.SlotCodes = []string{"P9"} }},
		{"ORGANIZATION_NOT_VERIFIED", head3, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId = org3 }},
		{"ORGANIZATION_UNKNOWN", desk, func(r *facilitiesv1.CreateBookingRequest) {
			r.OrganizationId, r.Channel, r.PaperNote = none, facilitiesv1.Booking_DESK, "申込書"
		}},
		{"SUSPENDED_BY_PENALTY", head2, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.UserClass = org2, "NPO" }},
		{"PERMISSION_DENIED", editor, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId = org2 }},
		{"PERMISSION_DENIED", viewer, nil},
		{"PERMISSION_DENIED", approver, nil},
		{"PERMISSION_DENIED", staff, nil},
		{"UNAUTHENTICATED", nobody, nil},
		{"RESOURCE_NOT_FOUND", editor, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId = none }},
		{"INVALID_FIELD", editor, func(r *facilitiesv1.CreateBookingRequest) { r.Date = "2026-02-30" }},
		{"INVALID_FIELD", editor, func(r *facilitiesv1.CreateBookingRequest) { r.SlotCodes = []string{"AM", "AM"} }},
		{"INVALID_FIELD", editor, func(r *facilitiesv1.CreateBookingRequest) { r.Channel = facilitiesv1.Booking_PHONE }},
		{"INVALID_FIELD", desk, nil},
	} {
		_, err := w.try(tt.by, tt.change)
		refused(t, err, tt.want)
	}
	w.directory.setDown(true)
	_, err := w.try(editor, nil)
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
	if n := w.count(`SELECT (SELECT count(*) FROM booking) + (SELECT count(*) FROM booking_atom WHERE holder_kind <> 'HOLD')`); n != 0 {
		t.Errorf("refusals left %d rows", n)
	}
}

func TestBookingByTheRules(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.exec(`UPDATE item_version SET content = content || '{"closesDaysBefore": 90}' WHERE item_id IN (SELECT id FROM item WHERE kind = 'OPENING_RULE')`)
	w.general(`{}`)
	_, err := w.try(editor, nil)
	refused(t, err, "BOOKING_CLOSED")
	w.general(`{"openings": [{"channels": ["DESK"], "rule": "x"}]}`)
	_, err = w.try(editor, nil)
	refused(t, err, "CHANNEL_NOT_ALLOWED")
}

// workday is the first day from d on that is not in the closure around New Year.
func workday(d jp.Date) jp.Date {
	for d.Month == time.December && d.Day >= 29 || d.Month == time.January && d.Day <= 3 {
		d = d.AddDays(1)
	}
	return d
}

func TestBookOnBehalf(t *testing.T) {
	t.Parallel()
	w := start(t)
	b, err := w.try(desk, func(r *facilitiesv1.CreateBookingRequest) {
		r.Channel, r.PaperNote = facilitiesv1.Booking_PHONE, "電話での申込み"
	})
	w.must(err)
	if b.GetPaperNote() != "電話での申込み" || b.GetChannel() != facilitiesv1.Booking_PHONE {
		t.Errorf("the desk reads %v", b)
	}
	own, err := w.bookings(viewer).GetBooking(t.Context(), &facilitiesv1.GetBookingRequest{Id: b.GetId()})
	w.must(err)
	if own.GetBooking().GetPaperNote() != "" {
		t.Error("the organization reads the ward's note")
	}
}

// One slot for many organizations, a hundred times over: one has it, and all
// others read that they came too late.
func TestHotSlot(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 0, "maxPerMonth": 0}`)
	const clients = 64
	rounds := 100
	if testing.Short() {
		rounds = 5
	}
	people := make([]facilitiesv1.BookingServiceClient, clients)
	for i := range people {
		people[i] = w.bookings(group(i))
	}
	for round := range rounds {
		var had, failed atomic.Int64
		var wg sync.WaitGroup
		for i, c := range people {
			wg.Go(func() {
				// A slow machine may answer OVERLOADED, which invites to repeat the call.
				ok, err := until(t.Context(), func(ctx context.Context) error {
					_, err := c.CreateBooking(ctx, order(func(r *facilitiesv1.CreateBookingRequest) {
						r.OrganizationId, r.Date = groupID(i), openDay(round/9).String()
						r.RoomId, r.SlotCodes = []string{room, roomB, otherRoom}[round/3%3], []string{[]string{"AM", "PM", "NI"}[round%3]}
					}))
					return err
				}, "SLOT_TAKEN")
				switch {
				case err != nil:
					failed.Add(1)
					t.Errorf("%v", err)
				case ok:
					had.Add(1)
				}
			})
		}
		wg.Wait()
		if had.Load() != 1 || failed.Load() != 0 {
			t.Fatalf("round %d: %d have the slot, %d failed", round, had.Load(), failed.Load())
		}
	}
}

// groupID is one of as many verified volunteer groups as a test wants.
func groupID(i int) string { return fmt.Sprintf("01980000-0000-7000-9000-%012d", i) }

func group(i int) auth.Principal {
	p := head
	p.ID = fmt.Sprintf("group%d", i)
	p.Memberships = []auth.Membership{{OrganizationID: groupID(i), Role: head.Memberships[0].Role}}
	return p
}

// general changes the rule of the class GENERAL.
func (w *world) general(change string) {
	w.t.Helper()
	w.exec(changeGeneral, change)
	w.exec(reviseCatalogue)
}

const (
	changeGeneral   = `UPDATE item_version SET content = content || $1::jsonb WHERE item_id = (SELECT id FROM item WHERE kind = 'USER_CLASS' AND code = 'GENERAL')`
	reviseCatalogue = `UPDATE catalogue SET revision = revision + 1`
)

// Eight bookings at once from seven of eight allowed: one is one too many.
func TestQuotaRace(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 8, "maxPerMonth": 0}`)
	for i := range 7 {
		w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Date = openDay(i).String() })
	}
	results := make([]string, 8)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			results[i] = reason(patiently(t, func(ctx context.Context) error {
				_, err := w.bookings(editor).CreateBooking(ctx, order(func(r *facilitiesv1.CreateBookingRequest) {
					r.RoomId, r.Date = otherRoom, openDay(i).String()
				}))
				return err
			}))
		})
	}
	wg.Wait()
	slices.Sort(results)
	if want := []string{"", "QUOTA_EXCEEDED"}; results[0] != want[0] || results[1] != want[1] || results[7] != want[1] {
		t.Errorf("%v", results)
	}
}
