package browser

import (
	"fmt"
	"strings"
	"testing"
)

// asksChange has the ward ask for a change of a running project, and returns the
// page of the request.
func asksChange(t *testing.T, staff *tab, path, purpose string) string {
	t.Helper()
	staff.visit(path)
	staff.follow(link("変更を申請する"))
	staff.write("reason", "苗を増やします。（見本）")
	staff.write("purpose", purpose)
	staff.follow(link("変更を申請する"))
	staff.says("変更を申請しました")
	staff.follow(fmt.Sprintf(`//main//li[contains(., "回答待ち")]//a[contains(@href, %q)]`, path+"/changes/"))
	staff.says("回答待ち", purpose)
	page, _, _ := strings.Cut(staff.path(), "?")
	return page
}

// TestChangeRefused is a change that the other side does not accept, for which it
// says why, and one that is taken back; the project stays as it was signed.
func TestChangeRefused(t *testing.T) {
	start(t)
	path := "/projects/" + running(t, unique("坂の花壇"))
	staff, group := open(t, narrow).as("staff"), open(t, narrow).as("representative")
	page := asksChange(t, staff, path, "坂に花壇を増やします。（見本）")
	group.visit(page)
	group.dialog("変更を承諾しない")
	group.clean()
	group.leaveChecks()
	group.follow(confirm("変更を承諾しない"))
	group.says("確認が必要なことがあります", "回答")
	group.write("decline.answer", "水やりの人が足りません。（見本）")
	group.follow(confirm("変更を承諾しない"))
	group.says("変更を承諾しないと回答しました", "不承諾", "水やりの人が足りません。（見本）")
	group.clean()
	staff.visit(page)
	staff.says("不承諾", "水やりの人が足りません。（見本）")

	page = asksChange(t, staff, path, "坂の下に花壇を作ります。（見本）")
	group.visit(page)
	group.dialog("変更を承諾する")
	staff.dialog("申請を取り下げる")
	staff.follow(confirm("申請を取り下げる"))
	staff.says("申請を取り下げました", "取下げ")
	staff.clean()
	group.follow(confirm("変更を承諾する"))
	group.says("確認が必要なことがあります")
	group.clean()
	group.visit(path)
	if strings.Contains(group.text(), "坂の下に花壇を作ります。（見本）") || strings.Contains(group.text(), "坂に花壇を増やします。（見本）") {
		t.Error("the project says what nobody accepted")
	}
}
