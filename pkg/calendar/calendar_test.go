package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ical "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/calendar"
)

var noon = time.Date(2026, 6, 10, 3, 0, 0, 0, time.UTC) // 12:00 in Tokyo.

func TestBytes(t *testing.T) {
	c := calendar.New("催し")
	c.Add(calendar.Event{
		UID: "1@kyodo.example", Sequence: 2, Start: noon, End: noon.Add(90 * time.Minute), Updated: noon,
		Summary: "防災マップ, 発表会; 第1部", Location: "麹町区民館", URL: "https://kyodo.example/events/1", Categories: []string{"防災"},
		Rule: "FREQ=WEEKLY;COUNT=3", Except: []time.Time{noon.AddDate(0, 0, 7)},
	})
	c.Add(calendar.Event{UID: "2@kyodo.example", AllDay: true, Start: noon, End: noon.AddDate(0, 0, 1), Updated: noon, Summary: "清掃の日", Cancelled: true})
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Kyodo//Kyodo//JA
METHOD:PUBLISH
X-WR-CALNAME:催し
X-WR-TIMEZONE:Asia/Tokyo
BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
TZNAME:JST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@kyodo.example
SEQUENCE:2
DTSTAMP:20260610T030000Z
LAST-MODIFIED:20260610T030000Z
DTSTART;TZID=Asia/Tokyo:20260610T120000
DTEND;TZID=Asia/Tokyo:20260610T133000
SUMMARY:防災マップ\, 発表会\; 第1部
LOCATION:麹町区民館
URL:https://kyodo.example/events/1
STATUS:CONFIRMED
CATEGORIES:防災
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE;TZID=Asia/Tokyo:20260617T120000
END:VEVENT
BEGIN:VEVENT
UID:2@kyodo.example
SEQUENCE:0
DTSTAMP:20260610T030000Z
LAST-MODIFIED:20260610T030000Z
DTSTART;VALUE=DATE:20260610
DTEND;VALUE=DATE:20260611
SUMMARY:清掃の日
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	if diff := cmp.Diff(want, string(c.Bytes())); diff != "" {
		t.Error(diff)
	}
}

// FuzzText holds for every text that lines are short enough, cut between
// characters, and read back as what was written.
func FuzzText(f *testing.F) {
	for _, s := range []string{"題", "a,b;c\\d", "一行目\r\n二行目\n三行目", strings.Repeat("長い題名", 40), "𠮷野家の🍚", `"quoted" <b>`, "=1+1", "x:y", strings.Repeat("word ", 60)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' }) || strings.TrimSpace(text) != text || text == "" {
			t.Skip("the edge refuses it or trims it")
		}
		c := calendar.New("c")
		c.Add(calendar.Event{UID: "u", Start: noon, End: noon, Updated: noon, Summary: text})
		raw := c.Bytes()
		for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
			if len(line) > 75 || !utf8.Valid(line) || bytes.ContainsAny(line, "\r\n") {
				t.Errorf("line %q", line)
			}
		}
		back, err := ical.ParseCalendar(bytes.NewReader(raw))
		if err != nil || len(back.Events()) != 1 {
			t.Fatalf("%q: %v", raw, err)
		}
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		if got := back.Events()[0].GetProperty(ical.ComponentPropertySummary).Value; got != want {
			t.Errorf("read back %q, want %q", got, want)
		}
	})
}
