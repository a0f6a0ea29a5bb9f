package browser

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// bookings are how many of the representative's bookings have a title.
func bookings(t *testing.T, title string) int {
	t.Helper()
	_, list := as(t, "representative").get("/v1/bookings?pageSize=200")
	return strings.Count(list, `"title":"`+title+`"`)
}

// TestSentTwice presses the button of a final step twice: there is one booking,
// and the page says so.
func TestSentTwice(t *testing.T) {
	tb := open(t, phone).as("representative")
	const title = "二度押しの会（見本）"
	tb.visit(wish("AM", 18))
	fillWish(tb, title)
	tb.follow(link("内容を確認する"))
	tb.run(chromedp.DoubleClick(link("この内容で予約する")))
	tb.waitFor("予約しました")
	if n := bookings(t, title); n != 1 {
		t.Errorf("%d bookings", n)
	}
}

// TestSentAtOnce sends one form several times at the same moment, and once more
// later as a browser does that goes back: all are led to the same booking.
func TestSentAtOnce(t *testing.T) {
	start(t)
	c := as(t, "representative")
	const title = "同時に届いた予約（見本）"
	form := url.Values{
		"_token": {c.formToken(wish("AM", 19))}, "_key": {"TestSentAtOnce"}, "roomId": {room}, "date": {day(19)}, "slotCodes": {"AM"},
		"organizationId": {c.organization()}, "purpose": {"MEETING"}, "title": {title}, "headcount": {"5"}, "step": {"book"},
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	led := map[string]int{}
	for range 5 {
		all.Go(func() {
			resp, page := c.once(http.MethodPost, "/bookings", form)
			to, _, _ := strings.Cut(resp.Header.Get("Location"), "?")
			if resp.StatusCode != http.StatusSeeOther && !strings.Contains(page, "もう一度送る") && !strings.Contains(page, "処理中") {
				t.Errorf("%s %s", resp.Status, heading(page))
			}
			mu.Lock()
			defer mu.Unlock()
			led[to]++
		})
	}
	all.Wait()
	delete(led, "")
	again, _ := c.once(http.MethodPost, "/bookings", form)
	to, _, _ := strings.Cut(again.Header.Get("Location"), "?")
	led[to]++
	if n := bookings(t, title); n != 1 || len(led) != 1 {
		t.Errorf("%d bookings, led to %v", n, led)
	}
}

func (c *client) organization() string {
	c.t.Helper()
	found := c.call(http.MethodGet, "/v1/me", nil)["memberships"].([]any)
	id, _ := found[0].(map[string]any)["organizationId"].(string)
	return id
}

// TestTwoTabs writes one draft in two tabs: who comes second is told, keeps what
// was typed, and may save it knowingly.
func TestTwoTabs(t *testing.T) {
	path := "/proposals/" + draftedHere(t) + "/edit"
	one, two := open(t, withoutJavaScript).as("representative"), open(t, withoutJavaScript).as("representative")
	for _, tb := range []*tab{one, two} {
		tb.visit(path)
	}
	one.write("content.purpose", "一つ目の画面で書いた目的です。")
	one.follow(link("下書きを保存する"))
	one.says("下書きを保存しました")
	two.write("content.purpose", "二つ目の画面で書いた目的です。")
	two.follow(link("下書きを保存する"))
	two.says("ほかの人が先に変更しました")
	if got := two.value("content.purpose"); got != "二つ目の画面で書いた目的です。" {
		t.Errorf("what was typed second is lost: %q", got)
	}
	one.visit(path)
	if got := one.value("content.purpose"); got != "一つ目の画面で書いた目的です。" {
		t.Errorf("what was saved first is overwritten: %q", got)
	}
	two.follow(link("下書きを保存する"))
	two.says("下書きを保存しました")
}

func draftedHere(t *testing.T) string {
	t.Helper()
	start(t)
	return drafted(t, "二つの画面の下書き（見本）", nil)
}

// TestFormOfSomebodyElse sends a form that was opened before another person signed
// in on the same browser: it is not done in that person's name, and nothing that
// was typed is lost.
func TestFormOfSomebodyElse(t *testing.T) {
	start(t)
	c := as(t, "representative")
	typed := url.Values{"_token": {c.formToken(wish("AM", 20))}, "_key": {"TestFormOfSomebodyElse"}, "title": {"前の人の入力（見本）"}, "note": {"<b>\"メモ\"</b>"}}
	c.signIn("representative2")
	resp, page := c.once(http.MethodPost, "/bookings", typed)
	if resp.StatusCode != http.StatusForbidden || !strings.Contains(page, "別の人がログインしています") || !strings.Contains(page, `value="前の人の入力（見本）"`) || !strings.Contains(page, "もう一度送る") {
		t.Errorf("%s %s", resp.Status, heading(page))
	}
	for _, forged := range []string{"", "x", "9999999999.AAAA", "-1." + strings.Repeat("A", 43)} {
		typed.Set("_token", forged)
		if resp, page := c.once(http.MethodPost, "/bookings", typed); resp.StatusCode != http.StatusForbidden {
			t.Errorf("the token %q is answered %s %s", forged, resp.Status, heading(page))
		}
	}
}

// TestTooLarge sends more than is taken, as text and as a file: the answer is a
// page that says how much may be sent.
func TestTooLarge(t *testing.T) {
	start(t)
	c := newClient(t)
	var upload bytes.Buffer
	w := multipart.NewWriter(&upload)
	part, err := w.CreateFormFile("file", "x.bin")
	if err == nil {
		_, err = part.Write(make([]byte, 22<<20))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	long := url.Values{"body": {strings.Repeat("長", 400_000)}}.Encode()
	for media, body := range map[string]*bytes.Buffer{w.FormDataContentType(): &upload, "application/x-www-form-urlencoded": bytes.NewBufferString(long)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shared.process.Origin+"/consultations", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", media)
		req.Header.Set("Accept", "text/html")
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s", media, resp.Status)
		}
	}
}
