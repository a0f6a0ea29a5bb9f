package browser

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestCalendarLink is a resident who takes the own bookings into a calendar program:
// the address is read without signing in, and no more once there is a new one or none.
func TestCalendarLink(t *testing.T) {
	start(t)
	tb := open(t, phone).as("resident")
	tb.visit("/bookings")
	tb.follow(link("予約をカレンダーアプリで見る"))
	tb.says("カレンダー用のアドレスはまだありません")
	tb.clean()
	tb.follow(link("アドレスを作る"))
	tb.says("カレンダー用のアドレスを作りました", "だれでもあなたの予約を見られます")
	tb.clean()
	address := func() string {
		return strings.TrimPrefix(get(tb, chromedp.Value(chromedp.CSS(`#address`))), shared.process.Origin)
	}
	reads := func(path string, want int) {
		t.Helper()
		resp, body := newClient(t).get(path, "Accept", "text/calendar")
		if resp.StatusCode != want || strings.HasPrefix(body, "BEGIN:VCALENDAR") != (want == http.StatusOK) {
			t.Errorf("a calendar program gets %d, want %d: %s", resp.StatusCode, want, body)
		}
	}
	first := address()
	reads(first, http.StatusOK)
	tb.dialog("アドレスを作り直す")
	tb.follow(confirm("アドレスを作り直す"))
	tb.says("カレンダー用のアドレスを作りました")
	second := address()
	reads(first, http.StatusNotFound)
	reads(second, http.StatusOK)
	tb.dialog("アドレスを削除する")
	tb.follow(confirm("アドレスを削除する"))
	tb.says("カレンダー用のアドレスを削除しました", "カレンダー用のアドレスはまだありません")
	reads(second, http.StatusNotFound)
}
