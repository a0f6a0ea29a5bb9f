package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestProjectForms is the desk that enters a project which goes on from one of the
// year before, and mends it while it is prepared; what it goes on from is named by
// its number, and a number that no project has is refused with all that was typed.
func TestProjectForms(t *testing.T) {
	start(t)
	before := as(t, "desk").call(http.MethodGet, "/v1/projects/"+listed("", "/v1/projects?fiscalYear=2025")(t), nil)
	staff := as(t, "staff").department()
	organization := as(t, "representative").organization()
	name := fmt.Sprint(newClient(t).call(http.MethodGet, "/v1/organizations/"+organization, nil)["name"])
	desk, group := open(t, narrow).as("desk"), open(t).as("representative")
	desk.visit("/projects/new")
	desk.write("title", "続きの花壇（見本）")
	desk.choose("leadDepartmentId", staff)
	desk.tick("jointDepartmentIds", staff)
	desk.follow(link("事業を登録する"))
	desk.says("確認が必要なことがあります", "協働する団体：", "主管課は、関係課に重ねて指定しないでください")
	desk.clean()

	desk.visit("/projects/new")
	desk.write("title", "続きの花壇（見本）")
	desk.write("_find", name)
	desk.follow(link("団体を探す"))
	desk.tick("organizationIds", organization)
	desk.choose("leadDepartmentId", staff)
	joint := get(desk, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll('[name="jointDepartmentIds"]')].find((e) => e.value !== %q).value`, staff)))
	desk.tick("jointDepartmentIds", joint)
	desk.write("predecessorNumber", "R1-協-9999")
	desk.follow(link("事業を登録する"))
	desk.says("確認が必要なことがあります", "この番号の事業はありません")
	if got := desk.value("title"); got != "続きの花壇（見本）" {
		t.Errorf("the name is lost: %q", got)
	}
	desk.write("predecessorNumber", fmt.Sprint(before["publicNumber"]))
	desk.write("goals[0].indicator", "参加者数")
	desk.write("goals[0].target", "30人")
	desk.write("budget[0].account", "区負担金")
	desk.write("budget[0].amount", "1,000")
	desk.follow(link("事業を登録する"))
	desk.says("確認が必要なことがあります", "収入と支出の合計が一致していません")
	desk.choose("budget[1].side", "EXPENSE")
	desk.write("budget[1].account", "消耗品費")
	desk.write("budget[1].amount", "１０００")
	desk.follow(link("事業を登録する"))
	desk.says("続きの花壇（見本）", "前の年度の事業", fmt.Sprint(before["title"]))
	desk.clean()
	path, _, _ := strings.Cut(desk.path(), "?")
	made := as(t, "desk").call(http.MethodGet, "/v1"+path, nil)
	if got := fmt.Sprint(made["jointDepartmentIds"], made["predecessorId"]); got != fmt.Sprint([]any{joint}, before["id"]) {
		t.Errorf("joint departments and predecessor are %s", got)
	}

	group.visit(path)
	group.follow(link("事業の内容を直す"))
	if get(group, chromedp.Evaluate[bool](`!!document.querySelector('[name="predecessorNumber"], [name="jointDepartmentIds"]')`)) {
		t.Error("the group is asked what the desk alone writes")
	}
	group.write("purpose", "花壇を続けます。（見本）")
	group.follow(link("内容を保存する"))
	group.says("花壇を続けます。（見本）", fmt.Sprint(before["title"]))
	desk.visit(path + "/edit")
	desk.clean()
	if got := desk.value("predecessorNumber"); got != before["publicNumber"] {
		t.Errorf("the form names %q as the project before", got)
	}
	desk.write("predecessorNumber", "")
	desk.tick("jointDepartmentIds", joint)
	desk.follow(link("内容を保存する"))
	desk.says("花壇を続けます。（見本）")
	if made = as(t, "desk").call(http.MethodGet, "/v1"+path, nil); made["predecessorId"] != nil && made["predecessorId"] != "" || len(fmt.Sprint(made["jointDepartmentIds"])) > len("[]<nil>") {
		t.Errorf("after taking them away: %v, %v", made["jointDepartmentIds"], made["predecessorId"])
	}
}
