package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// medium shows the page as a medium with features would.
func (tb *tab) medium(media string, features ...string) {
	tb.t.Helper()
	p := emulation.SetEmulatedMediaParams{Media: media}
	for i := 0; i+1 < len(features); i += 2 {
		p.Features = append(p.Features, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	tb.run(command(emulation.SetEmulatedMedia, p))
}

// seen returns the texts of the elements of a selector that are to be seen.
func (tb *tab) seen(selector string) string {
	tb.t.Helper()
	return strings.Join(get(tb, chromedp.Evaluate[[]string](`[...document.querySelectorAll("`+selector+`")].filter((e) => e.checkVisibility() && e.getClientRects().length > 0).map((e) => e.innerText || e.outerHTML.slice(0, 80))`)), "\n")
}

// TestPrint holds that a proposal on paper is the proposal: its course and both
// names, no menus and buttons, black on white, nothing cut off at the side.
func TestPrint(t *testing.T) {
	tb := open(t)
	where := addresses(t)
	for _, path := range []string{"/proposals/{proposal}", "/evaluations/{evaluated}", "/halls"} {
		tb.visit(where.Replace(path))
		title := tb.seen("h1")
		tb.medium("print")
		tb.run(chromedp.EmulateViewport(720, 1000)) // A4 with margins
		if got := tb.seen(".top, .crumbs, .foot, .skip, .filters, .pager, button, .dialog, .btn"); got != "" {
			t.Errorf("%s: on paper stands %s", path, got)
		}
		if tb.seen("h1") != title || len(tb.seen("main p, main dd, main td")) < 50 {
			t.Errorf("%s: on paper the content is missing", path)
		}
		if got := get(tb, chromedp.Evaluate[string](`getComputedStyle(document.body).color`)); got != "rgb(0, 0, 0)" {
			t.Errorf("%s: the text is %s", path, got)
		}
		for _, f := range get(tb, chromedp.Evaluate[[]string](`document.documentElement.scrollWidth > document.documentElement.clientWidth ? [document.documentElement.scrollWidth + " wide"] : []`)) {
			t.Errorf("%s: on paper: %s", path, f)
		}
		tb.medium("")
	}
	tb.visit(where.Replace("/proposals/{proposal}"))
	tb.medium("print")
	tb.says("検討の経過", "区の担当", "協働する団体")
	if pdf := get(tb, chromedp.PrintToPDF()); len(pdf) < 5000 {
		t.Errorf("the PDF has %d bytes", len(pdf))
	}
}

// TestReducedMotion holds that nothing moves for who asked for that.
func TestReducedMotion(t *testing.T) {
	tb := open(t).as("representative")
	where := addresses(t)
	tb.medium("", "prefers-reduced-motion", "reduce")
	for _, path := range []string{"/", "/halls", "/proposals/{draft}/edit"} {
		tb.visit(where.Replace(path))
		if got := get(tb, chromedp.Evaluate[[]string](`[...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e); return parseFloat(s.transitionDuration) > 0.01 || parseFloat(s.animationDuration) > 0.01 || s.scrollBehavior === "smooth" }).map((e) => e.outerHTML.slice(0, 80))`)); len(got) > 0 {
			t.Errorf("%s: these move: %v", path, got)
		}
	}
}

// TestForcedColors holds that with the colours of the person's system everything
// that means something is still to be seen: marks, buttons, the focus, charts.
func TestForcedColors(t *testing.T) {
	tb := open(t, desktop)
	where := addresses(t)
	tb.medium("", "forced-colors", "active")
	for path, selector := range map[string]string{
		"/halls": ".mark, .btn, .lang, .filters select", "/proposals/{proposal}": ".badge, .timeline li", "/": ".card", "/consultations/new": ".btn-main, .field input, .field textarea",
		"/evaluations/{evaluated}": ".table td, .badge",
	} {
		tb.visit(where.Replace(path))
		if got := get(tb, chromedp.Evaluate[[]string](`[...document.querySelectorAll("`+selector+`")].filter((e) => { const s = getComputedStyle(e); return !["Top", "Right", "Bottom", "Left"].some((d) => s["border" + d + "Style"] !== "none" && parseFloat(s["border" + d + "Width"]) > 0) && !parseFloat(getComputedStyle(e, "::before").borderTopWidth) }).map((e) => e.outerHTML.slice(0, 80))`)); len(got) > 0 {
			t.Errorf("%s: these have no edge: %v", path, got[:min(3, len(got))])
		}
		for _, f := range tb.tabThrough() {
			t.Errorf("%s: %s", path, f)
		}
	}
	tb.visit(where.Replace("/evaluations/{evaluated}"))
	if got := get(tb, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".chart rect, .chart polygon")].filter((e) => { const s = getComputedStyle(e), paper = getComputedStyle(document.body).backgroundColor; return [s.fill, s.stroke].every((c) => c === "none" || c === paper) }).map((e) => e.outerHTML.slice(0, 80))`)); len(got) > 0 {
		t.Errorf("these are drawn in the colour of the page: %v", got)
	}
	tb.visit("/")
	if got := get(tb, chromedp.Evaluate[string](`getComputedStyle(document.querySelector('.lang[aria-pressed="true"]'), "::before").content`)); !strings.Contains(got, "✓") {
		t.Errorf("the chosen language is marked by %s alone", got)
	}
}
