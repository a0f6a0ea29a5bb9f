package acceptance

import (
	"crypto/rand"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestBusyRow holds the lock of a proposal's row, then that of the counter which
// the submission needs next: who waits in vain is told to come back, and so is
// who repeats a call that still runs.
func TestBusyRow(t *testing.T) {
	t.Parallel()
	w := start(t)[0]
	c := w.over(t, restTransport{w})
	call := c.publishedCall(obj{"fiscalYear": 2099})
	before := c.draft(call, "先に番号を取る提案")
	before.step(before.rep, "SubmitProposal", "SUBMITTED", nil)
	p := c.draft(call, "取り込み中の提案")
	row := w.holds(t, `SELECT FROM proposals.proposal WHERE id = $1 FOR UPDATE`, p.id)
	counter := w.holds(t, `SELECT FROM proposals.number_counter WHERE fiscal_year = $1 FOR UPDATE`, 2099)

	keyed := c.with("Idempotency-Key", rand.Text())
	submit := func(reason string, status int) {
		resp, raw := keyed.sendJSON(p.rep, http.MethodPost, "/v1/proposals/"+p.id+":submit", obj{})
		checkProblem(t, reason, resp, raw, status, reason)
		if resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s without Retry-After", reason)
		}
	}
	var both sync.WaitGroup
	both.Go(func() { submit("OVERLOADED", http.StatusServiceUnavailable) })
	waits := w.database(t)
	eventually(t, 20*time.Second, "the first call waits for the row", func() bool {
		var n int
		err := waits.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&n)
		return err == nil && n > 0
	})
	both.Go(func() { submit("IDEMPOTENCY_IN_PROGRESS", http.StatusConflict) })
	<-time.After(1200 * time.Millisecond) // Less than a call waits for a lock: it goes on to the next.
	row()
	both.Wait()
	counter()
	keyed.ok(p.rep, "SubmitProposal", obj{"id": p.id})
}

// holds locks rows until the returned function is called.
func (w *world) holds(t testing.TB, query string, arg any) (release func()) {
	t.Helper()
	tx, err := w.database(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tag, err := tx.Exec(t.Context(), query, arg); err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("%s: %v, %v", query, tag, err)
	}
	return func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestProductionLimits asks more often than production lets a stranger ask.
func TestProductionLimits(t *testing.T) {
	build(t)
	w, err := newWorld("production")
	if err != nil {
		t.Fatal(err)
	}
	w.Args = append(w.Args, "--profile", "production", "--oidc-issuer", "https://issuer.example.com") // nobody signs in here
	t.Cleanup(w.stop)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	c := w.over(t, restTransport{w})
	limited := false
	for range 200 {
		resp, raw := c.send("", http.MethodGet, "/v1/calls", nil)
		if resp.StatusCode == http.StatusOK {
			continue
		}
		limited = true
		checkProblem(t, "asking too often", resp, raw, http.StatusTooManyRequests, "RATE_LIMITED")
		if resp.Header.Get("Retry-After") == "" || resp.Header.Get("RateLimit-Policy") == "" {
			t.Errorf("429 without Retry-After or RateLimit-Policy: %v", resp.Header)
		}
		break
	}
	if !limited {
		t.Error("200 calls in a row are not limited")
	}
	if resp, _ := c.send("", http.MethodGet, "/healthz", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("health is limited: %d", resp.StatusCode)
	}
}
