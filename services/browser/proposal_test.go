package browser

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// openCall is the page of a call that takes proposals.
func openCall(t testing.TB) string {
	t.Helper()
	_, list := newClient(t).get("/v1/calls?state=PUBLISHED&mode=ALL_YEAR")
	m := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(list)
	if m == nil {
		t.Fatalf("no open call in the sample data: %s", list)
	}
	return "/calls/" + m[1]
}

// beginDraft begins a proposal from the call's page and comes to its form.
func beginDraft(tb *tab, title string) {
	tb.t.Helper()
	tb.visit(openCall(tb.t))
	tb.follow(link("提案を書く"))
	tb.write("content.title", title)
	tb.follow(link("書き始める"))
	tb.says("下書きを作りました", "区に届きません")
}

// loseSession ends the session as time or another sign-in would.
func (tb *tab) loseSession() {
	tb.t.Helper()
	tb.run(command(network.ClearBrowserCookies, cdp.Empty{}))
	tb.cookie("kyodo-lang", "ja")
}

// TestDraftOutlivesTheSession is a representative who writes while the session
// ends: the draft saves itself, and nothing that was typed is lost, on the way
// that the page offers and on the way of a person who just goes on.
func TestDraftOutlivesTheSession(t *testing.T) {
	tb := open(t, phone).as("representative")
	beginDraft(tb, "縁側の読み聞かせ（見本）")
	form := tb.path()[:strings.Index(tb.path(), "?")]
	tb.write("content.purpose", "放課後に安心して過ごせる場所をつくります。")
	tb.waitFor("自動で保存しました")
	tb.loseSession()
	tb.write("content.activities", "毎週水曜日に読み聞かせの会を開きます。")
	tb.waitFor("ログインが必要です")
	tb.follow(link("下書きを保存する"))
	tb.says("ログインし直してください", "この画面に残っています")
	tb.as("representative")
	tb.follow(link("もう一度送る"))
	tb.says("下書きを保存しました")
	for name, want := range map[string]string{"content.purpose": "放課後に", "content.activities": "毎週水曜日に"} {
		if got := tb.value(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s is lost: %q", name, got)
		}
	}

	tb.loseSession()
	tb.write("content.necessity", "場所を持つ区と、人を集められる団体がそろって初めて続けられます。")
	tb.visit(form)
	tb.follow(`button[value="representative"]`)
	tb.waitFor("前に入力して保存していなかった内容")
	if got := tb.value("content.necessity"); !strings.HasPrefix(got, "場所を持つ区") {
		t.Errorf("what was typed before signing in again is lost: %q", got)
	}
}

// wholeProposal is what a proposal needs to be submitted, by field.
var wholeProposal = map[string]string{
	"content.purpose": "放課後に安心して過ごせる場所をつくります。", "content.activities": "毎週水曜日に読み聞かせの会を開きます。",
	"content.necessity":   "場所を持つ区と、人を集められる団体がそろって初めて続けられます。",
	"content.contactName": "見本 花子", "content.contactPhone": "03-0000-0000", "content.form": "cohost",
	"content.roles[0].item": "会場", "content.roles[0].organizationRole": "運営", "content.roles[0].wardRole": "部屋の確保",
	"content.goals[0].indicator": "参加者数", "content.goals[0].target": "120人",
	"content.budget[0].side": "INCOME", "content.budget[0].account": "区負担金", "content.budget[0].amount": "３００,０００", "content.budget[0].bearer": "WARD",
	"content.budget[1].side": "EXPENSE", "content.budget[1].account": "報償費", "content.budget[1].amount": "300000", "content.budget[1].bearer": "WARD",
}

// fillProposal fills in what a proposal needs to be submitted.
func fillProposal(tb *tab) {
	tb.t.Helper()
	for name, value := range wholeProposal {
		if get(tb, chromedp.Evaluate[bool](fmt.Sprintf(`document.querySelector('[name=%q]').localName === "select"`, name))) {
			tb.choose(name, value)
		} else {
			tb.write(name, value)
		}
	}
}

// declare makes all declarations of the call.
func declare(tb *tab) {
	tb.t.Helper()
	checks := get(tb, chromedp.Evaluate[int](`document.querySelectorAll('[name="content.declarations"]').length`))
	for i := range checks {
		tb.run(chromedp.Click(chromedp.CSS(`#f-content-declarations-` + string(rune('0'+i)))))
	}
}

// TestSubmitWithoutJavaScript writes and submits a proposal where no script runs:
// what is missing is named with its field, nothing typed is lost.
func TestSubmitWithoutJavaScript(t *testing.T) {
	tb := open(t, withoutJavaScript).as("representative")
	beginDraft(tb, "窓口の縁側（見本）")
	tb.write("content.place", "区民館")
	tb.follow(link("区に提出する"))
	tb.says("誓約事項のすべてを確認し")
	declare(tb)
	tb.follow(link("区に提出する"))
	tb.says("提出に必要な項目が入力されていません", "事業の目的・解決したい課題：")
	if got := tb.value("content.place"); got != "区民館" {
		t.Errorf("after the refusal the text is lost: %q", got)
	}
	tb.run(chromedp.Click(`//div[@role="alert"]//a[contains(., "事業の目的")]`))
	if !strings.HasSuffix(tb.path(), "#f-content-purpose") {
		t.Errorf("the summary leads to %s", tb.path())
	}
	fillProposal(tb)
	tb.follow(link("区に提出する"))
	tb.says("区に提出しました", "窓口の縁側（見本）", "提出済", "検討の経過")
}

// TestProposalStructure writes who works on a proposal, its fields of activity and
// the departments hoped for: a row without its role is refused where it stands,
// and the proposal's page shows all of it in words.
func TestProposalStructure(t *testing.T) {
	tb := open(t, narrow).as("representative")
	beginDraft(tb, "体制の縁側（見本）")
	tb.tick("content.activityFields", "2")
	tb.tick("content.activityFields", "13")
	wished := get(tb, chromedp.Evaluate[[]string](`(() => { const e = document.querySelector('[name="content.desiredDepartmentIds"]'); return [e.value, e.labels[0].innerText] })()`))
	tb.tick("content.desiredDepartmentIds", wished[0])
	tb.write("content.preConsultation", "R8-相-0001（見本）")
	tb.write("content.structure[0].persons", "３")
	tb.follow(link("下書きを保存する"))
	tb.says("確認が必要なことがあります", "実施体制：")
	if got := tb.value("content.structure[0].persons"); got != "３" {
		t.Errorf("the number is lost: %q", got)
	}
	tb.clean()
	tb.write("content.structure[0].role", "会場係（見本）")
	tb.follow(link("下書きを保存する"))
	tb.says("下書きを保存しました")
	path := strings.TrimSuffix(strings.Split(tb.path(), "?")[0], "/edit")
	fields := get(tb, chromedp.Evaluate[[]string](`[...document.querySelectorAll('[name="content.activityFields"]:checked')].map((e) => e.labels[0].innerText)`))
	tb.visit(path)
	tb.says(append(fields, "実施体制", "会場係（見本）", wished[1], "R8-相-0001（見本）")...)
	if len(fields) != 2 {
		t.Errorf("%d fields of activity are kept", len(fields))
	}
	tb.clean()
}
