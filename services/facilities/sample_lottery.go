package facilities

import (
	"context"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// sampleLotteries adds a lottery that was drawn an hour ago, for everybody to
// verify, and one that takes entries, both of rooms in the month after next.
func sampleLotteries(ctx context.Context, d service.Deps) error {
	s := &lotteries{Deps: d, rules: store.NewRules()}
	now := d.Now()
	first := jp.DateOf(now).FirstOfMonth().AddMonths(2).AddDays(19)
	drawn := &lottery.Lottery{
		Title: "（見本）富士見区民館 抽選", RoomIDs: []string{sampleID("1005"), sampleID("1006"), sampleID("1007")},
		UseFrom: first, UseTo: first.AddDays(2), ApplyFrom: now.AddDate(0, 0, -10), ApplyTo: now.Add(-2 * time.Hour),
		DrawAt: now.Add(-time.Hour), ConfirmBy: now.AddDate(0, 0, 7),
	}
	open := &lottery.Lottery{
		Title: "（見本）神田公園区民館 抽選", RoomIDs: []string{sampleID("1011"), sampleID("1012")},
		UseFrom: first, UseTo: first.AddDays(6), ApplyFrom: now.Add(-time.Hour), ApplyTo: now.AddDate(0, 0, 7),
		DrawAt: now.AddDate(0, 0, 8), ConfirmBy: now.AddDate(0, 0, 12), EntropySource: "（見本）抽選日の前日に発表される宝くじの当せん番号",
	}
	for _, l := range []*lottery.Lottery{drawn, open} {
		if err := s.sample(ctx, l); err != nil {
			return err
		}
	}
	if err := s.closeEnded(ctx, drawn.ID); err != nil {
		return err
	}
	return s.drawDue(ctx, drawn.ID)
}

// sample opens a lottery whose times may be past, with entries of the sample
// organizations.
func (s *lotteries) sample(ctx context.Context, l *lottery.Lottery) error {
	l.ID, l.SlotCodes, l.CreatedBy = s.NewID(), []string{"AM", "PM", "NI"}, sampleClerk
	l.Classes = []lottery.Class{{Code: "GENERAL", Priority: 1}, {Code: "NPO", Priority: 1}, {Code: "COMPANY", Priority: 2}}
	l.Complete()
	s.commit(l)
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return struct{}{}, err
		}
		if _, err := s.open(ctx, tx, l, catalogue); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.sampleEntries(ctx, tx, l, catalogue)
	})
	return err
}

// sampleWishes are what sample organizations of directory ask for: the place of
// the room among the lottery's, days after the first, slots.
var sampleWishes = []struct {
	organization, class string
	room, day           int
	slots               []string
}{
	{"1001", "NPO", 0, 0, []string{"AM"}},
	{"1001", "NPO", 1, 1, []string{"PM", "NI"}},
	{"1002", "GENERAL", 0, 0, []string{"AM", "PM"}},
	{"1101", "GENERAL", 1, 0, []string{"PM"}},
	{"1101", "GENERAL", 0, 1, []string{"PM"}},
	{"1102", "GENERAL", 0, 0, []string{"AM"}},
	{"1102", "GENERAL", 1, 2, []string{"NI"}},
}

func (s *lotteries) sampleEntries(ctx context.Context, tx *pg.Tx, l *lottery.Lottery, c *facility.Catalogue) error {
	for _, wish := range sampleWishes {
		organization := "01900000-0000-7000-8000-0000000d" + wish.organization
		t, ok := c.Terms(l.RoomIDs[wish.room], wish.class, l.UseFrom.AddDays(wish.day))
		if !ok {
			return fmt.Errorf("sample lottery: no room %s", l.RoomIDs[wish.room])
		}
		if err := addEntry(ctx, tx, &lottery.Entry{
			ID: s.NewID(), LotteryID: l.ID, HolderID: organization, OrganizationID: organization, UserClass: wish.class, Priority: 1,
			Purpose: "MEETING", Title: "（見本）定例会", Headcount: 15, State: lottery.Entered, CreatedBy: sampleClerk,
			CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1, Uses: []lottery.Use{s.sampleUse(t, wish.slots)},
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *lotteries) sampleUse(t *facility.Terms, codes []string) lottery.Use {
	u := lottery.Use{ID: s.NewID(), FacilityID: t.Facility.ID, RoomID: t.Room.ID, Date: t.Date, Atoms: t.Room.Atoms, SlotCodes: codes}
	var slots []slot.Slot
	for _, code := range codes {
		at, _ := t.Pattern.Coded(code)
		slots, u.SlotNos = append(slots, at), append(u.SlotNos, at.No)
	}
	u.StartsAt = slots[0].StartsAt(t.Date)
	return u
}
