package acceptance

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// atOnce runs f so many times at the same moment.
func atOnce(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	gate := make(chan struct{})
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-gate
			f(i)
		})
	}
	ready.Wait()
	close(gate)
	done.Wait()
}

// TestTwoMovers has two at the desk take the same step, and two different
// steps, of one proposal at once: one wins, the other is told why not.
func TestTwoMovers(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call := c.publishedCall(nil)
		for range 5 {
			p := c.draft(call, "二人が同時に動かす提案")
			etag := p.step(p.rep, "SubmitProposal", "SUBMITTED", nil).str("etag")
			errs := make([]error, 2)
			atOnce(2, func(i int) {
				if i == 0 {
					_, errs[i] = c.try("desk", "AcceptProposal", obj{"id": p.id, "etag": etag})
					return
				}
				_, errs[i] = c.try("desk", "ReturnProposal", obj{"id": p.id, "etag": etag, "fields": []string{"title"}, "message": "確認", "dueOn": today(1)})
			})
			lost := reasonOf(errs[0]) + reasonOf(errs[1])
			if lost != "ETAG_MISMATCH" && lost != "INVALID_STATE_TRANSITION" {
				t.Errorf("two movers are answered %q and %q", reasonOf(errs[0]), reasonOf(errs[1]))
			}
			state := c.ok("desk", "GetProposal", obj{"id": p.id}).str("proposal.state")
			if want := map[bool]string{true: "ACCEPTED", false: "RETURNED"}[errs[0] == nil]; state != want {
				t.Errorf("the state is %s, the winner made it %s", state, want)
			}
		}
	})
}

// TestSameKeyTwentyTimes sends one request twenty times at once with one key.
func TestSameKeyTwentyTimes(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call, rep := c.publishedCall(nil), somebody("rep")
		organization := c.organization(rep, "一度だけの会 "+rep)
		keyed := c.with("idempotency-key", rand.Text())
		request := obj{"callId": call.str("id"), "organizationId": organization, "content": obj{"title": "一度だけの提案"}}
		answers, errs := make([]answer, 20), make([]error, 20)
		atOnce(20, func(i int) {
			for { // A call that finds the first one still running is told to come back.
				answers[i], errs[i] = keyed.try(rep, "CreateProposal", request)
				if reasonOf(errs[i]) != "IDEMPOTENCY_IN_PROGRESS" {
					return
				}
			}
		})
		for i := range answers {
			if errs[i] != nil {
				t.Fatalf("call %d: %s", i, explain(errs[i]))
			}
			if diff := cmp.Diff(answers[0].text(), answers[i].text()); diff != "" {
				t.Errorf("call %d is answered otherwise:\n%s", i, diff)
			}
		}
		if got := c.all(rep, "ListProposals", "proposals", obj{"organizationId": organization}); len(got) != 1 {
			t.Errorf("there are %d proposals", len(got))
		}
		request["content"] = obj{"title": "別の提案"}
		keyed.refused(rep, "CreateProposal", "IDEMPOTENCY_KEY_REUSED", request)
		// The key is the caller's own: another person's call with it is another call.
		other := somebody("rep")
		request["organizationId"] = c.organization(other, "別の会 "+other)
		keyed.ok(other, "CreateProposal", request)
	})
}

// TestRepeatedStep repeats a step with its key after the answer was lost, and
// checks the status and the bytes over HTTP.
func TestRepeatedStep(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			c := w.over(t, restTransport{w})
			p := c.draft(c.publishedCall(nil), "答えが失われた提案")
			keyed := c.with("Idempotency-Key", rand.Text())
			path := "/v1/proposals/" + p.id + ":submit"
			first, firstBody := keyed.sendJSON(p.rep, http.MethodPost, path, obj{})
			again, againBody := keyed.sendJSON(p.rep, http.MethodPost, path, obj{})
			if first.StatusCode != http.StatusOK || again.StatusCode != http.StatusOK {
				t.Errorf("status %d, then %d: %s", first.StatusCode, again.StatusCode, againBody)
			}
			if diff := cmp.Diff(string(firstBody), string(againBody)); diff != "" {
				t.Errorf("the repeat is answered otherwise:\n%s", diff)
			}
			reused, body := keyed.sendJSON(p.rep, http.MethodPost, path, obj{"etag": `"1"`})
			if reused.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(body), "IDEMPOTENCY_KEY_REUSED") {
				t.Errorf("the key with another request: %d %s", reused.StatusCode, body)
			}
			// A refusal is not kept: the same key works when the reason is gone.
			q := c.draftOf(p.rep, p.organization, p.call, obj{"title": "途中"})
			refused := c.with("idempotency-key", rand.Text())
			refused.refused(q.rep, "SubmitProposal", "DECLARATION_MISSING", obj{"id": q.id})
			full := content(q.call, "完成")
			etag := c.ok(q.rep, "GetProposal", obj{"id": q.id}).str("proposal.etag")
			c.ok(q.rep, "UpdateProposal", obj{"id": q.id, "proposal": obj{"content": full}, "updateMask": maskOf(full), "etag": etag})
			refused.ok(q.rep, "SubmitProposal", obj{"id": q.id})
		})
	}
}

// TestNumbersAndQuota submits at once: every proposal has a number of its own,
// without gaps, and no organization has more in a call than it may.
func TestNumbersAndQuota(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call := c.publishedCall(obj{"maxProposalsPerOrganization": 3})
		rep, other := somebody("rep"), somebody("rep")
		drafts := []*course{}
		for _, person := range []string{rep, other} {
			organization := c.organization(person, "番号の会 "+person)
			for range 5 {
				drafts = append(drafts, c.draftOf(person, organization, call, content(call, "番号を待つ提案")))
			}
		}
		errs, numbers := make([]error, len(drafts)), make([]string, len(drafts))
		atOnce(len(drafts), func(i int) {
			var a answer
			a, errs[i] = c.try(drafts[i].rep, "SubmitProposal", obj{"id": drafts[i].id})
			numbers[i] = a.str("proposal.number")
		})
		given := map[string]int{}
		submitted := map[string]int{}
		for i, err := range errs {
			switch reasonOf(err) {
			case "":
				given[numbers[i]]++
				submitted[drafts[i].rep]++
			case "QUOTA_EXCEEDED":
			default:
				t.Errorf("submitting at once: %s", explain(err))
			}
		}
		if submitted[rep] != 3 || submitted[other] != 3 || len(given) != 6 {
			t.Errorf("submitted %v with the numbers %v", submitted, given)
		}
		// One that is withdrawn makes room for another, with a new number.
		i := slices.IndexFunc(errs, func(err error) bool { return err == nil })
		drafts[i].step(drafts[i].rep, "WithdrawProposal", "WITHDRAWN", obj{"reason": "場所を空ける"})
		for j, p := range drafts {
			if errs[j] == nil || p.rep != drafts[i].rep {
				continue
			}
			if number := p.step(p.rep, "SubmitProposal", "SUBMITTED", nil).str("number"); given[number] > 0 {
				t.Errorf("the number %s is given twice", number)
			}
			break
		}
	})
}
