package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// running makes a project that has begun.
func running(t *testing.T, title string) (id string) {
	t.Helper()
	id = project(t, title, true)
	path, none := "/v1/projects/"+id, map[string]any{}
	staff := as(t, "staff")
	staff.call(http.MethodPost, path+"/agreement", none)
	as(t, "representative").call(http.MethodPost, path+"/agreement:sign", none)
	as(t, "approver").call(http.MethodPost, path+"/agreement:sign", none)
	staff.call(http.MethodPost, path+":start", none)
	return id
}

// TestProjectWork is what the two sides do with a running project: a change that
// one asks for and the other accepts, an entry of the course that is public after
// approval, and the report, first refused for a missing day.
func TestProjectWork(t *testing.T) {
	start(t)
	path := "/projects/" + running(t, "広場の花壇（見本）")
	group, staff, approver, public := open(t, narrow).as("representative"), open(t).as("staff"), open(t).as("approver"), open(t)

	staff.visit(path)
	staff.follow(link("変更を申請する"))
	staff.write("reason", "苗を増やします。（見本）")
	staff.write("purpose", "地域の花壇を育て、苗を配ります。（見本）")
	staff.follow(link("変更を申請する"))
	staff.says("変更を申請しました", "回答待ち")
	group.visit("/tasks")
	group.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, path+"/changes/"))
	group.says("苗を増やします。（見本）", "地域の花壇を育てます。", "地域の花壇を育て、苗を配ります。（見本）")
	group.clean()
	group.dialog("変更を承諾する")
	group.follow(confirm("変更を承諾する"))
	group.says("変更を承諾しました")
	group.visit(path)
	group.says("苗を配ります。（見本）", "協定書の新しい版を作り")

	staff.visit(path)
	staff.dialog("経過を書く")
	staff.write("progress.title", "苗を配りました（見本）")
	staff.write("progress.body", "30人に配りました。")
	staff.follow(confirm("経過を書く"))
	staff.says("経過を書きました", "公開の承認待ち", "30人に配りました。")
	public.visit(path)
	if strings.Contains(public.text(), "30人に配りました。") {
		t.Error("the public reads an entry that awaits approval")
	}
	approver.visit(path)
	approver.dialog("この経過を公開する")
	approver.follow(confirm("この経過を公開する"))
	approver.says("経過を公開しました")
	public.visit(path)
	public.says("苗を配りました（見本）", "30人に配りました。")

	staff.visit(path)
	staff.follow(link("書類を追加する"))
	staff.clean()
	file := filepath.Join(t.TempDir(), "花壇の図（見本）.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	staff.run(chromedp.SetUploadFiles(chromedp.CSS(`[name="file"]`), []string{file}))
	staff.choose("kind", "PLAN")
	staff.run(chromedp.Click(`//input[@name="visibility"][@value="PUBLIC"]`))
	staff.follow(link("書類を追加する"))
	staff.says("書類を追加しました", "花壇の図（見本）.pdf", "公開の承認待ち")
	approver.visit(path)
	approver.dialog("この書類を公開する")
	approver.follow(confirm("この書類を公開する"))
	approver.says("書類を公開しました")

	group.visit(path)
	group.follow(link("報告書を提出する"))
	group.clean()
	group.run(chromedp.Click(`//input[@name="kind"][@value="FINAL"]`))
	group.setDay("periodTo", day(0))
	group.write("activities", "花を植えました。（見本）")
	group.write("results[0].value", "32人")
	group.write("rows[0].amount", "1,000")
	group.write("rows[1].amount", "900")
	group.follow(link("報告書を提出する"))
	group.says("確認が必要なことがあります", "日")
	if got := group.value("rows[1].amount"); got != "900" {
		t.Errorf("the refusal loses what was typed: %q", got)
	}
	group.setDay("rows[1].paidOn", day(0))
	group.follow(link("報告書を提出する"))
	group.says("報告書を提出しました", "900円", "32人")
	public.visit(path)
	public.says("花壇の図（見本）.pdf")
	public.visit(path + "/reports/1")
	public.says("花を植えました。（見本）", "予算と決算")
	public.clean()
}

// TestSurvey is a survey of the beneficiaries: links that are shown once, an
// answer by one of them on a phone, and the same link again, which is used up.
func TestSurvey(t *testing.T) {
	start(t)
	evaluation := as(t, "staff").evaluate(running(t, "通りの花壇（見本）"))
	staff, visitor := open(t).as("staff"), open(t, phone)
	staff.visit("/evaluations/" + evaluation)
	staff.follow(link("参加者アンケート"))
	staff.write("create.title", "花壇のアンケート（見本）")
	staff.write("create.questions", "楽しかったですか\nまた来たいですか")
	staff.setDay("create.closesOn", day(9))
	staff.follow(link("アンケートを作る"))
	staff.says("アンケートを作りました", "受付中")
	staff.dialog("回答用リンクを作る")
	staff.write("count", "2")
	staff.follow(confirm("回答用リンクを作る"))
	staff.says("リンクは一度だけ表示されます")
	staff.clean()
	links := regexp.MustCompile(`/survey#\S+`).FindAllString(get(staff, chromedp.Value(chromedp.CSS("#links"))), -1)
	if len(links) != 2 {
		t.Fatalf("the page shows %d links", len(links))
	}
	visitor.visit(links[0])
	visitor.follow(link("アンケートを開く"))
	visitor.says("花壇のアンケート（見本）", "楽しかったですか", "結びつける記録は残しません")
	visitor.clean()
	visitor.run(chromedp.Click(`//input[@name="scores[1].score"][@value="5"]`))
	visitor.follow(link("回答を送る"))
	visitor.says("ご回答ありがとうございました")
	visitor.visit(links[0])
	visitor.follow(link("アンケートを開く"))
	visitor.says("確認が必要なことがあります")
	if strings.Contains(visitor.path(), "#") || strings.Contains(visitor.path(), links[0][8:]) {
		t.Errorf("the code stands in the address: %s", visitor.path())
	}
	staff.visit("/evaluations/" + evaluation + "/survey")
	staff.says("リンク 2件、回答 1件")
	staff.dialog("アンケートを終える")
	staff.follow(confirm("アンケートを終える"))
	staff.says("アンケートを終えました", "5人に満たない")
}

// TestChallenge is a challenge of the ward, which is not public before it has a
// text: an organization answers it, and the ward makes a consultation of that.
func TestChallenge(t *testing.T) {
	start(t)
	staff, group, public := open(t).as("staff"), open(t, phone).as("representative2"), open(t, narrow)
	staff.visit("/challenges/new/edit")
	staff.write("title", "夏の日陰（見本）")
	staff.follow(link("課題を保存する"))
	staff.says("課題を保存しました", "下書き")
	path := staff.path()[:strings.Index(staff.path(), "?")]
	staff.dialog("課題を公開する")
	staff.follow(confirm("課題を公開する"))
	staff.says("確認が必要なことがあります")
	staff.follow(link("課題を直す"))
	staff.write("body", "日陰が足りません。（見本）")
	staff.follow(link("課題を保存する"))
	staff.dialog("課題を公開する")
	staff.follow(confirm("課題を公開する"))
	staff.says("課題を公開しました", "受付中")

	group.visit(path)
	group.run(chromedp.Click(`//input[@name="respond.kind"][@value="OFFER"]`))
	group.write("respond.body", "緑のカーテンを育てます。（見本）")
	group.follow(link("回答を送る"))
	group.says("回答を送りました", "緑のカーテンを育てます。（見本）", "担当課の回答待ち")
	group.clean()
	public.visit(path)
	if strings.Contains(public.text(), "緑のカーテンを育てます。（見本）") {
		t.Error("the public reads an answer that the organization does not let be published")
	}
	staff.visit("/tasks")
	staff.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, path+"/responses/"))
	staff.dialog("団体に回答する")
	staff.write("answer.answer", "お話を伺います。（見本）")
	staff.follow(confirm("団体に回答する"))
	staff.says("団体に回答しました", "お話を伺います。（見本）")
	staff.dialog("相談として受け付ける")
	staff.follow(confirm("相談として受け付ける"))
	staff.says("相談になりました")
	staff.clean()
	staff.follow(link("相談になりました"))
	staff.says("夏の日陰（見本）")
}
