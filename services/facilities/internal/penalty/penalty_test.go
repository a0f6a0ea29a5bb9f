package penalty

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
)

// twoPoints is 金沢's table: no-show 1 point, late cancellation half a point, at
// 2 points nothing for 6 months.
var twoPoints = &rule.Penalty{NoShowHalfPoints: 2, LateCancelHalfPoints: 1, LimitHalfPoints: 4, CountMonths: 12, SuspendMonths: 6}

func TestCount(t *testing.T) {
	day := jp.NewDate(2027, 4, 1)
	of := func(kind Offence, on jp.Date) *Penalty {
		p := &Penalty{Kind: kind}
		p.Record(twoPoints, on.StartOfDay())
		return p
	}
	lifted := of(NoShow, day)
	lifted.State = Lifted
	for name, c := range map[string]struct {
		all   []*Penalty
		on    jp.Date
		half  int
		until string
	}{
		"none":                    {nil, day, 0, "0000-00-00"},
		"below the limit":         {[]*Penalty{of(NoShow, day), of(LateCancel, day)}, day, 3, "0000-00-00"},
		"at the limit":            {[]*Penalty{of(NoShow, day), of(LateCancel, day), of(LateCancel, day.AddDays(9))}, day.AddDays(9), 4, "2027-10-10"},
		"in any order":            {[]*Penalty{of(NoShow, day.AddDays(9)), of(NoShow, day)}, day.AddDays(9), 4, "2027-10-10"},
		"a lifted one":            {[]*Penalty{of(NoShow, day), lifted}, day, 2, "0000-00-00"},
		"a year later":            {[]*Penalty{of(NoShow, day), of(NoShow, day.AddMonths(12))}, day.AddMonths(12), 2, "0000-00-00"},
		"a day less":              {[]*Penalty{of(NoShow, day), of(NoShow, day.AddMonths(12).AddDays(-1))}, day.AddMonths(12).AddDays(-1), 4, "2028-09-30"},
		"suspended, then counted": {[]*Penalty{of(NoShow, day), of(NoShow, day)}, day.AddMonths(12), 0, "2027-10-01"},
	} {
		got := Count(c.all, twoPoints, c.on)
		if got.HalfPoints != c.half || got.SuspendedUntil.String() != c.until {
			t.Errorf("%s: %d half points, until %s", name, got.HalfPoints, got.SuspendedUntil)
		}
	}
	if got := Count([]*Penalty{of(NoShow, day)}, &rule.Penalty{CountMonths: 1}, day); !got.EndsAt().IsZero() {
		t.Errorf("without a limit: %v", got)
	}
}

func TestAppeal(t *testing.T) {
	at := time.Date(2027, 4, 1, 12, 0, 0, 0, jp.Tokyo)
	p := &Penalty{Kind: LateCancel, RecordedBy: "clerk"}
	p.Record(twoPoints, at)
	if p.HalfPoints != 1 || p.AppealBy != jp.NewDate(2027, 4, 15) {
		t.Errorf("recorded: %+v", p)
	}
	if err := p.Decide(true, "", "desk"); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("decided before the appeal: %v", err)
	}
	if err := p.AppealAgainst("x", "head", p.AppealBy.NextMidnight()); !errors.Is(err, ErrAppealOver) {
		t.Errorf("a day too late: %v", err)
	}
	if err := p.AppealAgainst("x", "head", p.AppealBy.EndOfDay()); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	if err := p.Decide(true, "", "clerk"); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("decided by who recorded it: %v", err)
	}
	if err := p.Decide(false, "", "desk"); err != nil || p.State != Upheld {
		t.Errorf("upheld: %v, %s", err, p.State)
	}
	if err := p.AppealAgainst("x", "head", at); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("appealed twice: %v", err)
	}
}
