package browser

import (
	"net/http"
	"testing"
)

// TestSource is a link that an intermediary registers: an address that is none is refused,
// nobody sees it before the desk releases it, and it can be paused and deleted.
func TestSource(t *testing.T) {
	start(t)
	name := unique("見本の団体の記事")
	group, desk, public := open(t, narrow).as("coordinator"), open(t).as("desk"), open(t, phone)
	group.visit("/sources/new")
	group.clean()
	group.leaveChecks()
	group.write("source.name", name)
	group.tick("source.kind", "LINK")
	group.choose("source.organizationId", as(t, "coordinator").organization())
	group.write("source.url", "これはアドレスではない")
	group.follow(link("保存する"))
	group.says("確認が必要なことがあります")
	if got := group.value("source.name"); got != name {
		t.Errorf("the name is lost: %q", got)
	}
	group.clean()
	group.write("source.url", "https://example.org/mihon")
	group.follow(link("保存する"))
	group.says("情報源を登録しました", name)
	group.clean()
	path := "/sources/" + group.last()
	public.visit(path)
	public.says("ページが見つかりません")
	desk.visit(path)
	desk.dialog("公開する")
	desk.follow(confirm("公開する"))
	desk.says("公開しました")
	public.visit("/sources")
	public.says(name)
	public.clean()
	desk.dialog("停止する")
	desk.follow(confirm("停止する"))
	desk.says("停止しました")
	desk.clean()
	public.visit(path)
	public.says("ページが見つかりません")
	desk.dialog("削除する")
	desk.follow(confirm("削除する"))
	desk.says("情報源を削除しました")
	if resp, _ := as(t, "desk").get(path); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a deleted source answers %s", resp.Status)
	}
}
