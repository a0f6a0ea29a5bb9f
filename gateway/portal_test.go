package gateway

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// browsing are the headers of a browser that goes to a page.
var browsing = []string{"Accept: text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}

// isPage fails unless an answer is a page in the portal's look that says it all.
func isPage(t *testing.T, name string, status int, h http.Header, body string, want int, says ...string) {
	t.Helper()
	if status != want || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("%s: %d %s, want a page with %d: %.200s", name, status, h.Get("Content-Type"), want, body)
		return
	}
	for _, s := range append(says, `id="main"`, `href="/halls"`, "<h1>") {
		if !strings.Contains(body, s) {
			t.Errorf("%s: the page does not say %q:\n%s", name, s, body)
		}
	}
	if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %v", name, h)
	}
}

// TestRefusalsArePages holds that a browser is told of every refusal of the edge
// by a page, in both languages, and a program by a problem.
func TestRefusalsArePages(t *testing.T) {
	e := start(t)
	for name, c := range map[string]struct {
		a      ask
		status int
		ja, en string
	}{
		"an address that is too long": {ask{method: "GET", path: "/halls?q=" + strings.Repeat("a", maxURI)}, 414, "検索する言葉や条件を減らして", "fewer words"},
		"headers that are too large":  {ask{method: "GET", path: "/halls", header: []string{"Cookie: x=" + strings.Repeat("a", maxHeaders)}}, 431, "Cookie を削除して", "cookies"},
		"a form of another site":      {ask{method: "POST", path: "/preferences", header: []string{"Sec-Fetch-Site: cross-site"}}, 403, "ほかのサイトからの操作", "other sites"},
		"an address that is none":     {ask{method: "GET", path: "/nowhere"}, 404, "次のページからお探しください", "Try one of these pages"},
		"a method that it has not":    {ask{method: "POST", path: "/docs"}, 405, "次のページからお探しください", "Try one of these pages"},
		"a malformed address":         {ask{method: "GET", path: "/a%01b"}, 400, "次のページからお探しください", "Try one of these pages"},
		"a sign-in that was left":     {ask{method: "GET", path: "/auth/callback?code=x&state=y"}, 400, "もう一度ログインして", "sign in again"},
		"a document without sign-in":  {ask{method: "GET", path: "/v1/me"}, 401, "ログイン", "Sign in"},
		"a document that is none":     {ask{method: "GET", path: "/v1/nothing"}, 404, "次のページからお探しください", "Try one of these pages"},
	} {
		for lang, says := range map[string]string{"ja": c.ja, "en": c.en} {
			a := c.a
			a.header = append(append([]string{"Accept-Language: " + lang}, browsing...), a.header...)
			resp := e.do(a)
			isPage(t, name+" in "+lang, resp.StatusCode, resp.Header, text(t, resp), c.status, says)
		}
		c.a.header = append([]string{"Accept: application/json"}, c.a.header...)
		if resp := e.do(c.a); resp.Header.Get("Content-Type") != problem.MediaType || resp.StatusCode != c.status {
			t.Errorf("%s: a program is answered %s %s", name, resp.Status, resp.Header.Get("Content-Type"))
		}
	}
	resp := e.do(ask{method: "GET", path: "/v1/me", header: []string{"Accept: text/html", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"}})
	if resp.Header.Get("Content-Type") != problem.MediaType {
		t.Errorf("a script that reads the API is answered with %s", resp.Header.Get("Content-Type"))
	}
}

// TestRateLimitIsPage holds that who is too fast is told how long to wait.
func TestRateLimitIsPage(t *testing.T) {
	e := start(t, func(c *Config) {
		c.Limits.AnonymousReads = limit.Rate{PerMinute: 6, Burst: 1}
		c.Limits.SignIns = limit.Rate{PerMinute: 6, Burst: 1}
		c.Limits.AnonymousWrites = limit.Rate{PerMinute: 6, Burst: 1}
	})
	for _, path := range []string{"/accessibility", "/auth/login"} {
		e.do(ask{method: "GET", path: path, header: browsing})
		resp := e.do(ask{method: "GET", path: path, header: browsing})
		isPage(t, path, resp.StatusCode, resp.Header, text(t, resp), 429, "秒ほど待ってから", "少し待って")
		if resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	form := ask{method: "POST", path: "/consultations", body: "subject=花壇&body=手入れ", header: append([]string{"Content-Type: "}, browsing...)}
	form.header = append(form.header, "Content-Type: application/x-www-form-urlencoded")
	for range 2 {
		resp := e.do(form)
		if resp.StatusCode == http.StatusTooManyRequests {
			isPage(t, "a form", 429, resp.Header, text(t, resp), 429, `name="subject" value="花壇"`, "もう一度送る", "秒ほど待ってから")
			return
		}
	}
	t.Error("the second form is not refused")
}

// TestPanicIsPage holds that a person is answered even where the program fails.
func TestPanicIsPage(t *testing.T) {
	e := start(t)
	h := e.observe(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("secret of the program")) }))
	for lang, says := range map[string]string{"ja": "この番号をお伝えください", "en": "quote this number"} {
		r := httptest.NewRequest(http.MethodGet, "/halls", http.NoBody)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Accept-Language", lang)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		isPage(t, "a panic", w.Code, w.Header(), w.Body.String(), 500, says)
		if strings.Contains(w.Body.String(), "secret") {
			t.Error("the page tells what the program says")
		}
	}
}

// TestAwayIsPage holds that a page whose service is away says what to do, and
// that a form sent to it keeps what was typed.
func TestAwayIsPage(t *testing.T) {
	e := start(t, func(c *Config) { delete(c.Backends, "proposals") })
	resp := e.do(ask{method: "GET", path: "/proposals", header: browsing})
	isPage(t, "a service that is away", resp.StatusCode, resp.Header, text(t, resp), 503, "ほかのページは使える")
	f := fault.ErrOverloaded.After(3 * time.Second)
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/proposals", http.NoBody)
	r.Header.Set("Accept", "text/html")
	e.observe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.problems.Write(w, r, f) })).ServeHTTP(w, r)
	isPage(t, "overload", w.Code, w.Header(), w.Body.String(), 503, "3秒ほど待ってから")
}
