package browser

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// people are the roles that pages are checked for; "" is nobody signed in.
var people = []string{"", "resident", "representative", "staff", "desk", "approver", "clerk", "reviewer", "coordinator", "admin"}

// page is an address with who looks at it. Words in braces are samples.
type page struct {
	path string
	as   []string
}

// sample finds the id or the day that a word in an address stands for.
type sample struct {
	word string
	find func(*testing.T) string
}

// pages are the main pages of all areas, and samples what their words mean.
// Each area lists its own.
var (
	pages   = slices.Concat(mainPages, hallPages, newsPages, eventPages, proposalPages, evalPages, organizationPages)
	samples = slices.Concat(mainSamples, hallSamples, newsSamples, eventSamples, proposalSamples, evalSamples, organizationSamples)
)

var mainPages = []page{
	{"/", []string{"", "representative", "desk"}},
	{"/halls", []string{""}},
	{"/halls?view=week", []string{""}},
	{"/halls?view=week&facilityId=01900000-0000-7000-8000-0000000f0002", []string{"representative"}},
	{"/rooms/" + room, []string{""}},
	{"/calls", []string{""}},
	{"/calls/{call}", []string{"", "representative"}},
	{"/proposals", []string{"", "representative", "desk"}},
	{"/proposals/{proposal}", []string{"", "representative", "desk"}},
	{"/preferences", []string{""}},
	{"/accessibility", []string{""}},
	{"/tasks", []string{"representative", "staff", "desk", "approver", "clerk"}},
	{"/desk/proposals", []string{"desk"}},
	{"/proposals/new?callId={id}", []string{"representative"}},
	{"/proposals/{draft}/edit", []string{"representative"}},
	{"/bookings", []string{"representative"}},
	{"/bookings/new?roomId=" + room + "&date={day}&slotCodes=NI", []string{"representative"}},
	{"/evaluations", []string{"representative", "staff", "approver"}},
	{"/evaluations/{evaluated}", []string{"", "representative", "staff"}},
	{"/evaluations/{unwritten}/sheet", []string{"staff"}},
	{"/desk/consultations", []string{"staff", "desk"}},
	{"/desk/consultations/new", []string{"desk"}},
	{"/desk/consultations/{consultation}", []string{"desk"}},
	{"/organizations", []string{"", "representative"}},
	{"/organizations?row=か&kind=NPO_CORPORATION", []string{""}},
	{"/organizations?q=見", []string{""}},
	{"/organizations/{organization}", []string{"", "representative"}},
	{"/events", []string{"", "representative"}},
	{"/events?q=見", []string{""}},
	{"/events/calendar", []string{""}},
	{"/events/{event}", []string{"", "representative"}},
	{"/events/{event}/register", []string{""}},
	{"/articles", []string{""}},
	{"/articles/{article}", []string{"", "representative"}},
	{"/opportunities", []string{"", "resident"}},
	{"/opportunities?weekday=SATURDAY&beginners=true", []string{""}},
	{"/opportunities/{opportunity}", []string{"", "resident"}},
	{"/opportunities/{opportunity}/apply", []string{"resident"}},
	{"/applications", []string{"resident"}},
	{"/consultations", []string{"", "resident"}},
	{"/consultations/new", []string{"", "resident"}},
	{"/consultations/lookup", []string{""}},
	{"/faqs", []string{""}},
	{"/faqs?q=見", []string{""}},
	{"/search", []string{""}},
	{"/search?q=見本", []string{"", "representative"}},
	{"/open-data", []string{""}},
	{"/trails", []string{""}},
	{"/trails/R1-提-9999", []string{""}},
	{"/nowhere", []string{""}},
}

var mainSamples = []sample{
	{"{id}", listed("", "/v1/calls?state=PUBLISHED&mode=ALL_YEAR")},
	{"{draft}", listed("representative", "/v1/proposals?state=DRAFT")},
	{"{consultation}", listed("desk", "/v1/consultations")},
	{"{call}", linked("/calls")},
	{"{proposal}", linked("/proposals")},
	{"{organization}", linked("/organizations")},
	{"{event}", linked("/events")},
	{"{article}", linked("/articles")},
	{"{opportunity}", linked("/opportunities")},
	{"{day}", func(*testing.T) string { return day(13) }},
	{"{evaluated}", func(t *testing.T) string { return fmt.Sprint(evaluationIn(t, "staff", "PUBLISHED")["id"]) }},
	{"{unwritten}", func(t *testing.T) string { return fmt.Sprint(evaluationIn(t, "staff", "OPEN")["id"]) }},
}

var firstID = regexp.MustCompile(`"id":"([0-9a-f-]{36})"`)

// listed finds the first id of a list of REST that a person reads.
func listed(person, path string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		c := newClient(t)
		if person != "" {
			c = as(t, person)
		}
		_, list := c.get(path)
		m := firstID.FindStringSubmatch(list)
		if m == nil {
			t.Fatalf("%s as %q has nothing in the sample data: %s", path, person, list)
		}
		return m[1]
	}
}

// linked finds the first id below a public page that the page links to.
func linked(path string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		_, list := newClient(t).get(path)
		m := regexp.MustCompile(`href="` + path + `/([0-9a-f-]{36})"`).FindStringSubmatch(list)
		if m == nil {
			t.Fatalf("%s links to nothing below it", path)
		}
		return m[1]
	}
}

// addresses puts what they stand for into the addresses of pages.
func addresses(t *testing.T) *strings.Replacer {
	t.Helper()
	start(t)
	var pairs []string
	for _, s := range samples {
		pairs = append(pairs, s.word, s.find(t))
	}
	return strings.NewReplacer(pairs...)
}

// TestAccessibility runs axe-core on every page, in every language, for every
// role, on the narrowest screen. Nothing is wider than the screen, neither there
// nor magnified, and with no size of letters.
func TestAccessibility(t *testing.T) {
	start(t)
	where := addresses(t)
	var kept result
	defer kept.keep(t)
	for _, person := range people {
		var tb *tab
		for _, p := range pages {
			if !slices.Contains(p.as, person) {
				continue
			}
			if tb == nil {
				tb = open(t, narrow).as(person)
			}
			for _, lang := range []string{"ja", "en", "plain"} {
				if lang == "plain" && person != "" {
					continue
				}
				tb.cookie("kyodo-lang", lang)
				tb.visit(where.Replace(p.path))
				found := tb.violations()
				for _, v := range found {
					t.Errorf("%s as %q in %s: %s", p.path, person, lang, v)
				}
				kept.add(tb, p.path, person, lang, len(found))
				for _, f := range append(tb.tooWide(), tb.mixedUp()...) {
					t.Errorf("%s as %q in %s: %s", p.path, person, lang, f)
				}
			}
		}
	}
}

// widths are the screens in CSS pixels that pages are checked on: one of 1280
// pixels at 400 %, 200 % and 100 %.
var widths = []int64{320, 640, 1280}

// tooWide returns what would have to be moved sideways to be read, on any screen
// with any size of letters. It leaves the tab at the narrowest screen.
func (tb *tab) tooWide() []string {
	tb.t.Helper()
	var out []string
	for i := len(widths) - 1; i >= 0; i-- {
		tb.run(chromedp.EmulateViewport(widths[i], 640))
		out = append(out, get(tb, chromedp.Evaluate[[]string](`(() => {
			const root = document.documentElement, was = root.className, out = [];
			for (const size of ["size-normal", "size-large", "size-larger"]) {
				root.className = was.replace(/size-\w+/, size);
				if (root.scrollWidth <= root.clientWidth) continue;
				const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 0.5).at(-1);
				out.push(root.scrollWidth + " pixels wide on a screen of " + root.clientWidth + " with " + size + ": " + wide?.outerHTML.slice(0, 150));
			}
			root.className = was;
			return out;
		})()`))...)
	}
	return out
}

// mixedUp returns Japanese that an English page does not mark as Japanese, and
// readings that stand beside what is no kanji.
func (tb *tab) mixedUp() []string {
	tb.t.Helper()
	return get(tb, chromedp.Evaluate[[]string](`(() => {
		const out = [], walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
		for (let n = walk.nextNode(); n; n = walk.nextNode()) {
			if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(n.data) && !n.parentElement.closest("script, style") && n.parentElement.closest("[lang]").lang !== "ja") out.push("not marked as Japanese: " + n.data.slice(0, 60));
		}
		for (const r of document.querySelectorAll("ruby")) {
			const base = [...r.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("").trim();
			if (!/^[\p{sc=Han}々ヶ]+$/u.test(base) || !/^[\p{sc=Hiragana}ー]+$/u.test(r.querySelector("rt").textContent)) out.push("wrong reading: " + r.textContent);
		}
		return out;
	})()`))
}

// TestTooWide holds that tooWide finds what is wide only where it is.
func TestTooWide(t *testing.T) {
	tb := open(t, narrow)
	tb.visit("/")
	for width, want := range map[string]int{"100%": 0, "319px": 0, "400px": 3, "27rem": 4, "700px": 6} {
		tb.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(document.querySelector("#wide") ?? document.body.appendChild(Object.assign(document.createElement("p"), {id: "wide", textContent: "x"}))).style.minWidth = %q`, width)))
		if got := tb.tooWide(); len(got) != want {
			t.Errorf("%s: %d findings, want %d: %v", width, len(got), want, got)
		}
	}
}

// TestVerifyInTheBrowser holds that the page of a lottery recomputes its draw.
func TestVerifyInTheBrowser(t *testing.T) {
	start(t)
	c := newClient(t)
	_, list := c.get("/v1/lotteries?state=DRAWN")
	m := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(list)
	if m == nil {
		_, list = c.get("/v1/lotteries")
		if m = regexp.MustCompile(`"id":"([0-9a-f-]{36})"[^{}]*"state":"(?:DRAWN|CONFIRMED|CLOSED)"`).FindStringSubmatch(list); m == nil {
			t.Fatalf("no drawn lottery in the sample data: %s", list)
		}
	}
	tb := open(t, phone)
	tb.visit("/lotteries/" + m[1] + "/verify")
	tb.waitFor("一致")
}
