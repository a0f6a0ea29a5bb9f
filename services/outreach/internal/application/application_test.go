package application

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

var now = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

// places are ten with two shifts of four, for a host who decides.
func places() *Places {
	return &Places{
		Selection: opportunity.HostDecides, StartsOn: jp.NewDate(2026, 12, 1), LastOn: jp.NewDate(2026, 12, 31), ClosesAt: now.AddDate(0, 0, 20),
		Open: true, Headcount: 10, TrialPlaces: 1, Shifts: []*Shift{
			{ID: "s1", StartsAt: now.Add(24 * time.Hour), EndsAt: now.Add(26 * time.Hour), Capacity: 4},
			{ID: "s2", StartsAt: now.Add(48 * time.Hour), EndsAt: now.Add(50 * time.Hour), Capacity: 4},
		},
	}
}

// wish is an application for so many people in shifts.
func wish(heads int, shifts ...string) *Application {
	a := &Application{Heads: heads, MaxShifts: 1}
	for _, id := range shifts {
		a.Wishes = append(a.Wishes, Wish{ShiftID: id})
	}
	return a
}

// Every verb in every state: what the states of an application have is possible,
// and a refusal changes nothing.
func TestVerbsByState(t *testing.T) {
	verbs := map[string]func(*Places, *Application) error{
		"accept":   func(p *Places, a *Application) error { return p.Accept(a, nil, now) },
		"waitlist": func(p *Places, a *Application) error { p.Headcount = p.Accepted; return p.Waitlist(a, now) },
		"decline":  func(p *Places, a *Application) error { return p.Decline(a, "x", jp.DateOf(now)) },
		"withdraw": func(p *Places, a *Application) error { return p.Withdraw(a, jp.DateOf(now)) },
	}
	possible := map[State]string{Requested: "accept waitlist decline withdraw", Waitlisted: "accept decline withdraw", Accepted: "decline withdraw"}
	for _, s := range []State{Requested, Accepted, Waitlisted, Declined, Withdrawn, Cancelled} {
		for name, take := range verbs {
			p, a := places(), wish(2, "s1")
			if err := p.Apply(a, now); err != nil {
				t.Fatal(err)
			}
			switch s {
			case Accepted:
				_ = p.Accept(a, nil, now)
			case Waitlisted:
				p.take(a)
				a.State = Waitlisted
				p.Waiting += 2
			case Requested:
			default:
				p.take(a)
				a.State = s
			}
			err := take(p, a)
			if want := contains(possible[s], name); want != (err == nil) || err != nil && !errors.Is(err, fault.ErrInvalidStateTransition) {
				t.Errorf("%s in %s: %v", name, s, err)
			}
			if err != nil && a.State != s {
				t.Errorf("%s in %s was refused and led to %s", name, s, a.State)
			}
			if p.Accepted+p.Requested+p.Waiting+p.Declined > 2 || min(p.Accepted, p.Requested, p.Waiting, p.Declined, p.Shifts[0].Accepted) < 0 {
				t.Errorf("%s in %s: counts = %+v", name, s, p)
			}
		}
	}
}

func contains(words, word string) bool {
	for len(words) >= len(word) {
		if words[:len(word)] == word {
			return true
		}
		words = words[1:]
	}
	return false
}

func TestPlacesAndShiftsTogether(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Places)
		a      *Application
		named  []string
		want   error
		shifts int
	}{
		"the first wished":           {nil, wish(4, "s2", "s1"), nil, nil, 1},
		"both":                       {nil, &Application{Heads: 4, MaxShifts: 2, Wishes: []Wish{{ShiftID: "s1"}, {ShiftID: "s2"}}}, nil, nil, 2},
		"too many for a shift":       {nil, wish(5, "s1"), nil, ErrFull, 0},
		"too many for the call":      {func(p *Places) { p.Accepted = 8 }, wish(3, "s1"), nil, ErrFull, 0},
		"the next wished":            {func(p *Places) { p.Shifts[0].Accepted = 4 }, wish(1, "s1", "s2"), nil, nil, 1},
		"a full one by name":         {func(p *Places) { p.Shifts[0].Accepted = 4 }, wish(1, "s1", "s2"), []string{"s1"}, ErrFull, 0},
		"one that was not wished":    {nil, wish(1, "s1"), []string{"s2"}, ErrShiftUnknown, 0},
		"one that was called off":    {func(p *Places) { p.Shifts[1].Cancelled = true }, wish(1, "s1", "s2"), []string{"s2"}, ErrShiftUnknown, 0},
		"one that has begun":         {func(p *Places) { p.Shifts[0].StartsAt = now }, wish(1, "s1"), nil, ErrFull, 0},
		"no shift was asked for":     {nil, wish(10), nil, nil, 0},
		"a place for trying":         {nil, &Application{Heads: 1, Trial: true}, nil, nil, 0},
		"no place for trying":        {func(p *Places) { p.TrialAccepted = 1 }, &Application{Heads: 1, Trial: true}, nil, ErrFull, 0},
		"the last place of the call": {func(p *Places) { p.Accepted = 9 }, wish(1, "s1"), nil, nil, 1},
	} {
		p := places()
		if c.change != nil {
			c.change(p)
		}
		c.a.State = Requested
		p.Requested = c.a.Heads
		if err := p.Accept(c.a, c.named, now); !errors.Is(err, c.want) || len(c.a.ShiftIDs()) != c.shifts {
			t.Errorf("%s: %v, %v, want %v", name, err, c.a.ShiftIDs(), c.want)
		}
	}
}

func TestDaysOfErasure(t *testing.T) {
	p := places()
	a := wish(1, "s1")
	a.Agrees = true
	steps := []struct {
		name string
		take func() error
		want jp.Date
	}{
		{"applied", func() error { return p.Apply(a, now) }, jp.NewDate(2027, 1, 31)},
		{"accepted", func() error { return p.Accept(a, nil, now) }, jp.NewDate(2028, 1, 1)},
		{"agrees no more", func() error { a.StopInvitations(p.LastOn); return nil }, jp.NewDate(2027, 1, 31)},
		{"withdrawn", func() error { return p.Withdraw(a, jp.DateOf(now)) }, jp.NewDate(2026, 12, 31)},
	}
	for _, s := range steps {
		if err := s.take(); err != nil || a.EraseOn != s.want {
			t.Errorf("%s: %v, %s, want %s", s.name, err, a.EraseOn, s.want)
		}
	}
	if a.StopInvitations(p.LastOn) || a.EraseOn != jp.NewDate(2026, 12, 31) {
		t.Errorf("a repetition was news, or keeps longer: %s", a.EraseOn)
	}
}
