// Package slot divides a day into the pieces that are booked (区分・コマ).
package slot

import (
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Max is how many slots a pattern has at most.
const Max = 48

// Pattern is the slots of a day in their order.
type Pattern struct {
	Code  string `json:"-"`
	Name  string `json:"-"`
	Slots []Slot `json:"slots"`
}

// Slot is one piece of the day in Tokyo.
type Slot struct {
	No    int    `json:"no"`    // Its place, from 1.
	Code  string `json:"code"`  // Such as AM.
	Name  string `json:"name"`  // Such as 午前.
	Start string `json:"start"` // HH:MM.
	End   string `json:"end"`   // HH:MM, 24:00 for midnight.
}

// Number gives the slots their places.
func (p *Pattern) Number() {
	for i := range p.Slots {
		p.Slots[i].No = i + 1
	}
}

// Check refuses slots that overlap, run backwards or share a code. Errors:
// INVALID_FIELD.
func (p *Pattern) Check() error {
	codes := map[string]bool{}
	var wrong []fault.Field
	for i, s := range p.Slots {
		path := fmt.Sprintf("slotPattern.slots[%d]", i)
		switch {
		case codes[s.Code]:
			wrong = append(wrong, fault.Wrong(path+".code", "区分の記号が重なっています。別の記号にしてください。", "Two slots share the code."))
		case s.End <= s.Start: // HH:MM sorts as text.
			wrong = append(wrong, fault.Wrong(path+".end", "終了時刻は開始時刻より後にしてください。", "The end must be after the start."))
		case i > 0 && s.Start < p.Slots[i-1].End:
			wrong = append(wrong, fault.Wrong(path+".start", "前の区分と時間が重なっています。順に、重ならないように並べてください。", "It overlaps the slot before."))
		}
		codes[s.Code] = true
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Slot returns the slot with a number, and whether there is one.
func (p *Pattern) Slot(no int) (Slot, bool) {
	if no < 1 || no > len(p.Slots) {
		return Slot{}, false
	}
	return p.Slots[no-1], true
}

// Coded returns the slot with a code, and whether there is one.
func (p *Pattern) Coded(code string) (Slot, bool) {
	for _, s := range p.Slots {
		if s.Code == code {
			return s, true
		}
	}
	return Slot{}, false
}

// StartsAt returns the instant at which the slot begins on a day.
func (s Slot) StartsAt(d jp.Date) time.Time { return At(d, s.Start) }

// EndsAt returns the instant at which the slot ends on a day.
func (s Slot) EndsAt(d jp.Date) time.Time { return At(d, s.End) }

// At returns the instant of a time HH:MM in Tokyo on a day; 24:00 is the next
// midnight.
func At(d jp.Date, hhmm string) time.Time {
	digit := func(i int) int { return int(hhmm[i] - '0') }
	return time.Date(d.Year, d.Month, d.Day, 10*digit(0)+digit(1), 10*digit(3)+digit(4), 0, 0, jp.Tokyo)
}
