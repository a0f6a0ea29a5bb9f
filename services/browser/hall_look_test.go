package browser

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestHallLook is a helper while pages are written.
func TestHallLook(t *testing.T) {
	where := addresses(t)
	for _, p := range hallPages {
		for _, person := range p.as {
			c := newClient(t)
			if person != "" {
				c.signIn(person)
			}
			resp, body := c.get(where.Replace(p.path))
			t.Logf("%s as %s: %d, %d bytes", p.path, person, resp.StatusCode, len(body))
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s as %s: %d\n%.3000s", p.path, person, resp.StatusCode, body)
			}
		}
	}
	for _, path := range []string{"/halls?view=week", "/halls?view=month", "/halls"} {
		_, body := newClient(t).get(path)
		t.Logf("%s: %d bytes", path, len(body))
	}
	for _, p := range []struct{ path, as string }{
		{"/halls?view=month", ""}, {"/halls?view=week", ""}, {"/rooms/" + room + "?view=month", ""}, {"/bookings/{mine}", "resident"}, {"/desk/bookings", "clerk"},
		{"/lotteries/{drawn}", "representative"}, {"/desk/rules/{class}", "approver"}, {"/desk/halls/{hall}", "clerk"}, {"/waitlist/{place}", "representative2"},
		{"/desk/rules/{fees}/edit", "clerk"}, {"/bookings/new?roomId=" + room + "&date={day}&slotCodes=AM", "representative"},
	} {
		for _, width := range []int64{320, 1200} {
			tb := open(t).as(p.as)
			tb.run(chromedp.EmulateViewport(width, 2600))
			tb.visit(where.Replace(p.path))
			tb.sideways()
			picture := get(tb, chromedp.CaptureScreenshot())
			name := fmt.Sprintf("/tmp/w/hall-shots/%s-%d.png", slug(p.path), width)
			if err := os.WriteFile(name, picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func slug(s string) string {
	out := []rune{}
	for _, r := range s {
		if r == '/' || r == '?' || r == '&' || r == '=' || r == '{' || r == '}' {
			r = '_'
		}
		out = append(out, r)
	}
	return string(out)[:min(len(out), 40)]
}
