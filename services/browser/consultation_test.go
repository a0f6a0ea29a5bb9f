package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestConsultation is a call to the general desk: the desk enters it on behalf of
// who called, hands it to a department, which answers and closes it. Name and
// contact are shown for a stated reason only.
func TestConsultation(t *testing.T) {
	start(t)
	department := as(t, "staff").department()
	desk, staff := open(t, narrow).as("desk"), open(t, narrow).as("staff")
	desk.visit("/desk/consultations")
	desk.follow(link("電話・窓口・文書の相談を登録する"))
	desk.run(chromedp.Click(chromedp.CSS(`#f-channel-0`)))
	desk.write("subject", "集会室の机について（見本）")
	desk.write("body", "机は何台ありますか。")
	desk.write("asker.name", "見本 太郎")
	desk.write("asker.email", "誤り")
	desk.run(chromedp.Evaluate[chromedp.Void](`document.querySelector('main form').noValidate = true`))
	desk.follow(link("相談を登録する"))
	desk.says("確認が必要なことがあります", "メールアドレス")
	desk.clean()
	desk.write("asker.email", "taro@example.com")
	desk.follow(link("相談を登録する"))
	desk.says("相談を登録しました", "照会コード")
	desk.clean()
	desk.follow(link("相談の画面へ進む"))
	path := desk.path()
	if strings.Contains(desk.text(), "見本 太郎") {
		t.Error("name and contact are shown without a reason")
	}
	desk.dialog("相談した人の連絡先を見る")
	desk.write("why", "折り返しの電話のため")
	desk.follow(confirm("相談した人の連絡先を見る"))
	desk.says("見本 太郎", "taro@example.com")
	desk.dialog("担当課に振り分ける")
	desk.choose("route.departmentId", department)
	desk.follow(confirm("担当課に振り分ける"))
	desk.says("手続きを進めました", "振分済")

	staff.visit("/desk/consultations?state=ROUTED")
	staff.follow(fmt.Sprintf(`//main//a[@href=%q]`, path))
	staff.follow(link("対応を始める"))
	staff.dialog("メモを残す")
	staff.run(chromedp.SendKeys(chromedp.CSS(`#f-note-body`), "施設に確認しました。"))
	staff.follow(confirm("メモを残す"))
	staff.dialog("回答する")
	staff.write("reply.body", "机は12台あります。")
	staff.clean()
	staff.follow(confirm("回答する"))
	staff.says("回答済", "机は12台あります。", "施設に確認しました。")
	staff.follow(link("相談を完了する"))
	staff.says("完了", "これまでの経過")
	staff.clean()
}
