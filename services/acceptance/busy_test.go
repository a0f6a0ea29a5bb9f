package acceptance

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"
)

// TestBusyRow holds the lock of a proposal's row: who waits in vain is told to
// come back, and so is who repeats a call that still runs.
func TestBusyRow(t *testing.T) {
	t.Parallel()
	w := start(t)[0]
	c := w.over(t, restTransport{w})
	p := c.draft(c.publishedCall(nil), "取り込み中の提案")
	p.step(p.rep, "SubmitProposal", "SUBMITTED", nil)
	tx, err := w.database(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }() // ended below already
	if _, err := tx.Exec(t.Context(), `SELECT FROM proposals.proposal WHERE id = $1 FOR UPDATE`, p.id); err != nil {
		t.Fatal(err)
	}
	keyed := c.with("Idempotency-Key", rand.Text())
	type told struct {
		resp *http.Response
		raw  []byte
	}
	answers := make([]told, 2)
	began := time.Now()
	atOnce(2, func(i int) {
		answers[i].resp, answers[i].raw = keyed.sendJSON("desk", http.MethodPost, "/v1/proposals/"+p.id+":accept", obj{})
	})
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %s to be told", took)
	}
	first, second := answers[0], answers[1]
	if first.resp.StatusCode == http.StatusConflict {
		first, second = second, first
	}
	checkProblem(t, "who waits for the row", first.resp, first.raw, http.StatusServiceUnavailable, "OVERLOADED")
	if first.resp.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	checkProblem(t, "who repeats it", second.resp, second.raw, http.StatusConflict, "IDEMPOTENCY_IN_PROGRESS")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	keyed.ok("desk", "AcceptProposal", obj{"id": p.id})
}

// TestProductionLimits asks more often than production lets a stranger ask.
func TestProductionLimits(t *testing.T) {
	build(t)
	w, err := newWorld("production")
	if err != nil {
		t.Fatal(err)
	}
	w.args = append(w.args, "--profile", "production")
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
