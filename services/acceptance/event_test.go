package acceptance

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// publicCourse is what everybody is told about a proposal that is adopted.
var publicCourse = []string{
	"1 ProposalSubmitted", "2 ProposalStatusChanged RECEIVED", "3 ProposalStatusChanged IN_EXAMINATION", "4 ProposalStatusChanged IN_NEGOTIATION",
	"5 ProposalStatusChanged IN_EXAMINATION", "6 ProposalStatusChanged ADOPTED", "7 ProposalAdopted",
}

// wardCourse is what the ward is told about it.
var wardCourse = []string{
	"DRAFT→SUBMITTED", "SUBMITTED→ACCEPTED", "ACCEPTED→ASSIGNED", "ASSIGNED→ASSIGNED", "ASSIGNED→ASSIGNED", "ASSIGNED→UNDER_REVIEW",
	"UNDER_REVIEW→IN_NEGOTIATION", "IN_NEGOTIATION→DECISION_DRAFTED", "DECISION_DRAFTED→ADOPTED",
}

// TestSubscribers follow a proposal over server-sent events and at the broker.
func TestSubscribers(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			const proposals = "kyodo.proposals.public.proposal.>"
			everybody := w.watch(t, "", "kyodo.*.public.>", "")
			resident := w.watch(t, "resident", "kyodo.*.*.*.>", "")
			desk := w.watch(t, "desk", "kyodo.proposals.ward.>", "")
			outside := w.subscribe(t, proposals, false)

			p := w.over(t, grpcTransport{w})
			d := p.draft(p.publishedCall(nil), "聞かれている提案").assigned().examined()
			d.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("ADOPTED", "確かめた。"))
			d.step("approver", "ApproveDecision", "ADOPTED", nil)

			for name, s := range map[string]*subscriber{"everybody": everybody, "resident": resident, "broker": outside} {
				heard := s.hears(t, d.id, len(publicCourse), 10*time.Second)
				if diff := cmp.Diff(publicCourse, told(t, heard)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
			var steps []string
			for i, f := range desk.hears(t, d.id, len(wardCourse), 10*time.Second) {
				steps = append(steps, f.body().str("from")+"→"+f.body().str("to"))
				if f.Sequence.String() != fmt.Sprint(i+1) {
					t.Errorf("the ward's event %d has the sequence %s", i+1, f.Sequence)
				}
			}
			if diff := cmp.Diff(wardCourse, steps); diff != "" {
				t.Errorf("the ward (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(texts(everybody.about(d.id)), texts(outside.about(d.id))); diff != "" {
				t.Errorf("(-REST +broker):\n%s", diff)
			}
			if len(everybody.about(d.organization)) == 0 || len(everybody.about(d.call.str("id"))) == 0 {
				t.Error("nothing was told of the organization or the call")
			}
			c := w.over(t, restTransport{w})
			for _, as := range []string{"", "resident", "representative", "admin"} {
				resp, raw := c.send(as, http.MethodGet, "/v1/domainEvents:watch?subject=kyodo.proposals.ward.%3E", nil)
				if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
					t.Errorf("%q asks for the ward's events: %d %.300s", as, resp.StatusCode, raw)
				}
			}
		})
	}
}

// told writes down events about one proposal.
func told(t testing.TB, facts []fact) []string {
	t.Helper()
	var out []string
	for _, f := range facts {
		if err := f.complete(); err != nil {
			t.Error(err)
		}
		line := f.Sequence.String() + " " + f.name()
		if to := f.body().str("publicTo"); to != "" {
			line += " " + to
		}
		if f.body().str("from")+f.body().str("to") != "" {
			t.Errorf("everybody is told the inner state: %s", f.Data)
		}
		out = append(out, line)
	}
	return out
}

func texts(facts []fact) []string {
	var out []string
	for _, f := range facts {
		out = append(out, f.text())
	}
	return out
}

// TestResumedWatch leaves in the middle and comes back behind the last event.
func TestResumedWatch(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			c := w.over(t, restTransport{w})
			first := w.watch(t, "", "kyodo.proposals.public.proposal.>", "")
			p := c.draft(c.publishedCall(nil), "途中で聞き直す提案").assigned()
			before := first.hears(t, p.id, 2, 10*time.Second)
			first.stop()
			cursor := first.last()
			p.examined()
			again := w.watch(t, "", "kyodo.proposals.public.proposal.>", cursor)
			after := again.hears(t, p.id, 2, 10*time.Second)
			got := told(t, append(slices.Clone(before[:2]), after...))
			if diff := cmp.Diff(publicCourse[:4], got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			resp, raw := c.send("", http.MethodGet, "/v1/domainEvents:watch", nil, "Last-Event-ID", "x"+cursor[1:])
			checkProblem(t, "a changed cursor", resp, raw, http.StatusBadRequest, "INVALID_FIELD")
		})
	}
}

// TestReadOnlyAccount tries at the broker what a subscriber may not do.
func TestReadOnlyAccount(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			for _, subject := range forbiddenSubjects {
				if w.mayPublish(t, subject) {
					t.Errorf("the read-only account may publish to %s", subject)
				}
			}
			for _, subject := range []string{"kyodo.>", "kyodo.proposals.ward.>", "$JS.>", ">"} {
				if w.maySubscribe(t, subject) {
					t.Errorf("the read-only account may subscribe to %s", subject)
				}
			}
		})
	}
}
