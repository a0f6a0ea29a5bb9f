package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestMeeting is a meeting from its plan to its public minutes: both sides confirm
// the same version, and nobody else reads them before.
func TestMeeting(t *testing.T) {
	start(t)
	found := as(t, "staff").call(http.MethodGet, "/v1/proposals?state=ADOPTED&q=読み聞かせ", nil)["proposals"].([]any)
	proposal := fmt.Sprint(found[0].(map[string]any)["id"])
	ward, group, public := open(t).as("staff"), open(t, phone).as("representative"), open(t)
	ward.visit("/proposals/" + proposal)
	ward.follow(link("検討会"))
	ward.follow(link("検討会を計画する"))
	ward.write("title", "秋の検討会（見本）")
	ward.leaveChecks()
	ward.follow(link("計画を保存する"))
	ward.says("確認が必要なことがあります", "開始の日時：入力してください。")
	ward.clean()
	ward.set("startTime.date", day(3))
	ward.set("startTime.time", "10:00")
	ward.follow(link("計画を保存する"))
	ward.says("検討会を計画しました", "予定")
	path, _, _ := strings.Cut(ward.path(), "?")
	ward.follow(link("記録を書く"))
	ward.write("body", "会場の広さを話し合いました。（見本）")
	ward.write("roles[0].matter", "会場")
	ward.write("roles[0].duty", "鍵を開ける")
	ward.follow(link("記録を保存する"))
	ward.says("確認が必要なことがあります")
	ward.choose("roles[0].party", "department:"+as(t, "staff").department())
	ward.follow(link("記録を保存する"))
	ward.says("確認待ち", "鍵を開ける")
	public.visit(path)
	if strings.Contains(public.text(), "会場の広さ") {
		t.Error("everybody reads minutes that are not published")
	}
	ward.dialog("記録を確認する")
	ward.follow(confirm("記録を確認する"))
	group.visit("/tasks")
	group.follow(fmt.Sprintf(`//main//a[@href=%q]`, path))
	group.clean()
	group.dialog("記録を確認する")
	group.follow(confirm("記録を確認する"))
	group.says("確認済")
	ward.visit(path)
	ward.dialog("記録を公開する")
	ward.follow(confirm("記録を公開する"))
	public.visit(path)
	public.says("公開", "会場の広さを話し合いました。", "鍵を開ける")
}

// TestQuestion is an answered consultation that becomes a public FAQ, in words
// that tell nobody who asked.
func TestQuestion(t *testing.T) {
	start(t)
	made := as(t, "desk").call(http.MethodPost, "/v1/consultations", map[string]any{
		"channel": "PHONE", "subject": "印刷機について（見本）", "body": "使えますか。", "asker": map[string]any{"name": "見本 次郎"},
	})
	id := fmt.Sprint(made["id"])
	as(t, "desk").call(http.MethodPost, "/v1/consultations/"+id+":reply", map[string]any{"body": "使えます。"})
	desk, public := open(t, narrow).as("desk"), open(t)
	desk.visit("/desk/consultations/" + id)
	desk.follow(link("よくある質問にする"))
	desk.write("question", "見本 次郎さんは印刷機を使えますか。")
	desk.write("answer", "登録した団体はお使いになれます。")
	desk.follow(link("保存する"))
	desk.says("確認が必要なことがあります", "個人がわからない表現に書き直してください")
	desk.clean()
	desk.write("question", "印刷機は使えますか。（見本）")
	desk.follow(link("保存する"))
	desk.says("よくある質問に公開しました")
	public.visit("/faqs?q=印刷機")
	public.says("印刷機は使えますか。", "登録した団体はお使いになれます。")
	desk.run(chromedp.Click(chromedp.CSS(`#f-published`)))
	desk.follow(link("保存する"))
	public.visit("/faqs?q=印刷機")
	if strings.Contains(public.text(), "登録した団体はお使いになれます。") {
		t.Error("what is not public any more is in the list")
	}
}
