package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestArticle is an article of a section with an organization beside it: both
// names are confirmed, another person approves, and everybody reads it.
func TestArticle(t *testing.T) {
	start(t)
	title := fmt.Sprintf("一緒に花壇をつくりました（見本）%d", time.Now().UnixNano()%1e9)
	staff, approver, group, public := open(t).as("staff"), open(t).as("approver"), open(t, narrow).as("representative"), open(t, phone)

	staff.visit("/articles")
	staff.follow(link("記事を書く"))
	staff.write("title", title)
	staff.write("body", "町の人と、駅の前に花壇をつくりました。")
	staff.write("_find", "ちよだ")
	staff.follow(link("団体を探す"))
	if got := staff.value("title"); got != title {
		t.Errorf("finding an organization loses what was written: %q", got)
	}
	organization := get(staff, chromedp.Evaluate[string](`[...document.querySelector('[name="credits[1].organizationId"]').options].find((o) => o.text.includes("ちよだ地域ねっと")).value`))
	staff.choose("credits[0].part", "ORGANIZER")
	staff.choose("credits[0].departmentId", as(t, "staff").department())
	staff.choose("credits[1].part", "CO_ORGANIZER")
	staff.choose("credits[1].organizationId", organization)
	staff.follow(link("下書きを保存する"))
	staff.says("下書きを作りました", "確認待ち", "見本 ちよだ地域ねっと")
	staff.clean()
	path := strings.Split(staff.path(), "?")[0]
	staff.dialog("承認を求める")
	staff.follow(confirm("承認を求める"))
	staff.says("承認待ち")
	if public.visit(path); strings.Contains(public.text(), title) {
		t.Error("the public reads what is not approved")
	}

	group.visit(path)
	group.dialog("連名を確認する")
	group.follow(confirm("連名を確認する"))
	group.says("連名を確認しました", "確認済み")
	group.clean()
	approver.visit(path)
	approver.dialog("承認する")
	approver.follow(confirm("承認する"))
	approver.says("承認しました", "承認済み")
	approver.dialog("公開する")
	approver.says("だれでも読める")
	approver.follow(confirm("公開する"))
	approver.says("公開しました")
	public.visit("/articles")
	public.follow(link(title))
	public.says("花壇をつくりました。", "区民生活部文化学習スポーツ課", "見本 ちよだ地域ねっと", "共催")
	if strings.Contains(public.text(), "編集と承認") {
		t.Error("the public sees the desk's part")
	}
	group.visit(path)
	group.follow(link("版の履歴"))
	group.says("第1版", "花壇をつくりました。")
	staff.visit(path)
	staff.dialog("取り下げる")
	staff.write("withdraw.reason", "日付を直すため（見本）。")
	staff.follow(confirm("取り下げる"))
	staff.says("取り下げました", "日付を直すため（見本）。")
}

// TestPosting is a sheet for the notice boards: refused where the days are too
// many, asked for, approved by the desk and public with its number.
func TestPosting(t *testing.T) {
	group, desk, public := open(t, phone, withoutJavaScript).as("representative2"), open(t).as("desk"), open(t)
	title := fmt.Sprintf("花壇の会（見本）%d", time.Now().UnixNano()%1e9)
	from := 60 + int(time.Now().UnixNano()%60)
	group.visit("/boards")
	group.follow(link("1番"))
	group.follow(link("掲示を申請する"))
	group.write("posting.title", title)
	group.write("posting.contact", "見本団体2 事務局 03-0000-0002")
	days := func(last int) {
		for name, d := range map[string]string{"posting.startsOn": day(from), "posting.endsOn": day(last)} {
			group.run(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name)), d))
		}
	}
	days(from + 40)
	group.follow(link("申請する"))
	group.says("確認が必要なことがあります", "28日以内")
	group.sideways()
	days(from)
	group.follow(link("申請する"))
	group.says("掲示を申請しました", "申請中")
	path := strings.Split(group.path(), "?")[0]
	desk.visit(path)
	desk.dialog("承認する")
	desk.choose("approve.departmentId", as(t, "staff").department())
	desk.follow(confirm("承認する"))
	desk.says("承認しました", "-掲-", "文化学習スポーツ課")
	public.visit(path)
	public.says(title, "掲示する紙を印刷する")
	group.visit(path)
	group.dialog("取り下げる")
	group.follow(confirm("取り下げる"))
	group.says("取り下げました")
}
