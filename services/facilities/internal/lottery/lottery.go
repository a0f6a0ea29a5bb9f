// Package lottery holds the rules of lotteries (抽選): when entries are taken,
// closed, drawn and confirmed. The arithmetic of the draw is package draw. It
// does no I/O and has no clock.
package lottery

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The bounds of a lottery.
const (
	MaxDays    = 31 // From the first to the last day of use.
	usualLimit = 4  // Entries and slots of one organization.
)

// State is where a lottery stands; the values are those of the contract.
type State string

// The states.
const (
	Announced State = "ANNOUNCED"
	Open      State = "OPEN"
	Closed    State = "CLOSED"
	Drawn     State = "DRAWN"
	Ended     State = "ENDED"
)

// Lottery is one lottery. What the clerk writes never changes; Closing, Entropy
// and Draw are added once each.
type Lottery struct {
	ID            string
	Title         string
	RoomIDs       []string
	UseFrom       jp.Date
	UseTo         jp.Date
	SlotCodes     []string
	ApplyFrom     time.Time
	ApplyTo       time.Time // Exclusive.
	DrawAt        time.Time
	ConfirmBy     time.Time // Exclusive.
	Classes       []Class
	MaxEntries    int // Of one organization.
	Cap           int // Slots that one organization can win.
	EntropySource string
	Commitment    string
	SealedSeed    []byte
	CreatedBy     string
	CreatedAt     time.Time

	Entries int // Not withdrawn before the closing.
	Closing *Closing
	Entropy string // Recorded public value; empty before.
	Draw    *Draw
}

// Class is a user class that may enter, with its rank in the order.
type Class struct {
	Code     string `json:"code"`
	Priority int    `json:"priority"`
}

// Closing is what was fixed when the entries ended.
type Closing struct {
	Root    string
	Ballot  string
	Entries int
	At      time.Time
}

// Draw is what was published with the result.
type Draw struct {
	Seed  string // Hexadecimal.
	Key   string // Hexadecimal.
	Taken []string
	At    time.Time
}

// Complete gives what the clerk left open its usual value.
func (l *Lottery) Complete() {
	if l.MaxEntries == 0 {
		l.MaxEntries = usualLimit
	}
	if l.Cap == 0 {
		l.Cap = usualLimit
	}
	if l.Closing == nil {
		slices.Sort(l.RoomIDs)
	}
}

// Check refuses a new lottery whose times do not follow each other. Errors:
// LOTTERY_PERIOD_INVALID, INVALID_FIELD.
func (l *Lottery) Check(now time.Time) error {
	var wrong []fault.Field
	bad := func(is bool, path, ja, en string) {
		if is {
			wrong = append(wrong, fault.Field{Path: "lottery." + path, Reason: ErrPeriodInvalid.Reason, Ja: ja, En: en})
		}
	}
	bad(!l.ApplyFrom.Before(l.ApplyTo), "applyToTime", "受付開始より後の日時を指定してください。", "It must be after applyFromTime.")
	bad(!now.Before(l.ApplyTo), "applyToTime", "これからの日時を指定してください。", "It must not be past.")
	bad(l.DrawAt.Before(l.ApplyTo), "drawTime", "受付終了より前に抽選はできません。", "It must not be before applyToTime.")
	bad(!l.DrawAt.Before(l.ConfirmBy), "confirmByTime", "抽選より後の日時を指定してください。", "It must be after drawTime.")
	bad(l.ConfirmBy.After(l.UseFrom.StartOfDay()), "useFrom", "当選確認の期限より後の日を指定してください。", "The first day of use must come after confirmByTime.")
	bad(l.UseTo.Before(l.UseFrom) || l.UseFrom.DaysUntil(l.UseTo) >= MaxDays, "useTo",
		"最初の利用日から31日以内の日を指定してください。", "It must be within 31 days from useFrom.")
	if len(wrong) > 0 {
		return ErrPeriodInvalid.On(wrong...)
	}
	for i, c := range l.Classes {
		if slices.ContainsFunc(l.Classes[:i], func(o Class) bool { return o.Code == c.Code }) {
			return fault.ErrInvalidField.On(fault.Wrong(fmt.Sprintf("lottery.classes[%d].code", i), "同じ利用区分を重ねて指定しないでください。", "Name each user class once."))
		}
	}
	return nil
}

// Days are the days of use.
func (l *Lottery) Days() []jp.Date {
	var out []jp.Date
	for d := l.UseFrom; !d.After(l.UseTo); d = d.AddDays(1) {
		out = append(out, d)
	}
	return out
}

// StateAt is where the lottery stands at now.
func (l *Lottery) StateAt(now time.Time) State {
	switch {
	case l.Draw != nil && !now.Before(l.ConfirmBy):
		return Ended
	case l.Draw != nil:
		return Drawn
	case l.Closing != nil, !now.Before(l.ApplyTo):
		return Closed
	case !now.Before(l.ApplyFrom):
		return Open
	}
	return Announced
}

// TakesEntries refuses entries before and after their time. Errors:
// LOTTERY_NOT_OPEN, LOTTERY_CLOSED.
func (l *Lottery) TakesEntries(now time.Time) error {
	switch l.StateAt(now) {
	case Announced:
		return ErrNotOpen.With("applyFromTime", l.ApplyFrom.UTC().Format(time.RFC3339))
	case Open:
		return nil
	}
	return ErrClosed.With("applyToTime", l.ApplyTo.UTC().Format(time.RFC3339))
}

// ToClose reports whether the entries have ended at now and nobody has closed
// them yet.
func (l *Lottery) ToClose(now time.Time) bool { return l.Closing == nil && !now.Before(l.ApplyTo) }

// ToDraw refuses a draw before its hour or without the value that was announced.
// Errors: DRAW_NOT_DUE, ENTROPY_MISSING.
func (l *Lottery) ToDraw(now time.Time) error {
	if l.Closing == nil || now.Before(l.DrawAt) {
		return ErrDrawNotDue.With("drawTime", l.DrawAt.UTC().Format(time.RFC3339))
	}
	if l.EntropySource != "" && l.Entropy == "" {
		return ErrEntropyMissing.With("source", l.EntropySource)
	}
	return nil
}

// RecordEntropy takes the public value, once, between closing and draw. Errors:
// ENTROPY_NOT_EXPECTED, ENTROPY_RECORDED, LOTTERY_NOT_CLOSED.
func (l *Lottery) RecordEntropy(value string) error {
	switch {
	case l.EntropySource == "":
		return ErrEntropyNotExpected
	case l.Entropy != "":
		return ErrEntropyRecorded
	case l.Closing == nil:
		return ErrNotClosed
	}
	l.Entropy = value
	return nil
}

// Priority returns the rank of a user class, and whether it may enter.
func (l *Lottery) Priority(class string) (int, bool) {
	for _, c := range l.Classes {
		if c.Code == class {
			return c.Priority, true
		}
	}
	return 0, false
}

// PlaceName is the name of a place in the published ballot: part of a room, day
// and slot number.
func PlaceName(part int32, day jp.Date, slotNo int) string {
	return strconv.Itoa(int(part)) + "/" + day.String() + "/" + strconv.Itoa(slotNo)
}
