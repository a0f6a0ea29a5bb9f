package browser

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSponsorship is the ward's patronage from the application to the letter: what
// is missing is named, the decision is drafted by one person and decided by
// another, the letter is there, and the group reports on the event.
func TestSponsorship(t *testing.T) {
	start(t)
	title := unique("町の音楽会")
	group, desk, approver := open(t, narrow).as("representative"), open(t).as("desk"), open(t, narrow).as("approver")
	group.visit("/sponsorships")
	group.follow(link("後援名義を申請する"))
	group.clean()
	group.leaveChecks()
	group.write("sponsorship.title", title)
	group.follow(link("申請する"))
	group.says("確認が必要なことがあります", "目的：")
	if got := group.value("sponsorship.title"); got != title {
		t.Errorf("the title is lost: %q", got)
	}
	group.clean()
	group.fill(map[string]string{
		"sponsorship.purpose": "音楽にふれる機会をつくります。（見本）", "sponsorship.description": "小さな演奏会を開きます。（見本）", "sponsorship.place": "見本会館",
		"sponsorship.expectedParticipants": "８０", "sponsorship.nameUse": "ちらし", "sponsorship.contactName": "見本 花子", "sponsorship.contactPhone": "03-0000-0000",
	})
	group.set("sponsorship.startsOn", day(40))
	group.follow(link("申請する"))
	group.says("申請しました", "申請中", title)
	group.clean()
	path := "/sponsorships/" + group.last()

	desk.visit("/sponsorships")
	desk.follow(link(title))
	desk.dialog("所管課を決める")
	desk.choose("assign.departmentId", as(t, "approver").department())
	desk.follow(confirm("所管課を決める"))
	desk.says("所管課を決めました")
	desk.dialog("決定を起案する")
	desk.clean()
	desk.tick("draft.approved", "false")
	desk.write("draft.decidedBy", "区民生活部長")
	desk.follow(confirm("決定を起案する"))
	desk.says("確認が必要なことがあります", "理由")
	desk.tick("draft.approved", "true")
	desk.write("draft.conditions", "営利を目的としないこと。（見本）\n終わったら報告すること。（見本）")
	desk.follow(confirm("決定を起案する"))
	desk.says("決定を起案しました", "起案済み・決裁待ち", "営利を目的としないこと。（見本）")
	group.visit(path)
	if resp, _ := as(t, "representative").get("/v1" + path + "/letter.pdf"); resp.StatusCode == http.StatusOK {
		t.Error("the letter is there before the decision")
	}
	approver.visit(path)
	approver.dialog("決裁する")
	approver.clean()
	approver.follow(confirm("決裁する"))
	approver.says("決裁しました", "決定の番号")
	group.visit(path)
	group.says("決定の番号", "終わったら報告すること。（見本）", "通知書を印刷する", "実績は")
	group.clean()
	for _, kind := range []string{"pdf", "html"} {
		if resp, _ := as(t, "representative").get("/v1" + path + "/letter." + kind); resp.StatusCode != http.StatusOK {
			t.Errorf("the letter as %s: %s", kind, resp.Status)
		}
	}
	if resp, _ := as(t, "representative2").get(path); resp.StatusCode != http.StatusNotFound {
		t.Errorf("another organization gets %s", resp.Status)
	}
	group.dialog("実績を報告する")
	group.write("report.participants", "75")
	group.write("report.summary", "演奏会を開きました。（見本）")
	group.run(chromedp.Click(confirm("実績を報告する")))
	group.waitFor("確認が必要なことがあります") // the event is still ahead
}
