package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// fill writes and chooses what a form asks.
func (tb *tab) fill(fields map[string]string) {
	tb.t.Helper()
	for name, value := range fields {
		tb.write(name, value)
	}
}

// leaveChecks lets a form be sent with what the browser itself would stop.
func (tb *tab) leaveChecks() {
	tb.t.Helper()
	tb.run(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('main form').forEach((f) => { f.noValidate = true })`))
}

// freeRound is a round of the fiscal year that no call has yet.
func freeRound(t *testing.T) string {
	t.Helper()
	taken := map[string]bool{}
	calls, _ := as(t, "desk").call(http.MethodGet, "/v1/calls?fiscalYear=2026&pageSize=200", nil)["calls"].([]any)
	for _, c := range calls {
		taken[fmt.Sprint(c.(map[string]any)["round"])] = true
	}
	for n := 3; n < 100; n++ {
		if !taken[fmt.Sprint(n)] {
			return fmt.Sprint(n)
		}
	}
	t.Fatal("every round is taken")
	return ""
}

// examined takes a submitted proposal to the step before the decision.
func examined(t *testing.T, id string) {
	t.Helper()
	desk, staff := as(t, "desk"), as(t, "staff")
	step := func(c *client, verb string, body map[string]any) {
		c.call(http.MethodPost, "/v1/proposals/"+id+":"+verb, body)
	}
	step(desk, "accept", map[string]any{})
	step(desk, "assign", map[string]any{"assignments": []any{map[string]any{"departmentId": staff.department(), "role": "LEAD"}}})
	step(staff, "respondToAssignment", map[string]any{"response": "ACCEPTED"})
	step(desk, "startReview", map[string]any{})
}

// TestCall is a call from its first word to its decisions: what is missing is
// named before it is published, two reviewers score, nobody sees the scores before
// the phase is closed, and the outcome is public when the desk releases it.
func TestCall(t *testing.T) {
	desk, reviewer, public := open(t).as("desk"), open(t, phone).as("reviewer"), open(t)
	desk.visit("/calls")
	desk.follow(link("募集を作る"))
	desk.fill(map[string]string{"title": "窓口の募集（見本）", "summary": "見本です。", "fiscalYear": "2026", "round": freeRound(t), "criteria[0].no": "1", "criteria[0].name": "公益性", "criteria[0].maxPoints": "20"})
	desk.set("opensOn", day(0))
	desk.choose("_order", "REVIEW")
	desk.run(chromedp.Click(chromedp.CSS(`#f-releaseTogether`)))
	desk.follow(link("下書きを保存する"))
	desk.says("募集の下書きを作りました")
	desk.follow(link("保存して確かめる"))
	call := desk.path()[:strings.Index(desk.path(), "?")]
	desk.dialog("募集を公開する")
	desk.follow(confirm("募集を公開する"))
	desk.says("確認が必要なことがあります", "締切の日")
	desk.clean()
	desk.follow(link("募集を書く・直す"))
	desk.set("closesOn", day(20))
	desk.follow(link("保存して確かめる"))
	desk.dialog("募集を公開する")
	desk.follow(confirm("募集を公開する"))
	desk.says("公開中", "公益性")

	id := submittedTo(t, strings.TrimPrefix(call, "/calls/"), "町の図書室（見本）")
	examined(t, id)
	desk.visit(call + "/reviews")
	desk.dialog("まとめて割り当てる")
	desk.run(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('[name="reviewerIds"]').forEach((e) => { e.checked = true })`))
	desk.write("perProposal", "2")
	desk.follow(confirm("まとめて割り当てる"))
	desk.says("審査を割り当てました", "見本 審査委員1", "見本 審査委員2")
	sheets := score(t, reviewer, id)
	desk.visit(sheets["reviewer"])
	desk.says("締め切られるまで見えません")
	desk.visit(call + "/reviews")
	desk.follow(`//main//a[starts-with(@href, "/phases/")]`)
	desk.dialog("この段階を締め切る")
	desk.follow(confirm("この段階を締め切る"))
	desk.says("締切済", "16.00", "基準を満たしています")
	desk.clean()
	reviewer.visit("/proposals/" + id + "/review")
	reviewer.says("審査の結果", "16.00点", "公益性", "読む人が増えます。（見本）")

	decide(t, id)
	public.visit("/proposals/" + id)
	if strings.Contains(public.text(), "採択") {
		t.Error("the outcome is public before it is released")
	}
	desk.visit(call)
	desk.dialog("結果を公表する")
	desk.says("同時に公開されます")
	desk.follow(confirm("結果を公表する"))
	public.visit("/proposals/" + id)
	public.says("採択", "役割分担が明確なため")
	desk.visit(call)
	desk.dialog("結果を公表する")
	desk.follow(confirm("結果を公表する"))
	desk.says("確認が必要なことがあります")
}

// score fills the sheets of both reviewers, and returns their pages.
func score(t *testing.T, reviewer *tab, id string) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, person := range []string{"reviewer", "reviewer2"} {
		c := as(t, person)
		found := c.call(http.MethodGet, "/v1/reviews?proposalId="+id, nil)["reviews"].([]any)
		sheet := fmt.Sprint(found[0].(map[string]any)["id"])
		pages[person] = "/reviews/" + sheet
		if person == "reviewer2" {
			c.call(http.MethodPost, "/v1/reviews/"+sheet+":submit", map[string]any{"scores": []any{map[string]any{"no": 1, "points": 14}}, "comment": "場所が決まっています。（見本）"})
		}
	}
	reviewer.visit("/tasks")
	reviewer.follow(fmt.Sprintf(`//main//a[@href=%q]`, pages["reviewer"]))
	reviewer.write("comment", "読む人が増えます。（見本）")
	reviewer.follow(link("審査票を提出する"))
	reviewer.says("確認が必要なことがあります")
	reviewer.clean()
	if got := reviewer.value("comment"); got != "読む人が増えます。（見本）" {
		t.Errorf("after the refusal the comment is lost: %q", got)
	}
	reviewer.write("scores[0].points", "18")
	reviewer.follow(link("審査票を提出する"))
	reviewer.says("審査票を提出しました", "18点（20点満点）")
	reviewer.clean()
	return pages
}

// decide drafts the decision and approves it.
func decide(t *testing.T, id string) {
	t.Helper()
	as(t, "staff").call(http.MethodPost, "/v1/proposals/"+id+":draftDecision", map[string]any{
		"outcome": "ADOPTED", "reason": "役割分担が明確なため。", "cost": "300000", "decidedBy": "区民生活部長",
	})
	as(t, "approver").call(http.MethodPost, "/v1/proposals/"+id+":approveDecision", map[string]any{})
}
