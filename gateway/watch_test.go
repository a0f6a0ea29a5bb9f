package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// listener is a client of the event stream.
type listener struct {
	t      testing.TB
	lines  chan string
	lastID string
	cancel context.CancelFunc
}

// received is one event as a client sees it.
type received struct{ Name, Subject, Sequence, Data string }

func (e *edge) listen(query, token, lastID string) *listener {
	e.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	e.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/v1/domainEvents:watch"+query, nil)
	check(e.t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req)
	check(e.t, err)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		e.t.Fatalf("%s %v %s", resp.Status, resp.Header, text(e.t, resp))
	}
	l := &listener{t: e.t, lines: make(chan string, 1000), cancel: cancel}
	go func() {
		defer close(l.lines)
		defer func() { _ = resp.Body.Close() }()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			l.lines <- s.Text()
		}
	}()
	l.block() // retry and the first cursor
	return l
}

// block reads up to the next empty line.
func (l *listener) block() map[string]string {
	l.t.Helper()
	out := map[string]string{}
	for line := range l.lines {
		if line == "" {
			if out["id"] != "" {
				l.lastID = out["id"]
			}
			return out
		}
		name, value, _ := strings.Cut(line, ": ")
		out[name] = value
	}
	return nil
}

func (l *listener) next() received {
	l.t.Helper()
	for {
		b := l.block()
		if b == nil {
			l.t.Fatal("the stream ended")
		}
		if b["data"] == "" {
			continue
		}
		var e struct {
			SpecVersion, ID, Source, Type, Subject, Time, Epoch string
			Sequence                                            int64
			Data                                                json.RawMessage
		}
		check(l.t, json.Unmarshal([]byte(b["data"]), &e))
		if e.SpecVersion != "1.0" || e.ID == "" || e.Source == "" || e.Epoch == "" || e.Time == "" || !strings.HasSuffix(e.Type, "."+b["event"]) {
			l.t.Errorf("incomplete event %s", b["data"])
		}
		return received{b["event"], e.Subject, fmt.Sprint(e.Sequence), string(e.Data)}
	}
}

func (l *listener) take(n int) []received {
	l.t.Helper()
	var out []received
	for range n {
		out = append(out, l.next())
	}
	return out
}

func TestWatchResumes(t *testing.T) {
	b := startBus(t)
	e := start(t, b.gateway)
	b.publish("proposals", "public", "proposal", "old", "ProposalSubmitted", `{"n":0}`)
	l := e.listen("", "", "")
	for i := range 3 {
		b.publish("proposals", "public", "proposal", "a", "ProposalSubmitted", fmt.Sprintf(`{"n":%d}`, i+1))
	}
	want := []received{{"ProposalSubmitted", "a", "1", `{"n":1}`}, {"ProposalSubmitted", "a", "2", `{"n":2}`}, {"ProposalSubmitted", "a", "3", `{"n":3}`}}
	if diff := cmp.Diff(want, l.take(3)); diff != "" {
		t.Fatal(diff)
	}
	l.cancel()
	b.publish("proposals", "public", "proposal", "a", "ProposalAdopted", `{"n":4}`)
	b.publish("proposals", "ward", "proposal", "a", "ProposalStatusChanged", `{"secret":1}`)
	b.publish("directory", "public", "organization", "o", "OrganizationVerified", `{"n":5}`)
	again := e.listen("", "", l.lastID)
	got := map[string]bool{}
	for _, r := range again.take(2) {
		got[r.Name] = true
	}
	if !got["ProposalAdopted"] || !got["OrganizationVerified"] {
		t.Errorf("after the break: %v", got)
	}
	query := e.listen("?lastEventId="+l.lastID, "", "")
	query.take(2)
}

func TestWatchVisibility(t *testing.T) {
	b := startBus(t)
	e := start(t, b.gateway)
	public := e.listen("", e.token("member", optionsv1.Role_ROLE_EDITOR), "")
	ward := e.listen("", e.token("staff", optionsv1.Role_ROLE_STAFF), "")
	only := e.listen("?service=proposals&aggregate=proposal&id=b", "", "")
	subject := e.listen("?subject=kyodo.proposals.public.proposal.b", "", "")
	b.publish("proposals", "private", "proposal", "a", "ProposalNoted", `{"n":0}`)
	b.publish("proposals", "ward", "proposal", "a", "ProposalStatusChanged", `{"n":1}`)
	b.publish("proposals", "public", "proposal", "a", "ProposalSubmitted", `{"n":2}`)
	b.publish("proposals", "public", "proposal", "b", "ProposalSubmitted", `{"n":3}`)
	for name, c := range map[string]struct {
		l    *listener
		want []string
	}{
		"a member": {public, []string{"a2", "b3"}}, "staff": {ward, []string{"a1", "a2", "b3"}}, "one proposal": {only, []string{"b3"}}, "one subject": {subject, []string{"b3"}},
	} {
		var got []string
		for _, r := range c.l.take(len(c.want)) {
			got = append(got, r.Subject+strings.Trim(r.Data, `{"n:}`))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWatchRefusals(t *testing.T) {
	b := startBus(t)
	e := start(t, b.gateway)
	for path, reason := range map[string]string{
		"?lastEventId=rubbish": "INVALID_FIELD", "?color=red": "UNKNOWN_PARAMETER", "?service=a&service=b": "DUPLICATE_PARAMETER",
		"?service=a.b": "INVALID_FIELD", "?subject=kyodo.%3E": "INVALID_FIELD", "?subject=kyodo.proposals.private.proposal.a": "INVALID_FIELD",
		"?subject=kyodo.proposals.ward.proposal.a": "UNAUTHENTICATED",
	} {
		if doc, _ := e.problem(ask{method: "GET", path: "/v1/domainEvents:watch" + path}); doc.Reason != reason {
			t.Errorf("%s: %s", path, doc.Reason)
		}
	}
	if doc, _ := e.problem(ask{method: "GET", path: "/v1/domainEvents:watch?subject=kyodo.proposals.ward.proposal.a", token: e.token("member")}); doc.Reason != "PERMISSION_DENIED" {
		t.Errorf("ward events for a member: %s", doc.Reason)
	}
	none := start(t)
	if doc, _ := none.problem(ask{method: "GET", path: "/v1/domainEvents:watch"}); doc.Reason != "DEPENDENCY_UNAVAILABLE" || doc.Status != 503 {
		t.Errorf("without a broker: %+v", doc)
	}
}

// TestWatchEndsWithTheRole holds that staff who are staff no longer hear nothing
// more of the ward.
func TestWatchEndsWithTheRole(t *testing.T) {
	b := startBus(t)
	e := start(t, b.gateway)
	e.run()
	l := e.listen("", e.token("staff", optionsv1.Role_ROLE_STAFF), "")
	b.publish("proposals", "ward", "proposal", "a", "ProposalStatusChanged", `{"n":1}`)
	l.take(1)
	e.directory.set("staff", optionsv1.Role_ROLE_RESIDENT)
	e.exchange.ForgetAll()
	b.publish("proposals", "ward", "proposal", "a", "ProposalStatusChanged", `{"n":2}`)
	if block := l.block(); block != nil {
		t.Errorf("hears %v", block)
	}
}

// TestWatchSurvivesTheBroker holds that an open stream goes on when the broker
// comes back, without a gap.
func TestWatchSurvivesTheBroker(t *testing.T) {
	b := startBus(t)
	e := start(t, b.gateway)
	l := e.listen("?service=proposals", "", "")
	b.publish("proposals", "public", "proposal", "a", "ProposalSubmitted", `{"n":1}`)
	l.take(1)
	check(t, b.Restart(t.Context(), "test"))
	eventually(t, "the steward is back", b.nats.IsConnected)
	b.publish("proposals", "public", "proposal", "a", "ProposalSubmitted", `{"n":2}`)
	if got := l.take(1); got[0].Data != `{"n":2}` {
		t.Errorf("%v", got)
	}
	b.publish("proposals", "public", "proposal", "a", "ProposalSubmitted", `{"n":3}`)
	if got := e.listen("?service=proposals", "", l.lastID).take(1); got[0].Data != `{"n":3}` {
		t.Errorf("a new stream: %v", got)
	}
}
