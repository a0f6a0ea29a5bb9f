package department

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func TestParents(t *testing.T) {
	tree := Tree{
		"部": {ID: "部"},
		"課": {ID: "課", ParentID: "部"},
		"係": {ID: "係", ParentID: "課"},
		"局": {ID: "局"},
	}
	for name, c := range map[string]struct {
		d    Department
		want error
	}{
		"new at the top":             {Department{ID: "新"}, nil},
		"new at the third level":     {Department{ID: "新", ParentID: "課"}, nil},
		"new at the fourth":          {Department{ID: "新", ParentID: "係"}, ErrParentInvalid},
		"unknown parent":             {Department{ID: "新", ParentID: "無"}, ErrParentInvalid},
		"below itself":               {Department{ID: "課", ParentID: "課"}, ErrParentInvalid},
		"below its child":            {Department{ID: "課", ParentID: "係"}, ErrParentInvalid},
		"two levels below another":   {Department{ID: "課", ParentID: "局"}, nil},
		"three levels below another": {Department{ID: "部", ParentID: "局"}, ErrParentInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tree.CheckParent(&c.d); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestSucceed(t *testing.T) {
	last := jp.NewDate(2010, time.March, 31)
	ended := jp.NewDate(2009, time.March, 31)
	first := jp.NewDate(2005, time.April, 1)
	for name, c := range map[string]struct {
		d         Department
		successor string
		want      error
	}{
		"in favour of one in use": {Department{ID: "旧", Name: "旧"}, "新", nil},
		"twice":                   {Department{ID: "旧", Name: "旧", SuccessorID: "新"}, "新", ErrEnded},
		"in favour of itself":     {Department{ID: "旧", Name: "旧"}, "旧", ErrSuccessorInvalid},
		"in favour of an ended":   {Department{ID: "旧", Name: "旧"}, "終", ErrSuccessorInvalid},
		"in a circle":             {Department{ID: "旧", Name: "旧"}, "輪", ErrSuccessorInvalid},
		"in favour of an unknown": {Department{ID: "旧", Name: "旧"}, "無", ErrSuccessorInvalid},
		"before it began":         {Department{ID: "旧", Name: "旧", ValidFrom: ptr(last.AddDays(1))}, "新", ErrValidityInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			tree := Tree{
				"旧": &c.d,
				"新": {ID: "新", ValidFrom: &first},
				"終": {ID: "終", ValidTo: &ended},
				"輪": {ID: "輪", SuccessorID: "旧"},
			}
			if err := tree.Succeed(&c.d, c.successor, last); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestValidOn(t *testing.T) {
	from, to := jp.NewDate(2003, time.April, 1), jp.NewDate(2010, time.March, 31)
	d := Department{ValidFrom: &from, ValidTo: &to}
	for day, want := range map[jp.Date]bool{from.AddDays(-1): false, from: true, to: true, to.AddDays(1): false} {
		if d.ValidOn(day) != want {
			t.Errorf("on %s: %v", day, !want)
		}
	}
	if !(&Department{}).ValidOn(from) {
		t.Error("a department without dates is not valid")
	}
}

func ptr(d jp.Date) *jp.Date { return &d }
