package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "folder into which the pictures of the main pages are written; none when empty")

// pictures are the pages that the README shows, on a desk and on a phone.
var pictures = []struct {
	name, path, as, lang string
	width, height        int64
}{
	{"home", "/", "", "ja", 1200, 900},
	{"halls", "/halls?date={day}", "", "ja", 1200, 900},
	{"halls-phone", "/halls?date={day}", "", "ja", 360, 740},
	{"plain-phone", "/rooms/" + room + "?date={day}", "", "plain", 360, 740},
	{"booking", "/bookings/new?roomId=" + room + "&date={day}&slotCodes=NI", "representative", "ja", 1200, 900},
	{"proposal", "/proposals/{proposal}", "", "ja", 1200, 900},
	{"evaluation", "/evaluations/{evaluated}", "", "ja", 1200, 900},
	{"tasks", "/tasks", "desk", "ja", 1200, 900},
	{"desk", "/desk/proposals", "desk", "ja", 1200, 900},
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
		tb.run(chromedp.EmulateViewport(p.width, p.height))
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
