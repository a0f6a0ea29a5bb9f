package facilities

import (
	"context"
	"slices"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// EnterLottery takes an entry. Whether the organization is verified is asked of
// directory, as of now and outside the transaction.
func (s *lotteries) EnterLottery(ctx context.Context, req *facilitiesv1.EnterLotteryRequest) (*facilitiesv1.EnterLotteryResponse, error) {
	by := readerOf(ctx)
	e, err := entryFromProto(req, by)
	if err != nil {
		return nil, err
	}
	organization, err := s.directory.verified(ctx, e.OrganizationID)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.EnterLotteryResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		standing, err := store.LockQuota(ctx, tx, e.HolderID)
		if err != nil {
			return nil, err
		}
		if tx.Now.Before(standing.SuspendedUntil) {
			return nil, booking.Suspended(standing.SuspendedUntil)
		}
		l, err := store.LockLottery(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		e := *e // The transaction may run again.
		e.ID, e.CreatedAt, e.UpdatedAt = s.NewID(), tx.Now, tx.Now
		if err := s.admit(ctx, admission{tx: tx, entry: &e, lottery: l, rules: catalogue, kind: convert.EnumName(organization.GetKind())}); err != nil {
			return nil, err
		}
		if err := addEntry(ctx, tx, &e); err != nil {
			return nil, err
		}
		keepEntered(tx, &e, organization)
		return &facilitiesv1.EnterLotteryResponse{Entry: entryToProto(&e, l, tx.Now)}, nil
	})
}

// admission is an entry that knocks at a locked lottery; its holder is locked,
// the rules are held.
type admission struct {
	tx      *pg.Tx
	entry   *lottery.Entry
	lottery *lottery.Lottery
	rules   *facility.Catalogue
	kind    string // Of the organization; empty for a resident.
}

// admit decides by the rules of the lottery, of the rooms and of the quota, and
// writes into the entry what they say of its uses.
func (s *lotteries) admit(ctx context.Context, a admission) error {
	if err := a.lottery.TakesEntries(a.tx.Now); err != nil {
		return err
	}
	priority, ok := a.lottery.Priority(a.entry.UserClass)
	if !ok {
		return booking.ErrClassNotAllowed.With("userClass", a.entry.UserClass)
	}
	a.entry.LotteryID, a.entry.Priority, a.entry.State, a.entry.Version = a.lottery.ID, priority, lottery.Entered, 1
	a.entry.Uses = slices.Clone(a.entry.Uses)
	for i := range a.entry.Uses {
		if err := s.admitUse(a, &a.entry.Uses[i]); err != nil {
			return err
		}
	}
	if err := a.entry.Check(); err != nil {
		return err
	}
	n, err := store.CountEntriesOf(ctx, a.tx, a.lottery.ID, a.entry.HolderID)
	if err != nil {
		return err
	}
	if n >= a.lottery.MaxEntries {
		return lottery.ErrEntryLimit.With("limit", strconv.Itoa(a.lottery.MaxEntries))
	}
	return withinMonths(ctx, a)
}

// admitUse decides about one room and day.
func (s *lotteries) admitUse(a admission, u *lottery.Use) error {
	t, ok := a.rules.Terms(u.RoomID, a.entry.UserClass, u.Date)
	if !ok || !slices.Contains(a.lottery.RoomIDs, u.RoomID) || u.Date.Before(a.lottery.UseFrom) || u.Date.After(a.lottery.UseTo) {
		return lottery.ErrSlotNotInLottery.With("roomId", u.RoomID).With("date", u.Date.String())
	}
	for _, code := range u.SlotCodes {
		if !slices.Contains(a.lottery.SlotCodes, code) {
			return lottery.ErrSlotNotInLottery.With("roomId", u.RoomID).With("date", u.Date.String()).With("slotCode", code)
		}
	}
	slots, err := entryWish(a.entry, *u, a.kind).Admit(t, a.tx.Now)
	if err != nil {
		return err
	}
	u.ID, u.FacilityID, u.Atoms, u.StartsAt = s.NewID(), t.Facility.ID, t.Room.Atoms, slots[0].StartsAt(u.Date)
	u.SlotNos, u.SlotCodes = nil, nil
	for _, slot := range slots {
		u.SlotNos, u.SlotCodes = append(u.SlotNos, slot.No), append(u.SlotCodes, slot.Code)
	}
	return nil
}

// entryWish is a use of an entry as a wish to book.
func entryWish(e *lottery.Entry, u lottery.Use, kind string) *booking.Wish {
	return &booking.Wish{
		OrganizationID: e.OrganizationID, OrganizationKind: kind, RoomID: u.RoomID, Date: u.Date, SlotCodes: u.SlotCodes,
		UserClass: e.UserClass, Purpose: e.Purpose, Title: e.Title, Headcount: e.Headcount, Channel: booking.Lottery,
	}
}

// withinMonths refuses more slots of a month than the user class has, those that
// are booked and those of open entries together. Errors: QUOTA_EXCEEDED.
func withinMonths(ctx context.Context, a admission) error {
	wanted := map[jp.Date]int{}
	for _, u := range a.entry.Uses {
		wanted[u.Date.FirstOfMonth()] += len(u.SlotNos)
	}
	for month, slots := range wanted {
		class, ok := a.rules.Class(a.entry.UserClass, month.AddMonths(1).AddDays(-1))
		if !ok || class.MaxPerMonth == 0 {
			continue
		}
		use, err := store.QuotaUse(ctx, a.tx, a.entry.HolderID, month, "")
		if err != nil {
			return err
		}
		if use.MonthSlots+slots > class.MaxPerMonth {
			return booking.Exceeded("MONTH", class.MaxPerMonth, use.MonthSlots)
		}
	}
	return nil
}

// addEntry writes an admitted entry. Errors: DUPLICATE_ENTRY, LOTTERY_FULL.
func addEntry(ctx context.Context, tx *pg.Tx, e *lottery.Entry) error {
	if err := store.CountEntries(ctx, tx, e.LotteryID, 1); err != nil {
		return err
	}
	if err := store.InsertEntry(ctx, tx, e); err != nil {
		return err
	}
	days := map[jp.Date]int{}
	for _, u := range e.Uses {
		days[u.Date] += len(u.SlotNos)
	}
	for d, slots := range days {
		store.AddPending(tx, store.Pending{EntryID: e.ID, HolderID: e.HolderID, Date: d, Slots: slots})
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "facilities.lottery.enter", ObjectType: "lotteryEntry", ObjectID: e.ID, Detail: map[string]string{"lottery": e.LotteryID},
	})
	return nil
}

// keepEntered keeps the name that directory told.
func keepEntered(tx *pg.Tx, e *lottery.Entry, o *directoryv1.OrganizationSummary) {
	if o != nil {
		e.OrganizationName = o.GetName()
		partner.KeepOrganization(tx, partner.OrganizationOf(o))
	}
}

// entryScope is whose entries the caller finds: its own; the desk and the clerks
// act on behalf of anybody.
func entryScope(by booking.Reader) store.EntryScope {
	return store.EntryScope{Holders: by.Holders(), Any: by.Desk}
}

// WithdrawLotteryEntry takes an entry back.
func (s *lotteries) WithdrawLotteryEntry(ctx context.Context, req *facilitiesv1.WithdrawLotteryEntryRequest) (*facilitiesv1.WithdrawLotteryEntryResponse, error) {
	if err := s.closeEnded(ctx, req.GetId()); err != nil {
		return nil, err
	}
	by := readerOf(ctx)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.WithdrawLotteryEntryResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		l, err := store.LockLottery(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		e, err := store.LockEntry(ctx, tx, l.ID, req.GetEntryId(), entryScope(by))
		if err != nil {
			return nil, err
		}
		if err := actsFor(by, e.HolderID); err != nil && !by.Desk {
			return nil, err
		}
		freed, err := e.Withdraw()
		if err != nil {
			return nil, err
		}
		if l.Closing == nil {
			store.FreeEntrySlots(tx, e.ID)
			if err := store.CountEntries(ctx, tx, l.ID, -1); err != nil {
				return nil, err
			}
		}
		if err := s.giveUp(ctx, tx, catalogue, e, freed); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.lottery.withdrawEntry", ObjectType: "lotteryEntry", ObjectID: e.ID})
		return &facilitiesv1.WithdrawLotteryEntryResponse{Entry: entryToProto(e, l, tx.Now)}, nil
	})
}

// giveUp writes an entry that ended; what it had won is released.
func (s *lotteries) giveUp(ctx context.Context, tx *pg.Tx, c *facility.Catalogue, e *lottery.Entry, won bool) error {
	store.DropPending(tx, e.ID)
	store.UpdateEntry(tx, e)
	if !won {
		return nil
	}
	for _, u := range e.Uses {
		if err := release(ctx, tx, s.Deps, c, givenUse(u.ID, u)); err != nil {
			return err
		}
	}
	return nil
}

// ConfirmLotteryEntry makes bookings of what was won.
func (s *lotteries) ConfirmLotteryEntry(ctx context.Context, req *facilitiesv1.ConfirmLotteryEntryRequest) (*facilitiesv1.ConfirmLotteryEntryResponse, error) {
	by := readerOf(ctx)
	before, err := store.GetEntry(ctx, s.DB, req.GetId(), req.GetEntryId(), store.EntryScope{Holders: by.Holders()})
	if err != nil {
		return nil, err
	}
	if err := actsFor(by, before.HolderID); err != nil {
		return nil, err
	}
	organization, err := s.directory.verified(ctx, before.OrganizationID)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.ConfirmLotteryEntryResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		standing, err := store.LockQuota(ctx, tx, before.HolderID)
		if err != nil {
			return nil, err
		}
		l, err := store.GetLottery(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		setting := booking.Setting{Now: tx.Now, By: by, SuspendedUntil: standing.SuspendedUntil}
		e, err := s.take(ctx, taking{
			tx: tx, lottery: l, entry: before.ID, rules: catalogue, setting: setting, kind: convert.EnumName(organization.GetKind()),
		})
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.ConfirmLotteryEntryResponse{Entry: entryToProto(e, l, tx.Now)}, nil
	})
}

// taking is a win that is confirmed; its holder is locked, the rules are held.
type taking struct {
	tx      *pg.Tx
	lottery *lottery.Lottery
	entry   string
	rules   *facility.Catalogue
	setting booking.Setting
	kind    string // Of the organization; empty for a resident.
}

// take books each use of a win and ends the entry.
func (s *lotteries) take(ctx context.Context, t taking) (*lottery.Entry, error) {
	e, err := store.LockEntry(ctx, t.tx, t.lottery.ID, t.entry, store.EntryScope{Any: true})
	if err != nil {
		return nil, err
	}
	if err := e.Confirm(t.lottery, t.tx.Now, nil); err != nil {
		return nil, err
	}
	for i, u := range e.Uses {
		terms, ok := t.rules.Terms(u.RoomID, e.UserClass, u.Date)
		if !ok {
			return nil, fault.ErrNotFound
		}
		setting := t.setting
		setting.Terms = terms
		if setting.Use, err = store.QuotaUse(ctx, t.tx, e.HolderID, u.Date, ""); err != nil {
			return nil, err
		}
		setting.Use.Active += i // Those made here are written at the end.
		setting.ID = s.NewID()
		b, err := entryWish(e, u, t.kind).Book(setting)
		if err != nil {
			return nil, err
		}
		if err := place(ctx, t.tx, b, winnerOf(t.lottery, u)); err != nil {
			return nil, err
		}
		e.BookingIDs = append(e.BookingIDs, b.ID)
	}
	store.DropPending(t.tx, e.ID)
	store.UpdateEntry(t.tx, e)
	audit.Add(ctx, t.tx, audit.Entry{Action: "facilities.lottery.confirm", ObjectType: "lotteryEntry", ObjectID: e.ID})
	return e, nil
}

// GetLotteryEntry shows an entry to its organization.
func (s *lotteries) GetLotteryEntry(ctx context.Context, req *facilitiesv1.GetLotteryEntryRequest) (*facilitiesv1.GetLotteryEntryResponse, error) {
	e, err := store.GetEntry(ctx, s.DB, req.GetLotteryId(), req.GetId(), store.EntryScope{Holders: readerOf(ctx).Holders()})
	if err != nil {
		return nil, err
	}
	l, err := store.GetLottery(ctx, s.DB, e.LotteryID)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetLotteryEntryResponse{Entry: entryToProto(e, l, s.Now())}, nil
}

// ListLotteryEntries lists what GetLotteryEntry shows.
func (s *lotteries) ListLotteryEntries(ctx context.Context, req *facilitiesv1.ListLotteryEntriesRequest) (*facilitiesv1.ListLotteryEntriesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	l, err := store.GetLottery(ctx, s.DB, req.GetLotteryId())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListEntries(ctx, s.DB, l.ID, readerOf(ctx).Holders(), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(e *lottery.Entry) []string { return []string{e.ID} })
	resp := &facilitiesv1.ListLotteryEntriesResponse{}
	for _, e := range rows {
		resp.Entries = append(resp.Entries, entryToProto(e, l, s.Now()))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
