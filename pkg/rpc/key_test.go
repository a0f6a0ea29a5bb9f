package rpc

import (
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
)

// TestValidKey: an anonymous caller's key must be hard to guess, because all of
// them are one caller.
func TestValidKey(t *testing.T) {
	person := auth.Principal{Kind: auth.KindPerson, ID: "p"}
	for _, c := range []struct {
		key               string
		person, anonymous bool
	}{
		{"x", true, false},
		{strings.Repeat("x", 21), true, false},
		{strings.Repeat("x", 22), true, true},
		{"0190aaaa-0000-7000-8000-000000000001", true, true},
		{strings.Repeat("x", 255), true, true},
		{strings.Repeat("x", 256), false, false},
		{"with a blank, long enough for all", false, false},
		{"with\ta-tab-long-enough-for-all", false, false},
		{"日本語日本語日本語日本語日本語", false, false},
		{strings.Repeat("\xff", 30), false, false},
		{strings.Repeat("~", 30), true, true},
	} {
		if got := validKey(c.key, person); got != c.person {
			t.Errorf("%q of a person: %v", c.key, got)
		}
		if got := validKey(c.key, auth.Anonymous); got != c.anonymous {
			t.Errorf("%q of nobody: %v", c.key, got)
		}
	}
}
