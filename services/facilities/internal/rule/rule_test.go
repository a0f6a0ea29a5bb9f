package rule

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestPriceVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/fee_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Base, Num, Den int64
		Reduction      int `json:"reduction_percent"`
		Expected       int64
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) != 8 {
		t.Fatal(len(vectors), err)
	}
	for _, v := range vectors {
		if got := Price(v.Base, v.Num, v.Den, v.Reduction); got != v.Expected {
			t.Errorf("Price(%d, %d, %d, %d) = %d, want %d", v.Base, v.Num, v.Den, v.Reduction, got, v.Expected)
		}
	}
}

func day(s string) jp.Date {
	d, err := jp.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestRefund(t *testing.T) {
	f := FeeTable{Refunds: []Refund{{10, 50}, {20, 100}}}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	use := day("2027-03-21")
	for cancelled, want := range map[string]int64{
		"2027-03-01": 1001, "2027-03-02": 500, "2027-03-11": 500, "2027-03-12": 0, "2027-03-21": 0,
	} {
		if got := f.Refund(1001, use, day(cancelled), false); got != want {
			t.Errorf("cancelled on %s: %d, want %d", cancelled, got, want)
		}
	}
	if got := f.Refund(1001, use, use, true); got != 1001 {
		t.Errorf("by the ward: %d", got)
	}
}

func TestBaseOfARoom(t *testing.T) {
	f := FeeTable{Rates: []Rate{{"a", 2, 1300}, {"a", 0, 1000}, {"b", 1, 500}}}
	for _, tt := range []struct {
		room string
		slot int
		want int64
	}{{"a", 1, 1000}, {"a", 2, 1300}, {"b", 1, 500}, {"b", 2, 0}, {"c", 1, 0}} {
		if got := f.Base(tt.room, tt.slot); got != tt.want {
			t.Errorf("slot %d of %s: %d, want %d", tt.slot, tt.room, got, tt.want)
		}
	}
}

func TestNothingStandsTwiceInAFeeTable(t *testing.T) {
	for name, f := range map[string]FeeTable{
		"rate":      {Rates: []Rate{{"a", 1, 1}, {"a", 1, 2}}},
		"reduction": {Reductions: []Reduction{{"A", "a", 1}, {"A", "b", 2}}},
		"refund":    {Refunds: []Refund{{1, 1}, {2, 2}, {1, 3}}},
	} {
		if err := f.Check(); !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpeningDayOfShortMonths(t *testing.T) {
	o := OpeningRule{MonthsBefore: 1, Day: 31, Shift: Stays, Time: "10:30"}
	if got, want := o.OpensAt(day("2027-03-15"), nil), time.Date(2027, 2, 28, 1, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("opens at %v", got.UTC())
	}
}

func TestBookingClosesBeforeTheSlotBegins(t *testing.T) {
	use := day("2027-03-15")
	start := time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC)
	for days, want := range map[int]time.Time{0: start, 1: day("2027-03-15").StartOfDay(), 3: day("2027-03-13").StartOfDay()} {
		if got := (&OpeningRule{ClosesDaysBefore: days}).ClosesAt(use, start); !got.Equal(want) {
			t.Errorf("%d days before: %v, want %v", days, got, want)
		}
	}
}

func TestTheFirstOpeningThatFitsCounts(t *testing.T) {
	npo := UserClass{
		Purposes: []Purpose{"MEETING", "COURSE"},
		Openings: []Opening{
			{Purposes: []Purpose{"COURSE"}, Rule: "SIXTH"},
			{Channels: []Channel{Phone, Desk}, Rule: "FIRST"},
		},
	}
	type asked struct {
		p  Purpose
		ch Channel
	}
	got := map[asked]string{}
	for _, p := range []Purpose{"MEETING", "COURSE", "PARTY"} {
		for _, ch := range []Channel{Online, Phone, Desk} {
			if code, ok := npo.Rule(p, ch); ok {
				got[asked{p, ch}] = code
			}
		}
	}
	if diff := cmp.Diff(map[asked]string{
		{"MEETING", Phone}: "FIRST", {"MEETING", Desk}: "FIRST",
		{"COURSE", Phone}: "SIXTH", {"COURSE", Desk}: "SIXTH", {"COURSE", Online}: "SIXTH",
	}, got); diff != "" {
		t.Error(diff)
	}
}
