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
	return &Seats{Mode: mode, Capacity: capacity, ClosesAt: now.Add(time.Hour), Open: true}
}

func TestPlacesInTheirOrder(t *testing.T) {
	s := seats(event.FirstCome, 2)
	var all []*Registration
	for range 4 {
		r := &Registration{}
		if err := s.Register(r, now); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if all[1].State != Admitted || all[2].State != Waitlisted || all[2].Position != 1 || all[3].Position != 2 || s.Next() {
		t.Errorf("%+v %+v %+v", all[1], all[2], all[3])
	}
	if err := s.Admit(all[2]); !errors.Is(err, ErrFull) {
		t.Errorf("out of turn: %v", err)
	}
	if err := s.End(all[3], Cancelled); err != nil || s.Next() {
		t.Errorf("who waits leaves: %v", err)
	}
	if err := s.End(all[0], Cancelled); err != nil || !s.Next() {
		t.Errorf("who has a place leaves: %v", err)
	}
	s.Follow(all[2])
	if s.Admitted != 2 || s.Waiting != 0 || s.Next() || all[2].State != Admitted {
		t.Errorf("%+v", s)
	}
	if err := s.End(all[0], Cancelled); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("twice: %v", err)
	}
}

func TestWithoutLimitNobodyWaits(t *testing.T) {
	s := seats(event.FirstCome, 0)
	for range 3 {
		r := &Registration{}
		if err := s.Register(r, now); err != nil || r.State != Admitted {
			t.Errorf("%v, %s", err, r.State)
		}
	}
}

func TestHostDecides(t *testing.T) {
	s := seats(event.Approval, 1)
	a, b := &Registration{}, &Registration{}
	for _, r := range []*Registration{a, b} {
		if err := s.Register(r, now); err != nil || r.State != Requested {
			t.Errorf("%v, %s", err, r.State)
		}
	}
	if err := s.Admit(b); err != nil || s.Next() {
		t.Errorf("%v", err)
	}
	if err := s.End(b, Lapsed); err != nil || s.Next() {
		t.Errorf("nobody moves up by itself: %v", err)
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
