package booking

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Fee is what the use costs in yen, with all that it was computed from.
type Fee struct {
	Base      int64 `json:"base"`      // Of the slots.
	Equipment int64 `json:"equipment"` // Of the equipment.
	Num       int64 `json:"num"`       // Multiplier of the class, for the base.
	Den       int64 `json:"den"`
	Reduction int   `json:"reduction"` // Percent.
	Amount    int64 `json:"amount"`
}

// compute rounds once, at the end, down to 10 yen.
func (f *Fee) compute() {
	f.Amount = rule.Price(f.Base*f.Num+f.Equipment*f.Den, 1, f.Den, f.Reduction)
}

// settle writes where, when and for how much, by the terms of the day.
func (b *Booking) settle(t *facility.Terms, slots []slot.Slot) {
	b.FacilityID, b.RoomID, b.Date = t.Facility.ID, t.Room.ID, t.Date
	first, last := slots[0], slots[len(slots)-1]
	b.StartsAt, b.EndsAt = first.StartsAt(t.Date), last.EndsAt(t.Date)
	b.Place = Place{
		Facility: t.Facility.Name, Address: t.Facility.Address.String(), Room: t.Room.Name, Atoms: t.Room.Atoms, Start: first.Start, End: last.End,
		Conditions: joined(t.Facility.Conditions, t.Room.Conditions), Notice: t.Facility.Notice,
	}
	b.SlotNos = nil
	fee := Fee{Num: t.Class.Num, Den: t.Class.Den, Reduction: b.Fee.Reduction}
	for _, s := range slots {
		b.SlotNos = append(b.SlotNos, s.No)
		b.Place.SlotCodes = append(b.Place.SlotCodes, s.Code)
		b.Place.SlotNames = append(b.Place.SlotNames, s.Name)
	}
	if t.Fees != nil {
		for _, s := range slots {
			fee.Base += t.Base(s.No)
		}
		for _, e := range b.Equipment {
			fee.Equipment += price(t.Room, e) * int64(e.Count*len(slots))
		}
	}
	fee.compute()
	b.Fee = fee
	b.Payment.reckon(fee.Amount)
	b.NeedsApproval = t.Facility.Approval
	b.CancelUntil = b.StartsAt
	if days := t.Facility.CancelDaysBefore; days > 0 {
		b.CancelUntil = t.Date.AddDays(-days).NextMidnight()
	}
}

func price(room *facility.Room, e Equipment) int64 {
	for _, have := range room.Equipment {
		if have.Code == e.Code {
			return have.PricePerSlot
		}
	}
	return 0
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

// paymentDeadline is when the tentative hold ends by itself: at the end of the
// last day for the payment, and at the latest with the booked time.
func (b *Booking) paymentDeadline(t *facility.Terms, now time.Time) time.Time {
	if days := t.Facility.PaymentDays; days > 0 && b.Payment.State == Due {
		if end := jp.DateOf(now).AddDays(days).NextMidnight(); end.Before(b.StartsAt) {
			return end
		}
		return b.StartsAt
	}
	return b.EndsAt
}

// approveIfFree approves where nobody has to and nothing is to be paid any more.
func (b *Booking) approveIfFree(now time.Time) {
	if b.State == Tentative && !b.NeedsApproval && b.Payment.State != Due {
		b.State, b.ExpiresAt, b.ApprovedOn = Approved, time.Time{}, jp.DateOf(now)
	}
}
