package outreach

import (
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

func TestForeignText(t *testing.T) {
	for in, want := range map[string]string{
		"街歩き":                         "街歩き",
		"A &amp; B":                   "A & B",
		"3 < 5":                       "3 < 5",
		"<b>太字</b><br>次の行":            "太字 次の行",
		"<script>alert(1)</script>案内": "案内",
		"<style>*{}</style>案内":        "案内",
		"&lt;script&gt;alert(1)&lt;/script&gt;案内":                 "案内",
		"&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;案内": "案内",
		"<img src=x onerror=alert(1)>案内":                          "案内",
		"<scr<script>ipt>alert(1)</script>":                       "ipt>alert(1)",
		"一行目\r\n\r\n二行目\tと":                                       "一行目 二行目 と",
		"\u202e逆向き\u202c \u0007":                                  "逆向き",
		"=1+1":                                                    "=1+1",
		"𠮷野家 🍁":                                                   "𠮷野家 🍁",
	} {
		if got := foreignText(in, 100); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
	if got := foreignText(strings.Repeat("あ", 300), 200); len([]rune(got)) != 200 || !strings.HasSuffix(got, "…") {
		t.Errorf("cut to %d characters", len([]rune(got)))
	}
}

func TestForeignURL(t *testing.T) {
	const base = "https://partner.example/feeds/news.xml"
	for in, want := range map[string]string{
		"https://partner.example/a?b=c": "https://partner.example/a?b=c", "/b": "https://partner.example/b", "c": "https://partner.example/feeds/c",
		" http://other.example/ ": "http://other.example/", "": "", "javascript:alert(1)": "", "data:text/html,x": "", "mailto:a@b.example": "",
		"https://u:p@partner.example/": "", "http://[::1": "", "https://partner.example/" + strings.Repeat("x", 1000): "", "java\nscript:alert(1)": "",
	} {
		if got := foreignURL(in, base); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
}

const calendarText = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x\r\n" +
	"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261001T000000Z\r\nDTSTART;TZID=Asia/Tokyo:20261110T100000\r\nDTEND;TZID=Asia/Tokyo:20261110T120000\r\n" +
	"SUMMARY:街歩き\\, 神田\r\nDESCRIPTION:昔の地図を\\n手に歩く<script>alert(1)</script>\r\nLOCATION:神田公園\r\nURL:javascript:alert(1)\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20261001T000000Z\r\nDTSTART;VALUE=DATE:20261111\r\nDTEND;VALUE=DATE:20261112\r\nSUMMARY:終日\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:3\r\nDTSTAMP:20261001T000000Z\r\nDTSTART:20261112T010000Z\r\nDTEND:20261111T010000Z\r\nSUMMARY:終わりが先\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:4\r\nDTSTAMP:20261001T000000Z\r\nDTSTART;TZID=Tokyo Standard Time:20261113T090000\r\nSUMMARY:知らない時間帯\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:5\r\nDTSTAMP:20261001T000000Z\r\nDTSTART:20261114T010000Z\r\nSTATUS:CANCELLED\r\nSUMMARY:中止\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:6\r\nDTSTAMP:20261001T000000Z\r\nDTSTART:nonsense\r\nSUMMARY:日時なし\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func TestParseCalendar(t *testing.T) {
	entries, err := parse(source.Calendar, []byte(calendarText), "https://partner.example/c.ics")
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	byTitle := map[string]source.Entry{}
	for _, e := range entries {
		byTitle[e.Title] = e
	}
	tokyo := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, jp.Tokyo) }
	walk := byTitle["街歩き, 神田"]
	if !walk.StartsAt.Equal(tokyo(10, 10)) || !walk.EndsAt.Equal(tokyo(10, 12)) || walk.Summary != "昔の地図を 手に歩く" || walk.URL != "" || walk.Location != "神田公園" || walk.AllDay {
		t.Errorf("%+v", walk)
	}
	if e := byTitle["終日"]; !e.AllDay || !e.StartsAt.Equal(tokyo(11, 0)) || !e.EndsAt.Equal(tokyo(12, 0)) {
		t.Errorf("%+v", e)
	}
	if e := byTitle["終わりが先"]; !e.StartsAt.Equal(tokyo(12, 10)) || !e.EndsAt.IsZero() {
		t.Errorf("%+v", e)
	}
	if e := byTitle["知らない時間帯"]; !e.StartsAt.Equal(tokyo(13, 9)) {
		t.Errorf("%+v", e)
	}
}

func TestParseFeeds(t *testing.T) {
	sjis, unmappable := jp.ToCP932(`<?xml version="1.0" encoding="Shift_JIS"?><rss version="2.0"><channel><title>x</title><item><title>表示ソ連</title><link>/a</link></item></channel></rss>`)
	if unmappable != nil {
		t.Fatal(unmappable)
	}
	for name, c := range map[string]struct{ raw, title string }{
		"RSS":       {`<rss version="2.0"><channel><title>x</title><item><guid>1</guid><title>お知らせ</title></item></channel></rss>`, "お知らせ"},
		"RSS 1.0":   {`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/><item><title>お知らせ</title></item></rdf:RDF>`, "お知らせ"},
		"Atom":      {`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="html">&lt;b&gt;お知らせ&lt;/b&gt;</title></entry></feed>`, "お知らせ"},
		"JSON Feed": {`{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","title":"お知らせ"}]}`, "お知らせ"},
		"Shift_JIS": {string(sjis), "表示ソ連"},
		"no title":  {`<rss version="2.0"><channel><title>x</title><item><guid>1</guid><description>本文だけ</description></item></channel></rss>`, "本文だけ"},
	} {
		entries, err := parse(source.Feed, []byte(c.raw), "https://partner.example/feed")
		if err != nil || len(entries) != 1 || entries[0].Title != c.title {
			t.Errorf("%s: %+v %v", name, entries, err)
		}
	}
	for name, raw := range map[string]string{
		"page": "<!DOCTYPE html><html><body>x</body></html>", "nothing": "", "cut": `<rss version="2.0"><channel><item><title>x`, "zero": "\x00\x00",
		"entities": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><rss version="2.0"><channel><item><title>&b;</title></item></channel></rss>`,
	} {
		if entries, err := parse(source.Feed, []byte(raw), "https://partner.example/feed"); err == nil && len(entries) > 0 && strings.Contains(entries[0].Title, "aaaa") {
			t.Errorf("%s: %+v", name, entries)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(calendarText))
	f.Add([]byte(`<rss version="2.0"><channel><item><title>&lt;script&gt;</title><link>javascript:x</link></item></channel></rss>`))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="xhtml"><div><script>x</script></div></title></entry></feed>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, kind := range []source.Kind{source.Feed, source.Calendar} {
			entries, _ := parse(kind, raw, "https://partner.example/")
			for _, e := range entries {
				for _, text := range []string{e.Title, e.Summary, e.Location} {
					if strings.Contains(strings.ToLower(text), "<script") {
						t.Errorf("a script is left: %q", text)
					}
					if _, bad := jp.ForbiddenRune(text, false); bad {
						t.Errorf("a forbidden character is left: %q", text)
					}
				}
			}
		}
	})
}
