package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// broken is a page that does everything that the portal's policy forbids.
const broken = `<!DOCTYPE html><html lang="ja"><head><title>x</title>
<style>p { color: red }</style>
<link rel="stylesheet" href="http://outside.invalid/x.css">
<base href="http://outside.invalid/">
</head><body>
<p style="color: red">x</p>
<script>globalThis.ran = true</script>
<button id="b" onclick="globalThis.ran = true">x</button>
<img src="http://outside.invalid/x.png" alt="">
<iframe src="http://outside.invalid/" title="x"></iframe>
<object data="/x.swf"></object>
</body></html>`

// TestPolicyIsWatched holds that the tabs of all stories find what breaks the
// policy that pages carry, and scripts that open dialogs.
func TestPolicyIsWatched(t *testing.T) {
	start(t)
	resp, _ := newClient(t).get("/")
	policy := resp.Header.Get("Content-Security-Policy")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write([]byte(broken)) // a browser that went away fails the test by itself
	}))
	t.Cleanup(server.Close)
	tb := open(t)
	tb.run(chromedp.Navigate(server.URL), chromedp.Click(chromedp.CSS("#b")))
	tb.run(chromedp.Evaluate[chromedp.Void](`setTimeout(() => alert("hello"), 0); new Promise((done) => setTimeout(done, 50))`, chromedp.EvalAwaitPromise))
	if get(tb, chromedp.Evaluate[bool](`globalThis.ran === true`)) {
		t.Error("the policy lets an inline script run")
	}
	found := strings.Join(tb.takeFindings(), "\n")
	for _, want := range []string{"policy: style-src-elem", "policy: style-src-attr", "policy: script-src-elem", "policy: script-src-attr", "policy: img-src", "policy: frame-src", "policy: object-src", "policy: base-uri", "x.css", "dialog of a script: hello"} {
		if !strings.Contains(found, want) {
			t.Errorf("no finding says %q:\n%s", want, found)
		}
	}
}

// takeFindings returns what the browser found and forgets it.
func (tb *tab) takeFindings() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	out := tb.findings
	tb.findings = nil
	return out
}

// TestPolicyOfEveryPage holds that every page of ours carries a policy without
// loopholes, and the headers that keep it to itself.
func TestPolicyOfEveryPage(t *testing.T) {
	start(t)
	where := addresses(t)
	c := newClient(t)
	for _, path := range []string{"/", "/halls", "/proposals/{proposal}", "/nowhere", "/preferences", "/consultations/new", "/auth/login", "/docs", "/problems", "/mails"} {
		resp, _ := c.get(where.Replace(path))
		policy := resp.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %s", path, want, policy)
			}
		}
		for _, loophole := range []string{"unsafe-eval", "script-src 'self' 'unsafe-inline'", " * ", " http: ", " data: "} {
			if strings.Contains(policy, loophole) {
				t.Errorf("%s: the policy has %s: %s", path, loophole, policy)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}
