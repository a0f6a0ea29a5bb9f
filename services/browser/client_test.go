package browser

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// client is a visitor without a browser: for what needs none.
type client struct {
	*http.Client
	t testing.TB
}

func newClient(t testing.TB) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{&http.Client{Jar: secureJar{jar}, Timeout: patience}, t}
}

// secureJar keeps Secure cookies of loopback, as browsers do.
type secureJar struct{ *cookiejar.Jar }

// SetCookies takes the mark away that net/http would not send back over http.
func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		c.Secure = false
	}
	j.Jar.SetCookies(u, cookies)
}

var requestID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn begins a session at the development issuer.
func (c *client) signIn(person string) {
	c.t.Helper()
	_, page := c.get("/auth/login")
	m := requestID.FindStringSubmatch(page)
	if m == nil {
		c.t.Fatalf("no sign-in page:\n%s", page)
	}
	action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(page)
	if action == nil {
		c.t.Fatalf("no form:\n%s", page)
	}
	address := action[1]
	if strings.HasPrefix(address, "/") {
		address = shared.process.Origin + address
	}
	resp, err := c.PostForm(address, url.Values{"id": {m[1]}, "person": {person}})
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		c.t.Fatalf("signing in as %s: %s", person, resp.Status)
	}
}

// session returns the secret of a new session.
func session(t testing.TB, person string) string {
	t.Helper()
	c := newClient(t)
	c.signIn(person)
	home, err := url.Parse(shared.process.Origin + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range c.Jar.Cookies(home) {
		if cookie.Name == "__Host-kyodo" {
			return cookie.Value
		}
	}
	t.Fatalf("no session of %s", person)
	return ""
}

// get reads an address of the installation.
func (c *client) get(path string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, shared.process.Origin+path, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	resp, err := c.Do(req)
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

var tokenField = regexp.MustCompile(`name="_token" value="([^"]+)"`)

// formToken returns the proof that a form on a page is ours.
func (c *client) formToken(path string) string {
	c.t.Helper()
	_, page := c.get(path)
	m := tokenField.FindStringSubmatch(page)
	if m == nil {
		c.t.Fatalf("no form on %s", path)
	}
	return m[1]
}

// room is 洋室A of 麹町区民館 in the sample data.
const room = "01900000-0000-7000-8000-0000000f1001"

// TestSession holds that the stories' own way to a session works.
func TestSession(t *testing.T) {
	start(t)
	c := newClient(t)
	c.signIn("representative")
	if _, page := c.get("/"); !strings.Contains(page, "見本団体1 代表者") {
		t.Errorf("signed in, the page does not name the person:\n%s", page)
	}
}
