package browser

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/keyboard.js
var keyboard string

// desk is the screen of a desk.
func desktop(tb *tab) { tb.run(chromedp.EmulateViewport(1280, 800)) }

// walk is what the Tab key did on a page.
type walk struct {
	Ended    bool
	Findings []string
}

// tabThrough presses Tab from the top of the page to its end and returns what a
// person without a mouse would miss.
func (tb *tab) tabThrough() []string {
	tb.t.Helper()
	stops := get(tb, chromedp.Evaluate[int](keyboard+`; keyboard.start()`))
	for range 4 + stops/8 {
		tb.run(chromedp.KeyEvent(strings.Repeat(kb.Tab, 16)))
		if w := get(tb, chromedp.Evaluate[walk](`keyboard.walk()`)); w.Ended {
			return w.Findings
		}
	}
	w := get(tb, chromedp.Evaluate[walk](`keyboard.walk()`))
	return append(w.Findings, "Tab never comes to the end of the page: "+get(tb, chromedp.Evaluate[string](`document.activeElement.outerHTML.slice(0, 200)`)))
}

// TestKeyboard holds for every page and role that Tab reaches all that can be
// used, in the order of the page, that the focus is always to be seen, and that
// nothing holds it.
func TestKeyboard(t *testing.T) {
	start(t)
	where := addresses(t)
	for _, person := range people {
		var tb *tab
		for _, p := range pages {
			if !slices.Contains(p.as, person) {
				continue
			}
			if tb == nil {
				tb = open(t, desktop).as(person)
			}
			tb.visit(where.Replace(p.path))
			for _, f := range tb.tabThrough() {
				t.Errorf("%s as %q: %s", p.path, person, f)
			}
		}
	}
}

// TestKeyboardOnPhone holds the same for the pages whose tables become blocks.
func TestKeyboardOnPhone(t *testing.T) {
	tb := open(t, narrow).as("representative")
	where := addresses(t)
	for _, path := range []string{"/halls", "/halls?view=week&facilityId=01900000-0000-7000-8000-0000000f0002", "/rooms/" + room, "/proposals/{proposal}", "/bookings"} {
		tb.visit(where.Replace(path))
		for _, f := range tb.tabThrough() {
			t.Errorf("%s: %s", path, f)
		}
	}
}

// TestKeyboardFindings holds that the walk finds what it is there to find.
func TestKeyboardFindings(t *testing.T) {
	for name, c := range map[string]struct{ spoil, want string }{
		"unreachable":    {`document.querySelector("main .card a").tabIndex = -1; document.querySelector("main .card a").onclick = () => {}`, "Tab never reaches"},
		"order":          {`document.querySelector("main .card a").tabIndex = 5`, "order of its own"},
		"invisible":      {`const s = new CSSStyleSheet(); s.replaceSync("main a { outline: none !important; box-shadow: none !important }"); document.adoptedStyleSheets = [s]`, "cannot be seen"},
		"covered":        {`const s = new CSSStyleSheet(); s.replaceSync("body::after { content: ''; position: fixed; inset: 0; background: #fff }"); document.adoptedStyleSheets = [s]`, "hidden by"},
		"trap":           {`const a = document.querySelectorAll("main a")[1]; a.addEventListener("keydown", (e) => e.key === "Tab" && e.preventDefault())`, "never comes to the end"},
		"visually wrong": {`const s = new CSSStyleSheet(); s.replaceSync("main { display: flex; flex-direction: column-reverse }"); document.adoptedStyleSheets = [s]`, "jumps"},
	} {
		t.Run(name, func(t *testing.T) {
			tb := open(t, desktop)
			tb.visit("/")
			tb.run(chromedp.Evaluate[chromedp.Void](c.spoil + `; undefined`))
			if found := strings.Join(tb.tabThrough(), "\n"); !strings.Contains(found, c.want) {
				t.Errorf("no finding says %q:\n%s", c.want, found)
			}
		})
	}
}

// press presses keys.
func (tb *tab) press(keys string) {
	tb.t.Helper()
	tb.run(chromedp.KeyEvent(keys))
}

// becomes waits until an expression is true of the page.
func (tb *tab) becomes(expression, otherwise string) {
	tb.t.Helper()
	if err := tb.try(chromedp.Poll[chromedp.Void](expression)); err != nil {
		tb.t.Fatalf("%s: %v\n%s", otherwise, err, tb.where())
	}
}

// enter presses Enter where it leads to another page and waits for that page.
func (tb *tab) enter() {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		tb.t.Fatalf("Enter: %v\n%s", err, tb.where())
	}
}

// reach presses Tab until the focus is on an element: that of a CSS selector
// whose text or value contains the words.
func (tb *tab) reach(selector, words string) {
	tb.t.Helper()
	there := fmt.Sprintf(`(() => { const e = document.activeElement; return e.matches(%q) && (e.textContent + (e.value ?? "")).includes(%q) })()`, selector, words)
	for range 250 {
		tb.press(kb.Tab)
		if get(tb, chromedp.Evaluate[bool](there)) {
			return
		}
	}
	tb.t.Fatalf("Tab never reaches %s with %q\n%s", selector, words, tb.where())
}

// into reaches a field and types into it.
func (tb *tab) into(name, value string) {
	tb.t.Helper()
	tb.reach(fmt.Sprintf(`[name=%q]`, name), "")
	tb.press(value)
}

// pick reaches a select and goes down to a choice.
func (tb *tab) pick(name, value string) {
	tb.t.Helper()
	tb.reach(fmt.Sprintf(`select[name=%q]`, name), "")
	for range 20 {
		if get(tb, chromedp.Evaluate[string](`document.activeElement.value`)) == value {
			return
		}
		tb.press(kb.ArrowDown)
	}
	tb.t.Fatalf("%s has no choice %s", name, value)
}

// TestSkipLink holds that the first stop leads past the menu to the content.
func TestSkipLink(t *testing.T) {
	tb := open(t, desktop)
	tb.visit("/halls")
	tb.press(kb.Tab)
	if at := get(tb, chromedp.Evaluate[[]float64](`(() => { const r = document.activeElement.getBoundingClientRect(); return [r.left, r.top, r.width] })()`)); at[0] < 0 || at[1] < 0 || at[2] < 20 {
		t.Errorf("the focused skip link is at %v", at)
	}
	tb.press(kb.Enter)
	tb.press(kb.Tab)
	if got := get(tb, chromedp.Evaluate[string](`document.activeElement.name ?? document.activeElement.outerHTML`)); got != "date" {
		t.Errorf("behind the skip link the focus is on %s", got)
	}
}

// TestBookByKeyboard books a hall and cancels the booking with nothing but keys;
// the question before the step keeps the focus and gives it back.
func TestBookByKeyboard(t *testing.T) {
	tb := open(t, desktop).as("representative")
	tb.visit("/rooms/" + room + "?date=" + day(15))
	tb.reach(`main a[href*="`+day(15)+`&roomId=`+room+`&slotCodes=NI"]`, "")
	tb.enter()
	tb.pick("purpose", "MEETING")
	tb.into("title", "鍵盤だけの会（見本）")
	tb.into("headcount", "12")
	tb.reach("button", "内容を確認する")
	tb.enter()
	tb.says("まだ予約されていません", "鍵盤だけの会（見本）")
	tb.reach("button", "この内容で予約する")
	tb.enter()
	tb.says("予約しました", "鍵盤だけの会（見本）")

	const summary, modal = `details.dialog > summary`, `dialog:modal`
	tb.reach(summary, "予約を取り消す")
	tb.press(kb.Enter)
	tb.becomes(`document.activeElement.closest("`+modal+`") !== null`, "Enter opens no dialog that has the focus")
	for range 12 {
		tb.press(kb.Tab)
		if outside := get(tb, chromedp.Evaluate[bool](`document.activeElement !== document.body && !document.activeElement.closest("`+modal+`")`)); outside {
			t.Fatalf("the focus leaves the dialog for %s", get(tb, chromedp.Evaluate[string](`document.activeElement.outerHTML`)))
		}
	}
	tb.press(kb.Escape)
	given := `document.activeElement.matches("` + summary + `") && !document.querySelector("details.dialog").open && !document.querySelector("` + modal + `")`
	tb.becomes(given, "Escape does not close the dialog and give the focus back")
	tb.press(kb.Enter)
	tb.reach(modal+" button", "やめる")
	tb.press(kb.Enter)
	tb.becomes(given, "the dialog's own button does not give the focus back")
	tb.press(kb.Enter)
	tb.reach(modal+" button", "取り消す")
	tb.enter()
	tb.says("予約を取り消しました", "取消済")
}

// TestProposeByKeyboard writes and submits a proposal with nothing but keys; the
// refusal takes the focus to what it says.
func TestProposeByKeyboard(t *testing.T) {
	tb := open(t, desktop).as("representative")
	tb.visit(openCall(t))
	tb.reach("main a", "提案を書く")
	tb.enter()
	tb.into("content.title", "鍵盤だけの提案（見本）")
	tb.reach("button", "書き始める")
	tb.enter()
	tb.says("下書きを作りました")
	tb.reach("button", "区に提出する")
	tb.enter()
	if !get(tb, chromedp.Evaluate[bool](`document.activeElement.getAttribute("role") === "alert"`)) {
		t.Errorf("after the refusal the focus is on %s", get(tb, chromedp.Evaluate[string](`document.activeElement.outerHTML.slice(0, 200)`)))
	}
	for _, name := range get(tb, chromedp.Evaluate[[]string](`[...document.querySelectorAll("main form [name^='content.']")].filter((e) => e.type !== "hidden").map((e) => e.name + "\t" + e.type).filter((v, i, all) => all.indexOf(v) === i)`)) {
		name, kind, _ := strings.Cut(name, "\t")
		if value, ok := wholeProposal[name]; ok && kind == "select-one" {
			tb.pick(name, value)
		} else if ok {
			tb.into(name, value)
		}
		if name != "content.declarations" {
			continue
		}
		for range get(tb, chromedp.Evaluate[int](`document.querySelectorAll('[name="content.declarations"]').length`)) {
			tb.reach(`[name="content.declarations"]`, "")
			tb.press(" ")
		}
	}
	tb.reach("button", "区に提出する")
	tb.enter()
	tb.says("区に提出しました", "鍵盤だけの提案（見本）", "提出済")
}
