package facilities_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// listBookings reads all pages.
func (w *world) listBookings(by auth.Principal, req *facilitiesv1.ListBookingsRequest) []*facilitiesv1.BookingSummary {
	w.t.Helper()
	var rows []*facilitiesv1.BookingSummary
	for {
		resp, err := w.bookings(by).ListBookings(w.t.Context(), req)
		w.must(err)
		rows = append(rows, resp.GetBookings()...)
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return rows
		}
	}
}

// everybodysBookings are bookings of two organizations and of a resident.
func (w *world) everybodysBookings() []string {
	w.t.Helper()
	w.general(`{"individuals": true}`)
	type change = func(*facilitiesv1.CreateBookingRequest)
	var ids []string
	for i, b := range []struct {
		by     auth.Principal
		change change
	}{
		{editor, func(r *facilitiesv1.CreateBookingRequest) { r.Date = openDay(7).String() }},
		{editor, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId = otherRoom }},
		{head2, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.UserClass = org2, "" }},
		{resident, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.SlotCodes = "", []string{"PM"} }},
		{head, func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.SlotCodes = "", []string{"NI"} }},
	} {
		created, err := w.try(b.by, b.change)
		if err != nil {
			w.t.Fatalf("booking %d: %v", i, err)
		}
		ids = append(ids, created.GetId())
	}
	return ids
}

// For every role: the list shows exactly what get shows, in every order, whatever
// the page size; another organization's booking is not found.
func TestBookingListIsFilterOfGet(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := w.everybodysBookings()
	for _, tt := range []struct {
		by   auth.Principal
		sees []int
	}{
		{viewer, []int{0, 1}},
		{editor, []int{0, 1}},
		{head, []int{0, 1, 4}},
		{head2, []int{2}},
		{head3, nil},
		{resident, []int{3}},
		{desk, []int{0, 1, 2, 3, 4}},
		{clerk, []int{0, 1, 2, 3, 4}},
		{approver, []int{0, 1, 2, 3, 4}},
	} {
		var want []string
		for i, id := range ids {
			_, err := w.bookings(tt.by).GetBooking(t.Context(), &facilitiesv1.GetBookingRequest{Id: id})
			if sees := slices.Contains(tt.sees, i); sees {
				w.must(err)
				want = append(want, id)
			} else {
				refused(t, err, "RESOURCE_NOT_FOUND")
			}
		}
		slices.Sort(want)
		for _, order := range []string{"", "date desc", "createTime desc"} {
			var got, dates []string
			for _, b := range w.listBookings(tt.by, &facilitiesv1.ListBookingsRequest{PageSize: 2, OrderBy: order}) {
				got, dates = append(got, b.GetId()), append(dates, b.GetDate())
			}
			if order == "createTime desc" && !slices.IsSortedFunc(got, func(a, b string) int { return -cmpText(a, b) }) {
				t.Errorf("%s: not newest first", tt.by.ID)
			}
			if order == "" && !slices.IsSorted(dates) || order == "date desc" && !slices.IsSortedFunc(dates, func(a, b string) int { return -cmpText(a, b) }) {
				t.Errorf("%s, %q: %v", tt.by.ID, order, dates)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %q (-want +got):\n%s", tt.by.ID, order, diff)
			}
		}
	}
	for _, by := range []auth.Principal{staff, auditor, admin} {
		_, err := w.bookings(by).ListBookings(t.Context(), &facilitiesv1.ListBookingsRequest{})
		refused(t, err, "PERMISSION_DENIED")
	}
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestBookingListFilters(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := w.everybodysBookings()
	w.approve(ids[1])
	for name, tt := range map[string]struct {
		req  *facilitiesv1.ListBookingsRequest
		want int
	}{
		"all":               {&facilitiesv1.ListBookingsRequest{}, 5},
		"organization":      {&facilitiesv1.ListBookingsRequest{OrganizationId: org2}, 1},
		"no organization":   {&facilitiesv1.ListBookingsRequest{OrganizationId: none}, 0},
		"facility":          {&facilitiesv1.ListBookingsRequest{FacilityId: otherHall}, 1},
		"room":              {&facilitiesv1.ListBookingsRequest{RoomId: room}, 4},
		"approved":          {&facilitiesv1.ListBookingsRequest{State: facilitiesv1.Booking_APPROVED}, 1},
		"tentative":         {&facilitiesv1.ListBookingsRequest{State: facilitiesv1.Booking_TENTATIVE}, 4},
		"expired":           {&facilitiesv1.ListBookingsRequest{State: facilitiesv1.Booking_EXPIRED}, 0},
		"from":              {&facilitiesv1.ListBookingsRequest{From: openDay(5).String()}, 1},
		"to":                {&facilitiesv1.ListBookingsRequest{To: openDay(4).String()}, 4},
		"no series":         {&facilitiesv1.ListBookingsRequest{SeriesId: none}, 0},
		"room of one state": {&facilitiesv1.ListBookingsRequest{RoomId: room, State: facilitiesv1.Booking_APPROVED}, 0},
	} {
		tt.req.PageSize = 2
		if got := w.listBookings(clerk, tt.req); len(got) != tt.want {
			t.Errorf("%s: %d, want %d", name, len(got), tt.want)
		}
	}
	for want, req := range map[string]*facilitiesv1.ListBookingsRequest{
		"INVALID_PAGE_SIZE":  {PageSize: -1},
		"INVALID_PAGE_TOKEN": {PageToken: "x"},
		"INVALID_FIELD":      {From: "2026-02-30"},
	} {
		_, err := w.bookings(clerk).ListBookings(t.Context(), req)
		refused(t, err, want)
	}
	first, err := w.bookings(clerk).ListBookings(t.Context(), &facilitiesv1.ListBookingsRequest{PageSize: 1})
	w.must(err)
	_, err = w.bookings(clerk).ListBookings(t.Context(), &facilitiesv1.ListBookingsRequest{PageSize: 1, RoomId: room, PageToken: first.GetNextPageToken()})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
}
