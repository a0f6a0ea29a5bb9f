package browser

import (
	"net/http"
	"strings"
	"testing"
)

// TestThirdPerson is a third person's comment: the desk names a reviewer, by name;
// another reviewer knows nothing of the evaluation; the comment is public with the
// report, and comes too late after it.
func TestThirdPerson(t *testing.T) {
	start(t)
	_, evaluation := completed(t, unique("川の花壇"))
	path := "/evaluations/" + evaluation
	desk, reviewer, other, group := open(t, narrow).as("desk"), open(t, narrow).as("reviewer"), open(t).as("reviewer2"), open(t).as("representative")
	reviewer.visit(path)
	reviewer.says("ページが見つかりません")
	desk.visit(path)
	desk.dialog("意見を書く第三者を指名する")
	desk.clean()
	desk.run(choice("assign.commentatorIds", "見本 審査委員1"))
	desk.follow(confirm("意見を書く第三者を指名する"))
	desk.says("第三者を指名しました", "意見を書く第三者：見本 審査委員1")
	if strings.Contains(desk.text(), "審査委員1、") {
		t.Error("more than the chosen person is named")
	}
	other.visit(path)
	other.says("ページが見つかりません")

	reviewer.visit("/evaluations")
	reviewer.follow(`//main//a[@href="` + path + `"]`)
	reviewer.dialog("第三者の意見を書く")
	reviewer.clean()
	reviewer.leaveChecks()
	reviewer.follow(confirm("第三者の意見を書く"))
	reviewer.says("確認が必要なことがあります", "第三者の意見：")
	reviewer.write("comment.comment", "双方の記録がそろっています。（見本）")
	reviewer.set("comment.decidedOn", day(0))
	reviewer.follow(confirm("第三者の意見を書く"))
	reviewer.says("第三者の意見を保存しました", "双方の記録がそろっています。（見本）")
	reviewer.dialog("第三者の意見を書く")
	reviewer.write("comment.comment", "遅れた意見です。（見本）")
	group.visit(path)
	group.says("双方の記録がそろっています。（見本）")
	desk.visit(path)
	desk.dialog("評価を公表する")
	desk.follow(confirm("評価を公表する"))
	desk.says("評価を公表しました")
	reviewer.follow(confirm("第三者の意見を書く"))
	reviewer.says("確認が必要なことがあります")
	reviewer.clean()
	public := open(t, phone)
	public.visit(path)
	public.says("第三者の意見", "双方の記録がそろっています。（見本）")
	if strings.Contains(public.text(), "審査委員1") {
		t.Error("the public page names the third person")
	}
}

// TestLatePublication is a side that never submits its sheet: the ward publishes
// what the other one wrote, not before thirty days are over, and says why.
func TestLatePublication(t *testing.T) {
	start(t)
	id := running(t, unique("門の花壇"))
	evaluation := as(t, "staff").evaluate(id)
	path, group := "/evaluations/"+evaluation, as(t, "representative")
	var answers []any
	for _, c := range group.call(http.MethodGet, "/v1"+path, nil)["criteria"].([]any) {
		answers = append(answers, map[string]any{"criterionNo": c.(map[string]any)["no"], "score": 4})
	}
	group.call(http.MethodPatch, "/v1"+path+"/sheets/organization", map[string]any{"answers": answers, "strengths": "門が明るくなりました（見本）", "etag": "*"})
	group.call(http.MethodPost, "/v1"+path+"/sheets/organization:submit", map[string]any{})
	desk, public := open(t, narrow).as("desk"), open(t)
	desk.visit(path)
	if strings.Contains(desk.text(), "評価を公表する") {
		t.Error("the publication is offered while the other side may submit")
	}
	moves(t, `UPDATE evaluation.evaluation SET opens_on = current_date - 40, due_on = current_date - 20 WHERE id = $1`, evaluation)
	desk.visit(path)
	desk.dialog("評価を公表する")
	desk.says("片方のシートだけで公表します")
	desk.clean()
	desk.write("publish.reason", "区の提出がないため。（見本）")
	desk.follow(confirm("評価を公表する"))
	desk.says("確認が必要なことがあります", "提出期限から30日を過ぎるまで")
	if got := desk.value("publish.reason"); got != "区の提出がないため。（見本）" {
		t.Errorf("the reason is lost: %q", got)
	}
	desk.clean()
	moves(t, `UPDATE evaluation.evaluation SET opens_on = current_date - 60, due_on = current_date - 40 WHERE id = $1`, evaluation)
	desk.follow(confirm("評価を公表する"))
	desk.says("評価を公表しました")
	public.visit(path)
	public.says("門が明るくなりました（見本）", "区の提出がないため。（見本）")
	public.clean()
	moves(t, `UPDATE evaluation.evaluation SET due_on = current_date + 60 WHERE id = $1`, evaluation) // behind those of the sample data
}

// TestSheetCorrection is a side that corrects its sheet: before the publication the
// talk begins again; after it the ward publishes a second version, and the first
// one stays.
func TestSheetCorrection(t *testing.T) {
	start(t)
	_, evaluation := completed(t, unique("橋の花壇"))
	path := "/evaluations/" + evaluation
	staff, approver, desk, public := open(t, narrow).as("staff"), open(t).as("approver"), open(t).as("desk"), open(t)
	staff.visit(path)
	staff.says("合意済")
	approver.visit(path)
	approver.follow(link("自分の側のシートを訂正する"))
	approver.says("話し合いの記録と合意からやり直しになります")
	approver.clean()
	approver.leaveChecks()
	approver.write("strengths", "花が広がりました（見本）")
	approver.follow(link("自分の側のシートを訂正する"))
	approver.says("確認が必要なことがあります", "訂正の理由：")
	if got := approver.value("strengths"); got != "花が広がりました（見本）" {
		t.Errorf("the words are lost: %q", got)
	}
	approver.write("reason", "書き漏らしがあったため。（見本）")
	approver.follow(link("自分の側のシートを訂正する"))
	approver.says("シートを訂正しました", "花が広がりました（見本）")
	if strings.Contains(approver.text(), "合意済") {
		t.Error("the agreements stay after the correction")
	}

	group := as(t, "representative")
	group.call(http.MethodPost, "/v1"+path+":recordDiscussion", map[string]any{"discussion": map[string]any{
		"meetingOn": day(0), "attendees": []any{map[string]any{"side": "WARD", "role": "担当係長"}, map[string]any{"side": "ORGANIZATION", "role": "代表"}},
	}})
	group.call(http.MethodPost, "/v1"+path+":agree", map[string]any{})
	as(t, "approver").call(http.MethodPost, "/v1"+path+":agree", map[string]any{})
	as(t, "desk").call(http.MethodPost, "/v1"+path+":publish", map[string]any{})
	approver.visit(path)
	approver.follow(link("自分の側のシートを訂正する"))
	approver.says("区が訂正版を公表したときに反映されます")
	approver.write("strengths", "花が三倍になりました（見本）")
	approver.write("reason", "数え直したため。（見本）")
	approver.follow(link("自分の側のシートを訂正する"))
	approver.says("シートを訂正しました")
	public.visit(path)
	public.says("花が広がりました（見本）")

	desk.visit(path)
	desk.dialog("訂正版を公表する")
	desk.write("correct.reason", "区のシートの訂正のため。（見本）")
	desk.write("correct.redactions", "この言葉はありません")
	desk.follow(confirm("訂正版を公表する"))
	desk.says("確認が必要なことがあります")
	desk.clean()
	desk.write("correct.redactions", "")
	desk.follow(confirm("訂正版を公表する"))
	desk.says("訂正版を公表しました", "第2版")
	public.visit(path)
	public.says("花が三倍になりました（見本）", "区のシートの訂正のため。（見本）", "公表された版", "第1版", "第2版")
	public.clean()
	for _, version := range []string{"1", "2"} {
		if resp, _ := newClient(t).get("/v1" + path + "/report.pdf?version=" + version); resp.StatusCode != http.StatusOK {
			t.Errorf("version %s as PDF: %s", version, resp.Status)
		}
	}
}
