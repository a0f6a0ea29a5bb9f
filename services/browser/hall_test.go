package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// cancelled takes a booking back when the test is over, so that its slots and the
// quota are free for others.
func cancelled(t *testing.T, person, id string) {
	t.Helper()
	t.Cleanup(func() {
		c := as(t, person)
		if state := fmt.Sprint(c.call(http.MethodGet, "/v1/bookings/"+id, nil)["state"]); state == "TENTATIVE" || state == "APPROVED" {
			c.call(http.MethodPost, "/v1/bookings/"+id+":cancel", map[string]any{"reason": "試験の終わり（見本）"})
		}
	})
}

// set puts a value into a field that is not typed into, such as a day.
func (tb *tab) set(name, value string) {
	tb.t.Helper()
	tb.run(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name)), value))
}

// last is the end of the tab's address.
func (tb *tab) last() string {
	tb.t.Helper()
	path, _, _ := strings.Cut(tb.path(), "?")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// TestVacancyIsSmall holds that the vacancy over all halls stays small, and that
// the month is a calendar of seven columns on the narrowest screen.
func TestVacancyIsSmall(t *testing.T) {
	start(t)
	for path, most := range map[string]int{"/halls": 50_000, "/halls?view=week": 50_000, "/halls?view=month": 20_000} {
		if _, page := newClient(t).get(path); len(page) > most {
			t.Errorf("%s has %d bytes, at most %d", path, len(page), most)
		}
	}
	s := free(t, sampleHall("1013"))
	tb := open(t, narrow)
	tb.visit("/rooms/" + s.room + "?view=month&date=" + s.date)
	tb.sideways()
	if n := get(tb, chromedp.Evaluate[int](`document.querySelectorAll(".month thead th").length`)); n != 7 {
		t.Errorf("the month has %d columns", n)
	}
	tb.follow(fmt.Sprintf(`//table[@class="month"]//a[contains(@href, %q)]`, "date="+s.date))
	tb.says("空き")
	tb.follow(fmt.Sprintf(`//a[contains(@href, %q)]`, s.date+"&roomId="+s.room+"&slotCodes="+s.slot))
}

// TestWaitlist is a slot that two want: one waits for it, the other cancels, and
// who waited takes the offer.
func TestWaitlist(t *testing.T) {
	start(t)
	s := free(t, sampleHall("1009"))
	holder := as(t, "resident")
	booking := holder.book(s, "")
	cancelled(t, "resident", booking)
	tb := open(t, phone).as("representative2")
	tb.visit("/rooms/" + s.room + "?date=" + s.date)
	tb.follow(fmt.Sprintf(`//a[contains(@href, "/waitlist/new") and contains(@href, %q)]`, s.date+"&roomId="+s.room+"&slotCodes="+s.slot))
	tb.run(chromedp.Click(chromedp.CSS(`[name="userClass"][value="GENERAL"]`)))
	tb.choose("purpose", "MEETING")
	tb.write("title", "キャンセル待ち（見本）")
	tb.write("headcount", "999")
	tb.follow(link("登録する"))
	tb.says("確認が必要なことがあります", "人数が室の定員を超えています")
	if got := tb.value("title"); got != "キャンセル待ち（見本）" {
		t.Errorf("the title is lost: %q", got)
	}
	tb.write("headcount", "9")
	tb.follow(link("登録する"))
	tb.says("キャンセル待ちに登録しました", "待っています")
	tb.clean()
	place := tb.last()

	holder.call(http.MethodPost, "/v1/bookings/"+booking+":cancel", map[string]any{})
	tb.visit("/waitlist")
	tb.says("空きをご案内中", "ご案内の期限")
	tb.clean()
	tb.visit("/tasks")
	tb.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, "/waitlist/"+place))
	tb.says("空きが出ました", "ご案内の期限")
	tb.follow(link("この空きを申し込む"))
	cancelled(t, "representative2", tb.last())
	tb.says("空きを申し込み、予約しました", "キャンセル待ち（見本）")
	tb.clean()
}

// TestSeries books the same time on several days, of which one is taken.
func TestSeries(t *testing.T) {
	start(t)
	first := free(t, sampleHall("1015"))
	day, err := time.Parse(time.DateOnly, first.date)
	if err != nil {
		t.Fatal(err)
	}
	taken := spot{first.room, day.AddDate(0, 0, 1).Format(time.DateOnly), first.slot}
	other := as(t, "resident").book(taken, "")
	cancelled(t, "resident", other)
	tb := open(t, phone).as("representative2")
	tb.visit("/bookings/new?roomId=" + first.room + "&date=" + first.date + "&slotCodes=" + first.slot)
	fillWish(tb, "毎日の会（見本）")
	tb.dialog("くり返して予約する")
	tb.choose("repetition.frequency", "DAILY")
	tb.follow(link("内容を確認する"))
	tb.follow(link("この内容で予約する"))
	tb.says("確認が必要なことがあります", "いつまで") // a repetition without an end
	tb.set("repetition.until", day.AddDate(0, 0, 2).Format(time.DateOnly))
	tb.follow(link("内容を確認する"))
	tb.says("毎日", "まで")
	tb.follow(link("この内容で予約する"))
	tb.says("くり返しの予約の結果", "予約できなかった日", "ほかの予約が先に入りました")
	tb.clean()
	tb.follow(link("このくり返しの予約をまとめて見る"))
	tb.says("毎日の会（見本）")
	ids := get(tb, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll(".card-title a")).map((a) => a.pathname.split("/")[2])`))
	for _, id := range ids {
		cancelled(t, "representative2", id)
	}
	if len(ids) == 0 {
		t.Error("no booking of the series is listed")
	}
}

// TestClerk is the way of a booking past the hall desk: a question and its answer,
// the approval that who entered it cannot give, and a rejection with its reason.
func TestClerk(t *testing.T) {
	start(t)
	asked := as(t, "resident").book(free(t, sampleHall("1011")), "")
	cancelled(t, "resident", asked)
	clerk, resident := open(t).as("clerk"), open(t, narrow).as("resident")
	clerk.visit("/desk/bookings")
	clerk.visit("/bookings/" + asked)
	clerk.dialog("申込者に照会する")
	clerk.write("ask.message", "机の並べ方を教えてください。（見本）")
	clerk.set("ask.dueOn", day(1))
	clerk.follow(confirm("照会を送る"))
	clerk.says("照会を送りました")
	resident.visit("/bookings/" + asked)
	resident.says("区から照会があります", "机の並べ方を教えてください。（見本）")
	resident.clean()
	resident.write("answer.answer", "ロの字でお願いします。（見本）")
	resident.follow(confirm("回答する"))
	resident.says("照会に回答しました", "ロの字でお願いします。（見本）")
	clerk.visit("/bookings/" + asked)
	clerk.dialog("不承認にする")
	clerk.write("reject.reason", "設備の工事のため。（見本）")
	clerk.follow(confirm("不承認にする"))
	clerk.says("不承認にしました")
	clerk.clean()
	resident.visit("/bookings/" + asked)
	resident.says("承認されませんでした", "設備の工事のため。（見本）")

	s := free(t, sampleHall("1011"))
	clerk.visit("/bookings/new?roomId=" + s.room + "&date=" + s.date + "&slotCodes=" + s.slot)
	clerk.choose("organizationId", organization2)
	fillWish(clerk, "窓口の申込み（見本）")
	clerk.run(chromedp.Click(chromedp.CSS(`[name="channel"][value="DESK"]`)))
	clerk.write("paperNote", "見本 受付12")
	clerk.follow(link("内容を確認する"))
	clerk.follow(link("この内容で予約する"))
	clerk.says("予約しました", "見本 受付12")
	entered := clerk.last()
	cancelled(t, "representative2", entered)
	clerk.dialog("使用を承認する")
	clerk.follow(confirm("承認する"))
	clerk.says("確認が必要なことがあります", "別の")
	clerk.clean()
	approver := open(t).as("approver")
	approver.visit("/bookings/" + entered)
	approver.dialog("使用を承認する")
	approver.write("approve.conditions", "机は元に戻してください。（見本）")
	approver.follow(confirm("承認する"))
	approver.says("使用を承認しました", "承認済", "机は元に戻してください。（見本）")
	clerk.visit("/bookings/" + entered)
	clerk.dialog("減額・免除を起案する")
	clerk.write("reduce.percent", "50")
	clerk.write("reduce.reason", "区との共催のため。（見本）")
	clerk.follow(confirm("起案する"))
	clerk.says("減免は決裁待ち")
	approver.visit("/bookings/" + entered)
	approver.dialog("減額・免除を決裁する")
	approver.run(chromedp.Click(chromedp.CSS(`[name="decide.granted"][value="true"]`)))
	approver.follow(confirm("決裁する"))
	approver.says("減免を決裁しました", "減免を承認")
	clerk.visit("/bookings/" + entered)
	clerk.dialog("使用料の納付を記録する")
	clerk.follow(confirm("納付を記録する"))
	clerk.says("納付を記録しました", "支払い済み")
}

// TestCheckIn checks in on the page of today, at every hour: the use is booked for a
// day on which there is a slot, and its day has come by time alone.
func TestCheckIn(t *testing.T) {
	start(t)
	found := newClient(t).call(http.MethodGet, "/v1/availability?roomId="+sampleHall("1021")+"&from="+day(1)+"&to="+day(27), nil)
	slots, on, at := found["rooms"].([]any)[0].(map[string]any)["slots"].([]any), "", -1
	for _, d := range found["days"].([]any) {
		of := d.(map[string]any)
		if at = strings.LastIndexByte(fmt.Sprint(of["rooms"].([]any)[0].(map[string]any)["slots"]), 'F'); at >= 0 {
			on = fmt.Sprint(of["date"])
			break
		}
	}
	if at < 0 {
		t.Fatalf("no slot is free: %v", found)
	}
	booking := fmt.Sprint(as(t, "desk").call(http.MethodPost, "/v1/bookings", map[string]any{
		"organizationId": organization2, "roomId": sampleHall("1021"), "date": on, "slotCodes": []any{slots[at].(map[string]any)["code"]},
		"purpose": "SPORTS", "title": "体操（見本）", "headcount": 8, "channel": "DESK", "paperNote": "見本 受付13",
	})["id"])
	as(t, "approver").call(http.MethodPost, "/v1/bookings/"+booking+":approve", map[string]any{})
	moves(t, `
		UPDATE facilities.booking
		SET use_date = (now() AT TIME ZONE 'Asia/Tokyo')::date, starts_at = now() - interval '1 minute', ends_at = now() + interval '1 hour'
		WHERE id = $1`, booking)
	clerk := open(t, phone).as("clerk")
	clerk.visit("/desk/bookings/today")
	clerk.clean()
	clerk.follow(fmt.Sprintf(`//form[contains(@action, %q)]//button`, "/bookings/"+booking+"/steps/checkin"))
	clerk.says("来館を記録しました", "今日の利用")
	clerk.visit("/bookings/" + booking)
	clerk.says("使用済")
}

// TestLottery is a lottery from its opening to the confirmed win: entered in the
// browser, closed, drawn with a public value, verified in the browser, confirmed.
func TestLottery(t *testing.T) {
	start(t)
	use := undrawn(t, sampleHall("1019"))
	now := time.Now()
	made := as(t, "clerk").call(http.MethodPost, "/v1/lotteries", map[string]any{
		"title": "（見本）抽選 " + now.Format("150405.000"), "roomIds": []string{sampleHall("1019")}, "useFrom": use, "useTo": use, "slotCodes": []string{"AM", "P1"},
		"applyFromTime": now.Format(time.RFC3339Nano), "applyToTime": now.Add(20 * time.Second).Format(time.RFC3339Nano),
		"drawTime": now.Add(20 * time.Second).Format(time.RFC3339Nano), "confirmByTime": now.Add(time.Hour).Format(time.RFC3339Nano),
		"classes": []any{map[string]any{"code": "GENERAL", "priority": 1}}, "publicEntropySource": "見本の公開の数",
	})
	path := "/lotteries/" + fmt.Sprint(made["id"])
	group, clerk := open(t, phone).as("resident"), open(t).as("clerk")
	group.visit(path)
	group.follow(link("抽選に申し込む"))
	group.choose("uses[0].roomId", sampleHall("1019"))
	group.set("uses[0].date", use)
	group.run(chromedp.Click(chromedp.CSS(`[name="uses[0].slotCodes"][value="AM"]`)))
	group.run(chromedp.Click(chromedp.CSS(`[name="userClass"][value="GENERAL"]`)))
	group.choose("purpose", "MEETING")
	group.write("headcount", "7")
	group.follow(link("申し込む"))
	group.says("抽選に申し込みました", "申込み済")
	entry := group.path()

	until(t, func() bool {
		return fmt.Sprint(newClient(t).call(http.MethodGet, "/v1"+path, nil)["state"]) == "CLOSED"
	})
	clerk.visit(path)
	clerk.says("抽選待ち")
	clerk.dialog("抽選を行う")
	clerk.follow(confirm("抽選する"))
	clerk.says("確認が必要なことがあります")
	clerk.dialog("公開の乱数を記録する")
	clerk.write("entropy.publicEntropy", "見本 1234")
	clerk.follow(confirm("記録する"))
	clerk.says("公開の乱数を記録しました", "見本 1234")
	if strings.Contains(clerk.text(), "抽選待ち") { // else the ward's own clock has drawn it
		clerk.dialog("抽選を行う")
		clerk.follow(confirm("抽選する"))
	}
	clerk.says("抽選の結果", "当選")
	clerk.clean()

	group.visit(entry)
	group.says("当選しました", "確認の期限")
	group.clean()
	group.follow(link("当選を確認して予約する"))
	group.says("当選を確認し、予約しました")
	id := get(group, chromedp.Evaluate[string](`document.querySelector('main a[href^="/bookings/"]').pathname.split("/")[2]`))
	cancelled(t, "resident", id)
	group.visit(path)
	group.says("抽選の結果", "（あなたの申込み）")
	group.follow(link("この抽選を検証する"))
	group.waitFor("一致")
}

// lotteries counts those of this process: a day is drawn once.
var lotteries int

// undrawn is a day far ahead on which a room is open, and another one each time.
func undrawn(t *testing.T, room string) string {
	t.Helper()
	for lotteries++; ; lotteries++ {
		use := day(60 + lotteries)
		found := newClient(t).call(http.MethodGet, "/v1/availability?roomId="+room+"&from="+use, nil)
		if !strings.Contains(fmt.Sprint(found["days"]), "slots:C") {
			return use
		}
	}
}

// until asks again and again until it is so.
func until(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(2 * patience); !so(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("it is never so")
		}
	}
}

// TestRuleDraft is a change of a kind of users: a clerk drafts it, sees what it
// changes, and cannot approve it; an approver can.
func TestRuleDraft(t *testing.T) {
	start(t)
	path := "/desk/rules/" + sampleHall("3003")
	clerk, approver := open(t).as("clerk"), open(t, narrow).as("approver")
	clerk.visit(path + "/edit")
	limit := fmt.Sprint(3 + time.Now().UnixNano()%90)
	clerk.set("validFrom", day(-3))
	clerk.write("userClass.maxPerMonth", limit)
	clerk.follow(link("案を保存する"))
	clerk.says("案を保存しました", "変わるところ", "1か月の区分の数", limit)
	clerk.clean()
	approver.visit(path)
	approver.dialog("案を承認する")
	approver.follow(confirm("承認する"))
	approver.says("確認が必要なことがあります") // a day that is past
	approver.clean()
	clerk.visit(path + "/edit")
	clerk.set("validFrom", day(1))
	clerk.follow(link("案を保存する"))
	if slices.Contains(strings.Fields(clerk.text()), "案を承認する") {
		t.Error("the clerk is offered the approval")
	}
	approver.visit(path)
	approver.choose("organizationKind", "COMPANY")
	approver.follow(link("試す"))
	approver.says("試した結果", "予約できません")
	approver.choose("purpose", "INTERNAL_MEETING")
	approver.follow(link("試す"))
	approver.says("この予約では、案による違いはありません")
	approver.clean()
	approver.dialog("案を承認する")
	approver.follow(confirm("承認する"))
	approver.says("案を承認しました")
}

// TestBookingLeadsOn is a booking that becomes an event with volunteers: its page
// leads to both drafts once it is approved.
func TestBookingLeadsOn(t *testing.T) {
	start(t)
	s := free(t, sampleHall("1020"))
	tb := open(t, phone).as("representative2")
	tb.visit("/bookings/new?roomId=" + s.room + "&date=" + s.date + "&slotCodes=" + s.slot)
	fillWish(tb, "まちの清掃（見本）")
	tb.run(chromedp.Click(chromedp.CSS(`#f-publishAsEvent`)), chromedp.Click(chromedp.CSS(`#f-callForVolunteers`)))
	tb.follow(link("内容を確認する"))
	tb.says("催しの下書きができます", "募集の下書きができます")
	tb.follow(link("この内容で予約する"))
	tb.says("募集する人数を1人以上で入力してください") // refused, with the form as it was
	tb.write("volunteersWanted", "5")
	tb.follow(link("内容を確認する"))
	tb.follow(link("この内容で予約する"))
	id := tb.last()
	cancelled(t, "representative2", id)
	tb.says("この予約から進める", "承認されると、ここから下書きに進めます")
	as(t, "approver").call(http.MethodPost, "/v1/bookings/"+id+":approve", map[string]any{})
	reader := as(t, "representative2")
	until(t, func() bool {
		_, page := reader.get("/bookings/" + id)
		return strings.Contains(page, "この予約から作られた催しを見る") && strings.Contains(page, "この予約から作られたボランティア募集を見る")
	})
	for words, path := range map[string]string{"この予約から作られた催しを見る・直す": "/events/", "この予約から作られたボランティア募集を見る・直す": "/opportunities/"} {
		tb.visit("/bookings/" + id)
		tb.follow(link(words))
		if !strings.HasPrefix(tb.path(), path) || strings.Contains(tb.text(), "ページが見つかりません") {
			t.Errorf("%s leads to %s", words, tb.where())
		}
	}
}
