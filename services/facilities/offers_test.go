package facilities_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// What was won and given up reopens for all at a random minute, 1 to 24 hours
// later, that is public at once; until then nobody can book it.
func TestFreedAfterADrawReopensLater(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) {
		in.UseFrom, in.UseTo = openDay(10).String(), openDay(11).String()
	})
	for i, day := range []int{10, 11} {
		req := entryFor(l.GetId(), groupID(i), "AM")
		req.Uses[0].Date = openDay(day).String()
		_, err := w.enter(group(i), req)
		w.must(err)
	}
	w.drawn(l.GetId())
	entries := map[int]*facilitiesv1.LotteryEntry{}
	for i := range 2 {
		resp, err := w.lotteries(group(i)).ListLotteryEntries(t.Context(), &facilitiesv1.ListLotteryEntriesRequest{LotteryId: l.GetId()})
		w.must(err)
		entries[i] = resp.GetEntries()[0]
		if got := w.events(entries[i].GetId(), "ward"); got != "LotteryEntryDecided" {
			t.Errorf("a result is told by %q", got)
		}
	}
	_, err := w.lotteries(group(0)).WithdrawLotteryEntry(t.Context(), &facilitiesv1.WithdrawLotteryEntryRequest{Id: l.GetId(), EntryId: entries[0].GetId()})
	w.must(err)
	w.later(l.GetId(), 72*time.Hour)
	_, err = w.lotteries(group(1)).ConfirmLotteryEntry(t.Context(), &facilitiesv1.ConfirmLotteryEntryRequest{Id: l.GetId(), EntryId: entries[1].GetId()})
	refused(t, err, "CONFIRMATION_CLOSED")
	w.task("end-confirmations")
	got, err := w.lotteries(group(1)).GetLotteryEntry(t.Context(), &facilitiesv1.GetLotteryEntryRequest{LotteryId: l.GetId(), Id: entries[1].GetId()})
	w.must(err)
	if got.GetEntry().GetState() != facilitiesv1.LotteryEntry_NOT_CONFIRMED || w.getLottery(l.GetId()).GetState() != facilitiesv1.Lottery_ENDED {
		t.Errorf("not confirmed: %v", got)
	}
	freed := w.freed(t)
	if len(freed) != 2 || w.events(otherRoom, "public") != "SlotFreed SlotFreed" {
		t.Fatalf("freed: %v, events %s", freed, w.events(otherRoom, "public"))
	}
	for _, f := range freed {
		open := f.GetOpenTime().AsTime()
		if wait := open.Sub(f.GetCreateTime().AsTime()); wait < time.Hour || wait > 24*time.Hour || open.Second() != 0 {
			t.Errorf("opens after %v at %v", wait, open)
		}
	}
	_, err = w.try(head, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = otherRoom, openDay(10).String() })
	refused(t, err, "SLOT_TAKEN")
	w.exec(`UPDATE booking_atom SET expires_at = now() WHERE holder_id IN (SELECT id FROM freed_slot)`)
	w.taken(openDay(10), "AM")
}

// An entry that is withdrawn after the closing stays in the draw, changes nobody's
// rank, and what it wins reopens later.
func TestWithdrawalAfterTheClosing(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	_, err := w.enter(head, entryFor(l.GetId(), org1, "AM"))
	w.must(err)
	mine, err := w.lotteries(head).ListLotteryEntries(t.Context(), &facilitiesv1.ListLotteryEntriesRequest{LotteryId: l.GetId()})
	w.must(err)
	w.later(l.GetId(), time.Hour)
	w.task("run-lotteries")
	_, err = w.lotteries(head).WithdrawLotteryEntry(t.Context(), &facilitiesv1.WithdrawLotteryEntryRequest{
		Id: l.GetId(), EntryId: mine.GetEntries()[0].GetId(),
	})
	w.must(err)
	drawn := w.drawn(l.GetId())
	if len(drawn.GetOrder()) != 1 || drawn.GetOrder()[0].GetResult() != facilitiesv1.LotteryTicket_WON || w.verify(l.GetId()) != "" {
		t.Errorf("drawn: %v", drawn)
	}
	if freed := w.freed(t); len(freed) != 1 || freed[0].GetOpenTime().AsTime().Before(time.Now()) {
		t.Errorf("freed: %v", freed)
	}
	if n := w.count(`SELECT count(*) FROM quota_pending WHERE holder_id = $1`, org1); n != 0 {
		t.Error("a withdrawn entry counts in the quota")
	}
}

// Of a combined room that is freed, and of which somebody takes one part only,
// the other part is free as the room that it is: at once, and after a draw at its
// minute.
func TestLeftOverPartOfACombinedRoom(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 0, "maxPerMonth": 0}`)
	combined := func(r *facilitiesv1.CreateBookingRequest) {
		r.RoomId, r.Date, r.SlotCodes = roomAB, openDay(8).String(), []string{"AM", "PM"}
	}
	waitsFor := func(i int, day jp.Date) string {
		in := placeInput(groupID(i), day, "AM")
		in.RoomId = room
		p, err := w.join(group(i), in)
		w.must(err)
		return p.GetId()
	}
	freed := func(day jp.Date) map[string]*facilitiesv1.FreedSlot {
		resp, err := w.waitlist(nobody).ListFreedSlots(t.Context(), &facilitiesv1.ListFreedSlotsRequest{FacilityId: hall})
		w.must(err)
		byRoom := map[string]*facilitiesv1.FreedSlot{}
		for _, f := range resp.GetFreedSlots() {
			if f.GetDate() == day.String() {
				byRoom[f.GetRoomId()] = f
			}
		}
		return byRoom
	}
	alone := func(date string) error {
		_, err := w.try(head, func(r *facilitiesv1.CreateBookingRequest) {
			r.RoomId, r.Date, r.SlotCodes = roomB, date, []string{"AM"}
		})
		return err
	}
	id := w.book(combined).GetId()
	place := waitsFor(1, openDay(8))
	w.cancel(id)
	w.stands(1, place, offered)
	if got := freed(openDay(8)); len(got) != 2 || strings.Join(got[roomAB].GetSlotCodes(), " ") != "PM" || strings.Join(got[roomB].GetSlotCodes(), " ") != "AM" {
		t.Errorf("freed: %v", got)
	}
	w.must(alone(openDay(8).String()))

	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.RoomIds = []string{room, roomB, roomAB} })
	entry := entryFor(l.GetId(), org1, "AM")
	entry.Uses[0].RoomId = roomAB
	_, err := w.enter(head, entry)
	w.must(err)
	w.drawn(l.GetId())
	_, won := w.winner(l.GetId())
	place = waitsFor(2, drawDay(0))
	_, err = w.lotteries(head).WithdrawLotteryEntry(t.Context(), &facilitiesv1.WithdrawLotteryEntryRequest{Id: l.GetId(), EntryId: won})
	w.must(err)
	w.stands(2, place, offered)
	left := freed(drawDay(0))[roomB]
	if !left.GetOpenTime().AsTime().After(time.Now()) {
		t.Errorf("after the draw: %v", left)
	}
	if n := w.count(`
		SELECT count(*)
		FROM booking_atom a
		JOIN room r ON r.number = a.atom_room_id
		JOIN freed_slot f ON f.id = a.holder_id AND f.opens_at = a.expires_at
		WHERE r.item_id = $1 AND a.use_date = $2`, roomB, drawDay(0)); n != 1 {
		t.Errorf("%d places of the part open at their minute", n)
	}
}

// A booking that moves from a combined room into one of its parts frees the
// other part, not the whole.
func TestMoveIntoAPartFreesTheOther(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.SlotCodes = roomAB, []string{"AM"} }).GetId()
	_, err := w.bookings(editor).AmendBooking(t.Context(), &facilitiesv1.AmendBookingRequest{Id: id, RoomId: proto.String(room)})
	w.must(err)
	resp, err := w.waitlist(nobody).ListFreedSlots(t.Context(), &facilitiesv1.ListFreedSlotsRequest{FacilityId: hall})
	w.must(err)
	if got := resp.GetFreedSlots(); len(got) != 1 || got[0].GetRoomId() != roomB {
		t.Errorf("freed: %v", got)
	}
}

// Who knows when a booking runs out does not come first by that: its slots go to
// those in line, or open at a random minute where they were drawn by lot. Where
// neither is so, or the sweeper does not run, they are free at once.
func TestWhatRunsOutIsNotSnatched(t *testing.T) {
	t.Parallel()
	w := start(t)
	runsOut := func(id, ago string) { // The sweeper looks at the booking, which is later.
		w.exec(`UPDATE booking_atom SET expires_at = now() - $2::interval WHERE holder_id = $1`, id, ago)
	}
	snatch := func(day jp.Date) error {
		_, err := w.try(group(9), func(r *facilitiesv1.CreateBookingRequest) {
			r.OrganizationId, r.RoomId, r.Date, r.SlotCodes = groupID(9), otherRoom, day.String(), []string{"AM"}
		})
		return err
	}
	waited, swept, nobodys, drawn := openDay(5), openDay(6), openDay(7), openDay(8)
	ids := map[jp.Date]string{}
	for _, day := range []jp.Date{waited, swept, nobodys, drawn} {
		ids[day] = w.taken(day, "AM")
	}
	place, late := w.waits(1, waited, "AM"), w.waits(2, swept, "AM")
	w.lottery(func(in *facilitiesv1.LotteryInput) { in.UseFrom, in.UseTo = drawn.String(), drawn.String() })
	w.exec(`UPDATE lottery_count SET drawn = true`)
	runsOut(ids[waited], "1 second")
	runsOut(ids[drawn], "1 second")
	runsOut(ids[nobodys], "1 second")
	runsOut(ids[swept], "11 minutes")
	refused(t, snatch(waited), "SLOT_TAKEN")
	refused(t, snatch(drawn), "SLOT_TAKEN")
	w.must(snatch(nobodys))
	w.must(snatch(swept))
	w.exec(`UPDATE booking SET expires_at = now() - interval '1 second' WHERE id = ANY($1)`, []string{ids[waited], ids[drawn]})
	w.task("expire-bookings")
	w.stands(1, place, facilitiesv1.WaitlistPlace_OFFERED)
	w.stands(2, late, facilitiesv1.WaitlistPlace_WAITING)
	for _, f := range w.freed(t) {
		if f.GetDate() == drawn.String() && f.GetOpenTime().AsTime().After(time.Now()) {
			return
		}
	}
	t.Errorf("what was drawn does not open later: %v", w.freed(t))
}

// Groups wait in line while bookings are cancelled, offers left and accepted, all
// at once: no slot is ever offered or booked twice, and nobody is passed over.
func TestNoDoubleOffer(t *testing.T) {
	t.Parallel()
	w := start(t)
	const groups = 12
	days := []int{10, 11, 12}
	var bookings []string
	places := make([][]string, groups)
	for _, n := range days {
		bookings = append(bookings, w.taken(openDay(n), "AM"))
		for i := range groups {
			places[i] = append(places[i], w.waits(i, openDay(n), "AM"))
		}
	}
	var wg sync.WaitGroup
	for _, id := range bookings {
		wg.Go(func() {
			if err := patiently(t, func(ctx context.Context) error {
				_, err := w.bookings(editor).CancelBooking(ctx, &facilitiesv1.CancelBookingRequest{Id: id})
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range groups {
		wg.Go(func() {
			for _, id := range places[i] {
				if i%3 == 0 { // Every third group gives up.
					if err := patiently(t, func(ctx context.Context) error {
						_, err := w.waitlist(group(i)).LeaveWaitlist(ctx, &facilitiesv1.LeaveWaitlistRequest{Id: id})
						return err
					}); err != nil {
						t.Error(err)
					}
					continue
				}
				if err := patiently(t, func(ctx context.Context) error {
					_, err := w.waitlist(group(i)).AcceptWaitlistOffer(ctx, &facilitiesv1.AcceptWaitlistOfferRequest{Id: id})
					return err
				}); err != nil && reason(err) != "INVALID_STATE_TRANSITION" {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, n := range days {
		if got := w.count(`SELECT count(*) FROM waitlist_place WHERE use_date = $1 AND state IN ('OFFERED', 'ACCEPTED')`, openDay(n)); got != 1 {
			t.Errorf("day %d: %d groups have the slot", n, got)
		}
	}
	if got := w.count(`
		SELECT count(*)
		FROM waitlist_place p
		JOIN waitlist_place o USING (room_id, use_date)
		WHERE p.state IN ('OFFERED', 'ACCEPTED') AND o.state = 'WAITING' AND o.position < p.position`); got != 0 {
		t.Errorf("%d groups were passed over", got)
	}
}

// Joining and cancelling at once: whoever got a place in line is served; nobody
// waits for a slot that is free.
func TestJoinMeetsCancellation(t *testing.T) {
	t.Parallel()
	w := start(t)
	for n := range 10 {
		day := openDay(5 + n)
		id := w.taken(day, "AM")
		var (
			wg  sync.WaitGroup
			err error
		)
		wg.Go(func() {
			if err := patiently(t, func(ctx context.Context) error {
				_, err := w.bookings(editor).CancelBooking(ctx, &facilitiesv1.CancelBookingRequest{Id: id})
				return err
			}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			err = patiently(t, func(ctx context.Context) error {
				_, err := w.waitlist(group(1)).JoinWaitlist(ctx, &facilitiesv1.JoinWaitlistRequest{Place: placeInput(groupID(1), day, "AM")})
				return err
			})
		})
		wg.Wait()
		if got := reason(err); got != "" && got != "SLOT_NOT_TAKEN" {
			t.Errorf("join: %v", err)
		}
	}
	if n := w.count(`SELECT count(*) FROM waitlist_place WHERE state = 'WAITING'`); n != 0 {
		t.Errorf("%d places wait for slots that are free", n)
	}
}
