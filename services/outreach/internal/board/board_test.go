package board_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
)

func TestNumbersAreOrderedAsPeopleDo(t *testing.T) {
	numbers := []string{"10", "B-2", "2", "A-10", "1", "A-9", "100", "B-1"}
	slices.SortFunc(numbers, func(a, b string) int {
		return cmpStrings((&board.Board{Number: a}).NumberKey(), (&board.Board{Number: b}).NumberKey())
	})
	if diff := cmp.Diff([]string{"1", "2", "10", "100", "A-9", "A-10", "B-1", "B-2"}, numbers); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func cmpStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// The rules are those of boards in other cities, each at its border.
func TestFit(t *testing.T) {
	today := jp.NewDate(2026, 10, 1)
	asaka := board.Board{Number: "1", Sizes: []board.Size{board.A4, board.A3}, MaxDays: 28, CopiesPerPosting: 1, ApplyFromMonths: 12, InUse: true}
	tachikawa := board.Board{Number: "2", Sizes: []board.Size{board.A4, board.A3}, MaxDays: 14, CopiesPerPosting: 1, ApplyFromMonths: 6, NeedsStamp: true, InUse: true}
	kunitachi := board.Board{Number: "3", Sizes: []board.Size{board.A4}, MaxDays: 60, CopiesPerPosting: 2, ApplyFromMonths: 12, InUse: true}
	inagi := board.Board{Number: "4", Sizes: []board.Size{board.A4, board.A3}, MaxDays: 60, CopiesPerPosting: 1, ApplyFromMonths: 12, NeedsStamp: true, InUse: true}
	for name, c := range map[string]struct {
		boards []*board.Board
		size   board.Size
		copies int
		from   jp.Date
		days   int
		broken string // Path of the rule.
	}{
		"28 days":                   {[]*board.Board{&asaka}, board.A3, 1, today, 28, ""},
		"29 days":                   {[]*board.Board{&asaka}, board.A3, 1, today, 29, "posting.endsOn"},
		"14 days":                   {[]*board.Board{&tachikawa}, board.A4, 1, today, 14, ""},
		"15 days":                   {[]*board.Board{&tachikawa}, board.A4, 1, today, 15, "posting.endsOn"},
		"the strictest board holds": {[]*board.Board{&asaka, &tachikawa}, board.A4, 1, today, 15, "posting.endsOn"},
		"six months before":         {[]*board.Board{&tachikawa}, board.A4, 1, jp.NewDate(2027, 4, 1), 1, ""},
		"a day too early":           {[]*board.Board{&tachikawa}, board.A4, 1, jp.NewDate(2027, 4, 2), 1, "posting.startsOn"},
		"A3 where A4 is taken":      {[]*board.Board{&kunitachi}, board.A3, 1, today, 1, "posting.size"},
		"two copies":                {[]*board.Board{&kunitachi}, board.A4, 2, today, 60, ""},
		"three copies":              {[]*board.Board{&kunitachi}, board.A4, 3, today, 60, "posting.copies"},
		"60 days":                   {[]*board.Board{&inagi}, board.A4, 1, today, 60, ""},
		"61 days":                   {[]*board.Board{&inagi}, board.A4, 1, today, 61, "posting.endsOn"},
	} {
		p := board.Posting{Size: c.size, Copies: c.copies, StartsOn: c.from, EndsOn: c.from.AddDays(c.days - 1)}
		err := p.Fit(c.boards, today)
		switch refusal, _ := fault.As(err); {
		case c.broken == "" && err != nil, c.broken != "" && (!errors.Is(err, board.ErrRule) || refusal.Fields[0].Path != c.broken):
			t.Errorf("%s: %v", name, err)
		case c.broken == "" && p.NeedsStamp != c.boards[0].NeedsStamp:
			t.Errorf("%s: stamp %t", name, p.NeedsStamp)
		}
	}
}

// A posting hangs to the end of its last day in Tokyo.
func TestEnd(t *testing.T) {
	for state, want := range map[board.State]bool{
		board.Requested: true, board.Approved: true, board.Rejected: false, board.Withdrawn: false, board.Ended: false,
	} {
		p := board.Posting{State: state, EndsOn: jp.NewDate(2026, 10, 10)}
		if p.End(time.Date(2026, 10, 10, 23, 59, 59, 999_999_999, jp.Tokyo)) {
			t.Errorf("%s ends on its last day", state)
		}
		if got := p.End(time.Date(2026, 10, 11, 0, 0, 0, 0, jp.Tokyo)); got != want {
			t.Errorf("%s ends: %t", state, got)
		}
	}
}

// Numbers are of the fiscal year of the approval.
func TestNumbered(t *testing.T) {
	for at, want := range map[time.Time]string{
		time.Date(2027, 3, 31, 23, 59, 0, 0, jp.Tokyo): "R8-掲-0012", time.Date(2027, 4, 1, 0, 0, 0, 0, jp.Tokyo): "R9-掲-0012",
	} {
		p := board.Posting{ApprovedAt: at}
		if p.Numbered(12); p.Number != want {
			t.Errorf("%v: %s, want %s", at, p.Number, want)
		}
	}
}
