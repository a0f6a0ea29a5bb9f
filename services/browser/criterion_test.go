package browser

import (
	"testing"
)

// TestCriteria is the desk that adds a version of the criteria: not with a name
// that stands twice; everybody reads the new version, and the one before.
func TestCriteria(t *testing.T) {
	start(t)
	title := unique("評価項目")
	desk, public := open(t, narrow).as("desk"), open(t, phone)
	desk.visit("/evaluations")
	desk.follow(link("評価項目の版"))
	desk.follow(link("新しい版を作る"))
	desk.clean()
	first, second := desk.value("template.criteria[0].name"), desk.value("template.criteria[1].name")
	desk.write("template.title", title)
	desk.write("template.criteria[1].name", first)
	desk.follow(link("この版を加える"))
	desk.says("確認が必要なことがあります", "評価項目の番号・名称は、重ならないようにしてください。")
	if got := desk.value("template.title"); got != title {
		t.Errorf("the name is lost: %q", got)
	}
	desk.write("template.criteria[1].name", second)
	desk.follow(link("この版を加える"))
	desk.says("新しい版を加えました", title, first, second)
	desk.clean()
	public.visit("/evaluationTemplates")
	public.says(title, "第1版", "はじめから")
	public.clean()
	public.follow(link("第1版"))
	public.says(first, "協働の過程")
	public.visit("/evaluationTemplates/9999")
	public.says("ページが見つかりません")
}
