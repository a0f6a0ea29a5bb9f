package acceptance

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// today is the day in Tokyo, so many days from now.
func today(days int) string {
	return time.Now().UTC().Add(9*time.Hour).AddDate(0, 0, days).Format(time.DateOnly)
}

// organization makes a verified organization of which rep, a person of the
// story's own, is the representative.
func (c *client) organization(rep, name string) string {
	c.t.Helper()
	id := c.ok(rep, "CreateOrganization", obj{"organization": organizationInput(name)}).str("organization.id")
	c.becomesMember(rep)
	c.ok(rep, "SubmitOrganization", obj{"id": id})
	if got := c.ok("desk", "VerifyOrganization", obj{"id": id}).str("organization.state"); got != "VERIFIED" {
		c.t.Fatalf("a verified organization is %s", got)
	}
	return id
}

// becomesMember waits until the edge knows of a person's first membership.
func (c *client) becomesMember(person string) {
	c.t.Helper()
	eventually(c.t, 20*time.Second, person+" is known as a member", func() bool {
		_, err := c.try(person, "ListRevisions", obj{"proposalId": invented})
		return reasonOf(err) == "RESOURCE_NOT_FOUND"
	})
}

func organizationInput(name string) obj {
	return obj{
		"name": name, "nameKana": "モノガタリノカイ", "kind": "VOLUNTEER_GROUP", "legalForm": "voluntary",
		"purpose": "物語を確かめるための団体です。", "description": "受け入れ試験のための見本です。",
		"activityFields": []int{13}, "representativeName": "物語 花子",
		"address": obj{"prefecture": "東京都", "city": "千代田区", "town": "神田司町二丁目", "streetNumber": "2"},
	}
}

// member invites a person into an organization and has the person accept.
func (c *client) member(rep, organization, person, role string) string {
	c.t.Helper()
	id := c.ok(rep, "InviteMember", obj{"organizationId": organization, "email": mail(person), "role": role}).str("member.id")
	accepted := c.ok(person, "AcceptInvitation", obj{"organizationId": organization, "id": id}).str("member.id")
	c.becomesMember(person)
	return accepted
}

// rounds gives every call of a story a fiscal year and round of its own.
var rounds = struct {
	sync.Mutex
	next int
}{next: 10}

// publishedCall makes a call that is open for a year; edit changes its usual
// values.
func (c *client) publishedCall(edit obj) answer {
	c.t.Helper()
	rounds.Lock()
	n := rounds.next
	rounds.next++
	rounds.Unlock()
	input := obj{
		"title": "物語の募集（見本）", "summary": "受け入れ試験のための募集です。",
		"fiscalYear": 2026 + n/90, "round": 9 + n%90, "mode": "ALL_YEAR", "opensOn": today(-30),
		"themeKind": "FREE", "steps": []string{"REVIEW", "NEGOTIATION"},
	}
	maps.Copy(input, edit)
	id := c.ok("desk", "CreateCall", obj{"call": input}).str("call.id")
	call := c.ok("desk", "PublishCall", obj{"id": id})
	if got := call.str("call.state"); got != "PUBLISHED" {
		c.t.Fatalf("a published call is %s", got)
	}
	return call["call"].(obj)
}

// content is what a complete proposal to the call says.
func content(call answer, title string) obj {
	var declarations []string
	for _, d := range call.list("declarations") {
		declarations = append(declarations, d.str("code"))
	}
	return obj{
		"title": title, "contactName": "物語 花子", "contactPhone": "03-0000-0000",
		"purpose": "放課後に安心して過ごせる場所をつくります。", "activities": "毎週水曜日に読み聞かせの会を開きます。",
		"necessity": "場所を持つ区と、人を集められる団体がそろって初めて続けられます。", "form": "cohost",
		"roles": []obj{{"item": "会場", "organizationRole": "運営", "wardRole": "部屋の確保"}},
		"goals": []obj{{"indicator": "参加者数", "baseline": "0人", "target": "120人", "method": "受付で数える"}},
		"budget": []obj{
			{"side": "INCOME", "account": "区負担金", "amount": "300000", "bearer": "WARD"},
			{"side": "EXPENSE", "account": "報償費", "amount": "300000", "basis": "講師謝礼", "bearer": "WARD"},
		},
		"declarations": declarations, "publishConsent": true, "useOrganizationProfile": true,
	}
}

// course is one proposal on its way.
type course struct {
	*client
	rep          string // Representative of its organization.
	organization string
	call         answer
	id           string
}

// draft makes an organization and a complete draft of its proposal.
func (c *client) draft(call answer, title string) *course {
	c.t.Helper()
	rep := somebody("rep")
	organization := c.organization(rep, "物語の会 "+rep)
	return c.draftOf(rep, organization, call, content(call, title))
}

// draftOf makes a draft of an organization that is there.
func (c *client) draftOf(rep, organization string, call answer, content obj) *course {
	c.t.Helper()
	a := c.ok(rep, "CreateProposal", obj{"callId": call.str("id"), "organizationId": organization, "content": content})
	if got := a.str("proposal.state"); got != "DRAFT" {
		c.t.Fatalf("a new proposal is %s", got)
	}
	return &course{client: c, rep: rep, organization: organization, call: call, id: a.str("proposal.id")}
}

// step takes a step of the graph and checks the state after it.
func (p *course) step(as, name, want string, in obj) answer {
	p.t.Helper()
	request := obj{"id": p.id}
	maps.Copy(request, in)
	a := p.ok(as, name, request)
	if got := a.str("proposal.state"); got != want {
		p.t.Fatalf("after %s the proposal is %s, want %s", name, got, want)
	}
	return a["proposal"].(obj)
}

// assigned goes from draft to ASSIGNED with both departments' acceptance: staff
// leads, staff2 shares the work.
func (p *course) assigned() *course {
	p.t.Helper()
	p.step(p.rep, "SubmitProposal", "SUBMITTED", nil)
	p.step("desk", "AcceptProposal", "ACCEPTED", nil)
	p.assign()
	return p
}

func (p *course) assign() {
	p.t.Helper()
	p.step("desk", "AssignDepartments", "ASSIGNED", obj{"assignments": []obj{
		{"departmentId": p.departmentOf("staff"), "role": "LEAD"},
		{"departmentId": p.departmentOf("staff2"), "role": "JOINT"},
	}})
	for _, staff := range []string{"staff", "staff2"} {
		p.step(staff, "RespondToAssignment", "ASSIGNED", obj{"response": "ACCEPTED"})
	}
}

// examined goes through the steps of an all-year call to its last one.
func (p *course) examined() *course {
	p.t.Helper()
	p.step("desk", "StartReview", "UNDER_REVIEW", nil)
	p.step("staff", "Negotiate", "IN_NEGOTIATION", nil)
	return p
}

// decision is a drafted decision with an outcome.
func decision(outcome, reason string) obj {
	d := obj{"outcome": outcome, "reason": reason, "decidedBy": "区民生活部長"}
	switch outcome {
	case "ADOPTED":
		d["cost"] = "300000"
	case "CONDITIONALLY_ADOPTED":
		d["cost"] = "200000"
		d["conditions"] = []string{"会場を2か所に減らすこと"}
	}
	return d
}

// publicly returns the course of the examination as everybody reads it.
func (p *course) publicly() answer {
	p.t.Helper()
	return p.ok("", "ListProgress", obj{"proposalId": p.id})
}

// shows checks the public state and the stages of the entries so far.
func (p *course) shows(state string, stages ...string) {
	p.t.Helper()
	a := p.publicly()
	if got := a.str("publicState"); got != state {
		p.t.Errorf("in public the proposal is %q, want %q", got, state)
	}
	var got []string
	for _, e := range a.list("entries") {
		got = append(got, e.str("stage"))
		if e.str("date") == "" || e.str("title") == "" {
			p.t.Errorf("entry without a date or title: %s", e.text())
		}
	}
	if !slices.Equal(got, stages) {
		p.t.Errorf("the course has the stages %v, want %v", got, stages)
	}
}
