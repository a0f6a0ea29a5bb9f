package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// setDay puts a day into a date field, whose order of typing the browser's
// language decides.
func (tb *tab) setDay(name, iso string) {
	tb.t.Helper()
	tb.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('[name=%q]').value = %q`, name, iso)))
}

// inForce is the id of the version of the rulebook that is in force.
func inForce(t *testing.T) string {
	t.Helper()
	for _, v := range newClient(t).call(http.MethodGet, "/v1/rulebook/versions?state=ADOPTED", nil)["versions"].([]any) {
		if v.(map[string]any)["inForce"] == true {
			return fmt.Sprint(v.(map[string]any)["id"])
		}
	}
	t.Fatal("no version is in force in the sample data")
	return ""
}

// TestRulebook is a version of the rulebook: the desk changes a clause, an
// organization comments on it, the ward answers, everybody compares; without a
// review meeting it is not adopted, and the page leads to where that is recorded.
func TestRulebook(t *testing.T) {
	desk, group, public := open(t).as("desk"), open(t, narrow).as("representative"), open(t)
	old, words := inForce(t), "目的を文書にして確かめます。（見本）"

	desk.visit("/rulebook/versions/new")
	desk.follow(link("案を作る"))
	desk.says("案を作りました", "作成中")
	path := desk.path()[:strings.Index(desk.path(), "?")]
	id := path[strings.LastIndex(path, "/")+1:]
	public.visit(path)
	public.says("ページが見つかりません")
	desk.follow(link("第5条を直す"))
	desk.write("text", "区と団体は、協働する活動の目的を共有し、"+words)
	desk.follow(link("条を保存する"))
	desk.says("条を保存しました", words)

	desk.dialog("意見の募集を始める")
	desk.setDay("open.until", day(20))
	desk.follow(confirm("意見の募集を始める"))
	desk.says("意見募集中")
	public.visit("/rulebook")
	public.says("新しいルールの案に意見を募集しています")
	public.visit("/rulebook/compare?from=" + old + "&to=" + id)
	public.says("違いのある条：1", "第5条", "変更", words)
	public.clean()

	clause := path + "/clauses/5/comments"
	group.visit(clause)
	group.clean()
	group.write("comment.body", "文書は短くしてください。（見本）")
	group.follow(link("意見を送る"))
	group.says("意見を送りました", "文書は短くしてください。（見本）", "区の考え方は準備中")
	desk.visit("/tasks")
	desk.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, clause))
	desk.run(chromedp.Click(`//summary[contains(normalize-space(.), "区の考え方を書く")]`))
	desk.write("answer.answer", "1枚にまとめます。（見本）")
	desk.follow(link("区の考え方を公開する"))
	desk.says("区の考え方を公開しました")
	public.visit(clause)
	public.says("文書は短くしてください。（見本）", "1枚にまとめます。（見本）")

	desk.visit(path)
	desk.dialog("意見の募集を締め切る")
	desk.follow(confirm("意見の募集を締め切る"))
	desk.dialog("ルールを決定する")
	desk.setDay("adopt.effectiveFrom", day(400))
	desk.follow(confirm("ルールを決定する"))
	desk.says("確認が必要なことがあります", "検討会の記録が必要です")
	desk.clean()
	desk.follow(`//div[@role="alert"]//a[contains(., "検討会を記録する")]`)
	desk.run(chromedp.Click(`(//input[@name="reviewMeeting.organizationIds"])[1]`))
	desk.setDay("reviewMeeting.heldOn", day(0))
	desk.follow(link("検討会を保存する"))
	desk.says("検討会を記録しました", "1団体が参加")
	desk.dialog("ルールを決定する")
	desk.setDay("adopt.effectiveFrom", day(400))
	desk.follow(confirm("ルールを決定する"))
	desk.says("ルールを決定しました", "決定済")
	if now := inForce(t); now != old {
		t.Errorf("a version of a later day is in force: %s", now)
	}
}
