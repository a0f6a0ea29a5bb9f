package facilities_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

func (w *world) draw(id string) (*facilitiesv1.Lottery, error) {
	resp, err := w.lotteries(clerk).DrawLottery(w.t.Context(), &facilitiesv1.DrawLotteryRequest{Id: id})
	return resp.GetLottery(), err
}

func (w *world) recordEntropy(id, value string) error {
	_, err := w.lotteries(clerk).RecordEntropy(w.t.Context(), &facilitiesv1.RecordEntropyRequest{Id: id, PublicEntropy: value})
	return err
}

// verify returns the steps that do not hold.
func (w *world) verify(id string) string {
	w.t.Helper()
	resp, err := w.lotteries(nobody).VerifyLottery(w.t.Context(), &facilitiesv1.VerifyLotteryRequest{Id: id})
	w.must(err)
	var wrong []string
	for _, c := range resp.GetChecks() {
		if !c.GetValid() {
			wrong = append(wrong, c.GetStep().String())
		}
	}
	if resp.GetValid() != (wrong == nil) {
		w.t.Errorf("valid = %v, but %v do not hold", resp.GetValid(), wrong)
	}
	return strings.Join(wrong, " ")
}

// Many draw at once, and again later: there is one draw, and everybody gets its
// result.
func TestThereIsOneDraw(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	w.enterGroups(l.GetId(), 6, "AM")
	_, err := w.draw(l.GetId())
	refused(t, err, "DRAW_NOT_DUE")
	w.later(l.GetId(), 150*time.Minute)
	results := make([]*facilitiesv1.Lottery, 8)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			if err := patiently(t, func(ctx context.Context) error {
				resp, err := w.lotteries(clerk).DrawLottery(ctx, &facilitiesv1.DrawLotteryRequest{Id: l.GetId()})
				results[i] = resp.GetLottery()
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.task("run-lotteries")
	results = append(results, w.getLottery(l.GetId()))
	for _, r := range results[1:] {
		if diff := cmp.Diff(results[0].GetOrder(), r.GetOrder(), protocmp.Transform()); diff != "" || len(r.GetOrder()) != 6 {
			t.Errorf("another result (-first +later):\n%s", diff)
		}
	}
	if got := w.events(l.GetId(), "public"); got != "LotteryOpened LotteryClosed LotteryDrawn" {
		t.Errorf("events = %s", got)
	}
}

// The public value is named at the opening, recorded once between closing and
// draw, and changes the key.
func TestPublicEntropy(t *testing.T) {
	t.Parallel()
	w := start(t)
	plain := w.lottery(func(in *facilitiesv1.LotteryInput) { in.UseFrom = drawDay(1).String() })
	l := w.lottery(func(in *facilitiesv1.LotteryInput) {
		in.UseTo, in.PublicEntropySource = drawDay(0).String(), "宝くじの当せん番号（見本）"
	})
	w.enterGroups(l.GetId(), 3, "AM")
	refused(t, w.recordEntropy(l.GetId(), "1234"), "LOTTERY_NOT_CLOSED")
	w.later(l.GetId(), 150*time.Minute)
	refused(t, w.recordEntropy(plain.GetId(), "1234"), "ENTROPY_NOT_EXPECTED")
	_, err := w.draw(l.GetId())
	refused(t, err, "ENTROPY_MISSING")
	w.must(w.recordEntropy(l.GetId(), "第1回 1234"))
	refused(t, w.recordEntropy(l.GetId(), "第1回 9999"), "ENTROPY_RECORDED")
	drawn, err := w.draw(l.GetId())
	w.must(err)
	refused(t, w.recordEntropy(l.GetId(), "第1回 9999"), "ENTROPY_RECORDED")
	if drawn.GetPublicEntropy() != "第1回 1234" || w.verify(l.GetId()) != "" {
		t.Errorf("drawn: %v", drawn)
	}
	w.exec(`UPDATE lottery_entropy SET value = '第1回 9999'`)
	if got := w.verify(l.GetId()); !strings.HasPrefix(got, "KEY") {
		t.Errorf("another public value is found as %q", got)
	}
}

// Whoever changes rows of a lottery behind the service's back is found, by the
// step that is wrong; before the draw there is no draw.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.CapSlots = 1 })
	w.enterGroups(l.GetId(), 6, "AM")
	w.later(l.GetId(), time.Hour)
	w.task("run-lotteries")
	w.exec(`UPDATE lottery_ticket SET priority = 9 WHERE entry_id = (SELECT entry_id FROM lottery_ticket WHERE lottery_id = $1 ORDER BY id LIMIT 1)`, l.GetId())
	if got := w.verify(l.GetId()); got != "BALLOT" {
		t.Errorf("an entry changed between closing and draw is found as %q", got)
	}
	w.later(l.GetId(), 90*time.Minute)
	_, err := w.draw(l.GetId())
	refused(t, err, "INTERNAL")
	w.exec(`UPDATE lottery_ticket SET priority = 1`)
	w.drawn(l.GetId())
	if got := w.verify(l.GetId()); got != "" {
		t.Fatalf("an honest draw: %s", got)
	}
	for name, c := range map[string]struct{ do, undo, found string }{
		"another seed": {
			`UPDATE lottery_draw SET seed = 'ff' || substr(seed, 3), taken = ARRAY[substr(seed, 1, 2)]`,
			`UPDATE lottery_draw SET seed = taken[1] || substr(seed, 3), taken = '{}'`, "COMMITMENT",
		},
		"a hidden seed": {
			`UPDATE lottery_draw SET taken = ARRAY[seed], seed = ''`,
			`UPDATE lottery_draw SET seed = taken[1], taken = '{}'`, "COMMITMENT",
		},
		"another commitment": {
			`UPDATE lottery SET commitment = reverse(commitment)`, `UPDATE lottery SET commitment = reverse(commitment)`, "COMMITMENT",
		},
		"another root": {
			`UPDATE lottery_closing SET root = reverse(root)`, `UPDATE lottery_closing SET root = reverse(root)`, "ROOT",
		},
		"other places of an entry": {
			`UPDATE lottery_ticket SET places = places || '{99/2027-01-01/1}'`, `UPDATE lottery_ticket SET places = places[1:1]`, "BALLOT",
		},
		"another group": {
			`UPDATE lottery_ticket SET grp = reverse(grp)`, `UPDATE lottery_ticket SET grp = reverse(grp)`, "BALLOT",
		},
		"an exchanged winner": {
			`UPDATE lottery_result SET outcome = CASE rank WHEN 1 THEN 'LOST_TAKEN' WHEN 2 THEN 'WON' ELSE outcome END`,
			`UPDATE lottery_result SET outcome = CASE rank WHEN 1 THEN 'WON' ELSE 'LOST_TAKEN' END`, "RESULT",
		},
		"an exchanged order": {
			`UPDATE lottery_result SET rank = rank + 10 WHERE rank = 1`, `UPDATE lottery_result SET rank = rank - 10 WHERE rank = 11`, "ORDER",
		},
		"a cap that grew": {
			`UPDATE lottery SET cap_slots = 0`, `UPDATE lottery SET cap_slots = 1`, "RESULT",
		},
	} {
		w.exec(c.do)
		if got := w.verify(l.GetId()); !strings.HasPrefix(got, c.found) {
			t.Errorf("%s is found as %q, want %s", name, got, c.found)
		}
		w.exec(c.undo)
		if got := w.verify(l.GetId()); got != "" {
			t.Fatalf("%s, undone: %s", name, got)
		}
	}
	w.exec(`DELETE FROM lottery_result`)
	if got := w.verify(l.GetId()); got == "" {
		t.Error("a draw without its results is not found")
	}
}

// The service itself can neither change nor delete what decides a draw, and
// cannot draw twice.
func TestDrawsCannotBeChanged(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	w.enterGroups(l.GetId(), 2, "AM")
	w.drawn(l.GetId())
	for _, sql := range []string{
		`UPDATE lottery SET commitment = ''`,
		`UPDATE lottery SET cap_slots = 9`,
		`DELETE FROM lottery_atom`,
		`UPDATE lottery_closing SET root = ''`,
		`DELETE FROM lottery_ticket`,
		`UPDATE lottery_ticket SET priority = 1`,
		`UPDATE lottery_draw SET seed = ''`,
		`DELETE FROM lottery_draw`,
		`UPDATE lottery_result SET outcome = 'WON'`,
		`TRUNCATE lottery_result`,
		`UPDATE lottery_entropy SET value = ''`,
		`UPDATE lottery_entry SET uses = '[]'`,
		`UPDATE lottery_entry SET priority = 1`,
		`DELETE FROM lottery_entry`,
	} {
		if _, err := w.deps.DB.Pool().Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	_, err := w.deps.DB.Pool().Exec(t.Context(), `
		INSERT INTO lottery_draw (lottery_id, seed, key, taken, drawn_by, drawn_at)
		VALUES ($1, '', '', '{}', '', now())`, l.GetId())
	if err == nil || !strings.Contains(err.Error(), "lottery_draw_pkey") {
		t.Errorf("a second draw: %v", err)
	}
}

// Slots that are drawn together are won together; a combined room and its parts
// are not given to two; nobody wins more than the cap; companies come second.
func TestDrawGivesPlacesOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) {
		in.RoomIds, in.CapSlots, in.UseTo = []string{room, roomB, roomAB}, 2, drawDay(0).String()
	})
	in := func(i int, roomID string, codes ...string) {
		req := entryFor(l.GetId(), groupID(i), codes...)
		req.Uses[0].RoomId = roomID
		_, err := w.enter(group(i), req)
		w.must(err)
	}
	for i := range 4 {
		in(i, room, "AM", "PM")
		in(i, roomB, "AM")
		in(i, roomAB, "PM")
	}
	company := entryFor(l.GetId(), org4, "PM")
	company.UserClass, company.Purpose, company.Uses[0].RoomId = "COMPANY", facilitiesv1.UserClass_INTERNAL_MEETING, roomB
	_, err := w.enter(head4, company)
	w.must(err)
	drawn := w.drawn(l.GetId())
	taken, slots := map[string]bool{}, map[string]int32{}
	for _, ticket := range drawn.GetOrder() {
		if ticket.GetResult() != facilitiesv1.LotteryTicket_WON {
			continue
		}
		slots[ticket.GetGroup()] += ticket.GetSlots()
		for _, p := range ticket.GetPlaces() {
			if taken[p] {
				t.Errorf("%s was given twice", p)
			}
			taken[p] = true
		}
	}
	for group, n := range slots {
		if n > 2 {
			t.Errorf("group %s won %d slots", group, n)
		}
	}
	if last := drawn.GetOrder()[len(drawn.GetOrder())-1]; last.GetPriority() != 2 {
		t.Errorf("the last is of priority %d", last.GetPriority())
	}
	if n := w.count(`
		SELECT count(*)
		FROM booking_atom
		JOIN lottery_atom USING (atom_room_id, use_date, slot_no)
		WHERE lottery_id = $1`, l.GetId()); n != len(taken) {
		t.Errorf("%d places are held, %d were won", n, len(taken))
	}
	if got := w.verify(l.GetId()); got != "" {
		t.Errorf("verify: %s", got)
	}
}

// What is booked when the lottery opens stays booked, and nobody wins it; what is
// freed before the draw goes into it.
func TestBookedBeforeTheLottery(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := openDay(10).String()
	take := func(code string) *facilitiesv1.Booking {
		return w.book(func(r *facilitiesv1.CreateBookingRequest) {
			r.RoomId, r.Date, r.SlotCodes = otherRoom, day, []string{code}
		})
	}
	am, pm := take("AM"), take("PM")
	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.UseFrom, in.UseTo = day, day })
	for i, code := range []string{"AM", "PM"} {
		req := entryFor(l.GetId(), groupID(i), code)
		req.Uses[0].Date = day
		_, err := w.enter(group(i), req)
		w.must(err)
	}
	_, err := w.bookings(editor).CancelBooking(t.Context(), &facilitiesv1.CancelBookingRequest{Id: pm.GetId()})
	w.must(err)
	if got := w.atomState(openDay(10)); got != "1 BOOKING, 2 HOLD" {
		t.Errorf("slots = %s", got)
	}
	drawn := w.drawn(l.GetId())
	if len(drawn.GetTakenPlaces()) != 1 || !strings.HasSuffix(drawn.GetTakenPlaces()[0], "/1") {
		t.Errorf("taken = %v", drawn.GetTakenPlaces())
	}
	for _, ticket := range drawn.GetOrder() {
		want := facilitiesv1.LotteryTicket_WON
		if strings.HasSuffix(ticket.GetPlaces()[0], "/1") {
			want = facilitiesv1.LotteryTicket_LOST_TAKEN
		}
		if ticket.GetResult() != want {
			t.Errorf("%v", ticket)
		}
	}
	if got := w.booking(am.GetId()).GetState(); got != facilitiesv1.Booking_TENTATIVE {
		t.Errorf("the booking is %v", got)
	}
}
