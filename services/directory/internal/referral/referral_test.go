package referral

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
)

// TestDueOn counts office days over weekends, Golden Week and New Year.
func TestDueOn(t *testing.T) {
	for name, c := range map[string]struct {
		sent string
		days int
		want string
	}{
		"usual, over two weekends": {"2026-06-01T10:00:00+09:00", 0, "2026-06-15"},
		"the next day":             {"2026-06-01T10:00:00+09:00", 1, "2026-06-02"},
		"late at night in Tokyo":   {"2026-06-01T23:59:59+09:00", 1, "2026-06-02"},
		"after midnight in Tokyo":  {"2026-06-01T15:00:00Z", 1, "2026-06-03"},
		"over Golden Week":         {"2026-04-28T10:00:00+09:00", 3, "2026-05-07"},
		"over New Year":            {"2026-12-28T10:00:00+09:00", 1, "2027-01-04"},
		"sent on a Saturday":       {"2026-06-06T10:00:00+09:00", 1, "2026-06-08"},
	} {
		at, err := time.Parse(time.RFC3339, c.sent)
		if err != nil {
			t.Fatal(err)
		}
		if r := New(Referral{}, c.days, at); r.DueOn.String() != c.want || r.State != Sent {
			t.Errorf("%s: due on %s, want %s", name, r.DueOn, c.want)
		}
	}
}

// TestSteps drives every step in every state.
func TestSteps(t *testing.T) {
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	steps := map[string]func(*Referral) error{
		"accept":   func(r *Referral) error { return r.Accept(now) },
		"decline":  func(r *Referral) error { return r.Decline("x", now) },
		"report":   func(r *Referral) error { return r.Tell("RESOLVED", "x", now) },
		"withdraw": func(r *Referral) error { return r.Withdraw("x", now) },
	}
	want := map[State]map[string]State{
		Sent:      {"accept": Accepted, "decline": Declined, "withdraw": Withdrawn},
		Accepted:  {"report": Reported, "decline": Declined, "withdraw": Withdrawn},
		Declined:  {},
		Reported:  {},
		Withdrawn: {},
	}
	for from, to := range want {
		for verb, take := range steps {
			r := New(Referral{Contact: []byte("x"), CallerRole: member.Editor}, 1, now)
			r.State = from
			err := take(r)
			switch next, ok := to[verb]; {
			case ok && (err != nil || r.State != next || (r.Contact == nil) == r.Open()):
				t.Errorf("%s in %s: %s, %v, contact %v", verb, from, r.State, err, r.Contact)
			case !ok && !errors.Is(err, fault.ErrInvalidStateTransition):
				t.Errorf("%s in %s: %v", verb, from, err)
			}
			r.State, r.CallerRole = from, member.Viewer
			if err := take(r); verb != "withdraw" && !errors.Is(err, fault.ErrPermissionDenied) {
				t.Errorf("%s by a viewer: %v", verb, err)
			}
		}
	}
}

func TestOverdue(t *testing.T) {
	r := New(Referral{}, 1, time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC))
	if r.Overdue(r.DueOn) || !r.Overdue(r.DueOn.AddDays(1)) {
		t.Error("it is late on its due day or not the day after")
	}
	r.State = Reported
	if r.Overdue(jp.NewDate(2030, 1, 1)) {
		t.Error("a reported one is late")
	}
}
