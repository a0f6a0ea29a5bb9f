package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestResidentIsTold is a resident without an organization who books on a phone:
// what it costs stands there before it is booked, and what the ward asks is found
// in the notices and among the tasks, which lead to the answer.
func TestResidentIsTold(t *testing.T) {
	start(t)
	s := free(t, sampleHall("1002"))
	tb := open(t, phone).as("resident")
	tb.visit("/rooms/" + s.room + "?date=" + s.date)
	tb.says("時間の区分と使用料", "円", "定員")
	tb.sideways()
	tb.visit("/bookings/new?roomId=" + s.room + "&date=" + s.date + "&slotCodes=" + s.slot)
	fillWish(tb, "区民の集まり（見本）")
	tb.choose("organizationId", "") // of the person alone, who may belong to an organization by now
	tb.follow(link("内容を確認する"))
	tb.says("円", "利用者の区分、設備、減額・免除によって変わることがあります")
	tb.follow(link("この内容で予約する"))
	id := tb.last()
	cancelled(t, "resident", id)
	tb.says("予約しました", "個人", "24:00", "区の承認をお待ちください")
	tb.sideways()

	number := fmt.Sprint(as(t, "resident").call(http.MethodGet, "/v1/bookings/"+id, nil)["number"])
	clerk := as(t, "clerk")
	clerk.call(http.MethodPost, "/v1/bookings/"+id+":requestInformation", map[string]any{"message": "机の並べ方を教えてください。（見本）", "dueOn": day(1)})
	reader := as(t, "resident")
	told := "お尋ねします：" + number
	until(t, func() bool {
		_, page := reader.get("/notices")
		return strings.Contains(page, told)
	})
	tb.visit("/notices")
	tb.sideways()
	tb.follow(link(told))
	tb.follow(link("このお知らせのページを開く"))
	tb.says("区から照会があります", "机の並べ方を教えてください。（見本）")
	tb.visit("/tasks")
	tb.says("施設の予約についての照会に回答する")
	tb.sideways()
	tb.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, "/bookings/"+id))
	tb.write("answer.answer", "ロの字でお願いします。（見本）")
	tb.follow(confirm("回答する"))
	tb.says("照会に回答しました")

	clerk.call(http.MethodPost, "/v1/bookings/"+id+":reduceFee", map[string]any{"percent": 50, "reason": "区との共催のため。（見本）"})
	tb.visit("/bookings/" + id)
	tb.says("減額・免除を区で決めているところです")
	tb.clean()
	desk := open(t).as("clerk")
	desk.visit("/bookings/" + id)
	desk.says("減額・免除が決裁を待っています", "審査を待っています")
	for _, refused := range []string{"使用を承認する", "使用料の納付を記録する", "区の承認をお待ちください"} {
		if strings.Contains(desk.text(), refused) {
			t.Errorf("while a reduction waits, the clerk reads %q", refused)
		}
	}
}

// TestDeskFindsOrganization is the desk that takes a booking by phone: nobody is
// chosen for it, and looking for the organization keeps what was typed.
func TestDeskFindsOrganization(t *testing.T) {
	start(t)
	s := free(t, sampleHall("1002"))
	desk := open(t, phone).as("desk")
	desk.visit("/")
	desk.follow(link("施設予約の受付"))
	desk.visit("/bookings/new?roomId=" + s.room + "&date=" + s.date + "&slotCodes=" + s.slot)
	if got := desk.value("organizationId"); got != "" {
		t.Errorf("the organization %s is chosen unasked", got)
	}
	fillWish(desk, "電話の申込み（見本）")
	desk.write("paperNote", "見本 受付14")
	desk.write("find", "千代田区社会福祉協議会")
	desk.follow(link("団体をさがす"))
	if title, note := desk.value("title"), desk.value("paperNote"); title != "電話の申込み（見本）" || note != "見本 受付14" {
		t.Errorf("looking for the organization loses what was typed: %q, %q", title, note)
	}
	desk.clean()
	if n := get(desk, chromedp.Evaluate[int](`document.querySelectorAll("select[name=organizationId] option").length`)); n != 2 {
		t.Errorf("%d organizations are offered instead of the one that was looked for", n-1)
	}
	desk.run(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/bookings']").noValidate = true`))
	desk.run(chromedp.Click(chromedp.CSS(`[name="channel"][value="PHONE"]`)))
	desk.follow(link("内容を確認する"))
	desk.follow(link("この内容で予約する"))
	desk.says("確認が必要なことがあります", "使用する団体") // nobody is chosen
	if got := desk.value("find"); got != "千代田区社会福祉協議会" {
		t.Errorf("the refusal loses the words: %q", got)
	}
	desk.clean()
}
