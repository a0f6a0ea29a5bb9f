package facilities_test

import (
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func (w *world) calendars(p auth.Principal) facilitiesv1.CalendarServiceClient {
	return facilitiesv1.NewCalendarServiceClient(w.As(p))
}

// linked reads the calendar of an address as a calendar program does.
func (w *world) linked(address string) (string, error) {
	w.t.Helper()
	_, secret, _ := strings.Cut(address, "/v1/calendars/")
	token := strings.TrimSuffix(secret, "/bookings.ics")
	resp, err := w.calendars(nobody).GetLinkedCalendar(w.t.Context(), &facilitiesv1.GetLinkedCalendarRequest{Token: token})
	return string(resp.GetDocument().GetContent()), err
}

// A secret address opens the own bookings and those of today's organizations to who
// has it, and nothing once it was renewed or removed.
func TestCalendarLink(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	member := servicetest.Member("01980000-0000-7000-8000-0000000000b1", org1, optionsv1.Role_ROLE_EDITOR)
	w.directory.joins(member.ID, org1)
	mine, err := w.try(member, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId = "" })
	w.must(err)
	ours := w.taken(openDay(9), "AM")
	theirs, err := w.try(head2, func(r *facilitiesv1.CreateBookingRequest) {
		r.OrganizationId, r.UserClass, r.RoomId, r.Date = org2, "NPO", otherRoom, openDay(10).String()
	})
	w.must(err)

	_, err = w.calendars(member).GetCalendarLink(ctx, &facilitiesv1.GetCalendarLinkRequest{})
	refused(t, err, "RESOURCE_NOT_FOUND")
	made, err := w.calendars(member).RenewCalendarLink(ctx, &facilitiesv1.RenewCalendarLinkRequest{})
	w.must(err)
	address := made.GetLink().GetUrl()
	got, err := w.calendars(member).GetCalendarLink(ctx, &facilitiesv1.GetCalendarLinkRequest{})
	w.must(err)
	if got.GetLink().GetUrl() != address || got.GetLink().GetCreateTime() == nil {
		t.Errorf("the address is %v, want %s", got, address)
	}
	shows := func(id string, want bool) {
		t.Helper()
		text, err := w.linked(address)
		w.must(err)
		if strings.Contains(text, id) != want || !strings.Contains(text, "BEGIN:VCALENDAR") {
			t.Errorf("%s is there: want %v\n%s", id, want, text)
		}
	}
	shows(mine.GetId(), true)
	shows(ours, true)
	shows(theirs.GetId(), false)
	w.directory.joins(member.ID, "")
	shows(mine.GetId(), true)
	shows(ours, false)
	w.directory.setDown(true)
	_, err = w.linked(address)
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)

	again, err := w.calendars(member).RenewCalendarLink(ctx, &facilitiesv1.RenewCalendarLinkRequest{})
	w.must(err)
	_, err = w.linked(address)
	refused(t, err, "RESOURCE_NOT_FOUND")
	address = again.GetLink().GetUrl()
	shows(mine.GetId(), true)
	_, err = w.calendars(member).DeleteCalendarLink(ctx, &facilitiesv1.DeleteCalendarLinkRequest{})
	w.must(err)
	_, err = w.linked(address)
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.calendars(member).DeleteCalendarLink(ctx, &facilitiesv1.DeleteCalendarLinkRequest{})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.calendars(desk).RenewCalendarLink(ctx, &facilitiesv1.RenewCalendarLinkRequest{})
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.linked("/v1/calendars/" + strings.Repeat("A", 43) + "/bookings.ics")
	refused(t, err, "RESOURCE_NOT_FOUND")
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action LIKE 'facilities.calendarLink.%'`); n != 3 {
		t.Errorf("%d steps are in the audit log", n)
	}
}
