package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chooseFile puts a file into the field of a form.
func (tb *tab) chooseFile(name, content string) {
	tb.t.Helper()
	path := filepath.Join(tb.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.t.Fatal(err)
	}
	tb.run(chromedp.SetUploadFiles(chromedp.CSS(`input[name="file"]`), []string{path}))
}

// tick takes a checkbox or a radio button.
func (tb *tab) tick(name, value string) {
	tb.t.Helper()
	tb.run(chromedp.Click(chromedp.CSS(fmt.Sprintf(`[name=%q][value=%q]`, name, value))))
}

// choice clicks a checkbox or a radio button by its words.
func choice(name, words string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(fmt.Sprintf(`//input[@name=%q][@id=//label[normalize-space(.)=%q]/@for]`, name, words))
}

// aPDF is the least that is known as a PDF.
const aPDF = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// TestRegistration is an organization's way into the register: the application
// with its papers, the desk's request for a correction, and the check.
func TestRegistration(t *testing.T) {
	name := fmt.Sprintf("見本 登録の会 %d", time.Now().UnixNano())
	group, desk := open(t, narrow).as("member2"), open(t).as("desk")

	group.visit("/my/organizations")
	group.follow(link("団体を登録する"))
	group.write("name", name)
	group.choose("kind", "VOLUNTEER_GROUP")
	group.write("nameKana", "漢字")
	group.follow(link("下書きを作る"))
	group.says("確認が必要なことがあります", "名称のふりがな")
	group.clean()
	group.write("nameKana", "みほん　とうろくのかい")
	group.follow(link("下書きを作る"))
	group.says("登録の下書きを作りました", "まだ", "下書き")
	path := strings.TrimSuffix(strings.Split(group.path(), "?")[0], "/registration")
	group.dialog("区に提出する")
	group.follow(confirm("区に提出する"))
	group.says("必要な項目が入力されていません")
	group.follow(link("登録の内容を直す"))
	group.write("purpose", "見本の目的です。")
	group.tick("activityFields", "13")
	group.write("representativeName", "見本 登子")
	group.write("address.town", "九段南1-2-1")
	group.follow(link("保存する"))
	group.says("登録の内容を保存しました", "見本の目的です。")
	group.chooseFile("kaisoku.pdf", aPDF)
	group.follow(link("添える"))
	group.says("書類を受け取りました", "kaisoku.pdf", "定款・規約・会則")
	group.clean()
	group.dialog("区に提出する")
	group.follow(confirm("区に提出する"))
	group.says("確認待ち", "総合窓口が内容を確認しています")

	desk.visit("/desk/organizations")
	desk.follow(link(name))
	desk.dialog("書類を見る")
	desk.write("_why", "登録申請の確認のため（見本）")
	desk.follow(confirm("書類を見る"))
	desk.says("kaisoku.pdf", "ダウンロードする")
	desk.dialog("直すように戻す")
	desk.write("return.reason", "目的を、もう少しくわしく書いてください。")
	desk.tick("return.fields", "purpose")
	desk.follow(confirm("直すように戻す"))
	desk.says("下書き", "もう少しくわしく")

	group.visit(path + "/registration")
	group.says("直してほしいところ", "もう少しくわしく書いてください。")
	group.follow(link("登録の内容を直す"))
	group.write("purpose", "地域の見本を、みんなで作ります。")
	group.follow(link("保存する"))
	group.dialog("区に提出する")
	group.follow(confirm("区に提出する"))
	group.says("確認待ち")

	desk.visit(path + "/registration")
	desk.dialog("確認して登録・公開する")
	desk.follow(confirm("確認して登録・公開する"))
	desk.says("登録済み")
	everybody := open(t, phone)
	everybody.visit(path)
	everybody.says(name, "地域の見本を、みんなで作ります。", "情報の公開の度合い")
	if strings.Contains(everybody.text(), "見本 登子") {
		t.Error("the representative's name is public without consent")
	}
	as(t, "desk").call(http.MethodPost, "/v1"+path+":close", map[string]any{"reason": "見本の団体の終了"})
}

// TestImport is the desk that imports a list: rows that cannot be imported are
// told with what to do, and nothing is imported.
func TestImport(t *testing.T) {
	name := fmt.Sprintf("見本 取込の会 %d", time.Now().UnixNano())
	desk := open(t).as("desk")
	desk.visit("/desk/organizations/import")
	desk.chooseFile("list.csv", "名称,団体種別,法人番号\n"+name+",任意団体,\n見本 悪い行,見たことのない種別,1234567890123\n")
	desk.write("_why", "見本の一覧の取込")
	desk.tick("do", "import")
	desk.follow(link("ファイルを送る"))
	desk.says("何も登録していません", "3行目", "団体種別", "直し方")
	desk.clean()
	if _, found := as(t, "desk").get("/v1/organizations?state=DRAFT"); strings.Contains(found, name) {
		t.Error("a row of a refused list was imported")
	}
	desk.chooseFile("list.csv", "名称,団体種別\n"+name+",任意団体・ボランティア団体\n")
	desk.tick("do", "check")
	desk.follow(link("ファイルを送る"))
	desk.says("誤りはありません", "1団体")
}

// TestAudit is an administrator who searches the audit log and verifies its
// chain.
func TestAudit(t *testing.T) {
	admin := open(t).as("admin")
	admin.visit("/audit")
	admin.choose("service", "directory")
	admin.write("objectType", "organization")
	admin.follow(link("探す"))
	admin.says("directory.organization.", "organization")
	admin.write("objectType", "")
	admin.write("objectId", sampleOrganization)
	admin.follow(link("探す"))
	admin.says("確認が必要なことがあります", "対象の種類")
	admin.follow(link("改ざんがないことを確かめる"))
	admin.says("すべての記録は、封印したときのままです。", "改ざんなし")
	admin.visit("/health")
	admin.says("すべて動いています。")
	if text := admin.text(); strings.Contains(text, "postgres://") {
		t.Error("the page of the health shows an address of a database")
	}

	desk := open(t).as("desk")
	desk.visit("/health")
	desk.says("この操作はできません")
}

// TestSearchAsOneTypes holds that the list of organizations follows what is
// typed, and works without JavaScript too.
func TestSearchAsOneTypes(t *testing.T) {
	tb := open(t, narrow)
	tb.visit("/organizations")
	tb.write("q", "ちよだ地域")
	tb.waitFor("1件を表示しています。")
	tb.says("見本 ちよだ地域ねっと")
	tb.clean()
	plain := open(t, narrow, withoutJavaScript)
	plain.visit("/organizations")
	plain.write("q", "ちよだ地域")
	plain.follow(link("探す"))
	plain.says("1件を表示しています。", "見本 ちよだ地域ねっと")
}

// TestExchange is an offer that another person publishes, and a partner who asks
// for an introduction.
func TestExchange(t *testing.T) {
	title := fmt.Sprintf("会議室の空き時間（見本）%d", time.Now().UnixNano())
	owner, desk, partner := open(t, narrow).as("representative"), open(t).as("desk"), open(t, phone).as("representative2")
	owner.visit("/listings/new")
	owner.tick("kind", "OFFER")
	owner.choose("category", "PLACE")
	owner.write("title", title)
	owner.write("description", "平日の昼にお使いください（見本）。")
	owner.follow(link("保存する"))
	owner.says("掲載の下書きを作りました", title)
	path := strings.Split(owner.path(), "?")[0]
	owner.dialog("確認に出す")
	owner.follow(confirm("確認に出す"))
	owner.says("確認待ち")

	desk.visit(path)
	desk.dialog("公開する")
	desk.follow(confirm("公開する"))
	desk.says("掲載中")

	partner.visit(path)
	partner.dialog("紹介を頼む")
	partner.write("introduce.message", "月に1回、勉強会に使いたいです（見本）。")
	partner.write("introduce.contact.name", "見本 二子")
	partner.follow(confirm("紹介を頼む"))
	partner.says("確認が必要なことがあります", "同意")
	partner.tick("introduce.contactConsent", "true")
	partner.follow(confirm("紹介を頼む"))
	partner.says("紹介を頼みました", "返事待ち")
	introduction := strings.Split(partner.path(), "?")[0]

	owner.visit(introduction)
	owner.dialog("同意する")
	owner.follow(confirm("同意する"))
	owner.says("双方が同意")
	if strings.Contains(owner.text(), "見本 二子") {
		t.Error("the contact is shown without a reason")
	}
	owner.dialog("連絡先を見る")
	owner.write("_why", "打合せの日を決めるため（見本）")
	owner.follow(confirm("連絡先を見る"))
	owner.says("見本 二子")
	owner.clean()
	as(t, "representative").call(http.MethodPost, "/v1"+path+":close", map[string]any{"outcome": "MATCHED"})
}
