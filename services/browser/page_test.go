package browser

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// people are the roles that pages are checked for; "" is nobody signed in.
var people = []string{"", "resident", "representative", "staff", "desk", "approver", "clerk", "coordinator", "admin"}

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
	pages   = slices.Concat(mainPages, organizationPages)
	samples = slices.Concat(mainSamples, organizationSamples)
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
// role, on the narrowest screen, which nothing may leave sideways.
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
