package facilities_test

import (
	"testing"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// What is a resident's own is told once more in private, with the pseudonym; the
// ward's facts name nobody, and of an organization nothing is private.
func TestResidentsAreToldInPrivate(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	told := func(id, ward, private string) {
		t.Helper()
		if got := w.events(id, "ward"); got != ward {
			t.Errorf("the ward is told %q, want %q", got, ward)
		}
		if got := w.events(id, "private"); got != private {
			t.Errorf("private is %q, want %q", got, private)
		}
		if n := w.count(`
			SELECT count(*)
			FROM event_log
			WHERE aggregate_id = $1 AND (position(convert_to($2, 'UTF8') IN data) > 0) <> (visibility = 'private')`, id, resident.ID); n != 0 {
			t.Errorf("%d events name the resident to the wrong reader", n)
		}
	}
	own := func(r *facilitiesv1.CreateBookingRequest) { r.OrganizationId, r.SlotCodes = "", []string{"PM"} }
	b, err := w.try(resident, own)
	w.must(err)
	w.must(w.bookingVerbs(desk, b.GetId(), "")["requestInformation"]())
	w.must(w.bookingVerbs(resident, b.GetId(), "")["answerInformation"]())
	w.must(w.bookingVerbs(resident, b.GetId(), "")["cancel"]())
	told(b.GetId(), "BookingRequested BookingInformationRequested BookingCancelled", "ResidentTold ResidentTold ResidentTold")

	group := w.taken(openDay(8), "AM")
	in := placeInput("", openDay(8), "AM")
	in.UserClass = "GENERAL"
	p, err := w.join(resident, in)
	w.must(err)
	w.cancel(group)
	told(p.GetId(), "WaitlistOffered", "ResidentTold")
	told(group, "BookingRequested BookingCancelled", "")

	l := w.lottery(nil)
	entry, err := w.enter(resident, entryFor(l.GetId(), "", "AM"))
	w.must(err)
	w.drawn(l.GetId())
	told(entry.GetId(), "LotteryEntryDecided", "ResidentTold")
	mine, err := w.lotteries(resident).GetLotteryEntry(ctx, &facilitiesv1.GetLotteryEntryRequest{LotteryId: l.GetId(), Id: entry.GetId()})
	w.must(err)
	if mine.GetEntry().GetState() != facilitiesv1.LotteryEntry_WON {
		t.Errorf("the entry is %v", mine.GetEntry().GetState())
	}
}
