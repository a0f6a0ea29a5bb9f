package browser

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFollow follows an organization from its page and a topic from the list, and
// ends both; what is no topic is refused.
func TestFollow(t *testing.T) {
	start(t)
	id := as(t, "representative").organization()
	name := fmt.Sprint(newClient(t).call(http.MethodGet, "/v1/organizations/"+id, nil)["name"])
	for _, f := range follows(t, "member2") { // what an earlier run left
		as(t, "member2").call(http.MethodDelete, "/v1/follows/"+f, nil)
	}
	tb := open(t, narrow).as("member2")
	tb.visit("/follows")
	tb.says("まだ何もフォローしていません")
	tb.clean()
	tb.visit("/organizations/" + id)
	tb.follow(link("フォローする"))
	tb.says("フォローしました", name)
	tb.visit("/organizations/" + id)
	tb.follow(link("フォローする")) // once more is no second follow
	tb.visit("/follows")
	tb.says(name, "団体")
	tb.run(chromedp.Evaluate[chromedp.Void](`document.querySelector('[name="follow.target"]').options[0].value = "話題ではない"`))
	tb.follow(`//main//form[.//select[@name="follow.target"]]//button`)
	tb.says("確認が必要なことがあります", "フォローする話題のコード", name)
	tb.clean()
	tb.choose("follow.target", "children")
	tb.follow(`//main//form[.//select[@name="follow.target"]]//button`)
	tb.says("フォローしました", "子ども・子育て", name)
	tb.clean()
	if n := len(follows(t, "member2")); n != 2 {
		t.Errorf("%d follows, want 2", n)
	}
	for range 2 {
		tb.follow(link("フォローをやめる"))
		tb.says("フォローをやめました")
	}
	tb.says("まだ何もフォローしていません")
}

// follows are the ids of what a person follows.
func follows(t *testing.T, person string) (ids []string) {
	t.Helper()
	all, _ := as(t, person).call(http.MethodGet, "/v1/follows", nil)["follows"].([]any)
	for _, f := range all {
		ids = append(ids, fmt.Sprint(f.(map[string]any)["id"]))
	}
	return ids
}
