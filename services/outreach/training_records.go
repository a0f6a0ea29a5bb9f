package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// trainingRecords answers TrainingRecordService.
type trainingRecords struct {
	outreachv1.UnimplementedTrainingRecordServiceServer
	publications
}

// WriteTrainingDiary writes the diary of a day.
func (s *trainingRecords) WriteTrainingDiary(ctx context.Context, req *outreachv1.WriteTrainingDiaryRequest) (*outreachv1.WriteTrainingDiaryResponse, error) {
	in := req.GetEntry()
	on, err := convert.Day("entry.day", in.GetDay())
	if err != nil {
		return nil, err
	}
	d := &training.Diary{ApplicationID: req.GetTrainingApplicationId(), Day: on, Minutes: int(in.GetMinutes()), Body: jp.Clean(in.GetBody())}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.WriteTrainingDiaryResponse, error) {
		a, err := store.LockTraining(ctx, tx, d.ApplicationID)
		if err != nil {
			return nil, err
		}
		t, err := s.know(ctx, tx, a)
		if err != nil {
			return nil, err
		}
		if !t.own {
			return nil, fault.ErrNotFound
		}
		if err := a.DiaryOn(d.Day, jp.DateOf(tx.Now)); err != nil {
			return nil, err
		}
		if err := store.InsertDiary(ctx, tx, d); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.trainingRecord.writeDiary", ObjectType: "trainingApplication", ObjectID: a.ID})
		return &outreachv1.WriteTrainingDiaryResponse{Entry: diaryToProto(d)}, nil
	})
}

// ListTrainingDiary lists a diary.
func (s *trainingRecords) ListTrainingDiary(ctx context.Context, req *outreachv1.ListTrainingDiaryRequest) (*outreachv1.ListTrainingDiaryResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	t, err := s.trainee(ctx, req.GetTrainingApplicationId(), byAnybody)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListDiary(ctx, s.DB, t.ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(d *training.Diary) []string { return []string{d.Day.String()} })
	resp := &outreachv1.ListTrainingDiaryResponse{Entries: convert.List(rows, diaryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetTrainingRecord shows what became of a training.
func (s *trainingRecords) GetTrainingRecord(ctx context.Context, req *outreachv1.GetTrainingRecordRequest) (*outreachv1.GetTrainingRecordResponse, error) {
	t, err := s.trainee(ctx, req.GetId(), byAnybody)
	if err != nil {
		return nil, err
	}
	record, err := store.GetTrainingRecord(ctx, s.DB, t.ID)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetTrainingRecordResponse{Record: recordToProto(t, record)}, nil
}

// recordVerb is a verb of the record of a training.
type recordVerb struct {
	name string // In the audit log.
	may  func(trainee) bool
	take func(trainee, *training.Record) error
}

// note runs one verb on the record of a locked application.
func note[R any](ctx context.Context, s *trainingRecords, req stepRequest, v recordVerb, answer func(*outreachv1.TrainingRecord) R) (R, error) {
	var record *training.Record
	return trainingStep(ctx, &s.publications, req, trainingVerb{name: "trainingRecord." + v.name, may: v.may, take: func(ctx context.Context, t trainee) (err error) {
		if record, err = store.GetTrainingRecord(ctx, t.tx, t.ID); err != nil {
			return err
		}
		if err := v.take(t, record); err != nil {
			return err
		}
		store.PutTrainingRecord(t.tx, record)
		return nil
	}}, func(t trainee) R { return answer(recordToProto(t, record)) })
}

// SubmitTrainingReport takes the participant's report.
func (s *trainingRecords) SubmitTrainingReport(ctx context.Context, req *outreachv1.SubmitTrainingReportRequest) (*outreachv1.SubmitTrainingReportResponse, error) {
	return note(ctx, s, req, recordVerb{"submitReport", byTrainee, func(t trainee, r *training.Record) error {
		return r.Submit(t.Application, training.Report{
			Learned: jp.Clean(req.GetLearned()), Proposals: jp.Clean(req.GetProposals()), Summary: jp.Clean(req.GetSummary()),
		}, t.tx.Now)
	}}, func(r *outreachv1.TrainingRecord) *outreachv1.SubmitTrainingReportResponse {
		return &outreachv1.SubmitTrainingReportResponse{Record: r}
	})
}

// PublishTrainingSummary publishes the summary of another person's report.
func (s *trainingRecords) PublishTrainingSummary(ctx context.Context, req *outreachv1.PublishTrainingSummaryRequest) (*outreachv1.PublishTrainingSummaryResponse, error) {
	return note(ctx, s, req, recordVerb{"publishSummary", byChecker, func(t trainee, r *training.Record) error {
		return r.Publish(t.Application, t.by.ID, t.tx.Now)
	}}, func(r *outreachv1.TrainingRecord) *outreachv1.PublishTrainingSummaryResponse {
		return &outreachv1.PublishTrainingSummaryResponse{Record: r}
	})
}

// ReturnTrainingReport sends another person's report back.
func (s *trainingRecords) ReturnTrainingReport(ctx context.Context, req *outreachv1.ReturnTrainingReportRequest) (*outreachv1.ReturnTrainingReportResponse, error) {
	return note(ctx, s, req, recordVerb{"returnReport", byChecker, func(t trainee, r *training.Record) error {
		return r.Return(t.Application, t.by.ID, jp.Clean(req.GetReason()))
	}}, func(r *outreachv1.TrainingRecord) *outreachv1.ReturnTrainingReportResponse {
		return &outreachv1.ReturnTrainingReportResponse{Record: r}
	})
}

// GiveTrainingFeedback takes the host's feedback.
func (s *trainingRecords) GiveTrainingFeedback(ctx context.Context, req *outreachv1.GiveTrainingFeedbackRequest) (*outreachv1.GiveTrainingFeedbackResponse, error) {
	return note(ctx, s, req, recordVerb{"giveFeedback", byTrainer, func(t trainee, r *training.Record) error {
		return r.Tell(t.Application, training.Feedback{
			Experience: jp.Clean(req.GetExperience()), ProposalsToWard: jp.Clean(req.GetProposalsToWard()), NextTime: jp.Clean(req.GetNextTime()),
		}, t.tx.Now)
	}}, func(r *outreachv1.TrainingRecord) *outreachv1.GiveTrainingFeedbackResponse {
		return &outreachv1.GiveTrainingFeedbackResponse{Record: r}
	})
}

// FollowUpTraining takes what changed in the participant's work.
func (s *trainingRecords) FollowUpTraining(ctx context.Context, req *outreachv1.FollowUpTrainingRequest) (*outreachv1.FollowUpTrainingResponse, error) {
	return note(ctx, s, req, recordVerb{"followUp", byTrainee, func(t trainee, r *training.Record) error {
		return r.FollowUp(t.Application, jp.Clean(req.GetChanged()), t.tx.Now)
	}}, func(r *outreachv1.TrainingRecord) *outreachv1.FollowUpTrainingResponse {
		return &outreachv1.FollowUpTrainingResponse{Record: r}
	})
}
