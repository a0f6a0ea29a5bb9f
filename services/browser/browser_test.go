// Package browser plays the portal's stories in Chromium: what people see, with
// and without JavaScript, and what axe-core finds.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/chiyoda-kyodo/kyodo/services/acceptance/installation"
)

//go:embed testdata/axe.min.js
var axe string

// patience bounds one step of a story on a busy machine.
const patience = 30 * time.Second

// shared is the one installation and the one browser of the test process,
// started by the first test that asks.
var shared = struct {
	once    sync.Once
	err     error
	dir     string
	process installation.Process
	browser context.Context
	cancel  []context.CancelFunc
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(shared.cancel) - 1; i >= 0; i-- {
		shared.cancel[i]()
	}
	shared.process.Stop()
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// start starts the installation and the browser once.
func start(t testing.TB) {
	t.Helper()
	shared.once.Do(func() { shared.err = startAll() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
}

func startAll() (err error) {
	if shared.dir, err = installation.Build(installation.Kyodo); err != nil {
		return err
	}
	if shared.process, err = installed("data"); err != nil {
		return err
	}
	var both sync.WaitGroup
	var runErr, browserErr error
	both.Go(func() { runErr = shared.process.Run() })
	both.Go(func() { browserErr = startBrowser() })
	both.Wait()
	return errors.Join(runErr, browserErr)
}

// installed is an installation with a folder of its own, ready to be run.
func installed(name string) (installation.Process, error) {
	port, err := installation.FreePorts(2)
	if err != nil {
		return installation.Process{}, err
	}
	data := filepath.Join(shared.dir, name)
	return installation.Process{
		Path: filepath.Join(shared.dir, "bin", "kyodo"), Origin: fmt.Sprintf("http://127.0.0.1:%d", port), Log: filepath.Join(shared.dir, name+".log"),
		Args: []string{"all", "--data", data, "--http-addr", fmt.Sprintf("127.0.0.1:%d", port), "--grpc-addr", fmt.Sprintf("127.0.0.1:%d", port+1)},
	}, os.Mkdir(data, 0o755)
}

// untouched has the rest of a test ask an installation of its own, with nothing
// but the sample data. Tests of this package run one after the other.
func untouched(t *testing.T) {
	t.Helper()
	start(t)
	own, err := installed(fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano()))
	if err == nil {
		err = own.Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	before := shared.process
	shared.process = own
	t.Cleanup(func() {
		own.Stop()
		shared.process = before
	})
}

// startBrowser starts Chromium without anything that asks the network.
func startBrowser() error {
	path, err := chromium()
	if err != nil {
		return err
	}
	font, err := withFont(shared.dir)
	if err != nil {
		return err
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), font, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(shared.dir, "chromium")),
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,OptimizationHints,MediaRouter"),
	)...)
	shared.cancel = append(shared.cancel, cancel)
	shared.browser, cancel = chromedp.NewContext(allocator)
	shared.cancel = append(shared.cancel, cancel)
	return chromedp.Do(shared.browser)
}

// chromium finds the browser; `make test` installs it where there is none.
func chromium() (string, error) {
	if path := os.Getenv("KYODO_CHROMIUM"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium: sh scripts/require.sh chromium")
}

// tab is a page in a browser of its own, without cookies of others. What the
// browser says of errors and broken policies fails its test.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	findings []string
}

// command is a command of the protocol as a step.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// setting adapts a tab before its first page.
type setting func(*tab)

// phone is a screen of 360 pixels.
func phone(tb *tab) { tb.run(chromedp.EmulateViewport(360, 740)) }

// narrow is the narrowest screen that the portal promises.
func narrow(tb *tab) { tb.run(chromedp.EmulateViewport(320, 640)) }

// withoutJavaScript turns the scripts of pages off.
func withoutJavaScript(tb *tab) {
	tb.run(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
}

// open makes a tab.
func open(t *testing.T, settings ...setting) *tab {
	t.Helper()
	start(t)
	tb := &tab{t: t}
	ctx, cancel := chromedp.NewContext(shared.browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(tb.listen))
	tb.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		tb.mu.Lock()
		defer tb.mu.Unlock()
		for _, f := range tb.findings {
			t.Errorf("the browser says: %s", f)
		}
	})
	tb.run(command(log.Enable, cdp.Empty{}), command(audits.Enable, cdp.Empty{}), command(network.Enable, network.EnableParams{}))
	tb.cookie("kyodo-lang", "ja")
	for _, s := range settings {
		s(tb)
	}
	return tb
}

// listen collects what a page does that it should not.
func (tb *tab) listen(event any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		tb.findings = append(tb.findings, "exception: "+fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.URL))
	case *log.EventEntryAdded:
		// A refusal is a page with a status of its own; that is no finding.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			tb.findings = append(tb.findings, string(e.Entry.Source)+": "+e.Entry.Text)
		}
	case *audits.EventIssueAdded:
		if v := e.Issue.Details.ContentSecurityPolicyIssueDetails; v != nil {
			tb.findings = append(tb.findings, fmt.Sprintf("policy: %s %s %s", v.ViolatedDirective, v.ContentSecurityPolicyViolationType, v.BlockedURL))
		}
	case *cdppage.EventJavascriptDialogOpening:
		tb.findings = append(tb.findings, "dialog of a script: "+e.Message)
		go func() { // the page waits for it, and this listener for the page
			_ = tb.try(command(cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{})) // the tab may be gone
		}()
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Scheme != "data" && "http://"+u.Host != shared.process.Origin {
			tb.findings = append(tb.findings, "request outside: "+e.Request.URL)
		}
	}
}

// run runs steps within the time of one step.
func (tb *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := tb.try(actions...); err != nil {
		tb.t.Fatalf("%v\n%s", err, tb.where())
	}
}

// ask runs a step that returns a value.
func ask[T any](tb *tab, a chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, a)
}

// get is ask for a step that must succeed.
func get[T any](tb *tab, a chromedp.Action[T]) T {
	tb.t.Helper()
	out, err := ask(tb, a)
	if err != nil {
		tb.t.Fatalf("%v\n%s", err, tb.where())
	}
	return out
}

func (tb *tab) try(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// where says what the tab shows, for messages.
func (tb *tab) where() string {
	text, err := ask(tb, chromedp.Evaluate[string](`location.href + "\n" + (document.body ? document.body.innerText : "")`))
	if err != nil {
		return err.Error()
	}
	return text
}

// visit goes to an address of the installation.
func (tb *tab) visit(path string) {
	tb.t.Helper()
	tb.run(chromedp.Navigate(shared.process.Origin + path))
}

// follow clicks what leads to another page and waits for that page.
func (tb *tab) follow(selector string) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(selector)); err != nil {
		tb.t.Fatalf("follow %s: %v\n%s", selector, err, tb.where())
	}
}

// link is the selector of a link or button by its text.
func link(text string) string {
	return fmt.Sprintf(`//main//*[self::a or self::button][contains(normalize-space(.), %q)]`, text)
}

// write replaces what stands in a field, as a person types.
func (tb *tab) write(name, value string) {
	tb.t.Helper()
	field := fmt.Sprintf(`[name=%q]`, name)
	tb.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).value = ""`, field)), chromedp.SendKeys(chromedp.CSS(field), value))
}

// choose takes an option of a select.
func (tb *tab) choose(name, value string) {
	tb.t.Helper()
	tb.run(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`select[name=%q]`, name)), value))
}

// text returns what the page says.
func (tb *tab) text() string {
	tb.t.Helper()
	return get(tb, chromedp.Evaluate[string](`document.body.innerText`))
}

// value returns what stands in a field.
func (tb *tab) value(name string) string {
	tb.t.Helper()
	return get(tb, chromedp.Value(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name))))
}

// path returns the address of the page without its origin.
func (tb *tab) path() string {
	tb.t.Helper()
	return strings.TrimPrefix(get(tb, chromedp.Location()), shared.process.Origin)
}

// says fails unless the page says all of it.
func (tb *tab) says(wanted ...string) {
	tb.t.Helper()
	text := tb.text()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			tb.t.Fatalf("the page does not say %q:\n%s", w, tb.where())
		}
	}
}

// waitFor waits until the page says it, or the page that comes after it.
func (tb *tab) waitFor(wanted string) {
	tb.t.Helper()
	var err error
	for range 3 { // a page that goes away ends the wait on it
		if err = tb.try(chromedp.Poll[chromedp.Void](fmt.Sprintf(`document.body && document.body.innerText.includes(%q)`, wanted))); err == nil {
			return
		}
		if tb.ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
			break
		}
	}
	tb.t.Fatalf("the page never says %q: %v\n%s", wanted, err, tb.where())
}

// cookie sets a cookie of the installation.
func (tb *tab) cookie(name, value string) {
	tb.t.Helper()
	secure, hidden := true, true
	tb.run(command(network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: shared.process.Origin, Path: "/", Secure: &secure, HTTPOnly: &hidden}))
}

// as gives the tab the session of a sample person; it was begun outside the
// browser, as TestSignIn begins one inside.
func (tb *tab) as(person string) *tab {
	tb.t.Helper()
	if person != "" {
		tb.cookie("__Host-kyodo", session(tb.t, person))
	}
	return tb
}

// violations runs axe-core on the page.
func (tb *tab) violations() []string {
	tb.t.Helper()
	get(tb, chromedp.Evaluate[string](axe+`;"ready"`))
	raw := get(tb, chromedp.Evaluate[string](`axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"]
	}).then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 3).map((n) => "    " + n.html + "\n    " + n.failureSummary.replaceAll("\n", " ")).join("\n"))))`,
		chromedp.EvalAwaitPromise))
	var out []string
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		tb.t.Fatal(err)
	}
	return out
}
