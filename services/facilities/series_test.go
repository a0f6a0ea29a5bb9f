package facilities_test

import (
	"testing"

	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// series books on so many open days.
func (w *world) series(days int, change func(*facilitiesv1.CreateBookingSeriesRequest)) (*facilitiesv1.CreateBookingSeriesResponse, error) {
	w.t.Helper()
	req := &facilitiesv1.CreateBookingSeriesRequest{
		Booking:    order(nil),
		Repetition: &facilitiesv1.Repetition{Frequency: facilitiesv1.Repetition_DAILY, Until: openDay(3 + days).String()},
	}
	for d := openDay(4); d.Before(openDay(3 + days)); d = d.AddDays(1) {
		if workday(d) != d {
			req.Repetition.ExceptDates = append(req.Repetition.ExceptDates, d.String())
		}
	}
	if change != nil {
		change(req)
	}
	return w.bookings(editor).CreateBookingSeries(w.t.Context(), req)
}

// Days that are taken or not open are skipped and named, all others are booked.
func TestSeries(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 5, "maxPerMonth": 0}`)
	_, err := w.try(head2, func(r *facilitiesv1.CreateBookingRequest) {
		r.OrganizationId, r.UserClass, r.Date, r.RoomId = org2, "NPO", openDay(5).String(), roomAB
	})
	w.must(err)
	w.close(openDay(6))
	resp, err := w.series(8, nil)
	w.must(err)
	if len(resp.GetBookings()) != 5 || len(resp.GetSkippedDates()) != 3 {
		t.Fatalf("%v", resp)
	}
	for i, want := range []string{"SLOT_TAKEN", "FACILITY_CLOSED", "QUOTA_EXCEEDED"} {
		if s := resp.GetSkippedDates()[i]; s.GetReason() != want || s.GetMessage() == "" {
			t.Errorf("%v, want %s", s, want)
		}
	}
	if s := resp.GetSkippedDates(); s[0].GetDate() != openDay(5).String() || s[1].GetDate() != openDay(6).String() {
		t.Errorf("%v", s)
	}
	numbers := map[string]bool{}
	for _, b := range resp.GetBookings() {
		numbers[b.GetNumber()] = true
		if b.GetSeriesId() != resp.GetSeriesId() || w.atoms(b.GetId()) != 1 || w.events(b.GetId(), "ward") != "BookingRequested" {
			t.Errorf("%v", b)
		}
	}
	if len(numbers) != 5 {
		t.Errorf("numbers %v", numbers)
	}
	if got := w.listBookings(editor, &facilitiesv1.ListBookingsRequest{SeriesId: resp.GetSeriesId()}); len(got) != 5 {
		t.Errorf("%d listed", len(got))
	}
	if n := w.count(`SELECT count(*) FROM booking_atom WHERE holder_kind = 'BOOKING'`); n != 7 {
		t.Errorf("%d atoms: 5 of the series, 2 of the other", n)
	}
}

func TestSeriesRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.close(openDay(4))
	_, err := w.series(1, nil)
	refused(t, err, "SERIES_NOT_BOOKABLE")
	if f, _ := rpc.FromStatus(status.Convert(err)); f == nil || len(f.Fields) != 1 || f.Fields[0].Reason != "FACILITY_CLOSED" {
		t.Errorf("the refusal does not say why: %+v", f)
	}
	_, err = w.series(61, nil)
	refused(t, err, "SERIES_TOO_LONG")
	_, err = w.series(0, nil)
	refused(t, err, "INVALID_FIELD")
	_, err = w.series(3, func(r *facilitiesv1.CreateBookingSeriesRequest) { r.Booking.OrganizationId = org2 })
	refused(t, err, "PERMISSION_DENIED")
	_, err = facilitiesv1.NewBookingServiceClient(w.Bare(editor)).CreateBookingSeries(t.Context(), &facilitiesv1.CreateBookingSeriesRequest{
		Booking: order(nil), Repetition: &facilitiesv1.Repetition{Frequency: facilitiesv1.Repetition_DAILY, Until: openDay(5).String()},
	})
	refused(t, err, "IDEMPOTENCY_KEY_REQUIRED")
	if n := w.count(`SELECT count(*) FROM booking`); n != 0 {
		t.Errorf("%d bookings", n)
	}
}
