package acceptance

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// chain is a project that came of an adopted proposal.
type chain struct {
	*course
	number     string // Of the whole chain.
	project    string
	approver   string // Of the lead department.
	evaluation string // Its final evaluation.
}

// TestChain follows one public number from an adopted proposal over project,
// agreement, two sealed sheets, comparison, discussion and publication to an
// improvement and a comment on a clause.
func TestChain(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		p := c.draft(c.publishedCall(nil), "鎖の初めの提案").assigned().examined()
		p.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("ADOPTED", "公益性が高い。"))
		number := p.step("approver", "ApproveDecision", "ADOPTED", nil).str("number")
		k := &chain{course: p, number: number, approver: c.newStaff(c.departmentOf("staff"), "STAFF", "APPROVER")}
		k.isAProject()
		k.isAgreed()
		k.isDocumented()
		k.isCarriedOut()
		k.isEvaluated()
		k.isLearntFrom()
		k.isOneTrail()
	})
}

// isAProject waits for the project that the adoption makes, once.
func (k *chain) isAProject() {
	k.t.Helper()
	var found []answer
	eventually(k.t, 20*time.Second, "the adopted proposal is a project", func() bool {
		found = k.all("staff", "ListProjects", "projects", obj{"organizationId": k.organization})
		return len(found) > 0
	})
	if len(found) != 1 || found[0].str("publicNumber") != k.number {
		k.t.Fatalf("projects of the proposal: %v", found)
	}
	k.project = found[0].str("id")
	a := k.ok(k.rep, "GetProject", obj{"id": k.project})
	if a.str("project.state") != "PREPARING" || len(a.list("project.goals")) != 1 || len(a.list("project.credits")) < 2 {
		k.t.Errorf("the project is %s", a.text())
	}
	k.refused("member2", "UpdateProject", "PERMISSION_DENIED", obj{"id": k.project, "project": obj{"title": "x"}, "updateMask": "title", "etag": `"1"`})
}

// isAgreed fills the project in, drafts the agreement and has both sides sign.
func (k *chain) isAgreed() {
	k.t.Helper()
	year := fiscalYear()
	update := obj{"id": k.project, "etag": k.ok("staff", "GetProject", obj{"id": k.project}).str("project.etag"), "updateMask": "periodFrom,periodTo,budget"}
	update["project"] = obj{
		"periodFrom": year + "-04-01", "periodTo": nextYear(year) + "-03-31",
		"budget": []obj{{"side": "INCOME", "account": "区負担金", "amount": "300000"}, {"side": "EXPENSE", "account": "報償費", "amount": "300000"}},
	}
	k.ok("staff", "UpdateProject", update)
	k.ok("staff", "DraftAgreement", obj{"projectId": k.project})
	sign := obj{"projectId": k.project}
	k.refused("staff", "SignAgreement", "PERMISSION_DENIED", sign)
	k.refused("representative2", "SignAgreement", "RESOURCE_NOT_FOUND", sign)
	k.ok(k.rep, "SignAgreement", sign)
	k.refused(k.rep, "SignAgreement", "SIGNATURE_REPEATED", sign)
	a := k.ok(k.approver, "SignAgreement", sign)
	if a.str("agreement.state") != "SIGNED" || len(a.str("agreement.sha256")) != 64 {
		k.t.Errorf("the signed agreement is %s", a.text())
	}
	if got := k.ok("", "GetProject", obj{"id": k.project}).str("project.state"); got != "AGREED" {
		k.t.Errorf("the project is %s", got)
	}
	for _, rpc := range []string{"GetAgreementPage", "GetAgreementPdf"} {
		if d := k.ok(k.rep, rpc, sign); d.str("document.content") == "" {
			k.t.Errorf("%s is empty", rpc)
		}
	}
}

// isCarriedOut starts the project, reports and completes it.
func (k *chain) isCarriedOut() {
	k.t.Helper()
	k.ok("staff", "StartProject", obj{"id": k.project})
	row := func(side, account, amount string) obj {
		r := obj{"side": side, "account": account, "amount": amount}
		if side == "EXPENSE" {
			r["paidOn"] = today(0)
		}
		return r
	}
	report := obj{
		"kind": "FINAL", "periodFrom": today(0), "periodTo": today(0), "activities": "毎週の読み聞かせ", "progressPercent": 100, "participants": 130,
		"results": []obj{{"goalNo": 1, "value": "130人"}}, "rows": []obj{row("INCOME", "区負担金", "300000"), row("EXPENSE", "交際費", "1000")},
	}
	k.refused(k.rep, "FileReport", "ACCOUNTS_DIFFER", obj{"projectId": k.project, "report": report})
	late := row("EXPENSE", "報償費", "280000")
	late["paidOn"] = "2001-04-01"
	report["rows"] = []obj{row("INCOME", "区負担金", "300000"), late}
	k.refused(k.rep, "FileReport", "COST_OUTSIDE_FISCAL_YEAR", obj{"projectId": k.project, "report": report})
	report["rows"] = []obj{row("INCOME", "区負担金", "300000"), row("EXPENSE", "報償費", "280000")}
	k.ok(k.rep, "FileReport", obj{"projectId": k.project, "report": report})
	k.ok("staff", "CompleteProject", obj{"id": k.project})
}

// sheet answers every criterion with 4; one score can be another.
func sheet(no int, score int, reason string) obj {
	var answers []obj
	for i := 1; i <= 15; i++ {
		a := obj{"criterionNo": i, "score": 4}
		if i == no {
			a = obj{"criterionNo": i, "score": score, "reason": reason}
		}
		answers = append(answers, a)
	}
	return obj{"answers": answers, "strengths": "続けられた", "issues": "日程", "next": "続ける"}
}

// isEvaluated seals both sheets, compares, discusses, agrees and publishes.
func (k *chain) isEvaluated() {
	k.t.Helper()
	k.evaluation = k.ok("staff", "CreateEvaluation", obj{"evaluation": obj{"projectId": k.project, "kind": "FINAL", "dueOn": today(30), "templateVersion": 1}}).str("evaluation.id")
	ours, theirs := obj{"evaluationId": k.evaluation, "side": "organization"}, obj{"evaluationId": k.evaluation, "side": "ward"}
	save := func(as string, where obj, sheet obj) {
		k.ok(as, "UpdateSheet", merge(obj{"sheet": sheet, "updateMask": "answers,strengths,issues,next", "etag": "*"}, where))
	}
	save(k.rep, ours, sheet(4, 2, ""))
	k.refused(k.rep, "SubmitSheet", "SCORE_REASON_REQUIRED", ours)
	word := somebody("canary")
	save(k.rep, ours, sheet(4, 2, "日程が区の都合で決まった"+word))
	k.ok(k.rep, "SubmitSheet", ours)
	for _, person := range []string{"staff", k.approver, "desk", "reviewer", "admin", "auditor", "representative2", "resident", ""} {
		for _, call := range []struct {
			rpc string
			in  obj
		}{{"GetSheet", ours}, {"GetEvaluation", obj{"id": k.evaluation}}, {"GetComparison", obj{"id": k.evaluation}}, {"ListEvaluations", obj{"projectId": k.project}}} {
			a, err := k.try(person, call.rpc, call.in)
			text := a.text()
			if err != nil {
				text = explain(err)
			}
			contains(k.client, call.rpc+" as "+person, text, []string{word})
		}
	}
	contains(k.client, "the log", k.world.log(), []string{word})
	save("staff", theirs, sheet(4, 4, ""))
	k.ok(k.approver, "SubmitSheet", theirs)
	if a := k.ok("staff", "GetComparison", obj{"id": k.evaluation}); !strings.Contains(a.text(), word) {
		k.t.Errorf("both are open, but the comparison is %s", a.text())
	}
	talk := obj{"meetingOn": today(0), "summary": "来年度も続けたい。", "attendees": []obj{{"side": "ORGANIZATION", "role": "代表"}, {"side": "WARD", "role": "係長"}}}
	k.refused(k.rep, "RecordDiscussion", "DISCUSSION_INCOMPLETE", obj{"id": k.evaluation, "discussion": talk})
	talk["items"] = []obj{{"criterionNo": 4, "cause": "日程を区が決めていた", "improvement": "年度の初めに双方で決める"}}
	k.ok(k.rep, "RecordDiscussion", obj{"id": k.evaluation, "discussion": talk})
	k.ok(k.rep, "AgreeEvaluation", obj{"id": k.evaluation})
	k.refused("desk", "PublishEvaluation", "AGREEMENTS_MISSING", obj{"id": k.evaluation})
	k.ok(k.approver, "AgreeEvaluation", obj{"id": k.evaluation})
	k.ok("desk", "PublishEvaluation", obj{"id": k.evaluation})
	for _, rpc := range []string{"GetEvaluationReport", "GetEvaluationReportPage", "GetEvaluationReportCsv", "GetEvaluationReportPdf"} {
		k.ok("", rpc, obj{"id": k.evaluation})
	}
}

// isLearntFrom closes the improvement that came of the talk, and comments on a
// clause of the rules with it.
func (k *chain) isLearntFrom() {
	k.t.Helper()
	found := k.all("", "ListImprovements", "improvements", obj{"projectId": k.project})
	if len(found) != 1 || found[0].str("publicNumber") != k.number {
		k.t.Fatalf("improvements: %v", found)
	}
	version := obj{"title": "改定案（見本）", "clauses": []obj{{"no": 1, "section": "PRINCIPLES", "title": "対等", "text": "対等の立場で話し合う。"}}}
	id := k.ok("desk", "CreateRulebookVersion", obj{"version": version}).str("version.id")
	k.ok("desk", "OpenRulebookComments", obj{"id": id, "until": today(14)})
	comment := obj{"versionId": id, "clauseNo": 1, "organizationId": k.organization, "body": "日程も双方で決めると書いてください。", "projectId": k.project}
	if got := k.ok(k.rep, "CreateRulebookComment", comment).str("comment.publicNumber"); got != k.number {
		k.t.Errorf("the comment on the clause carries %q", got)
	}
	k.ok("desk", "CloseImprovement", obj{"id": found[0].str("id"), "result": "年度当初の会議で双方が決める形にした。"})
}

// isOneTrail reads the whole chain under its number.
func (k *chain) isOneTrail() {
	k.t.Helper()
	want := []string{"PROPOSAL", "DECISION", "PROJECT", "AGREEMENT", "EVALUATION", "IMPROVEMENT"}
	var kinds map[string]bool
	eventually(k.t, 20*time.Second, "the trail is whole", func() bool {
		kinds = map[string]bool{}
		for _, e := range k.ok("", "GetTrail", obj{"publicNumber": k.number}).list("trail.entries") {
			kinds[e.str("kind")] = true
			if e.str("date") == "" || e.str("title") == "" {
				k.t.Errorf("an entry without date or title: %s", e.text())
			}
		}
		return !slices.ContainsFunc(want, func(kind string) bool { return !kinds[kind] })
	})
	if len(kinds) < len(want) {
		k.t.Errorf("the trail has %v", slices.Sorted(maps.Keys(kinds)))
	}
}

// fiscalYear is the year in which the present fiscal year began.
func fiscalYear() string {
	day := time.Now().UTC().Add(9 * time.Hour)
	return day.AddDate(0, -3, 0).Format("2006")
}

func nextYear(year string) string {
	begin, err := time.Parse("2006", year)
	if err != nil {
		panic(err)
	}
	return begin.AddDate(1, 0, 0).Format("2006")
}
