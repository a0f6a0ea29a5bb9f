package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// bookedFor books a free evening for sample organization 1, with both questions
// answered yes, and has it approved.
func bookedFor(t *testing.T, title string) (id, on string) {
	t.Helper()
	group := as(t, "representative")
	organization := group.call(http.MethodGet, "/v1/me", nil)["memberships"].([]any)[0].(map[string]any)["organizationId"]
	days, _ := group.call(http.MethodGet, "/v1/availability?roomId="+room+"&from="+day(22)+"&to="+day(42), nil)["days"].([]any)
	for _, d := range days {
		of := d.(map[string]any)
		slots, _ := of["rooms"].([]any)[0].(map[string]any)["slots"].(string)
		if strings.HasSuffix(slots, "F") {
			on, _ = of["date"].(string)
			break
		}
	}
	if on == "" {
		t.Fatalf("no evening is free: %v", days)
	}
	made := group.call(http.MethodPost, "/v1/bookings", map[string]any{
		"organizationId": organization, "roomId": room, "date": on, "slotCodes": []string{"NI"}, "purpose": "MEETING", "title": title,
		"headcount": 12, "publishAsEvent": true, "callForVolunteers": true, "volunteersWanted": 2,
	})
	id = fmt.Sprint(made["id"])
	if made["state"] == "TENTATIVE" {
		as(t, "clerk").call(http.MethodPost, "/v1/bookings/"+id+":approve", map[string]any{})
	}
	return id, on
}

// turns visits a page again and again until it says something: consumers work a
// moment later.
func (tb *tab) turns(path, wanted string) {
	tb.t.Helper()
	for end := time.Now().Add(patience); ; {
		tb.visit(path)
		if strings.Contains(tb.text(), wanted) {
			return
		}
		if time.Now().After(end) {
			tb.t.Fatalf("%s never says %q:\n%s", path, wanted, tb.where())
		}
	}
}

// put sets a field to which one cannot type, such as a day.
func (tb *tab) put(name, value string) {
	tb.t.Helper()
	tb.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('main [name=%q]').value = %q`, name, value)))
}

// confirms opens a dialog and takes its step.
func (tb *tab) confirms(step string) {
	tb.t.Helper()
	tb.dialog(step)
	tb.follow(`//details[@open]` + confirm(step))
}

// unique makes a title that no other run has.
func unique(title string) string {
	return fmt.Sprintf("%s%d（見本）", title, time.Now().UnixNano()%1e9)
}

// mailed finds the address in the newest mail to somebody that leads below a path.
func mailed(t *testing.T, to, below string) string {
	t.Helper()
	c := newClient(t)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		_, list := c.get("/dev/mail")
		for mail := range strings.SplitSeq(list, "<article>") {
			if strings.Contains(mail, to) {
				if m := regexp.MustCompile(below + `[A-Za-z0-9_-]+`).FindString(mail); m != "" {
					return m
				}
			}
		}
	}
	t.Fatalf("no mail to %s leads below %s", to, below)
	return ""
}

// TestBookingBecomesAnEvent follows a booking: its draft is completed by the group,
// checked and published by the desk, a resident registers and confirms by mail, the
// group reads who comes, and with the booking the event is called off.
func TestBookingBecomesAnEvent(t *testing.T) {
	start(t)
	title := unique("読み聞かせまつり")
	booking, on := bookedFor(t, title)
	group, desk, visitor := open(t, narrow).as("representative"), open(t).as("desk"), open(t, phone)

	group.turns("/own/events", title)
	group.visit("/tasks")
	group.follow(fmt.Sprintf(`//main//tr[contains(., "下書きを仕上げる")]//a[contains(., %q)][contains(@href, "/events/")]`, title))
	group.says("予約から作られた下書きです", "同じ予約のボランティア募集", "麹町区民館")
	path := strings.TrimSuffix(group.path(), "/manage")
	group.confirms("承認を申請する")
	group.says("確認が必要なことがあります", "問合せ先の名前")
	group.clean()
	group.follow(link("内容を書く・直す"))
	if got := group.value("event.startsOn"); got != on {
		t.Errorf("the draft is on %s, the booking on %s", got, on)
	}
	group.write("event.contact.name", "見本団体1（見本）")
	group.write("event.summary", "どなたでもどうぞ（見本）。")
	group.run(chromedp.Click(`//input[@name="event.admission.mode"][@value="FIRST_COME"]`))
	group.write("event.admission.capacity", "５")
	group.follow(link("保存して承認を申請する"))
	group.says("承認を申請しました", "承認待ち")

	visitor.visit(path)
	visitor.says("ページが見つかりません")
	desk.visit("/own/events")
	desk.follow(link(title))
	desk.confirms("承認する")
	desk.says("承認しました", "承認済み")
	desk.confirms("公開する")
	desk.says("公開中")

	address := fmt.Sprintf("hanako%d@example.jp", time.Now().UnixNano())
	visitor.visit(path)
	visitor.follow(link("参加を申し込む"))
	visitor.write("registration.name", "見本 花子")
	visitor.write("registration.email", address)
	visitor.follow(link("申し込む"))
	visitor.visit(mailed(t, address, "/registrations/"))
	visitor.says("まだ手続は終わっていません", title)
	visitor.clean()
	visitor.follow(link("申込みを確認する"))
	visitor.says("申込みを確認しました", "参加いただけます")

	group.visit(path + "/manage")
	group.follow(link("参加申込みの一覧"))
	if strings.Contains(group.text(), "見本 花子") {
		t.Error("who registered is shown without a reason")
	}
	group.write("why", "当日の名簿を準備するため")
	group.follow(link("一覧を見る"))
	group.says("見本 花子", address)
	group.clean()
	if strings.Contains(group.path(), url.QueryEscape("名簿")) {
		t.Errorf("the reason stands in the address: %s", group.path())
	}

	as(t, "representative").call(http.MethodPost, "/v1/bookings/"+booking+":cancel", map[string]any{"reason": "会場を変えるため"})
	visitor.turns(path, "このイベントは中止になりました")
	visitor.says("会場の予約が取り消されたため")
}

// TestBookingCallsForVolunteers follows the other question of a booking: the call is
// completed and published, a resident applies, the group accepts and confirms the
// hours, and the certificate is there.
func TestBookingCallsForVolunteers(t *testing.T) {
	start(t)
	title := unique("うたの会")
	bookedFor(t, title)
	group, desk, resident := open(t, narrow).as("representative"), open(t).as("desk"), open(t, phone).as("resident")

	group.turns("/own/opportunities?state=DRAFT", title)
	group.follow(link(title))
	path := strings.TrimSuffix(group.path(), "/manage")
	group.follow(link("内容を書く・直す"))
	group.put("opportunity.endsOn", group.value("opportunity.startsOn"))
	group.put("opportunity.startsOn", day(0))
	group.write("opportunity.purpose", "会場の準備を一緒に行うため（見本）。")
	group.write("opportunity.role", "いすを並べ、受付を手伝います（見本）。")
	group.choose("opportunity.activityField", "6")
	group.write("opportunity.insurance", "ボランティア活動保険に団体の負担で加入します（見本）。")
	group.write("opportunity.contact.name", "見本団体1（見本）")
	group.follow(link("保存して承認を申請する"))
	group.says("承認を申請しました")
	desk.visit(path + "/manage")
	desk.confirms("承認する")
	desk.confirms("公開する")
	desk.says("公開中")

	resident.visit(path + "/apply")
	resident.write("application.applicant.name", "見本 太郎")
	resident.write("application.applicant.email", "taro@example.jp")
	resident.follow(link("応募する"))
	resident.says("応募を受け付けました", title, "選考中")

	group.visit("/tasks")
	group.follow(fmt.Sprintf(`//main//tr[contains(., "応募を決める")]//a[contains(., %q)]`, title))
	group.write("why", "受入れを決めるため")
	group.follow(link("一覧を見る"))
	group.says("見本 太郎", "選考待ち")
	group.clean()
	group.follow(link("受け入れる"))
	group.says("受入れを決めました", "見本 太郎")
	group.follow(link("くわしく見る"))
	group.says("taro@example.jp", "来た人数を記録する")
	group.clean()

	resident.visit("/applications")
	resident.follow(fmt.Sprintf(`//main//li[contains(., %q)]//a[contains(., "活動時間を書く")]`, title))
	resident.put("hours.workedOn", day(1))
	resident.write("hours.minutes", "120")
	resident.follow(link("書いた時間を送る"))
	resident.says("確認が必要なことがあります", "活動した日")
	resident.put("hours.workedOn", day(0))
	resident.follow(link("書いた時間を送る"))
	resident.says("活動時間を記録しました", "2時間0分", "確認待ち")
	resident.clean()
	group.visit(path + "/hours")
	group.follow(`//main//button[normalize-space(.)="確認する"]`)
	group.says("活動時間を確認しました", "確認済み")
	resident.visit(path + "/hours")
	resident.says("確認済み", "活動証明書")
	resident.follow(link("証明書を画面で見る"))
	if text := resident.text(); !strings.Contains(text, "見本 太郎") {
		t.Errorf("the certificate does not name the volunteer: %s", text)
	}
}
