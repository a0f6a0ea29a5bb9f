package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "folder into which the pictures of the main pages are written; none when empty")

// pictures are the pages that the README shows.
var pictures = []struct {
	name, path, as, lang string
	width                int64
}{
	{"home", "/", "", "ja", 1200},
	{"halls", "/halls?date={day}", "", "ja", 1200},
	{"halls-phone", "/halls?date={day}", "", "ja", 360},
	{"halls-week", "/halls?date={day}&view=week&facilityId=01900000-0000-7000-8000-0000000f0002", "", "en", 1200},
	{"room-plain", "/rooms/" + room + "?date={day}", "", "plain", 800},
	{"booking", "/bookings/new?roomId=" + room + "&date={day}&slotCodes=NI", "representative", "ja", 800},
	{"call", "/calls/{call}", "", "ja", 1200},
	{"proposal", "/proposals/{proposal}", "", "ja", 1200},
	{"draft", "/proposals/{draft}/edit", "representative", "ja", 800},
	{"tasks", "/tasks", "desk", "ja", 1200},
	{"desk", "/desk/proposals", "desk", "ja", 1200},
}

// TestScreenshots writes the pictures when it is asked for them.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is given: make screenshots")
	}
	start(t)
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	where := addresses(t)
	for _, p := range pictures {
		tb := open(t).as(p.as)
		tb.run(chromedp.EmulateViewport(p.width, 900))
		tb.cookie("kyodo-lang", p.lang)
		tb.visit(where.Replace(p.path))
		picture := get(tb, chromedp.CaptureScreenshot())
		if err := os.WriteFile(filepath.Join(*screenshots, p.name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// withFont lets Chromium draw Japanese on a machine that has no font for it: with
// the one that PDFs are set in.
func withFont(dir string) (chromedp.ExecAllocatorOption, error) {
	font, err := filepath.Abs("../../pkg/pdf/font")
	if err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "fonts.conf")
	text := `<?xml version="1.0"?><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>` + font + `</dir><cachedir>` + filepath.Join(dir, "fonts") + `</cachedir></fontconfig>`
	return chromedp.Env("FONTCONFIG_FILE=" + conf), os.WriteFile(conf, []byte(text), 0o600)
}
