package acceptance

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// secrets are words that no public answer, list, event or log line may hold.
type secrets struct{ contact, phone, log, draft, both string }

func newSecrets() secrets {
	word := func(s string) string { return s + rand.Text()[:8] }
	return secrets{word("CANARYC"), "03-9" + digits(3) + "-" + digits(4), word("CANARYL"), word("CANARYD"), word("CANARYB")}
}

func digits(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	for i := range raw {
		raw[i] = '0' + raw[i]%10
	}
	return string(raw)
}

// words are those that are never public.
func (s secrets) words() []string { return []string{s.contact, s.phone, s.log, s.both} }

// TestIdeaToDecision follows a proposal from a group that nobody knew to its
// published adoption.
func TestIdeaToDecision(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		s, rep := newSecrets(), somebody("hanako")
		c = c.on(t)
		organization := c.registers(rep, s)
		call := c.publishedCall(nil)
		p := c.draftOf(rep, organization, call, obj{"title": "書きかけ"})
		p.isWritten(s)
		p.isCorrected(s)
		p.assign()
		p.isTalkedAbout(s)
		p.keeps(append(s.words(), s.draft)...)
		p.isDecided(s)
		p.keeps(s.words()...)
		p.isLogged()
	})
}

// registers takes a group through its registration.
func (c *client) registers(rep string, s secrets) string {
	c.t.Helper()
	input := organizationInput("物語を書く会 " + rep)
	input["contactPoint"] = obj{"name": s.contact, "phoneNumber": s.phone, "email": strings.ToLower(s.contact) + "@story.example.com"}
	draft := c.ok(rep, "CreateOrganization", obj{"organization": input})
	id := draft.str("organization.id")
	if got := draft.str("organization.state"); got != "DRAFT" {
		c.t.Errorf("a new application is %s", got)
	}
	c.becomesMember(rep)
	c.refused("", "GetOrganization", "RESOURCE_NOT_FOUND", obj{"id": id})
	c.refused("member2", "GetOrganization", "RESOURCE_NOT_FOUND", obj{"id": id})
	c.ok(rep, "SubmitOrganization", obj{"id": id})
	c.refused(rep, "SubmitOrganization", "INVALID_STATE_TRANSITION", obj{"id": id})
	c.ok("desk", "ReturnOrganization", obj{"id": id, "reason": "読み仮名を確かめてください。", "fields": []string{"nameKana"}})
	mine := c.ok(rep, "GetOrganization", obj{"id": id})
	if got := mine.str("organization.correction.fields.0"); got != "nameKana" {
		c.t.Errorf("the correction names %q", got)
	}
	c.ok(rep, "UpdateOrganization", obj{
		"id": id, "organization": obj{"nameKana": "ものがたりをかくかい"}, "updateMask": "nameKana", "etag": mine.str("organization.etag"),
	})
	c.ok(rep, "SubmitOrganization", obj{"id": id})
	c.ok("desk", "VerifyOrganization", obj{"id": id})
	public := c.ok("", "GetOrganization", obj{"id": id})
	if got := public.str("organization.nameKana"); got != "モノガタリヲカクカイ" {
		c.t.Errorf("the reading is %q", got)
	}
	for _, field := range []string{"contactPoint", "representativeName", "address.streetNumber", "publicity", "correction", "createTime"} {
		if v := public.str("organization." + field); v != "" {
			c.t.Errorf("everybody reads %s of a volunteer group: %q", field, v)
		}
	}
	return id
}

// isWritten completes the draft and submits it.
func (p *course) isWritten(s secrets) {
	p.t.Helper()
	full := content(p.call, "放課後の読み聞かせ")
	full["contactName"], full["contactPhone"] = s.contact, s.phone
	update := obj{"id": p.id, "proposal": obj{"content": full}, "updateMask": maskOf(full)}
	p.refused(p.rep, "UpdateProposal", "PRECONDITION_REQUIRED", update)
	f := p.refused(p.rep, "SubmitProposal", "DECLARATION_MISSING", obj{"id": p.id})
	if f.Metadata["missing"] == "" {
		p.t.Errorf("it is not said which declarations are missing: %v", f.Metadata)
	}
	before := p.ok(p.rep, "GetProposal", obj{"id": p.id}).str("proposal.etag")
	update["etag"] = before
	after := p.ok(p.rep, "UpdateProposal", update).str("proposal.etag")
	if after == before || after == "" {
		p.t.Errorf("the etag after a change is %q, before it %q", after, before)
	}
	p.refused(p.rep, "UpdateProposal", "ETAG_MISMATCH", update)
	p.refused(p.rep, "SubmitProposal", "ETAG_MISMATCH", obj{"id": p.id, "etag": before})
	p.refused("", "ListProgress", "RESOURCE_NOT_FOUND", obj{"proposalId": p.id})
	a := p.step(p.rep, "SubmitProposal", "SUBMITTED", obj{"etag": after})
	if number := a.str("number"); !strings.HasPrefix(number, "R") || !strings.Contains(number, "-提-") {
		p.t.Errorf("the public number is %q", number)
	}
	f = p.refused(p.rep, "SubmitProposal", "INVALID_STATE_TRANSITION", obj{"id": p.id})
	if f.Metadata["from"] != "SUBMITTED" || f.Metadata["to"] != "SUBMITTED" || !strings.Contains(f.Metadata["allowed"], "accept") {
		p.t.Errorf("the refusal says %v", f.Metadata)
	}
	p.shows("RECEIVED", "RECEIVED")
}

// maskOf names all fields of a content.
func maskOf(content obj) string {
	var paths []string
	for name := range content {
		paths = append(paths, "content."+name)
	}
	return strings.Join(paths, ",")
}

// isCorrected is returned for a correction, corrected and accepted.
func (p *course) isCorrected(s secrets) {
	p.t.Helper()
	p.step("desk", "ReturnProposal", "RETURNED", obj{
		"fields": []string{"budget", "purpose"}, "message": "収支の内訳を分けてください。" + s.both, "dueOn": today(7),
	})
	a := p.ok(p.rep, "GetProposal", obj{"id": p.id})
	etag := a.str("proposal.etag")
	if got := a.str("proposal.correction.dueOn"); got != today(7) {
		p.t.Errorf("the correction is due on %q", got)
	}
	f := p.refused(p.rep, "UpdateProposal", "FIELD_NOT_IN_CORRECTION", obj{
		"id": p.id, "proposal": obj{"content": obj{"title": "別の題"}}, "updateMask": "content.title", "etag": etag,
	})
	if len(f.Fields) != 1 || !strings.HasSuffix(f.Fields[0].Path, "content.title") {
		p.t.Errorf("the refusal names %v", f.Fields)
	}
	budget := []obj{
		{"side": "INCOME", "account": "区負担金", "amount": "300000", "bearer": "WARD"},
		{"side": "EXPENSE", "account": "報償費", "amount": "200000", "bearer": "WARD"},
	}
	update := obj{"id": p.id, "proposal": obj{"content": obj{"budget": budget}}, "updateMask": "content.budget", "etag": etag}
	update["etag"] = p.ok(p.rep, "UpdateProposal", update).str("proposal.etag")
	f = p.refused(p.rep, "ResubmitProposal", "BUDGET_UNBALANCED", obj{"id": p.id})
	if f.Metadata["income"] != "300000" || f.Metadata["expense"] != "200000" {
		p.t.Errorf("the refusal says %v", f.Metadata)
	}
	update["proposal"] = obj{"content": obj{"budget": append(budget, obj{"side": "EXPENSE", "account": "消耗品費", "amount": "100000", "bearer": "WARD"})}}
	p.ok(p.rep, "UpdateProposal", update)
	if got := p.step(p.rep, "ResubmitProposal", "SUBMITTED", nil).str("revision"); got != "2" {
		p.t.Errorf("after the correction it is revision %s", got)
	}
	compared := p.ok(p.rep, "CompareRevisions", obj{"proposalId": p.id, "from": 1, "to": 2})
	if d := compared.list("differences"); len(d) != 1 || d[0].str("field") != "budget" {
		p.t.Errorf("the revisions differ in %s", compared.text())
	}
	p.step("desk", "AcceptProposal", "ACCEPTED", nil)
	p.shows("RECEIVED", "RECEIVED")
}

// isTalkedAbout goes through review and talks, with entries of each visibility.
func (p *course) isTalkedAbout(s secrets) {
	p.t.Helper()
	p.refused("staff", "DraftDecision", "INVALID_STATE_TRANSITION", merge(obj{"id": p.id}, decision("ADOPTED", "早い")))
	p.refused("staff", "Negotiate", "STEP_OUT_OF_ORDER", obj{"id": p.id})
	p.step("desk", "StartReview", "UNDER_REVIEW", nil)
	p.shows("IN_EXAMINATION", "RECEIVED", "IN_EXAMINATION")
	p.refused("staff2", "Negotiate", "PERMISSION_DENIED", obj{"id": p.id})
	p.step("staff", "Negotiate", "IN_NEGOTIATION", nil)
	p.shows("IN_NEGOTIATION", "RECEIVED", "IN_EXAMINATION", "IN_NEGOTIATION")
	entry := func(body, visibility string) obj {
		return obj{"proposalId": p.id, "subject": "第1回協議", "body": body, "visibility": visibility}
	}
	p.ok("staff", "CreateLogEntry", entry("会場を確かめた。"+s.both, "BOTH_SIDES"))
	p.ok("staff2", "CreateLogEntry", entry("予算は厳しい。"+s.log, "WARD_ONLY"))
	p.ok(p.rep, "CreateLogEntry", entry("部屋は3か所で足りる。"+s.both, "BOTH_SIDES"))
	p.refused(p.rep, "CreateLogEntry", "INVALID_FIELD", entry("庁内だけ", "WARD_ONLY"))
	for person, want := range map[string]int{p.rep: 2, "staff": 3, "staff2": 3, "desk": 3} {
		if got := p.all(person, "ListLogEntries", "logEntries", obj{"proposalId": p.id}); len(got) != want {
			p.t.Errorf("%s reads %d entries of the log, want %d", person, len(got), want)
		}
	}
	p.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("ADOPTED", "公益性が高い。"+s.draft))
	p.shows("IN_EXAMINATION", "RECEIVED", "IN_EXAMINATION", "IN_NEGOTIATION", "IN_EXAMINATION")
	for _, person := range []string{"staff", "desk", "approver"} {
		if got := p.ok(person, "GetProposal", obj{"id": p.id}).str("proposal.decision.outcome"); got != "ADOPTED" {
			p.t.Errorf("%s reads the drafted outcome as %q", person, got)
		}
	}
	if a := p.ok(p.rep, "GetProposal", obj{"id": p.id}); a.at("proposal.decision") != nil || strings.Contains(a.text(), s.draft) {
		p.t.Errorf("the organization reads the drafted decision: %s", a.text())
	}
}

func merge(a, b obj) obj {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// isDecided returns the draft once, refuses the drafter's own approval and
// adopts.
func (p *course) isDecided(s secrets) {
	p.t.Helper()
	p.step("approver", "ReturnDecision", "IN_NEGOTIATION", obj{"reason": "費用の根拠を加えること。"})
	both := p.newStaff(p.departmentOf("staff"), "STAFF", "APPROVER")
	p.step(both, "DraftDecision", "DECISION_DRAFTED", decision("ADOPTED", "公益性が高く、役割が対等である。"+s.draft))
	p.refused(both, "ApproveDecision", "SELF_APPROVAL_FORBIDDEN", obj{"id": p.id})
	p.refused(both, "ReturnDecision", "SELF_APPROVAL_FORBIDDEN", obj{"id": p.id, "reason": "自分で"})
	p.refused("staff", "ApproveDecision", "PERMISSION_DENIED", obj{"id": p.id})
	a := p.step("approver", "ApproveDecision", "ADOPTED", nil)
	if a.str("decision.decidedOn") != today(0) {
		p.t.Errorf("it was decided on %q", a.str("decision.decidedOn"))
	}
	p.refused(p.rep, "WithdrawProposal", "INVALID_STATE_TRANSITION", obj{"id": p.id, "reason": "遅い"})
	public := p.ok("", "GetProposal", obj{"id": p.id})
	if public.str("proposal.state") != "ADOPTED" || !strings.Contains(public.str("proposal.decision.reason"), s.draft) {
		p.t.Errorf("everybody reads %s", public.text())
	}
	course := p.publicly()
	last := course.list("entries")[len(course.list("entries"))-1]
	names := last.list("departmentNames")
	if len(names) != 2 || last.str("organizationName") == "" || !strings.Contains(last.str("body"), s.draft) {
		p.t.Errorf("the last entry is %s", last.text())
	}
	if course.str("departmentNames.0") != p.departmentName(p.departmentOf("staff")) {
		p.t.Errorf("the lead department is shown as %q", course.str("departmentNames.0"))
	}
}

// newStaff gives a person who was never there staff roles in a department.
func (c *client) newStaff(department string, roles ...string) string {
	c.t.Helper()
	person := somebody("staff")
	c.ok(person, "ListInvitations", nil) // who has signed in once can be assigned
	c.with("kyodo-reason", "acceptance").ok("admin", "AssignStaff", obj{"departmentId": department, "email": mail(person), "roles": roles})
	eventually(c.t, 20*time.Second, "the new staff's roles are known", func() bool {
		_, err := c.try(person, "ListInvitations", nil)
		return reasonOf(err) == fault.ErrPermissionDenied.Reason
	})
	return person
}
