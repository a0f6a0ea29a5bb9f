package evaluation_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

func (w *world) report(id string, version int32) *evaluationv1.EvaluationReport {
	w.t.Helper()
	resp, err := w.published(auth.Anonymous).GetEvaluationReport(w.t.Context(), &evaluationv1.GetEvaluationReportRequest{Id: id, Version: version})
	w.must(err)
	return resp.GetReport()
}

func TestLateSideRule(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	id := e.GetId()
	w.must(w.save(editor, id, "organization", func(in *evaluationv1.SheetInput) { in.Strengths = "団体だけの書きかけ" }))
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))
	publish := func(p auth.Principal, reason string) error {
		return err2(w.evaluations(p).PublishEvaluation(t.Context(), &evaluationv1.PublishEvaluationRequest{Id: id, Reason: reason}))
	}
	refused(t, publish(desk, "決定"), "LATE_SIDE_MAY_SUBMIT")
	w.exec(`UPDATE evaluation SET opens_on = $2, due_on = $2 WHERE id = $1`, id, today().AddDays(-30).String())
	refused(t, publish(desk, "決定"), "LATE_SIDE_MAY_SUBMIT")
	w.exec(`UPDATE evaluation SET opens_on = $2, due_on = $2 WHERE id = $1`, id, today().AddDays(-31).String())
	refused(t, publish(desk, ""), "INVALID_FIELD")
	refused(t, publish(approver, "決定"), "SELF_APPROVAL_FORBIDDEN")
	refused(t, publish(approver2, "決定"), "PERMISSION_DENIED")
	w.must(publish(desk, "期限を30日過ぎても提出がないため"))
	r := w.report(id, 0)
	if r.GetMissingSideNotice() != "団体1からは提出がありませんでした" || r.GetLateReason() != "期限を30日過ぎても提出がないため" || len(r.GetTexts()) != 1 || r.GetTalk() != nil {
		t.Errorf("report = %v", r)
	}
	if item := r.GetItems()[0].GetItem(); item.GetClass() != evaluationv1.ComparisonItem_ONE_SIDE_ONLY || item.OrganizationScore != nil || item.GetWardScore() != 4 {
		t.Errorf("item 1 = %v", item)
	}
	if strings.Contains(r.String(), "書きかけ") {
		t.Error("the draft of the late side is public")
	}
	_, err := w.sheet(staff, id, "organization")
	refused(t, err, "SHEET_SEALED")
	refused(t, w.submit(head, id, "organization"), "INVALID_STATE_TRANSITION")
	if w.state(e.GetProjectId()) != evaluationv1.Project_EVALUATED {
		t.Error("the project is evaluated all the same")
	}
}

func TestRedactionAndCorrectedReport(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.must(w.save(editor, id, "organization", func(in *evaluationv1.SheetInput) {
		in.Strengths = "見本 花子さんの案内と、見本 次郎さんの司会"
	}))
	w.must(w.submit(head, id, "organization"))
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))
	w.must(w.discuss(staff, id))
	w.must(w.agree(head, id))
	w.must(w.agree(approver, id))
	publish := func(p auth.Principal, redactions ...string) error {
		return err2(w.evaluations(p).PublishEvaluation(t.Context(), &evaluationv1.PublishEvaluationRequest{Id: id, Redactions: redactions}))
	}
	correct := func(p auth.Principal, redactions ...string) error {
		return err2(w.evaluations(p).CorrectEvaluationReport(t.Context(), &evaluationv1.CorrectEvaluationReportRequest{Id: id, Reason: "個人名の削除", Redactions: redactions}))
	}
	refused(t, publish(staff), "PERMISSION_DENIED")
	refused(t, correct(desk), "INVALID_STATE_TRANSITION")
	refused(t, publish(desk, "見本 太郎"), "REDACTION_NOT_FOUND")
	if w.stands(id) != evaluationv1.Evaluation_AGREED || w.count(`SELECT count(*) FROM published_report`) != 0 {
		t.Error("a refusal changed the evaluation")
	}
	w.must(publish(approver, "見本 花子"))
	if got := w.report(id, 0).GetTexts()[0].GetStrengths(); got != "（個人情報のため非公開）さんの案内と、見本 次郎さんの司会" {
		t.Errorf("published = %s", got)
	}

	in := wholeSheet("organization")
	in.Strengths, in.Answers[0].Score = "見本 花子さんの案内と、見本 次郎さんの司会", five(5)
	w.must(err2(w.evaluations(head).CorrectSheet(t.Context(), &evaluationv1.CorrectSheetRequest{EvaluationId: id, Side: "organization", Sheet: in, Reason: "評点の誤記"})))
	if w.report(id, 0).GetItems()[0].GetItem().GetOrganizationScore() != 4 {
		t.Error("a corrected sheet is public before the correction is")
	}
	w.must(correct(desk, "見本 次郎"))
	first, second := w.report(id, 1), w.report(id, 0)
	if first.GetVersion() != 1 || second.GetVersion() != 2 || second.GetCorrectionReason() != "個人名の削除" || !strings.Contains(first.GetTexts()[0].GetStrengths(), "次郎") {
		t.Errorf("%v, then %v", first, second)
	}
	if got := second.GetTexts()[0].GetStrengths(); got != "（個人情報のため非公開）さんの案内と、（個人情報のため非公開）さんの司会" || second.GetItems()[0].GetItem().GetOrganizationScore() != 5 {
		t.Errorf("corrected = %v", second)
	}
	list, err := w.published(auth.Anonymous).ListEvaluationReportVersions(t.Context(), &evaluationv1.ListEvaluationReportVersionsRequest{Id: id})
	w.must(err)
	if v := list.GetVersions(); len(v) != 2 || v[0].GetVersion() != 2 || v[0].GetCorrectionReason() != "個人名の削除" {
		t.Errorf("versions = %v", v)
	}
	if diff := cmp.Diff([]string{"項目1 目的共有", "団体の自由記述"}, list.GetVersions()[0].GetChanges()); diff != "" {
		t.Error(diff)
	}
	if got := w.events(id, "public"); got != "EvaluationPublished EvaluationPublished" {
		t.Errorf("events = %s", got)
	}
	// The sums of the year follow the correction.
	if n := w.count(`SELECT organization_sum FROM criterion_sum WHERE name = '目的共有'`); n != 5 {
		t.Errorf("sum = %d", n)
	}
	refused(t, err2(w.published(auth.Anonymous).GetEvaluationReport(t.Context(), &evaluationv1.GetEvaluationReportRequest{Id: id, Version: 3})), "RESOURCE_NOT_FOUND")
	// Published versions are never changed, not even by the service itself.
	_, err = w.deps.DB.Pool().Exec(t.Context(), `UPDATE published_report SET reason = 'x'`)
	if err == nil {
		t.Error("the service may change a published version")
	}
}

// Who corrected a sheet does not publish the correction.
func TestCorrectionTakesTwoPersons(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.lead(id, evaluationv1.Evaluation_PUBLISHED)
	w.must(err2(w.evaluations(approver).CorrectSheet(t.Context(), &evaluationv1.CorrectSheetRequest{EvaluationId: id, Side: "ward", Sheet: wholeSheet("ward"), Reason: "誤記"})))
	correct := func(p auth.Principal) error {
		return err2(w.evaluations(p).CorrectEvaluationReport(t.Context(), &evaluationv1.CorrectEvaluationReportRequest{Id: id, Reason: "誤記"}))
	}
	refused(t, correct(approver), "SELF_APPROVAL_FORBIDDEN")
	w.must(correct(desk))
}

// Until the publication no public channel tells of the evaluation.
func TestNothingIsPublicBefore(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	w.lead(e.GetId(), evaluationv1.Evaluation_AGREED)
	public := w.published(auth.Anonymous)
	for name, do := range map[string]func() error{
		"get": func() error {
			return err2(w.evaluations(auth.Anonymous).GetEvaluation(t.Context(), &evaluationv1.GetEvaluationRequest{Id: e.GetId()}))
		},
		"report": func() error {
			return err2(public.GetEvaluationReport(t.Context(), &evaluationv1.GetEvaluationReportRequest{Id: e.GetId()}))
		},
		"page": func() error {
			return err2(public.GetEvaluationReportPage(t.Context(), &evaluationv1.GetEvaluationReportPageRequest{Id: e.GetId()}))
		},
		"csv": func() error {
			return err2(public.GetEvaluationReportCsv(t.Context(), &evaluationv1.GetEvaluationReportCsvRequest{Id: e.GetId()}))
		},
		"pdf": func() error {
			return err2(public.GetEvaluationReportPdf(t.Context(), &evaluationv1.GetEvaluationReportPdfRequest{Id: e.GetId()}))
		},
		"versions": func() error {
			return err2(public.ListEvaluationReportVersions(t.Context(), &evaluationv1.ListEvaluationReportVersionsRequest{Id: e.GetId()}))
		},
	} {
		if got := reason(do()); got != "RESOURCE_NOT_FOUND" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := w.events(e.GetId(), "public"); got != "" {
		t.Errorf("public events = %s", got)
	}
	trail, err := w.trail(e.GetPublicNumber())
	for _, entry := range trail.GetEntries() {
		if entry.GetKind() == evaluationv1.TrailEntry_EVALUATION || entry.GetKind() == evaluationv1.TrailEntry_IMPROVEMENT {
			t.Errorf("the trail tells %v (%v)", entry, err)
		}
	}
}
