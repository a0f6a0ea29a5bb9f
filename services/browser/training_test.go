package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTraining is the way of a member of the staff to a place: the application, the
// superior's yes, and the matching that is computed again before everybody's eyes;
// what cannot be done yet is refused with what to do.
func TestTraining(t *testing.T) {
	start(t)
	unlisted(t)
	staff, approver, desk := open(t, narrow).as("staff"), open(t).as("approver"), open(t, narrow).as("desk")

	staff.visit("/trainings")
	staff.follow(link("研修を申し込む"))
	staff.says("職員研修（講義）", "先進自治体に学ぶ協働の講義（見本）")
	staff.choose("trainingApplication.wishes", staff.option("先進自治体に学ぶ協働の講義（見本）"))
	staff.write("trainingApplication.motive", "窓口の仕事に生かすため（見本）。")
	staff.follow(link("申し込む"))
	staff.says("研修を申し込みました", "上司の承認待ち")
	staff.clean()
	path := staff.path()
	path, _, _ = strings.Cut(path, "?")
	staff.visit("/trainings/new")
	staff.choose("trainingApplication.wishes", staff.option("先進自治体に学ぶ協働の講義（見本）"))
	staff.follow(link("申し込む"))
	staff.says("確認が必要なことがあります", "すでに申込みがあります")

	year := fmt.Sprint(as(t, "staff").call(http.MethodGet, "/v1"+strings.Replace(path, "/trainings/", "/trainingApplications/", 1), nil)["fiscalYear"])
	desk.visit("/training-matchings")
	desk.write("trainingMatching.fiscalYear", year)
	desk.choose("trainingMatching.level", "STAFF_LECTURE")
	desk.follow(link("受付を開く"))
	desk.says("受付中", "約束の値")
	matching := desk.path()
	matching, _, _ = strings.Cut(matching, "?")
	desk.confirms("研修先を決める")
	desk.says("確認が必要なことがあります", "上司の承認を待ってから実行してください")

	approver.visit("/tasks")
	approver.follow(fmt.Sprintf(`//main//tr[contains(., "職員研修の申込みを承認する")]//a[@href=%q]`, path))
	approver.confirms("承認する")
	approver.says("申込みを承認しました", "承認済み")

	desk.visit(matching)
	desk.confirms("研修先を決める")
	desk.says("研修先を決めました", "決定済み", "計算し直して一致しました", "第1希望")
	desk.clean()
	staff.visit(path)
	staff.says("研修先決定", "先進自治体に学ぶ協働の講義（見本）", "決定の記録を見る")
}

// unlisted takes back what an earlier run left: a person has one application a year and
// level, which only its end frees.
func unlisted(t *testing.T) {
	t.Helper()
	c := as(t, "staff")
	found, _ := c.call(http.MethodGet, "/v1/trainingApplications?level=STAFF_LECTURE", nil)["trainingApplications"].([]any)
	for _, a := range found {
		of := a.(map[string]any)
		switch of["state"] {
		case "REQUESTED", "APPROVED", "MATCHED":
			c.call(http.MethodPost, fmt.Sprint("/v1/trainingApplications/", of["id"], ":withdraw"), map[string]any{})
		}
	}
}

// option is the value of the first option that says something.
func (tb *tab) option(words string) string {
	tb.t.Helper()
	return get(tb, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll("main option")].find((o) => o.textContent.includes(%q)).value`, words)))
}
