package outreach_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// over lets so many days go by since the last day of a training.
func (w *world) over(id string, days int) {
	w.t.Helper()
	last := today().AddDays(-days)
	w.exec(`UPDATE training_application SET starts_on = $2, ends_on = $3, report_due_on = $4, follow_up_on = $5, follow_up_due_on = $5 WHERE id = $1`,
		id, last.AddDays(-4), last, jp.NextOfficeDay(last.AddDays(14)), last.AddMonths(6))
}

func (w *world) report(by auth.Principal, id string) error {
	return err2(w.records(by).SubmitTrainingReport(w.t.Context(), &outreachv1.SubmitTrainingReportRequest{
		Id: id, Learned: "カナリアの学び", Proposals: "カナリアの提案", Summary: "地域の活動を学びました。",
	}))
}

func (w *world) feedback(by auth.Principal, id string) error {
	return err2(w.records(by).GiveTrainingFeedback(w.t.Context(), &outreachv1.GiveTrainingFeedbackRequest{Id: id, Experience: "カナリアの感想"}))
}

func (w *world) followUp(by auth.Principal, id string) error {
	return err2(w.records(by).FollowUpTraining(w.t.Context(), &outreachv1.FollowUpTrainingRequest{Id: id, Changed: "カナリアの変化"}))
}

// record reads what became of a training.
func (w *world) record(by auth.Principal, id string) *outreachv1.TrainingRecord {
	w.t.Helper()
	resp, err := w.records(by).GetTrainingRecord(w.t.Context(), &outreachv1.GetTrainingRecordRequest{Id: id})
	w.must(err)
	return resp.GetRecord()
}

func TestTrainingDiary(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	offer := w.publishedCall(placement(1))
	id := w.admitted(member(1), offer)
	write := func(by auth.Principal, day jp.Date) error {
		return err2(w.records(by).WriteTrainingDiary(ctx, &outreachv1.WriteTrainingDiaryRequest{
			TrainingApplicationId: id, Entry: &outreachv1.TrainingDiaryInput{Day: day.String(), Minutes: 420, Body: "受付を手伝いました。"},
		}))
	}
	refused(t, write(member(1), today()), "INVALID_STATE_TRANSITION")
	w.must(w.placed(id, offer))
	w.must(write(member(1), today()))
	refused(t, write(member(1), today()), "TRAINING_DIARY_WRITTEN")
	refused(t, write(member(1), today().AddDays(1)), "TRAINING_DIARY_OUTSIDE")
	refused(t, write(boss, today()), "RESOURCE_NOT_FOUND")
	for _, by := range []auth.Principal{member(1), boss, editor, desk} {
		resp, err := w.records(by).ListTrainingDiary(ctx, &outreachv1.ListTrainingDiaryRequest{TrainingApplicationId: id})
		w.must(err)
		if len(resp.GetEntries()) != 1 || resp.GetEntries()[0].GetMinutes() != 420 {
			t.Errorf("%s reads %v", by.ID, resp)
		}
	}
	for _, by := range []auth.Principal{member(2), head2} {
		_, err := w.records(by).ListTrainingDiary(ctx, &outreachv1.ListTrainingDiaryRequest{TrainingApplicationId: id})
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
}

// From the last day to the follow-up: who has what to do, what becomes public, and
// what is forgotten.
func TestTrainingFromReportToErasure(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	offer := w.publishedCall(placement(2))
	a, err := w.want(member(1), org2, offer)
	w.must(err)
	id := a.GetId()
	w.waits(boss, "approveTraining")
	w.must(err2(w.trainings(boss).ApproveTrainingApplication(ctx, &outreachv1.ApproveTrainingApplicationRequest{Id: id})))
	w.must(w.placed(id, offer))
	refused(t, w.report(member(1), id), "TRAINING_TOO_EARLY")
	refused(t, w.feedback(editor, id), "TRAINING_TOO_EARLY")

	w.over(id, 40)
	w.waits(member(1), "reportTraining")
	w.waits(editor, "giveTrainingFeedback")
	w.must(w.report(member(1), id))
	w.waits(boss, "checkTrainingSummary")
	refused(t, w.report(member(1), id), "INVALID_STATE_TRANSITION")
	w.must(err2(w.records(desk).ReturnTrainingReport(ctx, &outreachv1.ReturnTrainingReportRequest{Id: id, Reason: "人名を除いてください。"})))
	w.must(w.report(member(1), id))
	refused(t, err2(w.records(approver).PublishTrainingSummary(ctx, &outreachv1.PublishTrainingSummaryRequest{Id: id})), "RESOURCE_NOT_FOUND")
	w.must(err2(w.records(boss).PublishTrainingSummary(ctx, &outreachv1.PublishTrainingSummaryRequest{Id: id})))
	w.must(w.feedback(editor, id))
	refused(t, w.feedback(editor, id), "INVALID_STATE_TRANSITION")
	refused(t, w.followUp(member(1), id), "TRAINING_TOO_EARLY")
	if r := w.record(editor, id); r.GetLearned() != "" || r.GetSummary() == "" || !r.GetReportLate() || r.GetExperience() == "" {
		t.Errorf("the host reads %v", r)
	}

	w.over(id, 200)
	w.waits(member(1), "followUpTraining")
	w.must(w.followUp(member(1), id))
	refused(t, w.followUp(member(1), id), "INVALID_STATE_TRANSITION")
	for _, by := range []auth.Principal{member(1), boss, editor, desk} {
		w.waits(by, "")
	}

	w.checkPublicTraining(t)
	w.exec(`UPDATE training_application SET erase_on = $2 WHERE id = $1`, id, today())
	w.run("erase-trainees")
	for _, table := range []string{"training_application", "training_record", "training_diary"} {
		if n := w.count(`SELECT count(*) FROM ` + table + ` t WHERE t::text LIKE '%カナリア%' OR t::text LIKE '%member1%'`); n != 0 {
			t.Errorf("%d rows of %s know who it was", n, table)
		}
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'outreach.trainingApplication.erase' AND detail->>'people' = '1'`); n != 1 {
		t.Errorf("%d reports of the deletion", n)
	}
	w.checkPublicTraining(t)
}

// checkPublicTraining holds what everybody reads of the one training.
func (w *world) checkPublicTraining(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	list, err := w.records(auth.Anonymous).ListTrainingSummaries(ctx, &outreachv1.ListTrainingSummariesRequest{})
	w.must(err)
	raw, err := protojson.Marshal(list)
	w.must(err)
	if len(list.GetTrainingSummaries()) != 1 || strings.Contains(string(raw), "member1") || strings.Contains(string(raw), dept1) || list.GetTrainingSummaries()[0].GetHostName() == "" {
		t.Errorf("everybody reads %s", raw)
	}
	year := int32(jp.FiscalYear(today()))
	public, err := w.records(auth.Anonymous).GetTrainingStatistics(ctx, &outreachv1.GetTrainingStatisticsRequest{FiscalYear: year})
	w.must(err)
	l := public.GetStatistics().GetLevels()
	if len(l) != 3 || l[2].GetHosts() != 1 || l[2].GetMatched() != 1 || l[2].GetCompleted() != 1 || l[2].GetSummaries() != 1 || len(public.GetStatistics().GetDepartments()) != 0 {
		t.Errorf("everybody counts %v", public)
	}
	ward, err := w.records(staff2).GetTrainingStatistics(ctx, &outreachv1.GetTrainingStatisticsRequest{FiscalYear: year})
	w.must(err)
	covered := map[string]int32{}
	for _, d := range ward.GetStatistics().GetDepartments() {
		covered[d.GetDepartmentName()] = d.GetPlacement()
	}
	if len(covered) != 2 || covered["区民生活部商工振興課"] != 1 {
		t.Errorf("the ward counts %v", ward)
	}
}
