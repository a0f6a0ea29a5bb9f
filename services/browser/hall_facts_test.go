package browser

import (
	"fmt"
	"testing"
	"time"
)

// TestHallFacts is a clerk who writes the area of a room and where its hall lies:
// what is no number or lies nowhere is refused, and what was typed stays.
func TestHallFacts(t *testing.T) {
	start(t)
	clerk := open(t, narrow).as("clerk")
	path := "/desk/rooms/" + sampleHall("1012")
	clerk.visit(path + "/edit")
	clerk.write("areaM2", "広め")
	clerk.follow(link("案を保存する"))
	clerk.says("確認が必要なことがあります", "広さ（㎡）", "数字で入力してください")
	if got := clerk.value("areaM2"); got != "広め" {
		t.Errorf("the area is lost: %q", got)
	}
	clerk.clean()
	area := fmt.Sprintf("%d.5", 30+time.Now().UnixNano()%60)
	clerk.write("areaM2", area)
	clerk.follow(link("案を保存する"))
	clerk.says("案を保存しました", "変わるところ", "広さ（㎡）", area)

	path = "/desk/halls/" + sampleHall("0003")
	clerk.visit(path + "/edit")
	clerk.write("latitude", "139.75")
	clerk.write("longitude", "35.69")
	clerk.follow(link("案を保存する"))
	clerk.says("確認が必要なことがあります", "緯度")
	place := fmt.Sprintf("35.69%03d1", time.Now().UnixNano()%1000) // no zero at its end, which the page would leave out
	clerk.write("latitude", place)
	clerk.write("longitude", "139.75")
	clerk.follow(link("案を保存する"))
	clerk.says("案を保存しました", "緯度", place)
	clerk.clean()
}
