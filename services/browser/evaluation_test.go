package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// evaluationIn finds an evaluation of the sample data by its state.
func evaluationIn(t *testing.T, person, state string) map[string]any {
	t.Helper()
	found, _ := as(t, person).call(http.MethodGet, "/v1/evaluations?state="+state, nil)["evaluations"].([]any)
	if len(found) == 0 {
		t.Fatalf("no evaluation is %s in the sample data", state)
	}
	return found[0].(map[string]any)
}

// score chooses the score of every criterion, that of one apart.
func (tb *tab) score(all, no, other string) {
	tb.t.Helper()
	tb.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelectorAll('[name$=".score"][value=%q]').forEach((e) => { e.checked = true })`, all)))
	tb.run(chromedp.Click(chromedp.CSS(fmt.Sprintf(`[name="answers[%s].score"][value=%q]`, no, other))))
}

// clean fails for what axe-core finds on the page, and for a page that is too wide.
func (tb *tab) clean() {
	tb.t.Helper()
	for _, v := range tb.violations() {
		tb.t.Errorf("%s: %s", tb.path(), v)
	}
	tb.sideways()
}

// TestEvaluation is both sides' way through an evaluation: neither sees anything
// of the other's sheet until both have submitted; then they compare, talk and
// agree.
func TestEvaluation(t *testing.T) {
	start(t)
	path := "/evaluations/" + as(t, "staff").evaluate(running(t, unique("川沿いの花壇")))
	group, ward, approver := open(t, narrow).as("representative"), open(t, narrow).as("staff"), open(t).as("approver")
	secrets := map[*tab]string{group: "日程が区の都合で決まりました（見本）", ward: "窓口の連絡が早くなりました（見本）"}

	group.visit("/evaluations")
	group.follow(fmt.Sprintf(`//main//a[@href=%q]`, path))
	group.follow(link("評価シートを書く"))
	group.score("4", "4", "2")
	group.follow(link("評価シートを提出する"))
	group.says("確認が必要なことがあります", "項目4の評点の理由を書いてください")
	group.clean()
	group.write("answers[4].reason", secrets[group])
	group.follow(link("下書きを保存する"))
	group.says("下書きを保存しました")
	if got := group.value("answers[4].reason"); got != secrets[group] {
		t.Errorf("the draft says %q", got)
	}
	group.follow(link("評価シートを提出する"))
	group.says("評価シートを提出しました", "片方が提出済", secrets[group])

	for _, tb := range []*tab{ward, approver} {
		tb.visit(path)
		tb.says("片方が提出済", "書いた側だけが読めます")
		if strings.Contains(tb.text(), secrets[group]) || strings.Contains(tb.text(), "双方の評価の比較") {
			t.Error("the ward reads the group's sheet before its own is submitted")
		}
	}
	ward.follow(link("評価シートを書く"))
	ward.score("4", "4", "5")
	ward.write("answers[4].reason", secrets[ward])
	ward.follow(link("下書きを保存する"))
	group.visit(path)
	if strings.Contains(group.text(), secrets[ward]) {
		t.Error("the group reads the ward's draft")
	}
	approver.visit(path)
	approver.dialog("評価シートを提出する")
	approver.follow(confirm("評価シートを提出する"))
	for _, tb := range []*tab{group, ward} {
		tb.visit(path)
		tb.says("双方の評価の比較", "要協議", "-3", secrets[group], secrets[ward])
		tb.clean()
	}

	group.follow(link("話し合いを記録する"))
	group.clean()
	group.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('[name="discussion.meetingOn"]').value = %q`, day(0))))
	group.choose("discussion.attendees[0].side", "ORGANIZATION")
	group.write("discussion.attendees[0].role", "代表")
	group.follow(link("話し合いを記録する"))
	group.says("項目4の要因を書いてください")
	group.write("discussion.items[3].cause", "日程の相談が足りませんでした。")
	group.write("discussion.items[3].improvement", "年度の初めに双方で決めます。")
	group.follow(link("話し合いを記録する"))
	group.says("協議済", "年度の初めに双方で決めます。", "代表")
	for _, tb := range []*tab{group, approver} {
		tb.visit(path)
		tb.dialog("評価の内容に合意する")
		tb.follow(confirm("評価の内容に合意する"))
	}
	group.visit(path)
	group.says("合意済")
	group.clean()
}

// evaluate opens an evaluation of a project and returns its id.
func (c *client) evaluate(project string) string {
	c.t.Helper()
	made := c.call(http.MethodPost, "/v1/evaluations", map[string]any{"projectId": project, "kind": "INTERIM", "dueOn": day(40)})
	return fmt.Sprint(made["id"])
}
