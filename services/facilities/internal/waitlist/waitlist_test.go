package waitlist

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

var now = time.Date(2027, 4, 1, 3, 4, 5, 6, time.UTC)

func TestOffer(t *testing.T) {
	p := &Place{State: Waiting, StartsAt: now.Add(48 * time.Hour)}
	p.Offer(now)
	end := now.Add(OfferTime)
	if !p.OfferEndsAt.Equal(end) || !p.HeldUntil().Equal(end.Add(10*time.Minute)) {
		t.Errorf("ends %v, held until %v", p.OfferEndsAt, p.HeldUntil())
	}
	soon := &Place{State: Waiting, StartsAt: now.Add(2 * time.Hour)}
	if soon.Offer(now); !soon.OfferEndsAt.Equal(soon.StartsAt) {
		t.Errorf("an offer ends with the begin of the use at the latest: %v", soon.OfferEndsAt)
	}
	if err := p.Accept(end, "b"); !errors.Is(err, ErrOfferExpired) || p.State != Offered {
		t.Errorf("at its end: %v", err)
	}
	if p.Expire(end.Add(-1)) {
		t.Error("expired too early")
	}
	if err := p.Accept(end.Add(-1), "b"); err != nil || p.State != Accepted || p.BookingID != "b" {
		t.Errorf("in time: %v, %+v", err, p)
	}
}

func TestStates(t *testing.T) {
	for from, c := range map[State]struct{ accept, leave error }{
		Waiting:  {fault.ErrInvalidStateTransition, nil},
		Offered:  {nil, nil},
		Accepted: {fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
		Expired:  {ErrOfferExpired, fault.ErrInvalidStateTransition},
		Left:     {fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
		Passed:   {fault.ErrInvalidStateTransition, fault.ErrInvalidStateTransition},
	} {
		place := func() *Place { return &Place{State: from, StartsAt: now.Add(1), OfferEndsAt: now.Add(1)} }
		if err := place().Accept(now, "b"); !errors.Is(err, c.accept) {
			t.Errorf("%s: accept: %v", from, err)
		}
		freed, err := place().Leave()
		if !errors.Is(err, c.leave) || freed != (from == Offered) {
			t.Errorf("%s: leave: %v, %v", from, freed, err)
		}
	}
	if got := (&Place{State: Waiting, StartsAt: now}).StateAt(now); got != Passed {
		t.Errorf("waiting for what has begun: %s", got)
	}
	if got := (&Place{State: Offered, OfferEndsAt: now}).StateAt(now); got != Expired {
		t.Errorf("an offer at its end: %s", got)
	}
}

// Whatever minute is drawn, the slot opens on a full minute, 1 to 24 hours later.
func TestReopens(t *testing.T) {
	for _, at := range []time.Time{now, now.Truncate(time.Minute), now.Truncate(time.Minute).Add(time.Minute - 1)} {
		for _, minutes := range []int{ReopenMin, ReopenMax} {
			opens := Reopens(at, minutes)
			if wait := opens.Sub(at); wait < time.Hour || wait > 24*time.Hour || !opens.Equal(opens.Truncate(time.Minute)) {
				t.Errorf("%v + %d minutes: after %v", at, minutes, wait)
			}
		}
	}
}
