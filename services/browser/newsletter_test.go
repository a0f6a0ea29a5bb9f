package browser

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"
)

// mailTo waits for a mail to an address with the words in it and returns its text.
func mailTo(t *testing.T, address, words string) string {
	t.Helper()
	c := newClient(t)
	end := time.Now().Add(patience)
	for {
		_, page := c.get("/dev/mail")
		for _, mail := range strings.Split(page, "<article>")[1:] {
			if mail = html.UnescapeString(mail); strings.Contains(mail, "宛先 "+address) && strings.Contains(mail, words) {
				return mail
			}
		}
		if time.Now().After(end) {
			t.Fatalf("no mail to %s says %q:\n%s", address, words, page)
		}
		<-time.After(100 * time.Millisecond)
	}
}

var readerLink = regexp.MustCompile(`/newsletter/[A-Za-z0-9_-]{43}`)

// begins lets the sending of an issue begin now: nobody waits ten minutes for a
// test.
func begins(t *testing.T, issue string) {
	t.Helper()
	moves(t, `UPDATE outreach.newsletter_issue SET send_at = now() WHERE id = $1 AND state = 'SCHEDULED'`, issue)
}

// moves changes one row as time alone would.
func moves(t *testing.T, sql string, args ...any) {
	t.Helper()
	admin, err := os.ReadFile(filepath.Join(shared.dir, "data", "postgres.url"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), strings.TrimSpace(string(admin)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	if tag, err := db.Exec(t.Context(), sql, args...); err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("%v %v", tag, err)
	}
}

// subscribed takes a reader in by the pages, on a phone, and returns the address.
func subscribed(t *testing.T) string {
	t.Helper()
	address := fmt.Sprintf("reader%d@example.jp", time.Now().UnixNano())
	tb := open(t, phone)
	tb.visit("/newsletter")
	tb.write("email", address)
	tb.follow(link("確認のメールを受け取る"))
	tb.says("確認が必要なことがあります", "同意文を読み")
	tb.run(chromedp.Click(chromedp.CSS(`#f-consent`)))
	tb.follow(link("確認のメールを受け取る"))
	tb.says("確認が必要なことがあります", "話題")
	tb.clean()
	tb.run(chromedp.Click(chromedp.CSS(`[value="children"]`)))
	tb.follow(link("確認のメールを受け取る"))
	tb.says("メールを確認してください", "24時間以内に")
	path := readerLink.FindString(mailTo(t, address, "まだ手続は終わっていません"))
	tb.visit(path)
	tb.says("まだ終わっていません", "子ども・子育て")
	tb.clean()
	tb.follow(link("申込みを確認する"))
	tb.says("登録されています")
	tb.clean()
	return address
}

// composed writes an issue by the desk's pages up to the request for approval and
// returns its id.
func composed(t *testing.T, desk *tab, title string) string {
	t.Helper()
	desk.visit("/desk/newsletter")
	desk.follow(link("新しい号を作る"))
	desk.write("issue.title", title)
	desk.follow(link("下書きを作る"))
	desk.says("下書きを作りました", "読み聞かせの読み手を募集しています")
	desk.write("issue.contact", "総合窓口 03-0000-0000（見本）")
	desk.write("issue.introduction", "今月のお知らせです（見本）。")
	desk.write("_place0", "")
	desk.write("issue.items[1].comment", "ぜひご覧ください（見本）。")
	desk.follow(link("保存する"))
	desk.says("下書きを保存しました", "ぜひご覧ください（見本）。", "今月のお知らせです（見本）。")
	id := regexp.MustCompile(`[0-9a-f-]{36}`).FindString(desk.path())
	desk.follow(link("読者ごとの見え方"))
	desk.run(chromedp.Click(chromedp.CSS(`[name="topics"][value="children"]`)))
	desk.follow(link("表示する"))
	desk.says("届くメール", title)
	desk.visit("/desk/newsletter/issues/" + id)
	desk.dialog("決裁を求める")
	desk.follow(confirm("決裁を求める"))
	desk.says("決裁を求めました", "決裁待ち")
	return id
}

// TestNewsletter is the mail magazine from a reader's subscription over writing,
// approval by another person and sending to the mail that arrives, and its end
// with one click.
func TestNewsletter(t *testing.T) {
	address := subscribed(t)
	title := fmt.Sprintf("協働のお知らせ（見本）%d", time.Now().UnixNano()%1e9)
	desk, approver := open(t).as("desk"), open(t, narrow, withoutJavaScript).as("approver")
	id := composed(t, desk, title)
	page := "/desk/newsletter/issues/" + id

	desk.dialog("決裁する")
	desk.follow(confirm("決裁する"))
	desk.says("確認が必要なことがあります", "ほかの総合窓口の職員か決裁者に依頼してください", "決裁待ち")
	approver.visit("/desk/newsletter")
	approver.follow(fmt.Sprintf(`//main//a[@href=%q]`, page))
	approver.dialog("決裁する")
	approver.follow(confirm("決裁する"))
	approver.says("決裁しました", "決裁済み")

	desk.visit(page)
	desk.dialog("配信する")
	desk.says("読者全員", "10分後から")
	desk.follow(confirm("配信する"))
	desk.says("配信予約", "今なら取り消せます", "配信の開始予定")
	desk.clean()
	begins(t, id)
	desk.waitFor("配信が終わりました")
	desk.says("送信済み", "配信済み")
	if strings.Contains(desk.text(), "配信を中断する") {
		t.Error("what is sent can still be paused")
	}
	desk.clean()
	approver.visit(page)
	approver.says("配信済み", "送信済み")
	approver.sideways()

	desk.visit("/dev/mail")
	desk.says(title, "宛先 "+address)
	mail := mailTo(t, address, title)
	unsubscribe := readerLink.FindString(mail) + "/unsubscribe"
	resp, err := http.PostForm(shared.process.Origin+unsubscribe, url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || len(resp.Cookies()) > 0 {
		t.Errorf("one click: %s %v", resp.Status, resp.Cookies())
	}
	reader := open(t, phone)
	reader.visit(unsubscribe)
	reader.says("配信を停止しました")
	reader.follow(link("登録内容のページを開く"))
	reader.says("解除済み", "もう一度お届けします")
	reader.clean()
	reader.dialog("すべて削除する")
	reader.follow(confirm("すべて削除する"))
	reader.says("すべて削除しました")
	reader.visit("/newsletter/issues")
	reader.follow(link(title))
	reader.says("読み聞かせの会", "ぜひご覧ください（見本）。")
}

// TestNewsletterStopped is an issue whose sending is paused, resumed and at last
// cancelled before anybody got it: no reader gets it, and it has no page.
func TestNewsletterStopped(t *testing.T) {
	title := fmt.Sprintf("とめる号（見本）%d", time.Now().UnixNano()%1e9)
	desk, approver := open(t, narrow).as("desk"), open(t).as("approver")
	id := composed(t, desk, title)
	page := "/desk/newsletter/issues/" + id
	approver.visit(page)
	approver.dialog("決裁する")
	approver.follow(confirm("決裁する"))
	desk.visit(page)
	desk.dialog("配信する")
	desk.follow(confirm("配信する"))
	desk.says("配信予約")
	late := open(t, withoutJavaScript).as("approver") // a page that does not follow what others do
	late.visit(page)
	desk.follow(link("配信を中断する"))
	desk.says("配信を中断しました", "配信中断")
	desk.clean()
	late.follow(link("配信を中断する"))
	late.says("確認が必要なことがあります")
	desk.follow(link("配信を再開する"))
	desk.says("配信を再開しました")
	desk.dialog("取り消す")
	desk.says("この号を終わりにします")
	desk.clean()
	desk.leaveChecks()
	desk.write("cancel.reason", "内容に誤りがあったため。（見本）")
	desk.follow(confirm("取り消す"))
	desk.says("取り消しました", "内容に誤りがあったため。（見本）")
	desk.clean()
	public := open(t)
	public.visit("/newsletter/issues")
	if strings.Contains(public.text(), title) {
		t.Error("a cancelled issue is among those that were sent")
	}
}
