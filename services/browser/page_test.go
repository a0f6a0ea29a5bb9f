package browser

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// people are the roles that pages are checked for; "" is nobody signed in.
var people = []string{"", "resident", "representative", "staff", "desk", "approver", "clerk"}

// pages are the main pages, with who looks at them.
var pages = []struct {
	path string
	as   []string
}{
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
	{"/nowhere", []string{""}},
}

// addresses finds what the lists of pages name by a word.
func addresses(t *testing.T) *strings.Replacer {
	t.Helper()
	c := newClient(t)
	first := func(path, pattern string) string {
		_, page := c.get(path)
		m := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s links to nothing like %s", path, pattern)
		}
		return m[1]
	}
	_, list := newClient(t).get("/v1/calls?state=PUBLISHED&mode=ALL_YEAR")
	open := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(list)
	if open == nil {
		t.Fatalf("no open call in the sample data: %s", list)
	}
	_, list = as(t, "representative").get("/v1/proposals?state=DRAFT")
	draft := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(list)
	if draft == nil {
		t.Fatalf("no draft in the sample data: %s", list)
	}
	return strings.NewReplacer(
		"{id}", open[1], "{draft}", draft[1],
		"{call}", first("/calls", `href="/calls/([0-9a-f-]{36})"`),
		"{proposal}", first("/proposals", `href="/proposals/([0-9a-f-]{36})"`),
		"{day}", day(13),
	)
}

// TestAccessibility runs axe-core on every page, in every language, for every
// role, on the narrowest screen, which nothing may leave sideways.
func TestAccessibility(t *testing.T) {
	start(t)
	where := addresses(t)
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
				for _, v := range tb.violations() {
					t.Errorf("%s as %q in %s: %s", p.path, person, lang, v)
				}
				tb.sideways()
			}
		}
	}
}

// TestLargeLetters holds that letters of 200 % need no sideways scrolling on a
// screen of 640 pixels.
func TestLargeLetters(t *testing.T) {
	tb := open(t, narrow)
	where := addresses(t)
	tb.cookie("kyodo-size", "larger")
	for _, path := range []string{"/", "/halls", "/proposals/{proposal}"} {
		tb.visit(where.Replace(path))
		tb.sideways()
	}
}

var (
	href       = regexp.MustCompile(`href="([^"#]+)`)
	identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}-[0-9]{2}`)
	token      = regexp.MustCompile(`page=[^&]+`)
)

// ofOneKind is how many addresses that differ only in identifiers and days a
// crawl reads.
const ofOneKind = 4

// TestCrawl follows every link of every role: no page is an error of ours.
func TestCrawl(t *testing.T) {
	start(t)
	for _, person := range people {
		t.Run("as "+person, func(t *testing.T) {
			c := newClient(t)
			if person != "" {
				c.signIn(person)
			}
			kinds := map[string]int{}
			seen := map[string]bool{"/": true}
			queue := []string{"/"}
			read := 0
			for len(queue) > 0 {
				path := queue[0]
				queue = queue[1:]
				resp, page := c.get(path)
				read++
				if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusNotFound {
					t.Errorf("%s: %s", path, resp.Status)
				}
				if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "script-src 'self'") {
					continue
				}
				for _, m := range href.FindAllStringSubmatch(page, -1) {
					next := strings.ReplaceAll(m[1], "&amp;", "&")
					kind := token.ReplaceAllString(identifier.ReplaceAllString(next, "*"), "page=*")
					if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "/auth/") || seen[next] || kinds[kind] >= ofOneKind {
						continue
					}
					seen[next] = true
					kinds[kind]++
					queue = append(queue, next)
				}
			}
			if read < 15 {
				t.Errorf("only %d pages", read)
			}
		})
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
