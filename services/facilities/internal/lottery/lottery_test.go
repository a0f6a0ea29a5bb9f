package lottery

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var noon = time.Date(2027, 4, 1, 12, 0, 0, 0, jp.Tokyo)

// sample takes entries in April for use in June.
func sample() *Lottery {
	return &Lottery{
		ApplyFrom: noon, ApplyTo: noon.AddDate(0, 0, 9), DrawAt: noon.AddDate(0, 0, 10), ConfirmBy: noon.AddDate(0, 0, 20),
		UseFrom: jp.NewDate(2027, 6, 1), UseTo: jp.NewDate(2027, 6, 30), Classes: []Class{{"GENERAL", 1}, {"COMPANY", 2}},
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Lottery)
		want   error
	}{
		"as it is":                  {func(*Lottery) {}, nil},
		"drawn with the last entry": {func(l *Lottery) { l.DrawAt = l.ApplyTo }, nil},
		"31 days":                   {func(l *Lottery) { l.UseTo = jp.NewDate(2027, 7, 1) }, nil},
		"confirmed until the use":   {func(l *Lottery) { l.ConfirmBy = l.UseFrom.StartOfDay() }, nil},
		"no time for entries":       {func(l *Lottery) { l.ApplyTo = l.ApplyFrom }, ErrPeriodInvalid},
		"drawn too early":           {func(l *Lottery) { l.DrawAt = l.ApplyTo.Add(-1) }, ErrPeriodInvalid},
		"no time to confirm":        {func(l *Lottery) { l.ConfirmBy = l.DrawAt }, ErrPeriodInvalid},
		"confirmed after the use":   {func(l *Lottery) { l.ConfirmBy = l.UseFrom.StartOfDay().Add(1) }, ErrPeriodInvalid},
		"32 days":                   {func(l *Lottery) { l.UseTo = jp.NewDate(2027, 7, 2) }, ErrPeriodInvalid},
		"backwards":                 {func(l *Lottery) { l.UseTo = jp.NewDate(2027, 5, 31) }, ErrPeriodInvalid},
		"a class twice":             {func(l *Lottery) { l.Classes[1].Code = "GENERAL" }, fault.ErrInvalidField},
	} {
		l := sample()
		c.change(l)
		if err := l.Check(noon.Add(-time.Hour)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := sample().Check(sample().ApplyTo); !errors.Is(err, ErrPeriodInvalid) {
		t.Errorf("in the past: %v", err)
	}
}

func TestStates(t *testing.T) {
	l := sample()
	at := func(d time.Time, want State, takes error) {
		t.Helper()
		if got := l.StateAt(d); got != want {
			t.Errorf("at %v: %s, want %s", d, got, want)
		}
		if err := l.TakesEntries(d); !errors.Is(err, takes) {
			t.Errorf("at %v: %v", d, err)
		}
	}
	at(l.ApplyFrom.Add(-1), Announced, ErrNotOpen)
	at(l.ApplyFrom, Open, nil)
	at(l.ApplyTo.Add(-1), Open, nil)
	at(l.ApplyTo, Closed, ErrClosed)
	if l.ToClose(l.ApplyTo.Add(-1)) || !l.ToClose(l.ApplyTo) {
		t.Error("the end of the entries is the end of the entries")
	}
	l.Closing = &Closing{}
	at(l.ApplyTo.Add(-1), Closed, ErrClosed)
	if l.ToClose(l.ApplyTo) {
		t.Error("closed twice")
	}
	l.Draw = &Draw{}
	at(l.DrawAt, Drawn, ErrClosed)
	at(l.ConfirmBy.Add(-1), Drawn, ErrClosed)
	at(l.ConfirmBy, Ended, ErrClosed)
}

func TestToDraw(t *testing.T) {
	l := sample()
	if err := l.ToDraw(l.DrawAt); !errors.Is(err, ErrDrawNotDue) {
		t.Errorf("before the closing: %v", err)
	}
	l.Closing = &Closing{}
	if err := l.ToDraw(l.DrawAt.Add(-1)); !errors.Is(err, ErrDrawNotDue) {
		t.Errorf("too early: %v", err)
	}
	if err := l.ToDraw(l.DrawAt); err != nil {
		t.Errorf("in time: %v", err)
	}
	l.EntropySource = "宝くじ"
	if err := l.ToDraw(l.DrawAt); !errors.Is(err, ErrEntropyMissing) {
		t.Errorf("without the public value: %v", err)
	}
	if err := l.RecordEntropy("1234"); err != nil || l.ToDraw(l.DrawAt) != nil {
		t.Errorf("with it: %v", err)
	}
}

func TestEntry(t *testing.T) {
	day := jp.NewDate(2027, 6, 10)
	e := &Entry{Uses: []Use{{Date: day, SlotNos: []int{1, 2}, Atoms: []int32{12, 3}}, {Date: day.AddDays(1), SlotNos: []int{1}, Atoms: []int32{3}}}}
	want := []string{"12/2027-06-10/1", "12/2027-06-10/2", "3/2027-06-10/1", "3/2027-06-10/2", "3/2027-06-11/1"}
	if diff := cmp.Diff(want, e.Places()); diff != "" || e.Slots() != 3 {
		t.Errorf("%d slots, places (-want +got):\n%s", e.Slots(), diff)
	}
	if err := e.Check(); err != nil {
		t.Error(err)
	}
	e.Uses[1].Date = day
	if err := e.Check(); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("a place twice: %v", err)
	}
	many := &Entry{Uses: []Use{{Date: day, SlotNos: []int{1, 2, 3}, Atoms: []int32{1, 2, 3, 4, 5, 6}}}}
	if err := many.Check(); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("18 places: %v", err)
	}
}

func TestEntryStates(t *testing.T) {
	l := sample()
	for from, c := range map[EntryState]struct{ withdraw, confirm, late error }{
		Entered:      {nil, fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
		Won:          {nil, nil, ErrConfirmationClosed},
		Confirmed:    {fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
		Lost:         {fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
		NotConfirmed: {fault.ErrInvalidStateTransition, ErrConfirmationClosed, ErrConfirmationClosed},
		Withdrawn:    {fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
	} {
		freed, err := (&Entry{State: from}).Withdraw()
		if !errors.Is(err, c.withdraw) || freed != (from == Won) {
			t.Errorf("%s: withdraw: %v, %v", from, freed, err)
		}
		if err := (&Entry{State: from}).Confirm(l, l.ConfirmBy.Add(-1), nil); !errors.Is(err, c.confirm) {
			t.Errorf("%s: confirm: %v", from, err)
		}
		if err := (&Entry{State: from}).Confirm(l, l.ConfirmBy, nil); !errors.Is(err, c.late) {
			t.Errorf("%s: confirm late: %v", from, err)
		}
	}
	if got := (&Entry{State: Won}).StateAt(l, l.ConfirmBy); got != NotConfirmed {
		t.Errorf("a win after its time: %s", got)
	}
}
