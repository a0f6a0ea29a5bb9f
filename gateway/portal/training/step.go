package training

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

type state = outreachv1.TrainingApplication_State

// steps are those of an application, in the order of the page.
var steps = &step.Table[state]{
	Texts: "training",
	Steps: []step.Step[state]{
		{
			Name: "approve", Method: outreachv1.TrainingApplicationService_ApproveTrainingApplication_FullMethodName, Sure: true, Done: "trainingapprove",
			From: step.In(outreachv1.TrainingApplication_REQUESTED), Take: step.By(applications, outreachv1.TrainingApplicationServiceClient.ApproveTrainingApplication, "id", "trainingApplicationId"),
		},
		{
			Name: "decline", Method: outreachv1.TrainingApplicationService_DeclineTrainingApplication_FullMethodName, Sure: true, Done: "trainingdecline",
			From: step.In(outreachv1.TrainingApplication_REQUESTED), Take: step.By(applications, outreachv1.TrainingApplicationServiceClient.DeclineTrainingApplication, "id", "trainingApplicationId"),
		},
		{
			Name: "place", Method: outreachv1.TrainingMatchingService_PlaceTrainingApplication_FullMethodName, Sure: true, Done: "trainingplace",
			Take: step.By(matchings, outreachv1.TrainingMatchingServiceClient.PlaceTrainingApplication, "id", "trainingApplicationId"),
		},
		{
			Name: "diary", Method: outreachv1.TrainingRecordService_WriteTrainingDiary_FullMethodName, Sure: true, Done: "trainingdiary",
			Take: step.By(records, outreachv1.TrainingRecordServiceClient.WriteTrainingDiary, "id", "trainingApplicationId"),
		},
		{
			Name: "report", Method: outreachv1.TrainingRecordService_SubmitTrainingReport_FullMethodName, Sure: true, Done: "trainingreport",
			Take: step.By(records, outreachv1.TrainingRecordServiceClient.SubmitTrainingReport, "id", "trainingApplicationId"),
		},
		{
			Name: "publish", Method: outreachv1.TrainingRecordService_PublishTrainingSummary_FullMethodName, Sure: true, Done: "trainingpublish",
			Take: step.By(records, outreachv1.TrainingRecordServiceClient.PublishTrainingSummary, "id", "trainingApplicationId"),
		},
		{
			Name: "return", Method: outreachv1.TrainingRecordService_ReturnTrainingReport_FullMethodName, Sure: true, Done: "trainingreturn",
			Take: step.By(records, outreachv1.TrainingRecordServiceClient.ReturnTrainingReport, "id", "trainingApplicationId"),
		},
		{
			Name: "feedback", Method: outreachv1.TrainingRecordService_GiveTrainingFeedback_FullMethodName, Sure: true, Done: "trainingfeedback",
			Take: step.By(records, outreachv1.TrainingRecordServiceClient.GiveTrainingFeedback, "id", "trainingApplicationId"),
		},
		{
			Name: "followup", Method: outreachv1.TrainingRecordService_FollowUpTraining_FullMethodName, Sure: true, Done: "trainingfollowup",
			Take: step.By(records, outreachv1.TrainingRecordServiceClient.FollowUpTraining, "id", "trainingApplicationId"),
		},
		{
			Name: "conflict", Method: outreachv1.TrainingApplicationService_DeclareTrainingConflict_FullMethodName, Sure: true, Done: "trainingconflict",
			From: step.In(outreachv1.TrainingApplication_REQUESTED, outreachv1.TrainingApplication_APPROVED), Take: step.By(applications, outreachv1.TrainingApplicationServiceClient.DeclareTrainingConflict, "id", "trainingApplicationId"),
		},
		{
			Name: "withdraw", Method: outreachv1.TrainingApplicationService_WithdrawTrainingApplication_FullMethodName, Sure: true, Done: "trainingwithdraw",
			From: step.In(outreachv1.TrainingApplication_REQUESTED, outreachv1.TrainingApplication_APPROVED, outreachv1.TrainingApplication_MATCHED), Take: step.By(applications, outreachv1.TrainingApplicationServiceClient.WithdrawTrainingApplication, "id", "trainingApplicationId"),
		},
	},
}

// sensible reports whether a step makes sense for the caller as the application
// stands.
func (f *file) sensible(ctx context.Context, name string) bool {
	switch name {
	case "approve", "decline":
		return f.superior(ctx)
	case "place":
		return f.placeable(ctx)
	case "diary":
		return f.begun() && f.own(ctx)
	case "report":
		return f.over() && f.own(ctx) && f.reportable()
	case "publish", "return":
		return f.submitted() && f.checks(ctx)
	case "feedback":
		return f.over() && f.host(ctx) && f.record.GetFeedbackTime() == nil
	case "followup":
		return f.over() && f.own(ctx) && f.GetFollowUpOn() <= f.today && f.record.GetFollowUpTime() == nil
	case "conflict":
		return f.inside(ctx) && len(f.conflictHosts(ctx)) > 1
	default: // withdraw
		return f.own(ctx) && (!f.is(outreachv1.TrainingApplication_MATCHED) || !f.begun())
	}
}

func (f *file) is(states ...state) bool { return slices.Contains(states, f.GetState()) }

// begun and over tell of a place whether its first day has come, and its last.
func (f *file) begun() bool { return f.record != nil && f.GetStartsOn() <= f.today }
func (f *file) over() bool  { return f.record != nil && f.GetEndsOn() <= f.today }

// reportable reports whether the report is to be written, at first or again.
func (f *file) reportable() bool {
	s := f.record.GetSummaryState()
	return s == outreachv1.TrainingRecord_SUMMARY_STATE_UNSPECIFIED || s == outreachv1.TrainingRecord_RETURNED
}

func (f *file) submitted() bool {
	return f.record.GetSummaryState() == outreachv1.TrainingRecord_SUBMITTED
}

// checks reports whether the caller checks the report: another person than who was
// trained.
func (f *file) checks(ctx context.Context) bool {
	return f.superior(ctx) || f.desk(ctx) && !f.own(ctx)
}

// offers are the steps that the page offers. An entry of the diary has a version of
// its own.
func (f *file) offers(ctx context.Context) []step.Offer {
	out := steps.Offers(ctx, &step.Thing[state]{
		State: f.GetState(), Path: "/trainings/" + f.GetId(), Etag: f.GetEtag(), Form: f.form,
		Not: func(name string) bool { return !f.sensible(ctx, name) },
	})
	for i := range out {
		if out[i].Name == "diary" {
			out[i].Etag = ""
		}
	}
	return out
}

// take answers the form of a step on the page of its application.
func take(q *web.Request) error {
	q.SetPathValue("trainingApplicationId", q.PathValue("id"))
	return steps.Take(q, "/trainings/"+q.PathValue("id"), answer)
}
