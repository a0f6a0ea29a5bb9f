package notice

import (
	"errors"
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tries int
		why   Failure
		wait  time.Duration
		more  bool
	}{
		"first":               {1, Unreachable, time.Minute, true},
		"third":               {3, Unreachable, 30 * time.Minute, true},
		"last":                {6, Unreachable, 12 * time.Hour, true},
		"too many":            {7, Unreachable, 0, false},
		"refused":             {1, Refused, 0, false},
		"no server, for ever": {100, NoServer, 12 * time.Hour, true},
	} {
		if wait, more := Next(c.tries, c.why); wait != c.wait || more != c.more {
			t.Errorf("%s: %v %v, want %v %v", name, wait, more, c.wait, c.more)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if seen[k.Code] || k.Title == "" || k.Version < 1 || len(k.Members)+len(k.Staff) == 0 && k.Code != "followed_news" {
			t.Errorf("kind %+v", k)
		}
		seen[k.Code] = true
	}
	if _, known := KindOf("no_such"); known {
		t.Error("unknown is known")
	}
}

func TestWish(t *testing.T) {
	t.Parallel()
	p := &Preferences{}
	if err := p.Wish([]string{"proposal_received", "booking_received"}); err != nil || p.On("booking_received") || !p.On("booking_approved") {
		t.Errorf("%v %v", p, err)
	}
	if err := p.Wish([]string{"proposal_decided"}); !errors.Is(err, ErrRequired) {
		t.Errorf("a decision is turned off: %v", err)
	}
	if p.On("proposal_received") {
		t.Error("a refusal changed something")
	}
}
