package browser

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// crawlers are the people whose links a crawl follows: those whose pages are
// checked, another organization, and the roles that see no content.
func crawlers() []string {
	out := slices.Clone(people)
	for _, p := range []string{"representative2", "coordinator", "reviewer", "auditor", "admin"} {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// crawled is what a person's crawl found.
type crawled struct {
	client *client
	pages  map[string]string   // What a page says, by its address.
	kinds  map[string]bool     // Addresses without what differs, that were read.
	posts  map[string][]string // Actions of forms by their kind.
}

var (
	href       = regexp.MustCompile(`href="([^"#]+)`)
	action     = regexp.MustCompile(`<form[^>]* method="post"[^>]* action="([^"]+)"|<form[^>]* action="([^"]+)"[^>]* method="post"`)
	identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}-[0-9]{2}|R[0-9]+-\p{Han}+-[0-9]{4}`)
	token      = regexp.MustCompile(`page=[^&]+`)
)

// ofOneKind is how many addresses that differ only in identifiers and days a
// crawl reads.
const ofOneKind = 4

func kindOf(address string) string {
	return token.ReplaceAllString(identifier.ReplaceAllString(address, "*"), "page=*")
}

// crawl follows every link that a person is shown, from the home page on.
func crawl(t *testing.T, person string) *crawled {
	t.Helper()
	out := &crawled{newClient(t), map[string]string{}, map[string]bool{}, map[string][]string{}}
	if person != "" {
		out.client.signIn(person)
	}
	asked, seen := map[string]int{}, map[string]bool{"/": true}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		resp, page := out.client.get(path)
		if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusForbidden {
			t.Errorf("%s: %s", path, resp.Status)
		}
		if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "script-src 'self'") {
			continue
		}
		out.read(path, page)
		for _, m := range href.FindAllStringSubmatch(page, -1) {
			next := strings.ReplaceAll(m[1], "&amp;", "&")
			if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "/auth/") || seen[next] || asked[kindOf(next)] >= ofOneKind {
				continue
			}
			seen[next] = true
			asked[kindOf(next)]++
			queue = append(queue, next)
		}
	}
	if len(out.pages) < 15 {
		t.Errorf("only %d pages", len(out.pages))
	}
	return out
}

func (c *crawled) read(path, page string) {
	c.pages[path] = page
	c.kinds[pageOf(path)] = true
	for _, m := range action.FindAllStringSubmatch(page, -1) {
		to := strings.ReplaceAll(m[1]+m[2], "&amp;", "&")
		kind := pageOf(to)
		if !slices.Contains(c.posts[kind], to) {
			c.posts[kind] = append(c.posts[kind], to)
		}
	}
}

// pageOf is the kind of an address without its query: a page, whatever it shows.
func pageOf(address string) string {
	path, _, _ := strings.Cut(address, "?")
	return identifier.ReplaceAllString(path, "*")
}

// TestCrawl follows every link of every role: no page is an error of ours and no
// link leads where the role may not go. Then every role asks for the pages of the
// others and sends their forms: what it was not shown, it does not get.
func TestCrawl(t *testing.T) {
	untouched(t)
	secrets := plant(t)
	found := map[string]*crawled{}
	for _, person := range crawlers() {
		t.Run("as "+person, func(t *testing.T) { found[person] = crawl(t, person) })
	}
	for person, c := range found {
		c.client.t = t
		for _, s := range secrets {
			s.keptFrom(t, person, c)
		}
	}
	everything := union(found)
	for person, c := range found {
		t.Run("beyond "+person, func(t *testing.T) {
			c.client.t = t
			c.asksPagesOf(t, person, everything, secrets)
			c.sendsFormsOf(t, person, everything)
		})
	}
}

// union is what all crawls found together: of pages that several people read, what
// says most.
func union(all map[string]*crawled) *crawled {
	out := &crawled{pages: map[string]string{}, posts: map[string][]string{}}
	for _, c := range all {
		for path, page := range c.pages {
			if len(page) > len(out.pages[path]) {
				out.pages[path] = page
			}
		}
		maps.Copy(out.posts, c.posts)
	}
	return out
}

// parties are the people who write in projects of the sample data.
var parties = []string{"representative", "representative2", "staff", "desk"}

// unlinked are pages that people may open who have their address, though no link
// leads them there; nil stands for everybody.
var unlinked = map[string][]string{
	"/evaluations/*":        nil, // Those that are published.
	"/evaluations/*/sheet":  {"approver"},
	"/consultations/*":      {"desk", "staff"}, // What the desk opens as its own page.
	"/articles/*/edit":      {"desk"},          // The desk corrects for organizations.
	"/events/*/edit":        {"desk"},
	"/opportunities/*/edit": {"desk"},
	"/proposals":            {"desk"}, // The desk writes on behalf, on a page of its own.
	// What everybody may read, or have, though few are led there.
	"/departments":        nil,
	"/departments/*":      nil,
	"/audit/chain":        nil,
	"/delegations":        nil,
	"/proposals/*/review": nil, // What the committee found, once it is public.
	// What approvers see of calls that wait for them.
	"/opportunities/*/manage":    {"approver"},
	"/opportunities/*/revisions": {"approver"},
	// Of their own projects, of which a crawl may reach none.
	"/projects/*/edit":           parties,
	"/projects/*/reports/new":    parties,
	"/projects/*/changes/new":    parties,
	"/projects/*/changes/*":      parties,
	"/projects/*/documents/new":  parties,
	"/projects/*/milestones/new": parties,
	"/projects/*/milestones/*":   parties,
	"/projects/*/agreement/edit": parties,
}

func isUnlinked(kind, person string) bool {
	people, ok := unlinked[kind]
	return ok && (people == nil || slices.Contains(people, person))
}

// asksPagesOf asks for pages that another person's crawl read and this one's did
// not.
func (c *crawled) asksPagesOf(t *testing.T, person string, theirs *crawled, secrets []*secret) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(theirs.pages)) {
		private := slices.ContainsFunc(secrets, func(s *secret) bool {
			return strings.Contains(theirs.pages[path], s.word) && !slices.Contains(s.readers, person)
		})
		if !private && (c.kinds[pageOf(path)] || isUnlinked(pageOf(path), person)) || c.pages[path] != "" {
			continue
		}
		resp, page := c.client.once(http.MethodGet, path, nil)
		for _, s := range secrets {
			if strings.Contains(page, s.word) && !slices.Contains(s.readers, person) {
				t.Errorf("%s shows %s to %q", path, s.what, person)
			}
		}
		if !private && !turnedAway(resp) {
			t.Errorf("%s, which %q is not led to, answers %s", path, person, resp.Status)
		}
	}
}

// sendsFormsOf sends forms that another person was shown and this one was not, to
// things that are not there: who has no right is refused before anything is
// looked for.
func (c *crawled) sendsFormsOf(t *testing.T, person string, theirs *crawled) {
	t.Helper()
	for _, kind := range slices.Sorted(maps.Keys(theirs.posts)) {
		if c.posts[kind] != nil || isUnlinked(kind, person) || kind == "/auth/logout" || kind == "/preferences" {
			continue
		}
		to := identifier.ReplaceAllString(theirs.posts[kind][0], "01980000-0000-7000-8000-00000000dead")
		resp, page := c.client.once(http.MethodPost, to, url.Values{"_token": {c.anyToken()}, "_key": {"crawl-" + person}})
		if !turnedAway(resp) {
			t.Errorf("the form %s, which %q is not shown, answers %s: %s", to, person, resp.Status, heading(page))
		}
	}
}

// anyToken is the proof that a form is ours, from any page of the person's.
func (c *crawled) anyToken() string {
	for _, page := range c.pages {
		if m := tokenField.FindStringSubmatch(page); m != nil {
			return m[1]
		}
	}
	return ""
}

// turnedAway reports whether an answer says that there is nothing for this person.
func turnedAway(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	case http.StatusSeeOther:
		return strings.HasPrefix(resp.Header.Get("Location"), "/auth/login")
	}
	return false
}

var h1 = regexp.MustCompile(`(?s)<h1>.*?</h1>.{0,300}`)

func heading(page string) string { return h1.FindString(page) }

// once sends one request and follows nothing.
func (c *client) once(method, path string, form url.Values) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, shared.process.Origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	still := *c.Client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := still.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

// secret is something that only some people may read, known by a word that
// stands nowhere else.
type secret struct {
	what, word string
	readers    []string // Of the crawlers.
	path       string   // Page of what it belongs to.
	public     bool     // Whether others may read the page without it.
}

// keptFrom fails when a page shows the secret to a person without right.
func (s *secret) keptFrom(t *testing.T, person string, c *crawled) {
	t.Helper()
	if slices.Contains(s.readers, person) {
		return
	}
	for path, page := range c.pages {
		if strings.Contains(page, s.word) {
			t.Errorf("%s shows %s to %q", path, s.what, person)
		}
	}
	resp, page := c.client.once(http.MethodGet, s.path, nil)
	if strings.Contains(page, s.word) || !s.public && !turnedAway(resp) {
		t.Errorf("%s answers %s to %q, who may not read %s", s.path, resp.Status, person, s.what)
	}
}

// planted are the secrets of this process: some things can be made only once.
var planted []*secret

// plant makes private things of every kind in the sample installation.
func plant(t *testing.T) []*secret {
	t.Helper()
	if planted != nil {
		return planted
	}
	var out []*secret
	add := func(reader, what, name string, plant func(word string) (path string), readers ...string) *secret {
		s := &secret{what: what, word: "金糸雀" + name, readers: readers}
		s.path = plant(s.word)
		if reader != "" {
			if _, page := as(t, reader).get(s.path); !strings.Contains(page, s.word) {
				t.Fatalf("%s does not show %s to %q, who may read it: the test proves nothing", s.path, what, reader)
			}
		}
		out = append(out, s)
		return s
	}
	resident, representative := as(t, "resident"), as(t, "representative")
	add("representative", "a draft of a proposal", "下書", func(w string) string { return "/proposals/" + drafted(t, w, nil) + "/edit" }, "representative")
	add("", "the contact of a proposal", "連絡先", func(w string) string {
		return "/proposals/" + proposed(t, "連絡先を伏せる提案（見本）", map[string]any{"contactName": w})
	}, "representative", "desk").public = true
	add("resident", "a consultation", "相談", func(w string) string {
		made := resident.call(http.MethodPost, "/v1/consultations", map[string]any{"subject": w, "body": w, "asker": map[string]any{"name": "見本 花子", "email": "a@example.com"}})
		return "/consultations/" + fmt.Sprint(made["id"])
	}, "resident", "desk")
	add("", "the name of who asked", "相談者", func(w string) string {
		made := resident.call(http.MethodPost, "/v1/consultations", map[string]any{"subject": "名前を伏せる相談（見本）", "body": "名前は見えません。", "asker": map[string]any{"name": w, "email": "a@example.com"}})
		return "/desk/consultations/" + fmt.Sprint(made["id"])
	}).public = true
	add("representative", "a booking", "予約", func(w string) string {
		organization := representative.call(http.MethodGet, "/v1/me", nil)["memberships"].([]any)[0].(map[string]any)["organizationId"]
		made := representative.call(http.MethodPost, "/v1/bookings", map[string]any{
			"roomId": room, "date": day(17), "slotCodes": []string{"NI"}, "organizationId": organization, "purpose": "MEETING", "title": w, "headcount": 5,
		})
		return "/bookings/" + fmt.Sprint(made["id"])
	}, "representative", "desk", "clerk", "approver")
	add("representative", "a draft of an event", "行事", func(w string) string {
		made := representative.call(http.MethodPost, "/v1/events", map[string]any{"title": w, "summary": "下書きです。", "startsOn": day(30)})
		return "/events/" + fmt.Sprint(made["id"])
	}, "representative", "desk")
	add("", "an applicant", "応募者", func(w string) string {
		id := publish(t, "opportunities", opportunity("一度だけの手伝い（見本）"))
		resident.call(http.MethodPost, "/v1/opportunities/"+id+"/applications", map[string]any{"applicant": map[string]any{"name": w, "email": "b@example.com"}, "pledged": true})
		return "/opportunities/" + id
	}, "resident").public = true
	planted = out
	return out
}
