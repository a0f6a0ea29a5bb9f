package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// project makes a project of sample organization 1 and the department of staff;
// its period is today, so that it lies within a fiscal year on every day.
func project(t *testing.T, title string, period bool) (id string) {
	t.Helper()
	organization := as(t, "representative").call(http.MethodGet, "/v1/me", nil)["memberships"].([]any)[0].(map[string]any)["organizationId"]
	in := map[string]any{
		"title": title, "purpose": "地域の花壇を育てます。", "form": "cohost", "wardCost": "1000",
		"goals":           []any{map[string]any{"indicator": "参加者数", "baseline": "0人", "target": "30人"}},
		"roles":           []any{map[string]any{"item": "花壇", "organizationRole": "植付け", "wardRole": "場所の確保"}},
		"budget":          []any{map[string]any{"side": "INCOME", "account": "区負担金", "amount": "1000"}, map[string]any{"side": "EXPENSE", "account": "消耗品費", "amount": "1000"}},
		"organizationIds": []any{organization}, "leadDepartmentId": as(t, "staff").department(),
	}
	if period {
		in["periodFrom"], in["periodTo"] = day(0), day(0)
	}
	return fmt.Sprint(as(t, "desk").call(http.MethodPost, "/v1/projects", in)["id"])
}

// TestAgreement is an agreement that the ward drafts, and that is not signed
// before its items are written; both sides sign the text with the same SHA-256.
func TestAgreement(t *testing.T) {
	start(t)
	title := "駅前の花壇（見本）"
	id := project(t, title, false)
	path := "/projects/" + id
	group, staff, approver, public := open(t, narrow).as("representative"), open(t).as("staff"), open(t).as("approver"), open(t)

	public.visit(path)
	public.says("ページが見つかりません")
	staff.visit(path)
	staff.follow(link("協定書を読む"))
	staff.says("協定書はまだありません")
	staff.dialog("協定書の案を作る")
	staff.follow(confirm("協定書の案を作る"))
	staff.says("協定書の案を作りました", "まだ足りない", "実施期間")
	staff.clean()

	group.visit(path + "/agreement")
	group.dialog("協定書に署名する")
	group.follow(confirm("協定書に署名する"))
	group.says("確認が必要なことがあります", "必要な項目が足りません", "実施期間")
	group.clean()
	group.follow(`//div[@role="alert"]//a[contains(., "協定書の案を直す")]`)
	group.clean()
	for i := range 30 { // what is left in braces is written
		name := fmt.Sprintf("articles[%d].text", i)
		if get(group, chromedp.Evaluate[bool](fmt.Sprintf(`!!document.querySelector('[name=%q]')`, name))) {
			if text := group.value(name); strings.Contains(text, "{") {
				group.write(name, "本事業の実施期間は、双方で定める1日とする。")
			}
		}
	}
	group.follow(link("協定書の案を保存する"))
	group.says("協定書の案を保存しました", "必要な項目はすべてそろっています")
	group.dialog("協定書に署名する")
	group.follow(confirm("協定書に署名する"))
	group.says("協定書に署名しました", "署名の途中")
	sha := fmt.Sprint(as(t, "staff").call(http.MethodGet, "/v1"+path+"/agreement", nil)["sha256"])
	group.says(sha)

	public.visit(path + "/agreement")
	public.says("ページが見つかりません")
	approver.visit("/tasks")
	approver.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, path+"/agreement"))
	approver.says(sha)
	approver.dialog("協定書に署名する")
	approver.follow(confirm("協定書に署名する"))
	approver.says("協定書に署名しました", "双方が署名済", sha)
	public.visit(path)
	public.says(title, "協定締結済")
	public.follow(link("協定書を読む"))
	public.says("双方が署名済", sha, "代表")
	public.clean()
	for _, document := range []string{"html", "pdf"} {
		if resp, _ := newClient(t).get("/v1" + path + "/agreement." + document); resp.StatusCode != http.StatusOK {
			t.Errorf("the %s of the agreement: %s", document, resp.Status)
		}
	}
}

// completed makes a project that is done and both sides' evaluation of it, up to
// the agreement of both; the ward gives 4 in all and the group 5 in the first.
func completed(t *testing.T, title string) (id, evaluation string) {
	t.Helper()
	id = project(t, title, true)
	group, staff, approver := as(t, "representative"), as(t, "staff"), as(t, "approver")
	path, none := "/v1/projects/"+id, map[string]any{}
	staff.call(http.MethodPost, path+"/agreement", none)
	group.call(http.MethodPost, path+"/agreement:sign", none)
	approver.call(http.MethodPost, path+"/agreement:sign", none)
	staff.call(http.MethodPost, path+":start", none)
	group.call(http.MethodPost, path+"/reports", map[string]any{
		"kind": "FINAL", "periodFrom": day(0), "periodTo": day(0), "activities": "花を植えました。", "progressPercent": 100,
		"results": []any{map[string]any{"goalNo": 1, "value": "32人"}},
		"rows":    []any{map[string]any{"side": "INCOME", "account": "区負担金", "amount": "1000"}, map[string]any{"side": "EXPENSE", "account": "消耗品費", "amount": "900", "paidOn": day(0)}},
	})
	staff.call(http.MethodPost, path+":complete", none)
	made := staff.call(http.MethodPost, "/v1/evaluations", map[string]any{"projectId": id, "kind": "FINAL", "dueOn": day(40)})
	evaluation = fmt.Sprint(made["id"])
	for side, people := range map[string][2]*client{"organization": {group, group}, "ward": {staff, approver}} {
		var answers []any
		for _, c := range made["criteria"].([]any) {
			answers = append(answers, map[string]any{"criterionNo": c.(map[string]any)["no"], "score": 4})
		}
		if side == "organization" {
			answers[0].(map[string]any)["score"] = 5
		}
		sheet := "/v1/evaluations/" + evaluation + "/sheets/" + side
		people[0].call(http.MethodPatch, sheet, map[string]any{"answers": answers, "strengths": "花が咲きました（見本）", "etag": "*"})
		people[1].call(http.MethodPost, sheet+":submit", none)
	}
	group.call(http.MethodPost, "/v1/evaluations/"+evaluation+":recordDiscussion", map[string]any{"discussion": map[string]any{
		"meetingOn": day(0), "attendees": []any{map[string]any{"side": "WARD", "role": "担当係長"}, map[string]any{"side": "ORGANIZATION", "role": "代表"}},
		"items": []any{map[string]any{"criterionNo": 1, "cause": "目的を別々に決めていました。", "improvement": "目的を一緒に書きます。（見本）"}},
	}})
	group.call(http.MethodPost, "/v1/evaluations/"+evaluation+":agree", none)
	approver.call(http.MethodPost, "/v1/evaluations/"+evaluation+":agree", none)
	return id, evaluation
}

// TestPublishedProject is an evaluation that the desk publishes, first with words
// to remove that are not in it: the project's page then shows both sides in a
// chart, and the same numbers in a table, and the improvement until it is closed.
func TestPublishedProject(t *testing.T) {
	start(t)
	id, evaluation := completed(t, "公園の花壇（見本）")
	desk, public, staff := open(t).as("desk"), open(t, phone), open(t).as("staff")
	public.visit("/projects/" + id)
	public.says("実施済・評価待ち", "32人", "予算と決算", "900円", "100円")
	if strings.Contains(public.text(), "項目ごとの評点") {
		t.Error("the scores are public before the publication")
	}
	desk.visit("/evaluations/" + evaluation)
	desk.dialog("評価を公表する")
	desk.write("publish.redactions", "この言葉はありません")
	desk.follow(confirm("評価を公表する"))
	desk.says("確認が必要なことがあります")
	desk.clean()
	desk.write("publish.redactions", "")
	desk.follow(confirm("評価を公表する"))
	desk.says("評価を公表しました", "公表済")

	public.visit("/projects/" + id)
	public.says("評価公表済", "項目ごとの評点", "目的を一緒に書きます。（見本）", "花が咲きました（見本）")
	public.clean()
	if n := get(public, chromedp.Evaluate[int](`document.querySelectorAll("svg .radar-ward, svg .radar-partner").length`)); n != 2 {
		t.Errorf("the radar has %d sides", n)
	}
	row := get(public, chromedp.Evaluate[string](`[...document.querySelectorAll("figure.chart-radar tbody tr")][0].innerText.replace(/\s+/g, " ")`))
	if !strings.Contains(row, "4点") || !strings.Contains(row, "5点") {
		t.Errorf("the table of the radar says %q", row)
	}
	public.says("+1")

	staff.visit("/projects/" + id)
	staff.follow(link("目的を一緒に書きます。（見本）"))
	staff.dialog("取組を終える")
	staff.run(chromedp.Click(`//input[@name="close.outcome"][@value="DONE"]`))
	staff.write("close.result", "1枚の紙にまとめました。（見本）")
	staff.follow(confirm("取組を終える"))
	staff.says("取組を終え、結果を公開しました", "実施済み", "1枚の紙にまとめました。（見本）")
	staff.clean()
}
