package browser

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// hostile are texts that try to be more than text, or that break a layout. Those
// that the services refuse are in refusedText.
var hostile = []string{
	`<script>globalThis.hacked = 1</script>`,
	`"><img src=x onerror="globalThis.hacked = 2">`,
	`' onmouseover='globalThis.hacked = 3' autofocus onfocus='globalThis.hacked = 4' x='`,
	`</title></textarea></option></main></html><svg onload="globalThis.hacked = 5">`,
	`javascript:globalThis.hacked=6 data:text/html,<script>1</script>`,
	`&lt;b&gt; &amp;amp; &#x202e; &nbsp;`,
	`{{.}} {{constructor}} ${7*7} #{7*7} <%= 7*7 %> {% include x %}`,
	`{漢字|かんじ} {|} {`,
	`%s %d %v %!s(MISSING) %%`,
	`'; DROP TABLE proposal; -- " OR 1=1 /* \`,
	"**太字** [x](http://outside.invalid/) ![y](http://outside.invalid/y.png) `code`",
	`אבג (مرحبا) abc 123`,
	`a` + "\u200b" + `b` + "\u00ad" + `c` + "\u2060" + `d`,
	`👩‍👩‍👧‍👦 🏳️‍🌈 🇯🇵 𠮷野家 葛󠄀城`,
	`e` + strings.Repeat("\u0301", 30) + ` か` + strings.Repeat("\u3099", 10),
	strings.Repeat("W", 120),
	strings.Repeat("ー", 120),
	`https://example.jp/` + strings.Repeat("a", 100),
}

// refusedText are texts that no service takes.
var refusedText = []string{"神田\u202eevil", "a\u2066b", "x\x00y", "x\x1b[2Jy", "\ufffe"}

// hostileTitle and wideTitle are short enough for a title.
const (
	hostileTitle = `<script>hacked=7</script>"'&{漢|かん}%s見本`
	wideTitle    = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW（見本）"
)

// hostileView is a page that shows hostile text to somebody.
type hostileView struct {
	as, path string
	shows    []string
}

// TestHostileText holds that text of every kind is shown as text wherever it is
// shown: it opens nothing, runs nothing, loads nothing, changes no layout, and
// every character of it is there.
func TestHostileText(t *testing.T) {
	start(t)
	var views []hostileView
	for _, make := range []func(*testing.T) []hostileView{hostileProposals, hostileOrganization, hostileEvent, hostileArticle, hostileOpportunity, hostileConsultation, hostileBooking} {
		views = append(views, make(t)...)
	}
	for _, q := range hostile[:4] {
		views = append(views, hostileView{"", "/search?q=" + url.QueryEscape(q), nil}, hostileView{"", "/organizations?q=" + url.QueryEscape(q), nil})
	}
	tabs := map[string]*tab{}
	for _, v := range views {
		if tabs[v.as] == nil {
			tabs[v.as] = open(t, narrow).as(v.as)
		}
		tb := tabs[v.as]
		tb.visit(v.path)
		tb.run(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true }); dispatchEvent(new Event("focus"))`))
		for _, want := range v.shows {
			raw, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if !get(tb, chromedp.Evaluate[bool](fmt.Sprintf(`(() => {
				const flat = (s) => s.normalize("NFC").replaceAll(/\s+/g, " "), want = flat(%s);
				return flat(document.body.textContent).includes(want) || [...document.querySelectorAll("input, textarea")].some((e) => flat(e.value).includes(want));
			})()`, raw))) {
				t.Errorf("%s as %q does not show %q as it was written", v.path, v.as, want)
			}
		}
		if got := get(tb, chromedp.Evaluate[string](`String(globalThis.hacked)`)); got != "undefined" {
			t.Errorf("%s as %q runs what somebody wrote: %s", v.path, v.as, got)
		}
		if got := get(tb, chromedp.Evaluate[string](`[...document.querySelectorAll("main img, main script, main iframe, main svg[onload], main [onerror], main [onfocus], main a[href^='javascript:'], main a[href^='data:']")].map((e) => e.outerHTML).join("\n")`)); got != "" {
			t.Errorf("%s as %q makes elements of what somebody wrote: %s", v.path, v.as, got)
		}
		for _, f := range tb.tooWide() {
			t.Errorf("%s as %q: %s", v.path, v.as, f)
		}
	}
}

// TestRefusedText holds that a form says of a text that no service takes what is
// wrong with it, and keeps the rest.
func TestRefusedText(t *testing.T) {
	start(t)
	c := newClient(t)
	token := c.formToken("/consultations/new")
	for _, s := range refusedText {
		resp, err := c.PostForm(shared.process.Origin+"/consultations", url.Values{"_token": {token}, "_key": {"k"}, "subject": {s}, "body": {"花壇の手入れ"}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%q: %s", s, resp.Status)
		}
	}
}

// everythingHostile is every hostile text, one a line.
func everythingHostile() string { return strings.Join(hostile, "\n") }

func hostileProposals(t *testing.T) []hostileView {
	t.Helper()
	content := map[string]any{"purpose": strings.Join(hostile[:9], "\n"), "activities": strings.Join(hostile[9:], "\n"), "place": hostile[0]}
	id := proposed(t, hostileTitle, content)
	number := fmt.Sprint(as(t, "representative").call(http.MethodGet, "/v1/proposals/"+id, nil)["number"])
	wide := proposed(t, wideTitle, content)
	desk, staff := as(t, "desk"), as(t, "staff")
	for _, id := range []string{id, wide} {
		desk.call(http.MethodPost, "/v1/proposals/"+id+":accept", map[string]any{})
		desk.call(http.MethodPost, "/v1/proposals/"+id+":assign", map[string]any{"assignments": []any{map[string]any{"departmentId": staff.department(), "role": "LEAD"}}})
		staff.call(http.MethodPost, "/v1/proposals/"+id+":respondToAssignment", map[string]any{"response": "ACCEPTED"})
		desk.call(http.MethodPost, "/v1/proposals/"+id+":startReview", map[string]any{})
	}
	draft := drafted(t, hostileTitle, content)
	out := []hostileView{
		{"representative", "/proposals?q=hacked", []string{hostileTitle}}, {"representative", "/proposals?q=WWWWW", []string{wideTitle}}, {"", "/trails/" + url.PathEscape(number), nil}, {"", "/search?q=hacked", nil}, {"", "/", nil},
		{"representative", "/proposals/" + draft + "/edit", append([]string{hostileTitle}, hostile...)},
		{"desk", "/desk/proposals?state=UNDER_REVIEW", []string{hostileTitle, wideTitle}}, {"desk", "/tasks", nil}, {"representative", "/tasks", nil},
	}
	for _, person := range []string{"", "representative", "desk"} {
		shows := []string{hostileTitle}
		if person != "" {
			shows = append(shows, hostile...)
		}
		out = append(out, hostileView{person, "/proposals/" + id, shows}, hostileView{person, "/proposals/" + wide, []string{wideTitle}})
	}
	return out
}

func hostileOrganization(t *testing.T) []hostileView {
	t.Helper()
	c := as(t, "resident")
	made := c.call(http.MethodPost, "/v1/organizations", map[string]any{
		"name": hostileTitle, "nameKana": "ミホン　テキイノカイ", "kind": "VOLUNTEER_GROUP", "legalForm": "voluntary", "purpose": strings.Join(hostile[:15], "\n"), "activityFields": []int{13},
		"representativeName": "見本 敵意", "address": map[string]any{"prefecture": "東京都", "city": "千代田区", "town": "神田司町二丁目", "streetNumber": "2", "building": `<b>` + strings.Repeat("W", 50)},
	})
	id := fmt.Sprint(made["id"])
	c.call(http.MethodPost, "/v1/organizations/"+id+":submit", map[string]any{})
	as(t, "desk").call(http.MethodPost, "/v1/organizations/"+id+":verify", map[string]any{})
	return []hostileView{
		{"", "/organizations?q=" + url.QueryEscape("hacked"), []string{hostileTitle}},
		{"", "/organizations/" + id, append([]string{hostileTitle}, hostile[:15]...)}, {"representative", "/organizations/" + id, []string{hostileTitle}},
	}
}

// publish takes an item of outreach from a draft to publication.
func publish(t *testing.T, kind string, body map[string]any) (id string) {
	t.Helper()
	c, desk := as(t, "representative2"), as(t, "desk")
	id = fmt.Sprint(c.call(http.MethodPost, "/v1/"+kind, body)["id"])
	c.call(http.MethodPost, "/v1/"+kind+"/"+id+":requestApproval", map[string]any{})
	desk.call(http.MethodPost, "/v1/"+kind+"/"+id+":approve", map[string]any{})
	desk.call(http.MethodPost, "/v1/"+kind+"/"+id+":publish", map[string]any{})
	return id
}

func hostileEvent(t *testing.T) []hostileView {
	t.Helper()
	id := publish(t, "events", map[string]any{
		"title": hostileTitle, "summary": hostile[1], "body": everythingHostile(), "startsOn": day(30), "startTime": "15:00", "endTime": "16:30", "target": hostile[2],
		"place": map[string]any{"name": strings.Repeat("W", 60), "access": hostile[0]}, "fee": map[string]any{"kind": "FREE"}, "contact": map[string]any{"name": `<i>事務局</i>`, "phoneNumber": "03-0000-0002"},
	})
	return []hostileView{
		{"", "/events", []string{hostileTitle}}, {"", "/events/" + id, []string{hostileTitle, hostile[0], hostile[1], hostile[2], strings.Repeat("W", 60), `<i>事務局</i>`}},
		{"", "/events/calendar?month=" + day(30)[:7], nil}, {"desk", "/events/" + id, []string{hostileTitle}}, {"", "/search?q=" + url.QueryEscape("hacked"), []string{hostileTitle}},
	}
}

func hostileArticle(t *testing.T) []hostileView {
	t.Helper()
	id := publish(t, "articles", map[string]any{"title": hostileTitle, "summary": hostile[0], "body": strings.Join(hostile, "\n\n")})
	return []hostileView{{"", "/articles", []string{hostileTitle}}, {"", "/articles/" + id, []string{hostileTitle, strings.Repeat("W", 120)}}}
}

// opportunity is a volunteer call of sample organization 2 that may be published.
func opportunity(title string) map[string]any {
	return map[string]any{
		"kind": "EXPERIENCE", "title": title, "summary": "一度だけ手伝えます。", "body": "準備と片付けをします。", "purpose": "活動を知るため。", "role": "準備と片付け。", "activityField": 13,
		"startsOn": day(30), "endsOn": day(90), "weekdays": []string{"WEDNESDAY"}, "startTime": "15:00", "endTime": "16:30", "place": map[string]any{"name": "神田の集会室（見本）"},
		"headcount": 4, "trialPlaces": 4, "requirements": "経験は問いません。", "cost": "かかりません。", "insurance": "団体が加入します（見本）。", "screening": []string{"INTERVIEW"},
		"contact": map[string]any{"name": "見本団体2 事務局", "phoneNumber": "03-0000-0002"},
	}
}

func hostileOpportunity(t *testing.T) []hostileView {
	t.Helper()
	body := opportunity(hostileTitle)
	maps.Copy(body, map[string]any{
		"summary": hostile[0], "body": strings.Join(hostile, "\n\n"), "purpose": hostile[1], "role": hostile[2], "place": map[string]any{"name": strings.Repeat("W", 60)},
		"requirements": hostile[6], "cost": hostile[7], "insurance": hostile[8], "bring": hostile[9],
	})
	id := publish(t, "opportunities", body)
	return []hostileView{
		{"", "/opportunities", []string{hostileTitle}}, {"", "/opportunities/" + id, []string{hostileTitle, hostile[1], hostile[2], hostile[6], hostile[7], hostile[8], hostile[9]}},
	}
}

func hostileConsultation(t *testing.T) []hostileView {
	t.Helper()
	made := as(t, "resident").call(http.MethodPost, "/v1/consultations", map[string]any{"subject": hostileTitle, "body": everythingHostile(), "asker": map[string]any{"name": `<b>見本</b>`, "email": "x@example.com"}})
	id := fmt.Sprint(made["id"])
	return []hostileView{
		{"desk", "/desk/consultations", []string{hostileTitle}}, {"desk", "/desk/consultations/" + id, append([]string{hostileTitle}, hostile...)},
		{"resident", "/consultations", []string{hostileTitle}},
	}
}

func hostileBooking(t *testing.T) []hostileView {
	t.Helper()
	tb := open(t).as("representative")
	tb.visit(wish("PM", 16))
	fillWish(tb, hostileTitle)
	tb.follow(link("内容を確認する"))
	tb.says(hostileTitle)
	tb.follow(link("この内容で予約する"))
	tb.says(hostileTitle)
	path, _, _ := strings.Cut(tb.path(), "?")
	return []hostileView{{"representative", "/bookings", []string{hostileTitle}}, {"representative", path, []string{hostileTitle}}, {"clerk", "/tasks", nil}}
}
