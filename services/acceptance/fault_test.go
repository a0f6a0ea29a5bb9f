package acceptance

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// step is one call on the way.
type step struct {
	as, rpc, state string
	in             obj
}

// way is the way of a proposal in the fault tests, step by step.
var way = []step{
	{"", "SubmitProposal", "SUBMITTED", nil}, // by the representative
	{"desk", "AcceptProposal", "ACCEPTED", nil},
	{"desk", "AssignDepartments", "ASSIGNED", nil}, // to the staff's department
	{"staff", "RespondToAssignment", "ASSIGNED", obj{"response": "ACCEPTED"}},
	{"desk", "StartReview", "UNDER_REVIEW", nil},
	{"staff", "Negotiate", "IN_NEGOTIATION", nil},
}

// next takes the step behind so many that are done.
func (p *course) next(done int) error {
	s := way[done]
	in, as := obj{"id": p.id}, s.as
	switch s.rpc {
	case "SubmitProposal":
		as = p.rep
	case "AssignDepartments":
		in["assignments"] = []obj{{"departmentId": p.departmentOf("staff"), "role": "LEAD"}}
	}
	_, err := p.try(as, s.rpc, merge(in, s.in))
	return err
}

// done returns how many steps of the way the proposal has behind it.
func (p *course) done() int {
	p.t.Helper()
	a := p.ok(p.rep, "GetProposal", obj{"id": p.id})
	state := a.str("proposal.state")
	if state == "DRAFT" {
		return 0
	}
	i := slices.IndexFunc(way, func(s step) bool { return s.state == state })
	if state == "ASSIGNED" && a.str("proposal.assignments.0.response") == "ACCEPTED" {
		i++
	}
	return i + 1
}

// drafts makes complete drafts of one organization.
func (c *client) drafts(n int) []*course {
	c.t.Helper()
	call, rep := c.publishedCall(nil), somebody("rep")
	organization := c.organization(rep, "障害の会 "+rep)
	out := make([]*course, n)
	for i := range out {
		out[i] = c.draftOf(rep, organization, call, content(call, fmt.Sprintf("障害の中の提案 %d", i)))
	}
	c.departmentOf("staff")
	return out
}

// TestKilledInTheMiddle kills an installation in the middle of a hundred
// transitions: what was answered is there, and subscribers miss nothing.
func TestKilledInTheMiddle(t *testing.T) {
	w := own(t, "killed")
	c := w.over(t, restTransport{w})
	const public = "kyodo.proposals.public.proposal.>"
	proposals := c.drafts(20)
	early := w.watch(t, "", public, "")

	var answered atomic.Int64
	enough := make(chan struct{})
	done := make([]int, len(proposals))
	var movers sync.WaitGroup
	for first := range 4 {
		movers.Go(func() {
			for step := range way {
				for i := first; i < len(proposals); i += 4 {
					if proposals[i].next(step) != nil {
						return // The installation is gone.
					}
					done[i]++
					if answered.Add(1) == 50 {
						close(enough)
					}
				}
			}
		})
	}
	<-enough
	w.kill(t)
	movers.Wait()
	t.Logf("killed after %d answers", answered.Load())
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	for i, p := range proposals {
		if got := p.done(); got != done[i] && got != done[i]+1 {
			t.Errorf("proposal %d has %d steps behind it, %d were answered", i, got, done[i])
		}
		for step := p.done(); step < len(way); step++ {
			if err := p.next(step); err != nil {
				t.Fatalf("%s after the restart: %s", way[step].rpc, explain(err))
			}
		}
	}
	written := w.written(t)
	for _, p := range proposals {
		if n := len(written[p.id]); n != 4 {
			t.Errorf("%d public events of %s are written, want 4", n, p.id)
		}
	}
	late := w.subscribe(t, "kyodo.proposals.public.>", true)
	eventually(t, 20*time.Second, "who starts late hears everything", func() bool { return same(late.once(t), written) })
	resumed := w.watch(t, "", public, early.last())
	last := proposals[len(proposals)-1].id
	eventually(t, 20*time.Second, "who comes back hears the rest", func() bool {
		return len(early.about(last))+len(resumed.about(last)) >= 4
	})
	for _, p := range proposals {
		var got []string
		for _, f := range append(early.about(p.id), resumed.hears(t, p.id, 4-len(early.about(p.id)), 20*time.Second)...) {
			got = append(got, f.ID)
		}
		if diff := cmp.Diff(written[p.id], got); diff != "" {
			t.Errorf("over REST, before and after (-written +heard):\n%s", diff)
		}
	}
	w.verifiesAudit(t)
}

// kyodo runs a command of the program beside the installation.
func (w *world) kyodo(t testing.TB, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(worlds.dir, "bin", "kyodo"), args...).CombinedOutput()
	return string(out), err
}

// verifiesAudit proves the audit chains by the command and by the RPC.
func (w *world) verifiesAudit(t testing.TB) {
	t.Helper()
	out, err := w.kyodo(t, "verify", "audit", "--data", w.data)
	if err != nil || strings.Count(out, "intact") != 5 {
		t.Errorf("kyodo verify audit: %v\n%s", err, out)
	}
}

// TestPostgresGoesAway ends all connections of the services again and again, and
// then the server itself.
func TestPostgresGoesAway(t *testing.T) {
	w := own(t, "postgres")
	c := w.over(t, restTransport{w})
	call, rep := c.publishedCall(nil), somebody("rep")
	organization := c.organization(rep, "切断の会 "+rep)
	heard := w.subscribe(t, "kyodo.proposals.public.>", true)
	over := make(chan struct{})
	var created atomic.Int64
	var writers sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for !closed(over) {
				c.survives(rep, "/v1/proposals", obj{"callId": call.str("id"), "organizationId": organization, "content": obj{"title": "切断の中の提案"}})
				created.Add(1)
			}
		})
	}
	for range 5 {
		before := created.Load()
		eventually(t, 30*time.Second, "writing goes on", func() bool { return created.Load() >= before+10 })
		w.database(t).QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()`).Scan(new(int))
	}
	w.killPostmaster(t)
	before := created.Load()
	eventually(t, 30*time.Second, "writing goes on after Postgres was killed", func() bool { return created.Load() >= before+10 })
	close(over)
	writers.Wait()
	if got := len(c.all(rep, "ListProposals", "proposals", obj{"organizationId": organization})); int64(got) != created.Load() {
		t.Errorf("there are %d proposals, %d were answered", got, created.Load())
	}
	p := c.draftOf(rep, organization, call, content(call, "あとの提案"))
	p.step(rep, "SubmitProposal", "SUBMITTED", nil)
	heard.hears(t, p.id, 2, 20*time.Second)
	w.verifiesAudit(t)
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// survives creates with a key, again until it is answered: with nothing but 503
// and 504 in between.
func (c *client) survives(as, path string, body obj) {
	keyed := c.with("Idempotency-Key", rand.Text())
	for {
		resp, raw := keyed.sendJSON(as, http.MethodPost, path, body)
		switch {
		case resp.StatusCode == http.StatusCreated:
			return
		case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "", resp.StatusCode == http.StatusGatewayTimeout:
		case resp.StatusCode == http.StatusConflict && strings.Contains(string(raw), "IDEMPOTENCY_IN_PROGRESS"):
		default:
			c.t.Errorf("while Postgres is away: %d %v %s", resp.StatusCode, resp.Header, raw)
			return
		}
		if err := wholeProblem(resp, raw); err != nil {
			c.t.Errorf("while Postgres is away: %v", err)
		}
	}
}

func (w *world) killPostmaster(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// TestBrokerStands stops the broker's process: REST goes on, and the events
// follow when it runs again.
func TestBrokerStands(t *testing.T) {
	build(t)
	w, err := newApart("broker")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.stop)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	c := w.over(t, restTransport{w})
	proposals := c.drafts(5)
	heard := w.subscribe(t, "kyodo.proposals.public.>", false)
	early := w.watch(t, "", "kyodo.proposals.public.proposal.>", "")
	broker := w.child(t, "nats-server")
	if err := syscall.Kill(broker, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(broker, syscall.SIGCONT) }() // again does no harm
	began := time.Now()
	for _, p := range proposals {
		for step := range way {
			if err := p.next(step); err != nil {
				t.Errorf("%s while the broker stands: %s", way[step].rpc, explain(err))
			}
		}
	}
	if took := time.Since(began) / time.Duration(len(proposals)*len(way)); took > time.Second {
		t.Errorf("a step takes %s while the broker stands", took)
	}
	resp, raw := c.send("", http.MethodGet, "/v1/domainEvents:watch", nil)
	checkProblem(t, "a new watch while the broker stands", resp, raw, http.StatusServiceUnavailable, "DEPENDENCY_UNAVAILABLE")
	if err := syscall.Kill(broker, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	written := w.written(t)
	for _, p := range proposals {
		for _, s := range []*subscriber{heard, early} {
			heard := s.hears(t, p.id, 4, 60*time.Second)
			if diff := cmp.Diff(publicCourse[:4], told(t, heard)); diff != "" {
				t.Errorf("after the pause (-want +got):\n%s", diff)
			}
		}
		if len(written[p.id]) != 4 {
			t.Errorf("%d public events are written", len(written[p.id]))
		}
	}
}

// child returns the process id of a program that the installation started.
func (w *world) child(t testing.TB, name string) int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // It has ended.
		}
		var pid, parent int
		var program, state string
		if _, err := fmt.Sscanf(string(text), "%d %s %s %d", &pid, &program, &state, &parent); err == nil && parent == w.Cmd.Process.Pid && program == "("+name+")" {
			return pid
		}
	}
	t.Fatalf("%s has no child %s", w.name, name)
	return 0
}
