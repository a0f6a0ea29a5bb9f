package acceptance

import (
	"strings"
	"testing"
)

// TestReleaseTogether decides three proposals of a call that makes its decisions
// public together.
func TestReleaseTogether(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call := c.publishedCall(obj{"releaseTogether": true, "steps": []string{"NEGOTIATION", "REVIEW"}})
		s := newSecrets()
		rejected, rejectedTitle := content(call, s.contact+"不採択の題"), s.contact
		rejected["publishConsent"] = false
		approved := map[string]*course{}
		for outcome, text := range map[string]obj{
			"ADOPTED": content(call, "採択の題"), "CONDITIONALLY_ADOPTED": content(call, "条件付きの題"), "REJECTED": rejected,
		} {
			rep := somebody("rep")
			p := c.draftOf(rep, c.organization(rep, s.both+"の会 "+rep), call, text).assigned()
			p.refused("desk", "StartReview", "STEP_OUT_OF_ORDER", obj{"id": p.id})
			p.step("staff", "Negotiate", "IN_NEGOTIATION", nil)
			p.step("desk", "StartReview", "UNDER_REVIEW", nil)
			p.step("staff", "DraftDecision", "DECISION_DRAFTED", decision(outcome, s.draft))
			p.step("approver", "ApproveDecision", "DECISION_APPROVED", nil)
			p.refused(p.rep, "WithdrawProposal", "INVALID_STATE_TRANSITION", obj{"id": p.id, "reason": "やはり"})
			p.shows("IN_EXAMINATION", "RECEIVED", "IN_NEGOTIATION", "IN_EXAMINATION")
			approved[outcome] = p
		}
		for _, p := range approved {
			p.keeps(s.draft)
			if a := p.ok(p.rep, "GetProposal", obj{"id": p.id}); strings.Contains(a.text(), s.draft) || a.at("proposal.decision") != nil {
				t.Errorf("the organization reads before the release: %s", a.text())
			}
		}
		c.refused("staff", "ReleaseDecisions", "PERMISSION_DENIED", obj{"id": call.str("id")})
		c.ok("desk", "ReleaseDecisions", obj{"id": call.str("id")})
		c.refused("desk", "ReleaseDecisions", "NOTHING_TO_RELEASE", obj{"id": call.str("id")})
		approved["ADOPTED"].shows("ADOPTED", "RECEIVED", "IN_NEGOTIATION", "IN_EXAMINATION", "ADOPTED")
		approved["CONDITIONALLY_ADOPTED"].meetsConditions()
		approved["REJECTED"].staysUnnamed(rejectedTitle, s.both)
		approved["REJECTED"].isProposedAgain()
		c.concludes(call)
	})
}

// meetsConditions turns the conditional adoption into an adoption.
func (p *course) meetsConditions() {
	p.t.Helper()
	last := p.publicly().list("entries")[3]
	if !strings.Contains(last.str("body"), "会場を2か所に減らすこと") {
		p.t.Errorf("the conditions are not told: %s", last.text())
	}
	p.refused("staff2", "ConfirmConditions", "PERMISSION_DENIED", obj{"id": p.id, "note": "減らした。"})
	a := p.step("staff", "ConfirmConditions", "ADOPTED", obj{"note": "会場を2か所にした。"})
	if a.str("decision.conditionsMetOn") != today(0) {
		p.t.Errorf("the conditions are met on %q", a.str("decision.conditionsMetOn"))
	}
	p.shows("ADOPTED", "RECEIVED", "IN_NEGOTIATION", "IN_EXAMINATION", "CONDITIONALLY_ADOPTED", "ADOPTED")
}

// staysUnnamed checks that what was not adopted without consent is neither
// readable nor named, while its course goes on.
func (p *course) staysUnnamed(title, name string) {
	p.t.Helper()
	p.refused("", "GetProposal", "RESOURCE_NOT_FOUND", obj{"id": p.id})
	a := p.publicly()
	if a.str("publicState") != "REJECTED" || a.str("title") != "（非公開）" || a.str("organizationName") != "（非公開）" {
		p.t.Errorf("the course says %s", a.text())
	}
	contains(p.client, "the course", a.text(), []string{title, name})
	contains(p.client, "the list", together(p.all("", "ListProposals", "proposals", obj{"callId": p.call.str("id")})), []string{title})
	if got := p.ok(p.rep, "GetProposal", obj{"id": p.id}); got.str("proposal.state") != "REJECTED" || got.str("proposal.decision.reason") == "" {
		p.t.Errorf("the organization reads %s", got.text())
	}
}

func together(list []answer) string {
	var out strings.Builder
	for _, a := range list {
		out.WriteString(a.text())
	}
	return out.String()
}

// isProposedAgain makes a linked draft, once.
func (p *course) isProposedAgain() {
	p.t.Helper()
	again := p.ok(p.rep, "ReproposeProposal", obj{"id": p.id, "callId": p.call.str("id")})
	if again.str("proposal.predecessorId") != p.id || again.str("proposal.state") != "DRAFT" || again.str("proposal.number") != "" {
		p.t.Errorf("proposed again: %s", again.text())
	}
	if got := p.ok(p.rep, "GetProposal", obj{"id": p.id}).str("proposal.successorId"); got != again.str("proposal.id") {
		p.t.Errorf("the successor is %q, want %q", got, again.str("proposal.id"))
	}
	p.refused(p.rep, "ReproposeProposal", "ALREADY_REPROPOSED", obj{"id": p.id, "callId": p.call.str("id")})
	p.refused("member2", "GetProposal", "RESOURCE_NOT_FOUND", obj{"id": again.str("proposal.id")})
	next := &course{client: p.client, rep: p.rep, organization: p.organization, call: p.call, id: again.str("proposal.id")}
	p.refused(p.rep, "SubmitProposal", "DECLARATION_MISSING", obj{"id": next.id})
	next.step(p.rep, "WithdrawProposal", "WITHDRAWN", obj{"reason": "次の募集に回します。"})
	p.refused("", "ListProgress", "RESOURCE_NOT_FOUND", obj{"proposalId": next.id})
}

// concludes closes the call and ends it; its course gives the numbers.
func (c *client) concludes(call answer) {
	c.t.Helper()
	id := call.str("id")
	c.refused("desk", "ConcludeCall", "INVALID_STATE_TRANSITION", obj{"id": id})
	c.ok("desk", "CloseCall", obj{"id": id, "reason": "予定の件数に達したため"})
	c.ok("desk", "ConcludeCall", obj{"id": id})
	a := c.ok("", "ListCallProgress", obj{"callId": id})
	if text := a.text(); len(a.list("entries")) < 2 || !strings.Contains(text, "3団体") || !strings.Contains(text, "3件") {
		c.t.Errorf("the course of the call: %s", text)
	}
	s := c.ok("", "GetCallStatistics", obj{"id": id})
	for field, want := range map[string]string{"organizations": "3", "proposals": "3", "adopted": "2", "rejected": "1", "inExamination": ""} {
		if got := s.str("statistics." + field); got != want && (want != "" || got != "0") {
			c.t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

// TestWithdrawn takes a proposal back and proposes it in another call.
func TestWithdrawn(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		p := c.draft(c.publishedCall(nil), "取り下げる提案").assigned().examined()
		p.refused(p.rep, "WithdrawProposal", "INVALID_FIELD", obj{"id": p.id, "reason": ""})
		p.refused("desk", "WithdrawProposal", "PERMISSION_DENIED", obj{"id": p.id, "reason": "窓口が"})
		p.step(p.rep, "WithdrawProposal", "WITHDRAWN", obj{"reason": "CANARYW 代表の事情"})
		p.shows("WITHDRAWN", "RECEIVED", "IN_EXAMINATION", "IN_NEGOTIATION", "WITHDRAWN")
		contains(c, "the course", p.publicly().text(), []string{"CANARYW"})
		p.refused("staff", "DraftDecision", "INVALID_STATE_TRANSITION", merge(obj{"id": p.id}, decision("REJECTED", "遅い")))
		p.isProposedAgain()
	})
}

// TestJointProposer reads what it proposes together with another organization
// and can only leave.
func TestJointProposer(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call, joint, rep := c.publishedCall(nil), somebody("joint"), somebody("rep")
		jointOrganization := c.organization(joint, "共同の会 "+joint)
		text := content(call, "二つの団体の提案")
		text["jointOrganizationIds"] = []string{jointOrganization}
		p := c.draftOf(rep, c.organization(rep, "主の会 "+rep), call, text)
		p.refused(joint, "GetProposal", "RESOURCE_NOT_FOUND", obj{"id": p.id})
		p.step(rep, "SubmitProposal", "SUBMITTED", nil)
		p.ok(joint, "GetProposal", obj{"id": p.id})
		p.refused(rep, "LeaveProposal", "NOT_A_JOINT_PROPOSER", obj{"id": p.id})
		p.refused(joint, "WithdrawProposal", "PERMISSION_DENIED", obj{"id": p.id, "reason": "横取り"})
		p.ok(joint, "LeaveProposal", obj{"id": p.id})
		p.refused(joint, "GetProposal", "RESOURCE_NOT_FOUND", obj{"id": p.id})
	})
}
