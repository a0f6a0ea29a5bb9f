package gateway

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// browser follows redirects by hand and keeps cookies, Secure ones too: for
// browsers loopback is as good as HTTPS.
type browser struct {
	*edge
	cookies map[string]string
}

func (b *browser) visit(method, address string, fill url.Values) *http.Response {
	b.t.Helper()
	var body io.Reader
	if fill != nil {
		body = strings.NewReader(fill.Encode())
	}
	req, err := http.NewRequest(method, address, body)
	check(b.t, err)
	if fill != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, v := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	check(b.t, err)
	b.t.Cleanup(func() { _ = resp.Body.Close() })
	for _, c := range resp.Cookies() {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Name, "__Host-") {
			b.t.Errorf("cookie %s is weak: %v", c.Name, c)
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return resp
}

var (
	hidden = regexp.MustCompile(`name="id" value="([^"]+)"`)
	action = regexp.MustCompile(`action="([^"]+)"`)
)

// signIn goes from the login to the page behind it and returns the last answer.
func (b *browser) signIn(name, returnTo string) *http.Response {
	b.t.Helper()
	resp := b.visit("GET", b.url+"/auth/login?returnTo="+url.QueryEscape(returnTo), nil)
	if resp.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("login: %s %s", resp.Status, text(b.t, resp))
	}
	resp = b.visit("GET", resp.Header.Get("Location"), nil) // authorize
	page := b.visit("GET", absolute(b.url, resp.Header.Get("Location")), nil)
	html := text(b.t, page)
	id, to := hidden.FindStringSubmatch(html), action.FindStringSubmatch(html)
	if id == nil || to == nil {
		b.t.Fatalf("the issuer's page has no form: %s", html)
	}
	resp = b.visit("POST", absolute(b.url, to[1]), url.Values{"id": {id[1]}, "person": {name}})
	return b.visit("GET", absolute(b.url, resp.Header.Get("Location")), nil) // callback
}

func absolute(base, to string) string {
	if strings.HasPrefix(to, "/") {
		return base + to
	}
	return to
}

func TestBrowserSession(t *testing.T) {
	e := start(t)
	e.directory.set("desk", optionsv1.Role_ROLE_DESK)
	b := &browser{e, map[string]string{}}
	resp := b.signIn("desk", "/v1/me")
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/v1/me" || b.cookies["__Host-kyodo"] == "" || b.cookies["__Host-kyodo-signin"] != "" {
		t.Fatalf("%s %v %v %s", resp.Status, resp.Header, b.cookies, text(t, resp))
	}
	first := b.cookies["__Host-kyodo"]
	if me := text(t, b.visit("GET", e.url+"/v1/me", nil)); !strings.Contains(me, "ROLE_DESK") {
		t.Errorf("me: %s", me)
	}
	if page := text(t, b.visit("GET", e.url+"/", nil)); !strings.Contains(page, "見本 desk") {
		t.Errorf("landing: %s", page)
	}
	b.signIn("desk", "/")
	if b.cookies["__Host-kyodo"] == first {
		t.Error("the session is not rotated at login")
	}
	old := &browser{e, map[string]string{"__Host-kyodo": first}}
	if resp := old.visit("GET", e.url+"/v1/me", nil); resp.StatusCode != http.StatusUnauthorized || old.cookies["__Host-kyodo"] != "" {
		t.Errorf("the session before goes on: %s", resp.Status)
	}
	if resp := old.visit("GET", e.url+"/v1/proposals", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("what is public: %s", resp.Status)
	}
	second := b.cookies["__Host-kyodo"]
	if resp := b.visit("POST", e.url+"/auth/logout", nil); resp.StatusCode != http.StatusSeeOther || b.cookies["__Host-kyodo"] != "" {
		t.Errorf("logout: %s", resp.Status)
	}
	b.cookies["__Host-kyodo"] = second
	if resp := b.visit("GET", e.url+"/v1/me", nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("after the logout: %s", resp.Status)
	}
}

func TestReturnToStaysHere(t *testing.T) {
	e := start(t)
	for to, want := range map[string]int{
		"/": 303, "/docs": 303, "/v1/proposals?state=ADOPTED": 303, "": 303,
		"https://evil.example/": 400, "//evil.example/": 400, `/\evil.example`: 400, "/nowhere": 400, "/auth/logout": 400, "javascript:alert(1)": 400, "/\t/evil.example": 400,
	} {
		if resp := e.do(ask{method: "GET", path: "/auth/login?returnTo=" + url.QueryEscape(to)}); resp.StatusCode != want {
			t.Errorf("%q: %s", to, resp.Status)
		}
	}
}

// TestLoginAtHome holds that a sign-in begins where it ends: cookies stay with
// their host.
func TestLoginAtHome(t *testing.T) {
	e := start(t)
	elsewhere := strings.Replace(e.url, "127.0.0.1", "localhost", 1)
	resp := (&browser{e, map[string]string{}}).visit("GET", elsewhere+"/auth/login?returnTo=/docs", nil)
	if got := resp.Header.Get("Location"); got != e.url+"/auth/login?returnTo=/docs" {
		t.Errorf("%s to %s", resp.Status, got)
	}
}

func TestCallbackRefusals(t *testing.T) {
	e := start(t)
	if doc, _ := e.problem(ask{method: "GET", path: "/auth/callback?code=a&state=b"}); doc.Reason != "SIGN_IN_EXPIRED" {
		t.Errorf("without a cookie: %+v", doc)
	}
	b := &browser{e, map[string]string{}}
	b.visit("GET", e.url+"/auth/login", nil)
	if resp := b.visit("GET", e.url+"/auth/callback?code=a&state=forged", nil); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("with another state: %s", resp.Status)
	}
}
