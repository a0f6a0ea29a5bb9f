package acceptance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// matter is a phone call at the desk and what becomes of it.
type matter struct {
	*course
	id, number, code string // Of the consultation.
	third            string // The reviewer who is recused.
	meeting          string
	canary           secrets
}

// onlookers are all who may have no part, one a role.
var onlookers = []string{
	"", "resident", "member2", "representative2", "coordinator", "staff", "staff2", "desk", "approver", "reviewer", "reviewer2",
	"clerk", "auditor", "admin",
}

// TestDesk follows a phone call: written down at the desk, routed, answered, turned
// into a proposal, reviewed by three people of whom one is recused, discussed in a
// meeting whose minutes both sides confirm, and decided with the others of its
// call. At each step exactly those see it who should.
func TestDesk(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		rep := somebody("caller")
		organization := c.organization(rep, "電話をかけた会 "+rep)
		call := c.publishedCall(obj{
			"steps": []string{"REVIEW"}, "releaseTogether": true, "criteria": []obj{
				{"no": 1, "name": "公益性", "maxPoints": 15, "floorPercent": 40}, {"no": 2, "name": "協働の必要性", "maxPoints": 20, "floorPercent": 40},
			},
		})
		m := &matter{course: &course{client: c, rep: rep, organization: organization, call: call}, canary: newSecrets()}
		m.isWrittenDown()
		m.isRouted()
		m.isAnswered()
		m.isConverted()
		m.isHandedIn()
		m.isReviewed()
		m.isDiscussed()
		m.isReleasedWithTheOthers()
		m.isAskedAbout()
		m.keeps(m.canary.contact, m.canary.phone, m.canary.log)
	})
}

// sees calls an RPC as everybody: who is named must get an answer, all others are
// told that there is nothing.
func (m *matter) sees(rpc string, in obj, who ...string) {
	m.t.Helper()
	people := append([]string{m.rep}, onlookers...)
	if m.third != "" {
		people = append(people, m.third)
	}
	for _, person := range people {
		_, err := m.try(person, rpc, in)
		switch reason := reasonOf(err); {
		case slices.Contains(who, person) && err != nil:
			m.t.Errorf("%s as %q: %s", rpc, person, explain(err))
		case slices.Contains(who, person):
		case methods[rpc].Permission.GetRoles()[0] == 1 && reason != "RESOURCE_NOT_FOUND", // ROLE_PUBLIC
			!slices.Contains([]string{"RESOURCE_NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED"}, reason):
			m.t.Errorf("%s as %q is answered with %q", rpc, person, reason)
		}
	}
}

// isWrittenDown takes the call at the desk; the caller has number and code.
func (m *matter) isWrittenDown() {
	m.t.Helper()
	in := obj{
		"subject": "商店街の記録を残したい", "body": "空き店舗で昔の写真を見せる会を続けたいのですが。", "channel": "PHONE", "organizationId": m.organization,
		"asker": obj{"name": m.canary.contact, "phone": m.canary.phone},
	}
	m.refused("resident", "CreateConsultation", "INVALID_FIELD", in) // Only the desk writes down a phone call.
	c := m.ok("desk", "CreateConsultation", in)
	m.id, m.number, m.code = c.str("consultation.id"), c.str("consultation.number"), c.str("consultation.accessCode")
	if c.str("consultation.state") != "RECEIVED" || c.str("consultation.dueOn") == "" || len(m.code) < 20 || !strings.Contains(m.number, "-相-") {
		m.t.Errorf("what was written down is %s", c.text())
	}
	where := obj{"id": m.id}
	m.sees("GetConsultation", where, m.rep, "desk")
	m.with("kyodo-access-code", m.code).ok("", "GetConsultation", where)
	m.ok("", "LookupConsultation", obj{"number": m.number, "accessCode": m.code})
	m.refused("", "LookupConsultation", "RESOURCE_NOT_FOUND", obj{"number": m.number, "accessCode": strings.Repeat("A", len(m.code))})
	m.refused("desk", "GetConsultationAsker", "REASON_REQUIRED", where)
	asker := m.with("kyodo-reason", "acceptance").ok("desk", "GetConsultationAsker", where)
	if asker.str("asker.name") != m.canary.contact {
		m.t.Errorf("who asked is %s", asker.text())
	}
	for person, reason := range map[string]string{"staff": "RESOURCE_NOT_FOUND", m.rep: "PERMISSION_DENIED", "auditor": "PERMISSION_DENIED", "": "UNAUTHENTICATED"} {
		m.with("kyodo-reason", "acceptance").refused(person, "GetConsultationAsker", reason, where)
	}
}

// isRouted hands it to a department, whose staff see it from then on.
func (m *matter) isRouted() {
	m.t.Helper()
	route := obj{"id": m.id, "departmentId": m.departmentOf("staff"), "note": "商店街の担当です。" + m.canary.log}
	m.refused("staff2", "RouteConsultation", "RESOURCE_NOT_FOUND", route)
	m.refused("approver", "RouteConsultation", "PERMISSION_DENIED", route)
	if got := m.ok("desk", "RouteConsultation", route).str("consultation.state"); got != "ROUTED" {
		m.t.Errorf("after it is routed it is %s", got)
	}
	m.sees("GetConsultation", obj{"id": m.id}, m.rep, "desk", "staff")
	mine := m.ok(m.rep, "GetConsultation", obj{"id": m.id})
	if name := m.departmentName(m.departmentOf("staff")); !strings.Contains(mine.text(), name) {
		m.t.Errorf("the caller does not read who holds it: %s", mine.text())
	}
	contains(m.client, "the caller's view", mine.text(), []string{m.canary.log, m.canary.contact})
}

// isAnswered replies with the caller's right to read it, and a note without.
func (m *matter) isAnswered() {
	m.t.Helper()
	m.ok("staff", "NoteConsultation", obj{"id": m.id, "body": "予算の確認が要る。" + m.canary.log})
	m.refused(m.rep, "ReplyConsultation", "PERMISSION_DENIED", obj{"id": m.id, "body": "自分で"})
	m.refused("staff2", "ReplyConsultation", "RESOURCE_NOT_FOUND", obj{"id": m.id, "body": "担当でない"})
	a := m.ok("staff", "ReplyConsultation", obj{"id": m.id, "body": "提案制度をご利用ください。"})
	if a.str("consultation.state") != "ANSWERED" || !strings.Contains(a.text(), m.canary.log) {
		m.t.Errorf("the answered consultation is %s", a.text())
	}
	for name, seen := range map[string]answer{
		"the organization": m.ok(m.rep, "GetConsultation", obj{"id": m.id}),
		"the caller":       m.ok("", "LookupConsultation", obj{"number": m.number, "accessCode": m.code}),
	} {
		if !strings.Contains(seen.text(), "提案制度をご利用ください。") {
			m.t.Errorf("%s does not read the answer: %s", name, seen.text())
		}
		contains(m.client, "what "+name+" reads", seen.text(), []string{m.canary.log})
	}
}

// isConverted makes the draft of a proposal, for the organization and the desk.
func (m *matter) isConverted() {
	m.t.Helper()
	convert := obj{"id": m.id, "proposal": obj{"callId": m.call.str("id"), "organizationId": m.organization}}
	m.refused("staff", "ConvertConsultation", "PERMISSION_DENIED", convert)
	a := m.ok("desk", "ConvertConsultation", convert)
	m.course.id = a.str("consultation.proposalId")
	m.refused("desk", "ConvertConsultation", "ALREADY_CONVERTED", convert)
	m.sees("GetProposal", obj{"id": m.course.id}, m.rep, "desk")
	if got := m.with("kyodo-access-code", m.code).ok("", "GetConsultation", obj{"id": m.id}).str("consultation.proposalId"); got != m.course.id {
		m.t.Errorf("who asked is told of the proposal %q", got)
	}
	m.refused("", "ListProgress", "RESOURCE_NOT_FOUND", obj{"proposalId": m.course.id})
}

// isHandedIn completes and submits the draft, and finds its departments.
func (m *matter) isHandedIn() {
	m.t.Helper()
	full := content(m.call, "商店街の記憶を残す会")
	full["contactName"], full["contactPhone"] = m.canary.contact, m.canary.phone
	etag := m.ok(m.rep, "GetProposal", obj{"id": m.course.id}).str("proposal.etag")
	m.ok(m.rep, "UpdateProposal", obj{"id": m.course.id, "proposal": obj{"content": full}, "updateMask": maskOf(full), "etag": etag})
	m.step(m.rep, "SubmitProposal", "SUBMITTED", nil)
	m.sees("GetProposal", obj{"id": m.course.id}, m.rep, "desk")
	m.sees("ListProgress", obj{"proposalId": m.course.id}, append(slices.Clone(onlookers), m.rep)...)
	m.shows("RECEIVED", "RECEIVED")
	m.step("desk", "AcceptProposal", "ACCEPTED", nil)
	m.assign()
	m.sees("GetProposal", obj{"id": m.course.id}, m.inside()...)
	number := m.ok("desk", "GetProposal", obj{"id": m.course.id}).str("proposal.number")
	eventually(m.t, 20*time.Second, "the chain begins with the consultation", func() bool {
		a, err := m.try("", "GetTrail", obj{"publicNumber": number})
		if err != nil {
			return false
		}
		contains(m.client, "the trail", a.text(), []string{m.id, m.canary.contact})
		return strings.Contains(a.text(), m.number)
	})
}

// inside are those who see the proposal once departments have it: the approver is
// of the lead department.
func (m *matter) inside(others ...string) []string {
	return append([]string{m.rep, "desk", "staff", "staff2", "approver"}, others...)
}

// personID asks the edge for whom it takes a person.
func (c *client) personID(person string) string {
	c.t.Helper()
	_, raw := c.send(person, http.MethodGet, "/v1/me", nil)
	var me struct{ PersonID string }
	if err := json.Unmarshal(raw, &me); err != nil || me.PersonID == "" {
		c.t.Fatalf("%s is %s", person, raw)
	}
	return me.PersonID
}

// isReviewed has three people review it; one of them is recused and sees it no
// more, and nobody reads another's scores before the end.
func (m *matter) isReviewed() {
	m.t.Helper()
	m.step("desk", "StartReview", "UNDER_REVIEW", nil)
	m.third = m.newStaff(m.departmentOf("staff2"), "REVIEWER")
	assign := func(person string) answer {
		return m.ok("desk", "AssignReview", obj{"proposalId": m.course.id, "reviewerId": m.personID(person)})["review"].(obj)
	}
	m.refused("desk", "AssignReview", "REVIEWER_UNKNOWN", obj{"proposalId": m.course.id, "reviewerId": m.personID("staff")})
	m.refused("staff", "AssignReview", "PERMISSION_DENIED", obj{"proposalId": m.course.id, "reviewerId": m.personID("reviewer")})
	sheets := map[string]answer{}
	for _, person := range []string{"reviewer", "reviewer2", m.third} {
		m.refused(person, "GetProposal", "RESOURCE_NOT_FOUND", obj{"id": m.course.id})
		sheets[person] = assign(person)
		m.ok(person, "GetProposal", obj{"id": m.course.id})
		m.refused("desk", "AssignReview", "REVIEWER_ASSIGNED", obj{"proposalId": m.course.id, "reviewerId": m.personID(person)})
	}
	m.sees("GetProposal", obj{"id": m.course.id}, m.inside("reviewer", "reviewer2", m.third)...)
	m.ok(m.third, "RecuseReview", obj{"id": sheets[m.third].str("id"), "reason": "親族が役員をしている"})
	m.sees("GetProposal", obj{"id": m.course.id}, m.inside("reviewer", "reviewer2")...)
	m.refused("desk", "AssignReview", "CONFLICT_OF_INTEREST", obj{"proposalId": m.course.id, "reviewerId": m.personID(m.third)})
	for person, points := range map[string][2]int{"reviewer": {12, 15}, "reviewer2": {11, 16}} {
		scores := []obj{{"no": 1, "points": points[0]}, {"no": 2, "points": points[1]}}
		m.ok(person, "SubmitReview", obj{"id": sheets[person].str("id"), "scores": scores, "comment": "よい計画です。"})
	}
	first := obj{"id": sheets["reviewer"].str("id")}
	summary := obj{"proposalId": m.course.id}
	m.sees("GetReview", first, "reviewer", "desk", "staff", "staff2")
	for _, person := range []string{"desk", "staff", "staff2"} { // That somebody reviews they know, not how.
		if sealed := m.ok(person, "GetReview", first); len(sealed.list("review.scores")) > 0 || sealed.str("review.comment") != "" {
			m.t.Errorf("%s reads scores before the end: %s", person, sealed.text())
		}
		if a := m.ok(person, "GetReviewSummary", summary); a.str("reviewSummary.phases.0.averageX100") != "" {
			m.t.Errorf("%s reads the average before the end: %s", person, a.text())
		}
	}
	m.ok("desk", "CloseReviewPhase", obj{"id": sheets["reviewer"].str("phaseId")})
	m.sees("GetReview", first, "reviewer", "reviewer2", "desk", "staff", "staff2")
	m.sees("GetReviewSummary", summary, m.inside("reviewer", "reviewer2")...)
	if a := m.ok(m.rep, "GetReviewSummary", summary); len(a.list("reviewSummary.phases")) > 0 {
		m.t.Errorf("the organization reads the result before the decision: %s", a.text())
	}
	m.sums()
}

// sums checks the result of the review: two of three count.
func (m *matter) sums() {
	m.t.Helper()
	phase := m.ok("desk", "GetReviewSummary", obj{"proposalId": m.course.id}).list("reviewSummary.phases")[0]
	for field, want := range map[string]string{"assigned": "3", "recused": "1", "counted": "2", "averageX100": "2700", "passed": "true"} {
		if got := phase.str(field); got != want {
			m.t.Errorf("the review's %s is %q, want %q: %s", field, got, want, phase.text())
		}
	}
}

// isDiscussed holds a meeting; its minutes count when both sides have confirmed
// them, and everybody reads them when they are published.
func (m *matter) isDiscussed() {
	m.t.Helper()
	made := m.ok("staff", "CreateMeeting", obj{"meeting": obj{
		"title": "商店街の記録の検討会", "startTime": time.Now().UTC().Format(time.RFC3339), "place": "区役所",
		"agenda":    []obj{{"proposalId": m.course.id, "topic": "役割分担"}},
		"attendees": []obj{{"organizationId": m.organization, "role": "代表", "persons": 1}, {"departmentId": m.departmentOf("staff"), "role": "係長", "persons": 1}},
	}})
	m.meeting = made.str("meeting.id")
	where, inside := obj{"id": m.meeting}, []string{m.rep, "desk", "staff"}
	m.sees("GetMeeting", where, inside...)
	m.refused("representative2", "RecordMinutes", "RESOURCE_NOT_FOUND", obj{"id": m.meeting, "body": "x"})
	m.ok("staff", "RecordMinutes", obj{
		"id": m.meeting, "body": "会場は区が探す。", "decisions": "会場は区、写真は団体。", "roles": []obj{{"matter": "会場", "departmentId": m.departmentOf("staff"), "duty": "探す"}},
	})
	m.refused("desk", "PublishMeeting", "INVALID_STATE_TRANSITION", where)
	m.ok(m.rep, "ConfirmMinutes", where)
	m.refused("staff2", "ConfirmMinutes", "RESOURCE_NOT_FOUND", where)
	m.refused(m.rep, "ConfirmMinutes", "BOTH_SIDES_BY_ONE", where)
	if got := m.ok("staff", "ConfirmMinutes", where).str("meeting.state"); got != "CONFIRMED" {
		m.t.Errorf("after both sides have confirmed the meeting is %s", got)
	}
	m.sees("GetMeeting", where, inside...)
	m.ok("desk", "PublishMeeting", where)
	m.sees("GetMeeting", where, append(slices.Clone(onlookers), m.rep, m.third)...)
}

// isReleasedWithTheOthers decides it and another proposal of the call; nobody
// outside knows of either before both are released.
func (m *matter) isReleasedWithTheOthers() {
	m.t.Helper()
	other := m.draft(m.call, "もう一つの提案").assigned()
	other.step("desk", "StartReview", "UNDER_REVIEW", nil)
	m.ok("desk", "CreateReviewPhase", obj{"callId": m.call.str("id"), "name": "第2次審査"})
	sheet := m.ok("desk", "AssignReview", obj{"proposalId": other.id, "reviewerId": m.personID("reviewer")})
	m.ok("reviewer", "SubmitReview", obj{"id": sheet.str("review.id"), "scores": []obj{{"no": 1, "points": 1}, {"no": 2, "points": 1}}})
	m.ok("desk", "CloseReviewPhase", obj{"id": sheet.str("review.phaseId")})
	m.refused("staff", "DraftDecision", "REVIEW_NOT_PASSED", merge(obj{"id": other.id}, decision("ADOPTED", "点数が足りない。")))
	other.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("REJECTED", "実施体制が整っていない。"))
	m.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("ADOPTED", "公益性が高い。"+m.canary.draft))
	m.refused("desk", "ReleaseDecisions", "NOTHING_TO_RELEASE", obj{"id": m.call.str("id")})
	for _, p := range []*course{m.course, other} {
		p.step("approver", "ApproveDecision", "DECISION_APPROVED", nil)
		p.shows("IN_EXAMINATION", "RECEIVED", "IN_EXAMINATION")
		if a := p.ok(p.rep, "GetProposal", obj{"id": p.id}); a.at("proposal.decision") != nil {
			p.t.Errorf("the organization reads the decision before its release: %s", a.text())
		}
	}
	m.sees("GetProposal", obj{"id": m.course.id}, m.inside("reviewer", "reviewer2")...)
	m.keeps(m.canary.draft)
	m.refused("staff", "ReleaseDecisions", "PERMISSION_DENIED", obj{"id": m.call.str("id")})
	m.ok("desk", "ReleaseDecisions", obj{"id": m.call.str("id")})
	for p, want := range map[*course]string{m.course: "ADOPTED", other: "REJECTED"} {
		for _, person := range onlookers {
			if got := p.ok(person, "GetProposal", obj{"id": p.id}).str("proposal.state"); got != want {
				p.t.Errorf("%q reads %s, want %s", person, got, want)
			}
		}
	}
	public := m.ok("", "GetProposal", obj{"id": m.course.id})
	if public.str("proposal.consultationId") != "" || !strings.Contains(public.text(), m.canary.draft) {
		m.t.Errorf("everybody reads %s", public.text())
	}
	m.sees("GetReviewSummary", obj{"proposalId": m.course.id}, append(slices.Clone(onlookers), m.rep, m.third)...)
	m.sums()
}

// isAskedAbout has the organization say how it found the scheme, once.
func (m *matter) isAskedAbout() {
	m.t.Helper()
	var scores []obj
	for _, q := range m.ok("", "GetSchemeSurvey", obj{"fiscalYear": m.call.at("fiscalYear")}).list("survey.results") {
		scores = append(scores, obj{"no": q.at("no"), "score": 4})
	}
	reply := obj{"callId": m.call.str("id"), "organizationId": m.organization, "scores": scores, "text": "また提案したい。" + m.canary.log}
	m.refused("representative2", "ReplySchemeSurvey", "RESOURCE_NOT_FOUND", reply)
	m.refused("desk", "ReplySchemeSurvey", "PERMISSION_DENIED", reply)
	m.ok(m.rep, "ReplySchemeSurvey", reply)
	m.refused(m.rep, "ReplySchemeSurvey", "SURVEY_REPLIED", reply)
	figures := m.ok("", "GetProposalStatistics", obj{"fiscalYear": m.call.at("fiscalYear")})
	if len(figures.list("statistics.survey.results")) != len(scores) || len(figures.list("statistics.durations")) == 0 {
		m.t.Errorf("the figures of the year are %s", figures.text())
	}
	m.ok("staff", "ListSchemeSurveyTexts", obj{"fiscalYear": m.call.at("fiscalYear")})
	contains(m.client, "the figures", figures.text(), []string{m.canary.log})
	if got := m.ok("", "LookupConsultation", obj{"number": m.number, "accessCode": m.code}).str("consultation.proposalId"); got != m.course.id {
		m.t.Errorf("at the end who asked is told of the proposal %q", got)
	}
}
