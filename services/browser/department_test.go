package browser

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDepartmentAbove is an administrator who puts a department below another one:
// not below what stands below itself, and then where it belongs.
func TestDepartmentAbove(t *testing.T) {
	start(t)
	admin := as(t, "admin")
	add := func(name, parent string) (id, full string) {
		full = unique(name)
		made := admin.call(http.MethodPost, "/v1/departments", map[string]any{"name": full, "kind": "SECTION", "parentId": parent})
		return fmt.Sprint(made["id"]), full
	}
	top, topName := add("見本部", "")
	moved, _ := add("見本課", "")
	below, belowName := add("見本係", moved)
	tb := open(t, narrow).as("admin")
	tb.visit("/departments/" + moved)
	tb.dialog("名称や上の部署の誤りを直す")
	tb.choose("update.parentId", below)
	tb.follow(confirm("名称や上の部署の誤りを直す"))
	tb.says("確認が必要なことがあります", "自分より下の部署は指定できません")
	if got := get(tb, chromedp.Value(chromedp.CSS(`[name="update.parentId"]`))); got != below {
		t.Errorf("the choice is lost: %q", got)
	}
	tb.clean()
	tb.choose("update.parentId", top)
	tb.follow(confirm("名称や上の部署の誤りを直す"))
	tb.says("上の部署", topName)
	tb.visit("/departments/" + below)
	tb.says(topName, belowName)
	for _, id := range []string{below, moved, top} { // they end, so that lists of today stay as they were
		admin.call(http.MethodPost, "/v1/departments/"+id+":succeed", map[string]any{"validTo": day(0), "successorId": as(t, "staff").department()})
	}
}
