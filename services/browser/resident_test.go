package browser

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAskAndLookUp is a person without an account who asks the desk, and reads
// the consultation again by number and access code, which stand in no address.
func TestAskAndLookUp(t *testing.T) {
	tb := open(t, phone)
	tb.visit("/consultations/new")
	tb.write("subject", "公園の花壇（見本）")
	tb.write("body", "花壇の手入れを手伝いたいです。どこに聞けばよいですか。")
	tb.follow(link("相談を送る"))
	tb.says("相談を受け付けました", "公園の花壇（見本）")
	m := regexp.MustCompile(`(R[0-9]+-相-[0-9]+)\s+確認コード\s+(\S+)`).FindStringSubmatch(tb.text())
	if m == nil {
		t.Fatalf("no receipt:\n%s", tb.text())
	}
	if strings.Contains(tb.path(), m[2]) {
		t.Errorf("the code stands in the address: %s", tb.path())
	}
	tb.visit("/consultations/lookup")
	tb.write("number", m[1])
	tb.write("accessCode", "wrong")
	tb.follow(link("相談を見る"))
	tb.says("受付番号か確認コードが違います")
	tb.write("accessCode", m[2])
	tb.follow(link("相談を見る"))
	tb.says("公園の花壇（見本）", "総合窓口", "回答はまだありません")
	if strings.Contains(tb.path(), url.QueryEscape(m[2])) {
		t.Errorf("the code stands in the address: %s", tb.path())
	}
}

// TestApplyAndWithdraw is a resident who applies for a call from its page, is told
// of the pledge that is missing, and later takes the application back.
func TestApplyAndWithdraw(t *testing.T) {
	tb := open(t, phone).as("resident")
	tb.visit("/opportunities?q=" + url.QueryEscape("児童館"))
	tb.follow(link("児童館での行事運営補助（見本）"))
	tb.follow(link("応募する"))
	tb.write("application.applicant.name", "見本 花子")
	tb.write("application.applicant.email", "hanako@example.jp")
	tb.follow(link("応募する"))
	tb.says("この募集では誓約が必要です")
	if got := tb.value("application.applicant.email"); got != "hanako@example.jp" {
		t.Errorf("the refusal loses what was typed: %q", got)
	}
	tb.run(chromedp.Click(`//input[@name="application.pledged"]`))
	tb.follow(link("応募する"))
	tb.says("応募を受け付けました", "児童館での行事運営補助（見本）", "選考中")
	tb.run(chromedp.Click(`//summary[contains(normalize-space(.), "取り下げる")]`))
	tb.follow(link("はい、取り下げます"))
	tb.says("応募を取り下げました", "取下げ")
}

// TestRegisterWithoutAccount is a person without an account who registers for an
// event, first with an address that is none.
func TestRegisterWithoutAccount(t *testing.T) {
	tb := open(t, phone)
	_, list := newClient(t).get("/v1/events?state=PUBLISHED")
	var found struct {
		Events []struct {
			ID    string
			Seats struct{ Open bool }
		}
	}
	if err := json.Unmarshal([]byte(list), &found); err != nil {
		t.Fatal(err)
	}
	event := ""
	for _, e := range found.Events {
		if e.Seats.Open {
			event = e.ID
		}
	}
	if event == "" {
		t.Fatalf("no event takes registrations in the sample data: %s", list)
	}
	tb.visit("/events/" + event)
	tb.follow(link("参加を申し込む"))
	tb.write("registration.name", "=見本 花子")
	tb.write("registration.email", "hanako.register@example.jp")
	tb.follow(link("申し込む"))
	tb.says("確認が必要なことがあります", "お名前")
	tb.write("registration.name", "見本 花子")
	tb.follow(link("申し込む"))
	tb.says("申込みを受け付けました", "24時間以内に")
}
