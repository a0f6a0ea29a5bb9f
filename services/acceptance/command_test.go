package acceptance

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCommands runs the commands that stand beside a running installation.
func TestCommands(t *testing.T) {
	t.Parallel()
	w := start(t)[0]
	c := w.over(t, restTransport{w})
	token, err := w.kyodo(t, "token", "--as", "desk", "--data", w.data)
	if err != nil {
		t.Fatal(err, token)
	}
	c.with("Authorization", "Bearer "+strings.TrimSpace(token)).ok("", "FindDuplicates", obj{"name": "物語"})
	for _, bad := range []struct {
		args []string
		says string
	}{
		{[]string{"token", "--as", "nobody", "--data", w.data}, "representative"},
		{[]string{"token", "--as", "desk", "--data", filepath.Join(t.TempDir(), "empty")}, "kyodo all"},
		{[]string{"all", "--sampel=false"}, "--sample"},
		{[]string{"all", "--data", t.TempDir(), "--http-addr", "0.0.0.0:1"}, "--behind-proxy"},
		{[]string{"all", "--data", w.data}, "kyodo"},
		{[]string{"nonsense"}, "nonsense"},
	} {
		if out, err := w.kyodo(t, bad.args...); err == nil || !strings.Contains(out, bad.says) {
			t.Errorf("kyodo %v: %v\n%s", bad.args, err, out)
		}
	}
	if out, err := w.kyodo(t, "doctor", "--data", w.data); err != nil || strings.Contains(out, "✗") {
		t.Errorf("kyodo doctor: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"--help"}, {"all", "--help"}, {"watch", "--help"}, {"verify", "audit", "--help"}, {"dead-letters", "--help"}} {
		if out, err := w.kyodo(t, args...); err != nil || !strings.Contains(out, "Usage: kyodo") {
			t.Errorf("kyodo %v: %v\n%s", args, err, out)
		}
	}
}

// TestWatchCommand follows events on the terminal, over REST and at the broker.
func TestWatchCommand(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			rest := w.terminal(t, "watch", "--data", w.data, "--origin", w.origin, "--filter", "kyodo.proposals.public.>")
			broker := w.terminal(t, "watch", "--data", w.data, "--nats", w.natsURL, "--from", "start", "--filter", "kyodo.proposals.public.>")
			c := w.over(t, restTransport{w})
			call := c.publishedCall(nil)
			for name, lines := range map[string]chan string{"REST": rest, "broker": broker} {
				if !c.prints(lines, call) {
					t.Errorf("kyodo watch over %s prints nothing of what happens", name)
				}
			}
		})
	}
}

// prints submits proposals until one is told of: who begins to watch is told of
// what comes after.
func (c *client) prints(lines chan string, call answer) bool {
	c.t.Helper()
	for range 10 {
		p := c.draft(call, "端末で聞かれる提案")
		p.step(p.rep, "SubmitProposal", "SUBMITTED", nil)
		for over := time.After(time.Second); ; {
			select {
			case line, more := <-lines:
				if strings.Contains(line, p.id) && strings.Contains(line, "ProposalSubmitted") {
					return true
				}
				if more {
					continue
				}
				return false
			case <-over:
			}
			break
		}
	}
	return false
}

// terminal runs a command until the test ends and gives its lines.
func (w *world) terminal(t *testing.T, args ...string) chan string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(worlds.dir, "bin", "kyodo"), args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // it ends with the test's context
	lines := make(chan string, 10_000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}
