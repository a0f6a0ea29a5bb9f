package slot

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestSlotsDoNotOverlap(t *testing.T) {
	am, pm := Slot{Code: "AM", Start: "09:00", End: "12:00"}, Slot{Code: "PM", Start: "12:00", End: "24:00"}
	for name, tt := range map[string]struct {
		slots []Slot
		path  string
	}{
		"side by side": {[]Slot{am, pm}, ""},
		"wrong order":  {[]Slot{pm, am}, "slotPattern.slots[1].start"},
		"overlap":      {[]Slot{am, {Code: "PM", Start: "11:59", End: "13:00"}}, "slotPattern.slots[1].start"},
		"backwards":    {[]Slot{{Code: "AM", Start: "12:00", End: "12:00"}}, "slotPattern.slots[0].end"},
		"same code":    {[]Slot{am, {Code: "AM", Start: "13:00", End: "14:00"}}, "slotPattern.slots[1].code"},
	} {
		p := Pattern{Slots: tt.slots}
		err := p.Check()
		if f, _ := fault.As(err); (f == nil) != (tt.path == "") || f != nil && (!errors.Is(err, fault.ErrInvalidField) || f.Fields[0].Path != tt.path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSlotsAreInTokyo(t *testing.T) {
	s := Slot{Start: "09:05", End: "24:00"}
	d := jp.Date{Year: 2026, Month: 12, Day: 31}
	if got, want := s.StartsAt(d), time.Date(2026, 12, 31, 0, 5, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("starts at %v", got)
	}
	if got, want := s.EndsAt(d), d.NextMidnight(); !got.Equal(want) {
		t.Errorf("ends at %v", got)
	}
}

func TestSlotsHaveNumbersAndCodes(t *testing.T) {
	p := Pattern{Slots: []Slot{{Code: "AM"}, {Code: "PM"}}}
	p.Number()
	if s, ok := p.Slot(2); !ok || s.Code != "PM" {
		t.Error(s, ok)
	}
	if s, ok := p.Coded("AM"); !ok || s.No != 1 {
		t.Error(s, ok)
	}
	for _, no := range []int{0, 3} {
		if _, ok := p.Slot(no); ok {
			t.Errorf("slot %d", no)
		}
	}
	if _, ok := p.Coded("NI"); ok {
		t.Error("NI")
	}
}
