package browser

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLook is temporary.
func TestLook(t *testing.T) {
	spec := os.Getenv("LOOK")
	if spec == "" {
		t.Skip()
	}
	start(t)
	where := addresses(t)
	raw, _ := os.ReadFile(spec)
	for _, l := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		f := strings.Fields(l) // name path as width lang
		tb := open(t)
		if f[2] != "-" {
			tb.as(f[2])
		}
		w := int64(1200)
		if f[3] == "360" {
			w = 360
		}
		tb.run(chromedp.EmulateViewport(w, 900))
		tb.cookie("kyodo-lang", f[4])
		tb.visit(where.Replace(f[1]))
		h := get(tb, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
		tb.run(chromedp.EmulateViewport(w, min(h, 4000)))
		os.WriteFile("/tmp/w/news-look/"+f[0]+".png", get(tb, chromedp.CaptureScreenshot()), 0o644)
		if v := tb.violations(); len(v) > 0 {
			t.Errorf("%s: %v", f[0], v)
		}
		tb.sideways()
	}
}
