package browser

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// day is the day in Tokyo that comes so many days after today; the days on which
// the halls of the sample data are closed, from 29 December to 3 January, do not
// count.
func day(ahead int) string {
	d := time.Now().UTC().Add(9 * time.Hour)
	if ahead < 0 {
		return d.AddDate(0, 0, ahead).Format(time.DateOnly)
	}
	for ahead > 0 {
		d = d.AddDate(0, 0, 1)
		if newYear := d.Month() == time.December && d.Day() >= 29 || d.Month() == time.January && d.Day() <= 3; !newYear {
			ahead--
		}
	}
	return d.Format(time.DateOnly)
}

func wish(slot string, ahead int) string {
	return "/bookings/new?roomId=" + room + "&date=" + day(ahead) + "&slotCodes=" + slot
}

// TestFindFreeHall is a resident on a phone who looks for a free hall, without
// signing in.
func TestFindFreeHall(t *testing.T) {
	tb := open(t, phone)
	tb.visit("/")
	tb.follow(link("施設の空き状況"))
	tb.says("ログインは要りません", "麹町区民館", "空き", "前の日")
	tb.run(chromedp.SetValue(chromedp.CSS(`[name="date"]`), day(9)), chromedp.SetValue(chromedp.CSS(`[name="capacity"]`), "30"))
	tb.choose("purpose", "MEETING")
	tb.follow(link("空きを調べる"))
	if !strings.Contains(tb.path(), "date="+day(9)) || !strings.Contains(tb.path(), "capacity=30") {
		t.Errorf("the address does not hold the search: %s", tb.path())
	}
	tb.says("洋室A", "40人まで")
	if strings.Contains(tb.text(), "24人まで") {
		t.Error("a room for 24 is shown for 30 people")
	}
	tb.sideways()
	tb.follow(`//a[contains(normalize-space(.), "洋室A")]`)
	tb.says("所在地", "部屋と施設について")
	tb.sideways()
}

// sideways fails when the page must be moved sideways to be read.
func (tb *tab) sideways() {
	tb.t.Helper()
	sizes := get(tb, chromedp.Evaluate[[]int](`[document.documentElement.scrollWidth, document.documentElement.clientWidth]`))
	if sizes[0] > sizes[1] {
		tb.t.Errorf("%s is %d pixels wide on a screen of %d", tb.path(), sizes[0], sizes[1])
	}
}

// book goes from the free slot to the booking's page.
func book(tb *tab, slot string, ahead int) {
	tb.t.Helper()
	tb.visit(wish(slot, ahead))
	fillWish(tb, "定例会（見本）")
	tb.follow(link("内容を確認する"))
	tb.says("まだ予約されていません", "定例会（見本）", "12")
	tb.follow(link("この内容で予約する"))
}

func fillWish(tb *tab, title string) {
	tb.t.Helper()
	tb.choose("purpose", "MEETING")
	tb.write("title", title)
	tb.write("headcount", "12")
}

// TestSignInAndBook begins at a free slot, signs in at the issuer, and comes back
// to the slot.
func TestSignInAndBook(t *testing.T) {
	tb := open(t, phone)
	tb.visit("/rooms/" + room + "?date=" + day(10))
	tb.follow(`//a[contains(@href, "` + day(10) + `&roomId=` + room + `&slotCodes=AM")]`)
	tb.follow(`button[value="representative"]`)
	if !strings.Contains(tb.path(), "slotCodes=AM") {
		t.Fatalf("after the sign-in the slot is lost: %s", tb.path())
	}
	fillWish(tb, "読書会（見本）")
	tb.follow(link("内容を確認する"))
	tb.follow(link("内容を直す"))
	if got := tb.value("title"); got != "読書会（見本）" {
		t.Errorf("going back from the confirmation loses the title: %q", got)
	}
	tb.follow(link("内容を確認する"))
	tb.follow(link("この内容で予約する"))
	tb.says("予約しました", "麹町区民館", "洋室A", "読書会（見本）")
	tb.visit("/bookings")
	tb.says("読書会（見本）")
	tb.follow(`//main//li[contains(., "読書会（見本）")]//a`)
	tb.run(chromedp.Click(`//summary[contains(normalize-space(.), "予約を取り消す")]`))
	tb.follow(`//button[normalize-space(.)="取り消す"]`)
	tb.says("予約を取り消しました", "取消済")
}

// TestTwoFightForOneSlot holds that the loser is told what is still free.
func TestTwoFightForOneSlot(t *testing.T) {
	start(t)
	tabs := []*tab{open(t, phone).as("representative"), open(t, phone).as("representative2")}
	for _, tb := range tabs {
		tb.visit(wish("PM", 11))
		fillWish(tb, "取り合い（見本）")
		tb.follow(link("内容を確認する"))
	}
	var both sync.WaitGroup
	for _, tb := range tabs {
		both.Go(func() { tb.follow(link("この内容で予約する")) })
	}
	both.Wait()
	won := 0
	for _, tb := range tabs {
		if strings.HasPrefix(tb.path(), "/bookings/") {
			won++
			continue
		}
		tb.says("確認が必要なことがあります", "近くで空いているもの")
		if got := tb.value("title"); got != "取り合い（見本）" {
			t.Errorf("the loser's title is lost: %q", got)
		}
		tb.follow(`//ul[@class="near"]//a`)
		if !strings.Contains(tb.path(), "/bookings/new?") {
			t.Errorf("the offer leads to %s", tb.path())
		}
	}
	if won != 1 {
		t.Errorf("%d of two got the slot", won)
	}
}

// TestBookWithoutJavaScript is the same booking where no script runs.
func TestBookWithoutJavaScript(t *testing.T) {
	tb := open(t, phone, withoutJavaScript).as("representative")
	book(tb, "AM", 12)
	tb.says("予約しました")
}
