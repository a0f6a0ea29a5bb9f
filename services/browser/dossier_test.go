package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestCorrection is a proposal that the desk returns: the group corrects it, adds
// a file and submits it again, both versions are compared, and what the staff
// writes for everybody needs another person.
func TestCorrection(t *testing.T) {
	start(t)
	id := submitted(t, "まちの読書会（見本）")
	as(t, "desk").call(http.MethodPost, "/v1/proposals/"+id+":return", map[string]any{
		"fields": []string{"purpose", "activityFields", "attachments"}, "message": "目的を具体的に書き、活動の資料を付けてください。", "dueOn": day(10),
	})
	path, group := "/proposals/"+id, open(t, phone).as("representative")
	group.visit("/tasks")
	group.follow(`//main//a[contains(@href, "` + path + `")]`)
	group.follow(link("提案を書く・直す"))
	group.says("補正の依頼があります", "活動の資料を付けてください")
	group.follow(link("添付書類"))
	file := filepath.Join(t.TempDir(), "活動（見本）.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.4\n%見本\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	group.leaveChecks()
	group.follow(link("ファイルを追加する"))
	group.says("確認が必要なことがあります")
	group.clean()
	group.choose("kind", "MATERIAL")
	group.run(chromedp.SetUploadFiles(chromedp.CSS(`#f-file`), []string{file}))
	group.follow(link("ファイルを追加する"))
	group.says("ファイルを追加しました", "活動（見本）.pdf", "活動資料")
	group.follow(link("提案の記入に戻る"))
	group.write("content.purpose", "高齢の方が外に出るきっかけをつくります。")
	group.tick("content.activityFields", "3")
	group.follow(link("区に提出する"))
	group.says("区に提出しました", "提出済")
	group.follow(link("提出した版と比較"))
	group.says("第1版と第2版の違い", "事業の目的・解決したい課題", "居場所をつくります。", "高齢の方が外に出るきっかけをつくります。", "まちづくりの推進を図る活動")
	group.clean()
	versions := group.path()
	group.follow(fmt.Sprintf(`//main//a[@href=%q]`, path+"/revisions/1"))
	group.says("第1版", "提出されたときの内容です", "居場所をつくります。")
	if strings.Contains(group.text(), "高齢の方が外に出るきっかけをつくります。") {
		t.Error("the first version shows what was written later")
	}
	group.clean()
	other := open(t).as("representative2")
	for _, number := range []string{"1", "9", "x"} {
		tb := group
		if number == "1" {
			tb = other
		}
		tb.visit(path + "/revisions/" + number)
		tb.says("ページが見つかりません")
	}
	group.visit(versions)

	group.visit(path + "/log")
	group.write("subject", "会場について")
	group.write("body", "会場の広さを確かめました。")
	group.follow(link("協議記録を追加する"))
	group.says("協議記録を追加しました", "会場の広さを確かめました。", "団体の記録")
	announce(t, path)
}

// announce drafts an entry of the public course by one person, who cannot approve
// it, and publishes it by another.
func announce(t *testing.T, path string) {
	t.Helper()
	desk, staff, public := open(t, narrow).as("desk"), as(t, "staff"), open(t)
	id := strings.TrimPrefix(path, "/proposals/")
	as(t, "desk").call(http.MethodPost, "/v1/proposals/"+id+":accept", map[string]any{})
	as(t, "desk").call(http.MethodPost, "/v1/proposals/"+id+":assign", map[string]any{"assignments": []any{map[string]any{"departmentId": staff.department(), "role": "LEAD"}}})
	desk.visit(path)
	desk.follow(link("検討の経過の掲載"))
	desk.write("title", "現地の確認")
	desk.write("body", "会場を団体と確認しました。")
	desk.follow(link("掲載案を作る"))
	desk.says("別の人の承認を待っています", "現地の確認")
	desk.dialog("承認して公開する")
	desk.follow(confirm("承認して公開する"))
	desk.says("確認が必要なことがあります", "起案した本人は承認できません。別の承認者に依頼してください。")
	desk.clean()
	public.visit(path)
	if strings.Contains(public.text(), "現地の確認") {
		t.Error("the public reads an entry that nobody has approved")
	}
	other := open(t).as("staff")
	other.visit(path + "/progress")
	other.dialog("承認して公開する")
	other.follow(confirm("承認して公開する"))
	other.says("検討の経過に公開しました")
	public.visit(path)
	public.says("現地の確認", "会場を団体と確認しました。")
}

// TestPaper is a proposal on paper that the desk enters for a group, and submits
// for it.
func TestPaper(t *testing.T) {
	tb := open(t).as("desk")
	tb.visit("/desk/proposals")
	tb.follow(link("紙の提案を登録する"))
	tb.write("q", "ちよだ地域")
	tb.follow(link("探す"))
	tb.run(chromedp.Click(chromedp.CSS(`#f-organizationId-0`)), chromedp.Click(chromedp.CSS(`#f-channel-0`)))
	tb.choose("callId", strings.TrimPrefix(openCall(t), "/calls/"))
	tb.write("content.title", "紙で届いた提案（見本）")
	tb.leaveChecks()
	tb.follow(link("下書きを作る"))
	tb.says("確認が必要なことがあります", "紙の受付の記録")
	tb.clean()
	tb.write("paperNote", "受付簿 12番")
	tb.follow(link("下書きを作る"))
	tb.says("下書きを作りました")
	fillProposal(tb)
	declare(tb)
	tb.run(chromedp.Click(chromedp.CSS(`#f-content-useOrganizationProfile`)))
	tb.follow(link("区に提出する"))
	tb.says("区に提出しました", "紙で届いた提案（見本）", "受付簿 12番", "提出済")
	tb.clean()
}
