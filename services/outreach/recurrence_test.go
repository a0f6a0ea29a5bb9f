package outreach

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

func TestOccurrences(t *testing.T) {
	for _, tt := range []struct{ rule, except, want string }{
		{"", "", "2026-12-05"},
		{"FREQ=WEEKLY;COUNT=3", "", "2026-12-05 2026-12-12 2026-12-19"},
		{"FREQ=WEEKLY;BYDAY=SA,SU;COUNT=3", "", "2026-12-05 2026-12-06 2026-12-12"},
		{"FREQ=WEEKLY;UNTIL=20261219", "", "2026-12-05 2026-12-12 2026-12-19"}, // The last day is one of them.
		{"FREQ=MONTHLY;BYDAY=1SA;COUNT=3", "2027-01-02", "2026-12-05 2027-02-06"},
		{"FREQ=YEARLY;COUNT=2", "", "2026-12-05 2027-12-05"},
		{"FREQ=WEEKLY;BYDAY=SU;COUNT=3", "", ""},                // Not on the first day.
		{"FREQ=WEEKLY", "", ""},                                 // Without an end.
		{"FREQ=WEEKLY;COUNT=3;UNTIL=20270101", "", ""},          // With two.
		{"FREQ=DAILY;COUNT=201", "", ""},                        // Too many.
		{"FREQ=DAILY;UNTIL=20271231", "", ""},                   // Too many.
		{"FREQ=YEARLY;COUNT=4", "", ""},                         // Beyond two years.
		{"FREQ=YEARLY;UNTIL=20300101", "", ""},                  // Beyond two years.
		{"FREQ=HOURLY;COUNT=2", "", ""},                         // Within a day.
		{"FREQ=DAILY;BYHOUR=1,2;COUNT=2", "", ""},               // Within a day.
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "", ""}, // Never.
		{"FREQ=WEEKLY;COUNT=1", "2026-12-05", ""},               // Nothing is left.
		{"nonsense", "", ""},
	} {
		d := &event.Details{StartsOn: jp.NewDate(2026, 12, 5), Recurrence: tt.rule} // A Saturday.
		if except, err := jp.ParseDate(tt.except); err == nil {
			d.ExceptOn = []jp.Date{except}
		}
		days, err := occurrences(d)
		if diff := cmp.Diff(strings.Fields(tt.want), convert.List(days, convert.Date), cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %v %s", tt.rule, err, diff)
		}
	}
}

func TestRuleForCalendars(t *testing.T) {
	d := &event.Details{StartsOn: jp.NewDate(2026, 12, 5), StartTime: "10:00", Recurrence: "FREQ=WEEKLY;UNTIL=20261219"}
	if got := rule(d); got != "FREQ=WEEKLY;UNTIL=20261219T145959Z" {
		t.Error(got)
	}
	d.StartTime = ""
	if got := rule(d); got != d.Recurrence {
		t.Error(got)
	}
}

func TestMarkup(t *testing.T) {
	for source, want := range map[string]string{
		"<b>x</b>":                  "<p>x</p>\n",
		"[x](javascript:alert(1))":  "<p>x</p>\n",
		"[x](http://a.example/?b)":  `<p><a href="http://a.example/?b" rel="nofollow ugc">x</a></p>` + "\n",
		"![x](http://a.example/p)":  "<p></p>\n",
		"https://a.example":         `<p><a href="https://a.example" rel="nofollow ugc">https://a.example</a></p>` + "\n",
		"a & b < c":                 "<p>a &amp; b &lt; c</p>\n",
		"<script>alert(1)</script>": "\n",
	} {
		if got := safeHTML(source); got != want {
			t.Errorf("%q → %q, want %q", source, got, want)
		}
	}
	if got := rubyHTML("災害《さいがい》の<i>日</i>"); got != "<p><ruby>災害<rp>（</rp><rt>さいがい</rt><rp>）</rp></ruby>の日</p>\n" {
		t.Error(got)
	}
	if got := plainText("# 題\n\n- a & b\n- **c**\n\n[d](https://e.example)"); got != "題\n・a & b\n・c\nd" {
		t.Errorf("%q", got)
	}
	if diff := cmp.Diff([]string{"https://e.example", "http://f.example"}, links("[d](https://e.example)", "http://f.example")); diff != "" {
		t.Error(diff)
	}
	if got := plainText(plain("*a* [b](c) <d> # e")); got != "*a* [b](c) <d> # e" {
		t.Errorf("%q", got)
	}
}
