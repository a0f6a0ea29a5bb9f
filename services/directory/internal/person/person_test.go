package person

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRoles(t *testing.T) {
	for name, c := range map[string]struct {
		s    Standing
		want []string
	}{
		"resident": {Standing{}, []string{"RESIDENT"}},
		"two organizations": {
			Standing{Memberships: []Membership{{Role: "EDITOR"}, {Role: "EDITOR"}, {Role: "VIEWER"}}},
			[]string{"EDITOR", "RESIDENT", "VIEWER"},
		},
		"editor of an intermediary": {
			Standing{Memberships: []Membership{{Role: "EDITOR", Intermediary: true}}},
			[]string{"COORDINATOR", "RESIDENT"},
		},
		"representative of an intermediary": {
			Standing{Memberships: []Membership{{Role: "REPRESENTATIVE", Intermediary: true}}},
			[]string{"COORDINATOR", "REPRESENTATIVE", "RESIDENT"},
		},
		"staff are nothing else": {
			Standing{DepartmentID: "d", StaffRoles: []string{"DESK"}, Memberships: []Membership{{Role: "REPRESENTATIVE"}}},
			[]string{"DESK"},
		},
	} {
		if diff := cmp.Diff(c.want, c.s.Roles()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSessionEnds(t *testing.T) {
	began := time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)
	for _, staff := range []bool{true, false} {
		l := SessionLimits(staff)
		for name, c := range map[string]struct {
			s    Session
			at   time.Time
			want bool
		}{
			"in use":               {Session{CreatedAt: began, UsedAt: began}, began.Add(l.Idle - 1), true},
			"idle for the limit":   {Session{CreatedAt: began, UsedAt: began}, began.Add(l.Idle), false},
			"before the last time": {Session{CreatedAt: began, UsedAt: began.Add(l.Absolute - time.Minute)}, began.Add(l.Absolute - 1), true},
			"at the last time":     {Session{CreatedAt: began, UsedAt: began.Add(l.Absolute - time.Minute)}, began.Add(l.Absolute), false},
		} {
			if got := c.s.Live(l, c.at); got != c.want {
				t.Errorf("%s (staff %v): %v", name, staff, got)
			}
		}
	}
}
