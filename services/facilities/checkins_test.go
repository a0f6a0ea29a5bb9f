package facilities_test

import (
	"testing"
	"time"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// use moves a booking in time: it began so long ago.
func (w *world) use(id string, ago time.Duration) {
	w.t.Helper()
	w.exec(`UPDATE booking SET use_date = $2, starts_at = $3, ends_at = $4 WHERE id = $1`,
		id, today(), time.Now().Add(-ago), time.Now().Add(time.Hour-ago))
}

func TestCheckIn(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	refused(t, w.bookingVerbs(clerk, b.GetId(), "")["checkIn"](), "INVALID_STATE_TRANSITION")
	w.approve(b.GetId())
	refused(t, w.bookingVerbs(clerk, b.GetId(), "")["checkIn"](), "NOT_ON_USE_DATE")
	refused(t, w.bookingVerbs(clerk, b.GetId(), "")["recordNoShow"](), "USE_NOT_OVER")
	w.use(b.GetId(), time.Minute)
	w.must(w.bookingVerbs(clerk, b.GetId(), "")["checkIn"]())
	if got := w.booking(b.GetId()); got.GetState() != facilitiesv1.Booking_USED || got.GetAttendance() != 9 {
		t.Errorf("%v", got)
	}
	if got := w.events(b.GetId(), "ward"); got != "BookingRequested BookingConfirmed BookingUsed" {
		t.Errorf("events: %s", got)
	}
}

func TestNoShow(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.approve(b.GetId())
	w.use(b.GetId(), 2*time.Hour)
	w.must(w.bookingVerbs(clerk, b.GetId(), "")["recordNoShow"]())
	if got := w.booking(b.GetId()); got.GetState() != facilitiesv1.Booking_NO_SHOW {
		t.Errorf("%v", got)
	}
	if n := w.count(`SELECT count(*) FROM penalty WHERE booking_id = $1`, b.GetId()); n != 1 {
		t.Errorf("%d penalties", n)
	}
}
