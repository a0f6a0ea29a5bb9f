package facilities_test

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities"
)

func (w *world) lotteries(p auth.Principal) facilitiesv1.LotteryServiceClient {
	return facilitiesv1.NewLotteryServiceClient(w.As(p))
}

func (w *world) waitlist(p auth.Principal) facilitiesv1.WaitlistServiceClient {
	return facilitiesv1.NewWaitlistServiceClient(w.As(p))
}

func (w *world) penalties(p auth.Principal) facilitiesv1.PenaltyServiceClient {
	return facilitiesv1.NewPenaltyServiceClient(w.As(p))
}

// drawDay is the n-th day of the lotteries of the tests: some weeks ahead, within
// one month, and open.
func drawDay(n int) jp.Date {
	first := today().AddDays(35).FirstOfMonth().AddMonths(1).AddDays(9)
	return first.AddDays(n)
}

// lotteryInput takes entries now: one room, three days, two slots a day.
func lotteryInput() *facilitiesv1.LotteryInput {
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(d)) }
	return &facilitiesv1.LotteryInput{
		Title: "抽選（見本）", RoomIds: []string{otherRoom}, UseFrom: drawDay(0).String(), UseTo: drawDay(2).String(),
		SlotCodes: []string{"AM", "PM"}, ApplyFromTime: at(-time.Hour), ApplyToTime: at(time.Hour),
		DrawTime: at(2 * time.Hour), ConfirmByTime: at(72 * time.Hour),
		Classes: []*facilitiesv1.LotteryClass{{Code: "GENERAL", Priority: 1}, {Code: "NPO", Priority: 1}, {Code: "COMPANY", Priority: 2}},
	}
}

// lottery opens a lottery; change edits it before.
func (w *world) lottery(change func(*facilitiesv1.LotteryInput)) *facilitiesv1.Lottery {
	w.t.Helper()
	in := lotteryInput()
	if change != nil {
		change(in)
	}
	resp, err := w.lotteries(clerk).CreateLottery(w.t.Context(), &facilitiesv1.CreateLotteryRequest{Lottery: in})
	w.must(err)
	return resp.GetLottery()
}

// getLottery reads a lottery as everybody does.
func (w *world) getLottery(id string) *facilitiesv1.Lottery {
	w.t.Helper()
	resp, err := w.lotteries(nobody).GetLottery(w.t.Context(), &facilitiesv1.GetLotteryRequest{Id: id})
	w.must(err)
	return resp.GetLottery()
}

// entryFor asks for one slot on the first day.
func entryFor(lotteryID, organization string, codes ...string) *facilitiesv1.EnterLotteryRequest {
	return &facilitiesv1.EnterLotteryRequest{
		Id: lotteryID, OrganizationId: organization, UserClass: "GENERAL", Purpose: facilitiesv1.UserClass_MEETING,
		Title: "定例会", Headcount: 10,
		Uses: []*facilitiesv1.RoomUse{{RoomId: otherRoom, Date: drawDay(0).String(), SlotCodes: codes}},
	}
}

// enter makes an entry.
func (w *world) enter(p auth.Principal, req *facilitiesv1.EnterLotteryRequest) (*facilitiesv1.LotteryEntry, error) {
	resp, err := w.lotteries(p).EnterLottery(w.t.Context(), req)
	return resp.GetEntry(), err
}

// enterGroups makes an entry of each of n groups for the same slot.
func (w *world) enterGroups(lotteryID string, n int, code string) {
	w.t.Helper()
	for i := range n {
		_, err := w.enter(group(i), entryFor(lotteryID, groupID(i), code))
		w.must(err)
	}
}

// later lets time pass for a lottery: its own times move back.
func (w *world) later(id string, d time.Duration) {
	w.t.Helper()
	w.exec(`
		UPDATE lottery
		SET apply_from = apply_from - $2::interval, apply_to = apply_to - $2::interval, draw_at = draw_at - $2::interval,
			confirm_by = confirm_by - $2::interval
		WHERE id = $1`, id, d)
}

// drawn ends the entries of a lottery and draws it.
func (w *world) drawn(id string) *facilitiesv1.Lottery {
	w.t.Helper()
	w.later(id, 150*time.Minute)
	resp, err := w.lotteries(clerk).DrawLottery(w.t.Context(), &facilitiesv1.DrawLotteryRequest{Id: id})
	w.must(err)
	return resp.GetLottery()
}

// task runs a recurring job as its clock does.
func (w *world) task(name string) {
	w.t.Helper()
	w.must(w.run(name))
}

// run is task for a job that may meet others.
func (w *world) run(name string) error {
	for _, task := range facilities.Module.Tasks(w.deps) {
		if task.Name == name {
			return task.Run(w.t.Context())
		}
	}
	return fmt.Errorf("no task %s", name)
}

// winner returns the organization that won, and its entry.
func (w *world) winner(lotteryID string) (p auth.Principal, entry string) {
	w.t.Helper()
	var organization string
	w.must(w.DB("facilities").QueryRow(w.t.Context(), `
		SELECT holder_id, id::text
		FROM lottery_entry
		WHERE lottery_id = $1 AND state = 'WON'`, lotteryID).Scan(&organization, &entry))
	return servicetest.Member("winner", organization, optionsv1.Role_ROLE_REPRESENTATIVE), entry
}

// atomState is who holds the slots of a day in the lotteries' room: kind of
// holder and slot number, in their order.
func (w *world) atomState(day jp.Date) string {
	w.t.Helper()
	var s string
	w.must(w.DB("facilities").QueryRow(w.t.Context(), `
		SELECT COALESCE(string_agg(slot_no || ' ' || holder_kind, ', ' ORDER BY slot_no), '')
		FROM booking_atom b
		WHERE use_date = $1 AND (expires_at IS NULL OR expires_at > now())
			AND atom_room_id IN (SELECT atom_room_id FROM lottery_atom)`, day).Scan(&s))
	return s
}
