package browser

import (
	"net/http"
	"strings"
	"testing"
)

// TestPenaltyByHand is a clerk who records points for a booking by hand: not for
// one that was cancelled in time, and others get no such page.
func TestPenaltyByHand(t *testing.T) {
	start(t)
	holder := as(t, "resident")
	booking := holder.book(free(t, sampleHall("1016")), "")
	holder.call(http.MethodPost, "/v1/bookings/"+booking+":cancel", map[string]any{})
	clerk := open(t, narrow).as("clerk")
	clerk.visit("/penalties")
	clerk.follow(link("違反点数を記録する"))
	clerk.says("記録されていない予約だけを選んでください")
	clerk.choose("state", "CANCELLED")
	clerk.follow(link("しぼり込む"))
	clerk.says("記録する予約を選ぶ")
	clerk.clean()
	clerk.follow(`//main//table//a[contains(@href, "bookingId=")]`)
	clerk.says("点数がすぐに数えられます")
	clerk.visit("/penalties/new?bookingId=" + booking)
	clerk.tick("penalty.kind", "LATE_CANCEL")
	clerk.write("penalty.note", "使われませんでした。（見本）")
	clerk.follow(link("点数を記録する"))
	clerk.says("確認が必要なことがあります", "無断不使用または期限後の取消しの記録がありません")
	if got := clerk.value("penalty.note"); got != "使われませんでした。（見本）" {
		t.Errorf("the note is lost: %q", got)
	}
	clerk.clean()
	missed := holder.book(free(t, sampleHall("1016")), "")
	moves(t, `UPDATE facilities.booking SET state = 'NO_SHOW', expires_at = NULL WHERE id = $1`, missed)
	clerk.visit("/penalties/new?bookingId=" + missed)
	clerk.write("penalty.note", "使われませんでした。（見本）")
	clerk.follow(link("点数を記録する"))
	clerk.says("違反点数を記録しました", "無断不使用", "使われませんでした。（見本）")
	clerk.clean()
	entry, _, _ := strings.Cut(clerk.path(), "?")
	clerk.visit("/penalties/new?bookingId=" + missed)
	clerk.follow(link("点数を記録する"))
	clerk.says("この予約の違反はすでに記録されています")
	clerk.follow(link("違反点数の一覧を見る"))
	holder.call(http.MethodPost, "/v1"+entry+":appeal", map[string]any{"reason": "間に合いませんでした。（見本）"})
	as(t, "approver").call(http.MethodPost, "/v1"+entry+":decideAppeal", map[string]any{"lift": true, "reason": "事情を認めます。（見本）"})
	group := open(t).as("representative")
	group.visit("/penalties")
	if strings.Contains(group.text(), "違反点数を記録する") {
		t.Error("the group is offered the form")
	}
	for person, want := range map[string]int{"representative": http.StatusForbidden, "approver": http.StatusForbidden, "desk": http.StatusOK} {
		if resp, _ := as(t, person).get("/penalties/new"); resp.StatusCode != want {
			t.Errorf("%s gets %s", person, resp.Status)
		}
	}
}
