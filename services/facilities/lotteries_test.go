package facilities_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// A lottery from its announcement to the booking of its winner.
func TestLottery(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	if l.GetState() != facilitiesv1.Lottery_OPEN || len(l.GetCommitment()) != 64 || l.GetSeed() != "" || l.GetRoot() != "" {
		t.Fatalf("opened: %v", l)
	}
	if got := w.atomState(drawDay(0)); got != "1 HOLD, 2 HOLD" {
		t.Errorf("slots of an open lottery: %s", got)
	}
	w.enterGroups(l.GetId(), 5, "AM")
	if got := w.getLottery(l.GetId()); got.GetEntryCount() != 5 || len(got.GetOrder()) != 0 {
		t.Errorf("before the closing everybody sees only the number of entries: %v", got)
	}

	w.later(l.GetId(), time.Hour)
	w.task("run-lotteries")
	closed := w.getLottery(l.GetId())
	if closed.GetState() != facilitiesv1.Lottery_CLOSED || len(closed.GetRoot()) != 64 || len(closed.GetOrder()) != 5 || closed.GetSeed() != "" {
		t.Errorf("closed: %v", closed)
	}

	drawn := w.drawn(l.GetId())
	seed, err := hex.DecodeString(drawn.GetSeed())
	w.must(err)
	if sum := sha256.Sum256(seed); hex.EncodeToString(sum[:]) != l.GetCommitment() {
		t.Error("the published seed is not the one of the commitment")
	}
	var won int
	for i, ticket := range drawn.GetOrder() {
		if ticket.GetRank() != int32(i+1) {
			t.Errorf("rank %d at place %d", ticket.GetRank(), i+1)
		}
		if ticket.GetResult() == facilitiesv1.LotteryTicket_WON {
			won++
		}
	}
	if won != 1 || drawn.GetState() != facilitiesv1.Lottery_DRAWN {
		t.Errorf("%d winners of one slot: %v", won, drawn)
	}
	if got := w.atomState(drawDay(0)); got != "1 HOLD" {
		t.Errorf("after the draw the winner holds its slot and the rest is free: %s", got)
	}
	verified, err := w.lotteries(nobody).VerifyLottery(t.Context(), &facilitiesv1.VerifyLotteryRequest{Id: l.GetId()})
	w.must(err)
	if !verified.GetValid() || len(verified.GetChecks()) != 6 {
		t.Errorf("verify: %v", verified.GetChecks())
	}
	w.confirmWin(l.GetId())
	if got := w.events(l.GetId(), "public"); got != "LotteryOpened LotteryClosed LotteryDrawn" {
		t.Errorf("events = %s", got)
	}
}

// confirmWin takes what one entry has won, and looks at the booking.
func (w *world) confirmWin(lotteryID string) {
	w.t.Helper()
	p, entry := w.winner(lotteryID)
	req := &facilitiesv1.ConfirmLotteryEntryRequest{Id: lotteryID, EntryId: entry}
	resp, err := w.lotteries(p).ConfirmLotteryEntry(w.t.Context(), req)
	w.must(err)
	e := resp.GetEntry()
	if e.GetState() != facilitiesv1.LotteryEntry_CONFIRMED || len(e.GetBookingIds()) != 1 || e.GetRank() == 0 {
		w.t.Fatalf("confirmed: %v", e)
	}
	if got := w.atomState(drawDay(0)); got != "1 BOOKING" {
		w.t.Errorf("slots after the confirmation: %s", got)
	}
	if n := w.count(`SELECT count(*) FROM quota_pending WHERE entry_id = $1`, entry); n != 0 {
		w.t.Error("a confirmed entry counts twice")
	}
	_, err = w.lotteries(p).ConfirmLotteryEntry(w.t.Context(), req)
	refused(w.t, err, "INVALID_STATE_TRANSITION")
}

// What is not drawn yet can only be had by entering.
func TestLotterySlotsCannotBeBooked(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.lottery(func(in *facilitiesv1.LotteryInput) {
		in.UseFrom, in.UseTo = openDay(10).String(), openDay(10).String()
	})
	_, err := w.try(head, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = otherRoom, openDay(10).String() })
	refused(t, err, "LOTTERY_ONLY")
	_, err = w.waitlist(head).JoinWaitlist(t.Context(), &facilitiesv1.JoinWaitlistRequest{Place: placeInput(org1, openDay(10), "AM")})
	refused(t, err, "LOTTERY_ONLY")
	got, err := w.availability(nobody).GetAvailability(t.Context(), &facilitiesv1.GetAvailabilityRequest{
		RoomId: otherRoom, From: openDay(10).String(), To: openDay(10).String(),
	})
	w.must(err)
	if slots := got.GetDays()[0].GetRooms()[0].GetSlots(); !strings.HasPrefix(slots, "LL") {
		t.Errorf("availability = %s", slots)
	}
}

func TestCreateLotteryRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	create := func(change func(*facilitiesv1.LotteryInput)) error {
		in := lotteryInput()
		change(in)
		_, err := w.lotteries(clerk).CreateLottery(t.Context(), &facilitiesv1.CreateLotteryRequest{Lottery: in})
		return err
	}
	for name, c := range map[string]struct {
		want   string
		change func(*facilitiesv1.LotteryInput)
	}{
		"draw before the end":     {"LOTTERY_PERIOD_INVALID", func(in *facilitiesv1.LotteryInput) { in.DrawTime = in.GetApplyFromTime() }},
		"end in the past":         {"LOTTERY_PERIOD_INVALID", func(in *facilitiesv1.LotteryInput) { in.ApplyToTime.Seconds = 1000; in.ApplyFromTime.Seconds = 0 }},
		"use before confirmation": {"LOTTERY_PERIOD_INVALID", func(in *facilitiesv1.LotteryInput) { in.UseFrom = today().String() }},
		"too many days":           {"LOTTERY_PERIOD_INVALID", func(in *facilitiesv1.LotteryInput) { in.UseTo = drawDay(31).String() }},
		"a day that is not":       {"INVALID_FIELD", func(in *facilitiesv1.LotteryInput) { in.UseTo = "2027-02-30" }},
		"a class twice": {"INVALID_FIELD", func(in *facilitiesv1.LotteryInput) {
			in.Classes = append(in.Classes, &facilitiesv1.LotteryClass{Code: "NPO", Priority: 2})
		}},
		"another class": {"CLASS_UNKNOWN", func(in *facilitiesv1.LotteryInput) { in.Classes[0].Code = "NONE" }},
		"another room":  {"ROOM_UNKNOWN", func(in *facilitiesv1.LotteryInput) { in.RoomIds = []string{none} }},
		"another slot":  {"SLOT_UNKNOWN", func(in *facilitiesv1.LotteryInput) { in.SlotCodes = []string{"XX"} }},
	} {
		if got := reason(create(c.change)); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	w.lottery(nil)
	refused(t, create(func(in *facilitiesv1.LotteryInput) { in.UseFrom, in.UseTo = drawDay(2).String(), drawDay(5).String() }), "SLOTS_IN_LOTTERY")
	_, err := w.lotteries(desk).CreateLottery(t.Context(), &facilitiesv1.CreateLotteryRequest{Lottery: lotteryInput()})
	refused(t, err, "PERMISSION_DENIED")
}

func TestEnterRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	base := entryFor(l.GetId(), org1, "AM")
	_, err := w.enter(editor, proto.CloneOf(base))
	w.must(err)
	_, err = facilitiesv1.NewLotteryServiceClient(w.Bare(editor)).EnterLottery(t.Context(), proto.CloneOf(base))
	refused(t, err, "IDEMPOTENCY_KEY_REQUIRED")
	for name, c := range map[string]struct {
		want   string
		change func(*facilitiesv1.EnterLotteryRequest)
	}{
		"the same slot again":  {"DUPLICATE_ENTRY", func(*facilitiesv1.EnterLotteryRequest) {}},
		"another organization": {"PERMISSION_DENIED", func(r *facilitiesv1.EnterLotteryRequest) { r.OrganizationId = org2 }},
		"too many people":      {"CAPACITY_EXCEEDED", func(r *facilitiesv1.EnterLotteryRequest) { r.Headcount = 31 }},
		"another class":        {"CLASS_NOT_ALLOWED", func(r *facilitiesv1.EnterLotteryRequest) { r.UserClass = "COMPANY" }},
		"no class":             {"CLASS_NOT_ALLOWED", func(r *facilitiesv1.EnterLotteryRequest) { r.UserClass = "NONE" }},
		"another slot":         {"SLOT_NOT_IN_LOTTERY", func(r *facilitiesv1.EnterLotteryRequest) { r.Uses[0].SlotCodes = []string{"NI"} }},
		"another room":         {"SLOT_NOT_IN_LOTTERY", func(r *facilitiesv1.EnterLotteryRequest) { r.Uses[0].RoomId = room }},
		"another day":          {"SLOT_NOT_IN_LOTTERY", func(r *facilitiesv1.EnterLotteryRequest) { r.Uses[0].Date = drawDay(3).String() }},
		"a paper of its own":   {"INVALID_FIELD", func(r *facilitiesv1.EnterLotteryRequest) { r.PaperNote = "窓口" }},
		"a slot twice": {"INVALID_FIELD", func(r *facilitiesv1.EnterLotteryRequest) {
			r.Uses[0].SlotCodes = []string{"PM"}
			r.Uses = append(r.Uses, r.Uses[0])
		}},
		"another lottery": {"RESOURCE_NOT_FOUND", func(r *facilitiesv1.EnterLotteryRequest) { r.Id = none }},
	} {
		req := proto.CloneOf(base)
		c.change(req)
		if _, err := w.enter(editor, req); reason(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = w.enter(viewer, proto.CloneOf(base))
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.enter(head3, entryFor(l.GetId(), org3, "AM"))
	refused(t, err, "ORGANIZATION_NOT_VERIFIED")
	w.directory.setDown(true)
	_, err = w.enter(editor, entryFor(l.GetId(), org1, "PM"))
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
}

func TestEnterLimits(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.MaxEntriesPerOrganization = 2 })
	on := func(day int, codes ...string) *facilitiesv1.EnterLotteryRequest {
		req := entryFor(l.GetId(), org1, codes...)
		req.Uses[0].Date = drawDay(day).String()
		return req
	}
	w.general(`{"maxPerMonth": 3}`)
	_, err := w.enter(head, on(0, "AM", "PM"))
	w.must(err)
	_, err = w.enter(head, on(1, "AM", "PM"))
	refused(t, err, "QUOTA_EXCEEDED")
	_, err = w.enter(head, on(1, "AM"))
	w.must(err)
	_, err = w.enter(head, on(2, "AM"))
	refused(t, err, "ENTRY_LIMIT_EXCEEDED")

	w.exec(`UPDATE lottery_count SET entries = 3000`)
	_, err = w.enter(head2, &facilitiesv1.EnterLotteryRequest{
		Id: l.GetId(), OrganizationId: org2, UserClass: "NPO", Purpose: facilitiesv1.UserClass_MEETING, Headcount: 1, Uses: on(2, "PM").GetUses(),
	})
	refused(t, err, "LOTTERY_FULL")
	w.exec(`UPDATE organization_quota SET suspended_until = now() + interval '1 day'`)
	_, err = w.enter(head, on(2, "PM"))
	refused(t, err, "SUSPENDED_BY_PENALTY")
}

// Eight entries at once, of which the quota of the month has room for one.
func TestEntriesNeverExceedTheQuota(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.UseTo, in.MaxEntriesPerOrganization = drawDay(9).String(), 100 })
	w.general(`{"maxPerMonth": 1}`)
	var wg sync.WaitGroup
	results := make([]string, 8)
	for i := range results {
		wg.Go(func() {
			req := entryFor(l.GetId(), org1, "AM")
			req.Uses[0].Date = drawDay(i).String()
			results[i] = reason(patiently(t, func(ctx context.Context) error {
				_, err := w.lotteries(head).EnterLottery(ctx, req)
				return err
			}))
		})
	}
	wg.Wait()
	slices.Sort(results)
	if results[0] != "" || results[1] != "QUOTA_EXCEEDED" || results[7] != "QUOTA_EXCEEDED" {
		t.Errorf("results = %q", results)
	}
}

// Entries are taken between two instants of the database's clock.
func TestEntriesHaveTheirTime(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	w.later(l.GetId(), -90*time.Minute)
	if got := w.getLottery(l.GetId()).GetState(); got != facilitiesv1.Lottery_ANNOUNCED {
		t.Errorf("state = %v", got)
	}
	_, err := w.enter(head, entryFor(l.GetId(), org1, "AM"))
	refused(t, err, "LOTTERY_NOT_OPEN")
	w.later(l.GetId(), 150*time.Minute)
	_, err = w.enter(head, entryFor(l.GetId(), org1, "AM"))
	refused(t, err, "LOTTERY_CLOSED")
}

// The desk enters on behalf, with a note of the paper, and sees nobody's entries.
func TestEnterOnBehalf(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(nil)
	_, err := w.enter(desk, entryFor(l.GetId(), org1, "AM"))
	refused(t, err, "INVALID_FIELD")
	req := entryFor(l.GetId(), org1, "AM")
	req.PaperNote = "窓口で受付（見本）"
	e, err := w.enter(desk, req)
	w.must(err)
	get := &facilitiesv1.GetLotteryEntryRequest{LotteryId: l.GetId(), Id: e.GetId()}
	_, err = w.lotteries(desk).GetLotteryEntry(t.Context(), get)
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.lotteries(head2).GetLotteryEntry(t.Context(), get)
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.lotteries(viewer).GetLotteryEntry(t.Context(), get)
	w.must(err)
	own, err := w.lotteries(viewer).ListLotteryEntries(t.Context(), &facilitiesv1.ListLotteryEntriesRequest{LotteryId: l.GetId()})
	w.must(err)
	others, err := w.lotteries(head2).ListLotteryEntries(t.Context(), &facilitiesv1.ListLotteryEntriesRequest{LotteryId: l.GetId()})
	w.must(err)
	if len(own.GetEntries()) != 1 || len(others.GetEntries()) != 0 {
		t.Errorf("own: %v, others: %v", own, others)
	}
	_, err = w.lotteries(viewer).WithdrawLotteryEntry(t.Context(), &facilitiesv1.WithdrawLotteryEntryRequest{Id: l.GetId(), EntryId: e.GetId()})
	refused(t, err, "PERMISSION_DENIED")
	withdrawn, err := w.lotteries(desk).WithdrawLotteryEntry(t.Context(), &facilitiesv1.WithdrawLotteryEntryRequest{Id: l.GetId(), EntryId: e.GetId()})
	w.must(err)
	if withdrawn.GetEntry().GetState() != facilitiesv1.LotteryEntry_WITHDRAWN || w.getLottery(l.GetId()).GetEntryCount() != 0 {
		t.Errorf("withdrawn: %v", withdrawn)
	}
	_, err = w.enter(head, entryFor(l.GetId(), org1, "AM"))
	w.must(err)
}

// Lotteries are listed by where they stand, page by page.
func TestListLotteries(t *testing.T) {
	t.Parallel()
	w := start(t)
	var ids []string
	for i := range 3 {
		ids = append(ids, w.lottery(func(in *facilitiesv1.LotteryInput) {
			in.Title = fmt.Sprint(i)
			in.UseFrom, in.UseTo = drawDay(i).String(), drawDay(i).String()
		}).GetId())
	}
	w.drawn(ids[0])
	list := func(state facilitiesv1.Lottery_State, size int32, token string) *facilitiesv1.ListLotteriesResponse {
		t.Helper()
		resp, err := w.lotteries(nobody).ListLotteries(t.Context(), &facilitiesv1.ListLotteriesRequest{
			State: state, PageSize: size, PageToken: token, RoomId: otherRoom,
		})
		w.must(err)
		return resp
	}
	for state, want := range map[facilitiesv1.Lottery_State]int{
		facilitiesv1.Lottery_STATE_UNSPECIFIED: 3, facilitiesv1.Lottery_OPEN: 2, facilitiesv1.Lottery_DRAWN: 1,
		facilitiesv1.Lottery_ANNOUNCED: 0, facilitiesv1.Lottery_CLOSED: 0, facilitiesv1.Lottery_ENDED: 0,
	} {
		if got := len(list(state, 0, "").GetLotteries()); got != want {
			t.Errorf("%v: %d lotteries, want %d", state, got, want)
		}
	}
	first := list(0, 2, "")
	second := list(0, 2, first.GetNextPageToken())
	if len(first.GetLotteries()) != 2 || len(second.GetLotteries()) != 1 || second.GetLotteries()[0].GetId() != ids[0] || second.GetNextPageToken() != "" {
		t.Errorf("pages: %v %v", first, second)
	}
}

// The sample data have a lottery that everybody can verify and one to enter.
func TestSampleLotteries(t *testing.T) {
	t.Parallel()
	w := start(t)
	resp, err := w.lotteries(nobody).ListLotteries(t.Context(), &facilitiesv1.ListLotteriesRequest{})
	w.must(err)
	states := map[facilitiesv1.Lottery_State]string{}
	for _, l := range resp.GetLotteries() {
		states[l.GetState()] = l.GetId()
	}
	if len(states) != 2 || states[facilitiesv1.Lottery_OPEN] == "" {
		t.Fatalf("lotteries: %v", states)
	}
	drawn := w.getLottery(states[facilitiesv1.Lottery_DRAWN])
	if len(drawn.GetOrder()) != 7 || w.verify(drawn.GetId()) != "" {
		t.Errorf("drawn: %v", drawn)
	}
}
