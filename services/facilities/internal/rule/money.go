package rule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Price returns the yen to pay for a base fee, times num/den, less a reduction in
// percent: whole numbers all the way, and one rounding at the end, down to 10
// yen. den is positive, the reduction 0 to 100; a free price is 0.
func Price(base, num, den int64, reductionPercent int) int64 {
	return base * num * int64(100-reductionPercent) / (den * 100) / 10 * 10
}

// FeeTable is what the rooms of one facility cost.
type FeeTable struct {
	Rates      []Rate      `json:"rates,omitempty"`
	Reductions []Reduction `json:"reductions,omitempty"`
	Refunds    []Refund    `json:"refunds,omitempty"` // Most days first.
}

// Rate is the base fee of a room and slot in yen.
type Rate struct {
	RoomID string `json:"roomId"`
	SlotNo int    `json:"slotNo,omitempty"` // 0 for every slot without a rate of its own.
	Amount int64  `json:"amount"`
}

// Reduction is a reason to pay less (減額), or nothing at 100 percent (免除).
type Reduction struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Percent int    `json:"percent"`
}

// Refund is the share that is given back so many days before use.
type Refund struct {
	DaysBefore int `json:"daysBefore"`
	Percent    int `json:"percent"`
}

// Check puts the refunds in order and refuses what stands twice. Errors:
// INVALID_FIELD.
func (f *FeeTable) Check() error {
	slices.SortFunc(f.Refunds, func(a, b Refund) int { return cmp.Compare(b.DaysBefore, a.DaysBefore) })
	var wrong []fault.Field
	rates := map[Rate]bool{}
	for i, r := range f.Rates {
		key := Rate{RoomID: r.RoomID, SlotNo: r.SlotNo}
		if rates[key] {
			wrong = append(wrong, twice(fmt.Sprintf("feeTable.rates[%d]", i)))
		}
		rates[key] = true
	}
	codes := map[string]bool{}
	for i, r := range f.Reductions {
		if codes[r.Code] {
			wrong = append(wrong, twice(fmt.Sprintf("feeTable.reductions[%d].code", i)))
		}
		codes[r.Code] = true
	}
	for i := 1; i < len(f.Refunds); i++ {
		if f.Refunds[i].DaysBefore == f.Refunds[i-1].DaysBefore {
			wrong = append(wrong, twice("feeTable.refunds"))
		}
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

func twice(path string) fault.Field {
	return fault.Wrong(path, "同じ項目が2つあります。1つにしてください。", "This stands twice; keep one.")
}

// Base returns the yen for a slot of a room before multiplier and reductions; 0
// where the room is free of charge.
func (f *FeeTable) Base(roomID string, slotNo int) int64 {
	var base int64
	for _, r := range f.Rates {
		switch {
		case r.RoomID != roomID:
		case r.SlotNo == slotNo:
			return r.Amount
		case r.SlotNo == 0:
			base = r.Amount
		}
	}
	return base
}

// Reduction returns the reduction with a code, and whether there is one.
func (f *FeeTable) Reduction(code string) (Reduction, bool) {
	at := slices.IndexFunc(f.Reductions, func(r Reduction) bool { return r.Code == code })
	if at < 0 {
		return Reduction{}, false
	}
	return f.Reductions[at], true
}

// Refund returns the yen to give back of what was paid when a booking is
// cancelled: all of it where the ward is the cause, else the share of the table,
// whole yen rounded down.
func (f *FeeTable) Refund(paid int64, use, cancelled jp.Date, byWard bool) int64 {
	if byWard {
		return paid
	}
	for _, r := range f.Refunds {
		if cancelled.DaysUntil(use) >= r.DaysBefore {
			return paid * int64(r.Percent) / 100
		}
	}
	return 0
}

// Penalty is what breaking rules costs, in halves of points.
type Penalty struct {
	NoShowHalfPoints     int `json:"noShowHalfPoints"`
	LateCancelHalfPoints int `json:"lateCancelHalfPoints"`
	LimitHalfPoints      int `json:"limitHalfPoints"`
	CountMonths          int `json:"countMonths"`
	SuspendMonths        int `json:"suspendMonths"`
}

// Check holds: the contract checks every field by itself.
func (*Penalty) Check() error { return nil }
