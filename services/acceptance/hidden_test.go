package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// everybody are the sample people and nobody.
var everybody = []string{
	"", "resident", "member", "representative", "member2", "representative2", "coordinator", "staff", "staff2",
	"desk", "approver", "reviewer", "reviewer2", "clerk", "auditor", "admin",
}

// TestHiddenIsAsInvented checks that a draft and a proposal under review of
// others are answered, by every RPC and to every person who may not know of
// them, with the bytes of an invented id.
func TestHiddenIsAsInvented(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call := c.publishedCall(nil)
		draft := c.draft(call, "まだ書きかけの提案")
		a, err := draft.upload(draft.rep, draft.id, file{"MATERIAL", "資料.pdf", tinyPDF})
		if err != nil {
			t.Fatal(explain(err))
		}
		attachment := a.str("attachment.id")
		if got, err := draft.download(draft.rep, draft.id, attachment); err != nil || !bytes.Equal(got, tinyPDF) {
			t.Errorf("downloaded %q, %v", got, err)
		}
		draft.isHiddenFrom(everybody, true)
		draft.hidesFile(attachment, everybody)

		reviewed := c.draft(call, "審査中の提案")
		reviewed.step(reviewed.rep, "SubmitProposal", "SUBMITTED", nil)
		reviewed.step("desk", "AcceptProposal", "ACCEPTED", nil)
		reviewed.step("desk", "AssignDepartments", "ASSIGNED", obj{"assignments": []obj{{"departmentId": c.departmentOf("staff"), "role": "LEAD"}}})
		reviewed.step("staff", "RespondToAssignment", "ASSIGNED", obj{"response": "ACCEPTED"})
		reviewed.step("desk", "StartReview", "UNDER_REVIEW", nil)
		outsiders := slices.DeleteFunc(slices.Clone(everybody), func(p string) bool { return p == "staff" || p == "desk" || p == "approver" })
		reviewed.isHiddenFrom(append(outsiders, draft.rep), false)
		for _, person := range []string{"staff", "desk", reviewed.rep} {
			if got := reviewed.ok(person, "GetProposal", obj{"id": reviewed.id}).str("proposal.state"); got != "UNDER_REVIEW" {
				t.Errorf("%s reads the state %q", person, got)
			}
		}
	})
}

// isHiddenFrom compares the answers for the proposal with those for an invented
// id, by every RPC that names a proposal.
func (p *course) isHiddenFrom(people []string, draft bool) {
	p.t.Helper()
	for _, r := range rights(p.t) {
		m := methods[r.rpc]
		if !namesProposal(m.Descriptor) || (r.rpc == "ListProgress" && !draft) {
			continue
		}
		for _, person := range people {
			real, unreal := p.bytes(person, r.rpc, p.id), p.bytes(person, r.rpc, invented)
			if diff := cmp.Diff(unreal, real); diff != "" {
				p.t.Errorf("%s as %q tells that the proposal exists (-invented +real):\n%s", r.rpc, person, diff)
			}
			if !strings.Contains(real, "RESOURCE_NOT_FOUND") && !strings.Contains(real, "PERMISSION_DENIED") && !strings.Contains(real, "UNAUTHENTICATED") {
				p.t.Errorf("%s as %q is answered before the proposal is looked for: %s", r.rpc, person, real)
			}
		}
	}
}

func namesProposal(md protoreflect.MethodDescriptor) bool {
	if md.IsStreamingClient() || md.IsStreamingServer() {
		return false
	}
	switch md.Parent().Name() {
	case "ProposalService":
		return md.Input().Fields().ByName("id") != nil || md.Input().Fields().ByName("proposal_id") != nil
	case "ProgressService", "AttachmentService":
		return true
	}
	return false
}

// bytes is an answer as it goes over the wire, the id itself aside.
func (c *client) bytes(as, rpc, id string) string {
	c.t.Helper()
	m := methods[rpc]
	req := specimen(c.t, m.Descriptor.Input(), id)
	if _, rest := c.transport.(restTransport); rest {
		rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
		return strings.ReplaceAll(c.httpBytes(as, rule, req), id, "ID")
	}
	err := c.world.grpc.Invoke(outgoing(c.t.Context(), c.world.token(c.t, as), c.headers), m.FullName, req, c.message(m.Descriptor.Output()))
	raw, marshalErr := protojson.Marshal(status.Convert(err).Proto())
	if marshalErr != nil {
		c.t.Fatal(marshalErr)
	}
	var compact bytes.Buffer // protojson puts spaces at random
	if err := json.Compact(&compact, raw); err != nil {
		c.t.Fatal(err)
	}
	return strings.ReplaceAll(compact.String(), id, "ID")
}

func (c *client) httpBytes(as string, rule *annotations.HttpRule, msg proto.Message) string {
	c.t.Helper()
	req, err := restTransport{c.world}.request(c.t.Context(), rule, msg)
	if err != nil {
		c.t.Fatal(err)
	}
	if token := c.world.token(c.t, as); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintln(&out, resp.Status)
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		switch name {
		case "Date", "Ratelimit", "Ratelimit-Policy", "Traceparent":
		default:
			fmt.Fprintln(&out, name, resp.Header[name])
		}
	}
	return out.String() + string(raw)
}

// hidesFile checks that a file cannot be had through its proposal, nor through
// another.
func (p *course) hidesFile(attachment string, people []string) {
	p.t.Helper()
	other := p.client.draft(p.call, "別の団体の下書き")
	for _, person := range append(people, other.rep) {
		_, unreal := p.download(person, invented, invented)
		for _, proposal := range []string{p.id, other.id} {
			_, err := p.download(person, proposal, attachment)
			if reasonOf(err) != reasonOf(unreal) {
				p.t.Errorf("the file is answered to %q with %s, an invented one with %s", person, explainOr(err), explainOr(unreal))
			}
		}
		if _, err := p.try(person, "DeleteAttachment", obj{"proposalId": p.id, "attachmentId": attachment}); reasonOf(err) == "" {
			p.t.Errorf("%q deleted the file", person)
		}
	}
	_, err := p.upload(other.rep, p.id, file{"OTHER", "x.pdf", tinyPDF})
	if reasonOf(err) != "RESOURCE_NOT_FOUND" {
		p.t.Errorf("another organization's upload is answered with %s", explainOr(err))
	}
}

// TestListIsFilterOfGet makes proposals in many states and compares, for every
// person, what lists show with what can be read one by one.
func TestListIsFilterOfGet(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call := c.publishedCall(nil)
		ids, reps := c.manyStates(call)
		for _, person := range append(slices.Clone(everybody), reps...) {
			listed := map[string]string{}
			for _, s := range c.all(person, "ListProposals", "proposals", obj{"callId": call.str("id"), "pageSize": 2}) {
				if listed[s.str("id")] != "" {
					t.Errorf("%q is shown %s twice", person, s.str("id"))
				}
				listed[s.str("id")] = s.str("state") + s.str("publicState") + s.str("number") + s.str("title")
			}
			got := map[string]string{}
			for _, id := range ids {
				a, err := c.try(person, "GetProposal", obj{"id": id})
				switch reasonOf(err) {
				case "":
					p := answer(a["proposal"].(obj))
					got[id] = p.str("state") + p.str("publicState") + p.str("number") + p.str("content.title")
				case "RESOURCE_NOT_FOUND":
				default:
					t.Fatalf("GetProposal as %q: %s", person, explain(err))
				}
			}
			if diff := cmp.Diff(got, listed); diff != "" {
				t.Errorf("%q reads (-one by one +listed):\n%s", person, diff)
			}
		}
	})
}

// manyStates makes a proposal in each of the states that differ in who sees
// them.
func (c *client) manyStates(call answer) (ids, reps []string) {
	c.t.Helper()
	decided := func(outcome string, consent bool) *course {
		rep := somebody("rep")
		text := content(call, "結果が出た提案 "+outcome)
		text["publishConsent"] = consent
		p := c.draftOf(rep, c.organization(rep, "結果の会 "+rep), call, text).assigned().examined()
		p.step("staff", "DraftDecision", "DECISION_DRAFTED", decision(outcome, "確かめた。"))
		p.step("approver", "ApproveDecision", outcome, nil)
		return p
	}
	withdrawn, withdrawnDraft := c.draft(call, "取り下げた提案"), c.draft(call, "出さずに取り下げた下書き")
	withdrawn.step(withdrawn.rep, "SubmitProposal", "SUBMITTED", nil)
	for _, p := range []*course{withdrawn, withdrawnDraft} {
		p.step(p.rep, "WithdrawProposal", "WITHDRAWN", obj{"reason": "事情により"})
	}
	drafted := c.draft(call, "起案された提案").assigned().examined()
	drafted.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("REJECTED", "まだ秘密"))
	for _, p := range []*course{
		c.draft(call, "下書き"), withdrawn, withdrawnDraft, drafted, c.draft(call, "協議中の提案").assigned().examined(),
		decided("ADOPTED", true), decided("REJECTED", true), decided("REJECTED", false), decided("CARRIED_OVER", false),
	} {
		ids, reps = append(ids, p.id), append(reps, p.rep)
	}
	return ids, reps
}
