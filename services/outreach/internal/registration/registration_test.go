package registration

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

var now = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func seats(mode event.Mode, capacity int) *Seats {
	return &Seats{Mode: mode, Capacity: capacity, ClosesAt: now.Add(time.Hour), Open: true, MaxParty: 5}
}

func TestPlacesInTheirOrder(t *testing.T) {
	s := seats(event.FirstCome, 2)
	var all []*Registration
	for range 4 {
		r := &Registration{Party: 1}
		if err := s.Register(r, now); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if all[1].State != Admitted || all[2].State != Waitlisted || all[2].Position != 1 || all[3].Position != 2 {
		t.Errorf("%+v %+v %+v", all[1], all[2], all[3])
	}
	if err := s.Admit(all[2]); !errors.Is(err, ErrFull) {
		t.Errorf("out of turn: %v", err)
	}
	if err := s.End(all[3], Cancelled); err != nil || s.Follow(all[2]) {
		t.Errorf("who waits leaves: %v", err)
	}
	if err := s.End(all[0], Cancelled); err != nil || !s.Moves() || !s.Follow(all[2]) {
		t.Errorf("who has a place leaves: %v", err)
	}
	if s.Admitted != 2 || s.Waiting != 0 || s.Moves() || all[2].State != Admitted {
		t.Errorf("%+v", s)
	}
	if err := s.End(all[0], Cancelled); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("twice: %v", err)
	}
}

func TestWithoutLimitNobodyWaits(t *testing.T) {
	s := seats(event.FirstCome, 0)
	for range 3 {
		r := &Registration{Party: 1}
		if err := s.Register(r, now); err != nil || r.State != Admitted {
			t.Errorf("%v, %s", err, r.State)
		}
	}
}

func TestHostDecides(t *testing.T) {
	s := seats(event.Approval, 1)
	a, b := &Registration{Party: 1}, &Registration{Party: 1}
	for _, r := range []*Registration{a, b} {
		if err := s.Register(r, now); err != nil || r.State != Requested {
			t.Errorf("%v, %s", err, r.State)
		}
	}
	if err := s.Admit(b); err != nil || s.Moves() {
		t.Errorf("%v", err)
	}
	if err := s.End(b, Lapsed); err != nil || s.Moves() {
		t.Errorf("nobody moves up by itself: %v", err)
	}
}

// A group comes as a whole or waits as a whole, and nobody overtakes it.
func TestGroupsStayTogether(t *testing.T) {
	s := seats(event.FirstCome, 5)
	register := func(party int) *Registration {
		r := &Registration{Party: party}
		if err := s.Register(r, now); err != nil {
			t.Fatal(err)
		}
		return r
	}
	three, four, one := register(3), register(4), register(1)
	if three.State != Admitted || four.State != Waitlisted || one.State != Waitlisted || one.Position != 2 || s.Admitted != 3 {
		t.Errorf("%+v %+v %+v", three, four, one)
	}
	if s.Follow(four) {
		t.Error("four follow into two places")
	}
	if err := s.End(three, Cancelled); err != nil || !s.Follow(four) || !s.Follow(one) || s.Admitted != 5 || s.Waiting != 0 {
		t.Errorf("%v %+v", err, s)
	}
	if err := s.Register(&Registration{Party: 6}, now); !errors.Is(err, ErrPartyTooLarge) {
		t.Errorf("too many: %v", err)
	}
}

// Where lots decide, everybody waits for the draw, whose result counts in its order.
func TestDrawDecides(t *testing.T) {
	s := seats(event.Lottery, 3)
	a, b, c := &Registration{Party: 2}, &Registration{Party: 2}, &Registration{Party: 1}
	for _, r := range []*Registration{a, b, c} {
		if err := s.Register(r, now); err != nil || r.State != Requested {
			t.Fatalf("%v, %s", err, r.State)
		}
	}
	if err := s.Admit(a); !errors.Is(err, fault.ErrInvalidStateTransition) || s.Moves() {
		t.Errorf("before the draw: %v", err)
	}
	d := &Draw{}
	if end := s.ClosesAt.Add(BallotAfter); s.Fixes(d, end.Add(-time.Second)) || !s.Fixes(d, end) || s.Draws(d, end) {
		t.Error("the ballot is fixed at the wrong time")
	}
	d.FixedAt, s.DrawsAt = now, now
	if !s.Draws(d, now) || s.Draws(d, now.Add(-time.Second)) || s.Fixes(d, now.Add(100*time.Hour)) {
		t.Error("it is drawn at the wrong time")
	}
	if err := s.End(c, Cancelled); err != nil { // After the ballot.
		t.Fatal(err)
	}
	s.Result(c, true)
	s.Result(b, true)
	s.Result(a, false)
	s.Drawn = true
	if c.State != Cancelled || b.State != Admitted || a.State != Waitlisted || a.Place <= b.Place || s.Admitted != 2 || s.Waiting != 1 || !s.Moves() {
		t.Errorf("%+v %+v %+v %+v", a, b, c, s)
	}
}

func TestConfirmation(t *testing.T) {
	r := &Registration{State: Admitted, ConfirmBefore: now}
	if _, err := r.Confirm(now); !errors.Is(err, ErrLinkExpired) || !r.Overdue(now) {
		t.Errorf("at the end of its time: %v", err)
	}
	if news, err := r.Confirm(now.Add(-time.Nanosecond)); err != nil || !news || r.Overdue(now) {
		t.Errorf("just in time: %v", err)
	}
	if news, err := r.Confirm(now.Add(time.Hour)); err != nil || news {
		t.Errorf("again: %v", err)
	}
}

func TestTimeOfRegistration(t *testing.T) {
	s := seats(event.FirstCome, 1)
	s.OpensAt = now
	for at, want := range map[time.Time]error{
		now.Add(-time.Nanosecond): ErrNotOpen, now: nil, s.ClosesAt.Add(-time.Nanosecond): nil, s.ClosesAt: ErrClosed,
	} {
		if err := s.Takes(at); !errors.Is(err, want) {
			t.Errorf("%v: %v", at, err)
		}
	}
}
