package member

import (
	"errors"
	"testing"
	"time"
)

var now = time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)

func TestInvitationLastsThreeDays(t *testing.T) {
	for after, want := range map[time.Duration]error{
		0: nil, 72*time.Hour - 1: nil, 72 * time.Hour: ErrInvitationExpired,
	} {
		m, err := Invite(Member{Email: "a@example.com", Role: Editor}, 0, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Accept("person", now.Add(after)); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", after, err, want)
		}
		if want == nil && (m.State != Active || m.Email != "" || m.ExpiresAt != nil) {
			t.Errorf("accepted: %+v", m)
		}
	}
}

func TestPlaces(t *testing.T) {
	for count, want := range map[int]error{299: nil, 300: ErrTooMany} {
		if _, err := Invite(Member{}, count, now); !errors.Is(err, want) {
			t.Errorf("with %d: %v, want %v", count, err, want)
		}
	}
}

func TestLastRepresentative(t *testing.T) {
	for name, c := range map[string]struct {
		m               Member
		representatives int
		want            error
	}{
		"the last":                 {Member{State: Active, Role: Representative}, 1, ErrLastRepresentative},
		"one of two":               {Member{State: Active, Role: Representative}, 2, nil},
		"an editor":                {Member{State: Active, Role: Editor}, 1, nil},
		"invited as a second":      {Member{State: Invited, Role: Representative}, 1, nil},
		"an editor without anyone": {Member{State: Active, Role: Editor}, 0, nil},
	} {
		left, demoted, kept := c.m, c.m, c.m
		if err := left.Remove(c.representatives); !errors.Is(err, c.want) {
			t.Errorf("%s leaves: %v, want %v", name, err, c.want)
		}
		if err := demoted.ChangeRole(Viewer, c.representatives); !errors.Is(err, c.want) {
			t.Errorf("%s becomes a viewer: %v, want %v", name, err, c.want)
		}
		if err := kept.ChangeRole(Representative, c.representatives); err != nil {
			t.Errorf("%s becomes a representative: %v", name, err)
		}
	}
}
