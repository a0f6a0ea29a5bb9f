package training

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// step is a step that the page of an application offers.
type step struct {
	name   string // Of the address and of the texts.
	method string // RPC.
	when   func(context.Context, *file) bool
	take   func(q *web.Request, id string) error
}

type state = outreachv1.TrainingApplication_State

// graph are the steps in their order.
var graph = []step{
	{
		"approve", outreachv1.TrainingApplicationService_ApproveTrainingApplication_FullMethodName,
		func(ctx context.Context, f *file) bool {
			return f.is(outreachv1.TrainingApplication_REQUESTED) && f.superior(ctx)
		},
		by(outreachv1.NewTrainingApplicationServiceClient, outreachv1.TrainingApplicationServiceClient.ApproveTrainingApplication),
	},
	{
		"decline", outreachv1.TrainingApplicationService_DeclineTrainingApplication_FullMethodName,
		func(ctx context.Context, f *file) bool {
			return f.is(outreachv1.TrainingApplication_REQUESTED) && f.superior(ctx)
		},
		by(outreachv1.NewTrainingApplicationServiceClient, outreachv1.TrainingApplicationServiceClient.DeclineTrainingApplication),
	},
	{
		"place", outreachv1.TrainingMatchingService_PlaceTrainingApplication_FullMethodName,
		func(ctx context.Context, f *file) bool { return f.placeable(ctx) },
		by(outreachv1.NewTrainingMatchingServiceClient, outreachv1.TrainingMatchingServiceClient.PlaceTrainingApplication),
	},
	{
		"diary", outreachv1.TrainingRecordService_WriteTrainingDiary_FullMethodName,
		func(ctx context.Context, f *file) bool { return f.begun() && f.own(ctx) },
		by(outreachv1.NewTrainingRecordServiceClient, outreachv1.TrainingRecordServiceClient.WriteTrainingDiary),
	},
	{
		"report", outreachv1.TrainingRecordService_SubmitTrainingReport_FullMethodName,
		func(ctx context.Context, f *file) bool { return f.over() && f.own(ctx) && f.reportable() },
		by(outreachv1.NewTrainingRecordServiceClient, outreachv1.TrainingRecordServiceClient.SubmitTrainingReport),
	},
	{
		"publish", outreachv1.TrainingRecordService_PublishTrainingSummary_FullMethodName,
		func(ctx context.Context, f *file) bool { return f.submitted() && f.checks(ctx) },
		by(outreachv1.NewTrainingRecordServiceClient, outreachv1.TrainingRecordServiceClient.PublishTrainingSummary),
	},
	{
		"return", outreachv1.TrainingRecordService_ReturnTrainingReport_FullMethodName,
		func(ctx context.Context, f *file) bool { return f.submitted() && f.checks(ctx) },
		by(outreachv1.NewTrainingRecordServiceClient, outreachv1.TrainingRecordServiceClient.ReturnTrainingReport),
	},
	{
		"feedback", outreachv1.TrainingRecordService_GiveTrainingFeedback_FullMethodName,
		func(ctx context.Context, f *file) bool {
			return f.over() && f.host(ctx) && f.record.GetFeedbackTime() == nil
		},
		by(outreachv1.NewTrainingRecordServiceClient, outreachv1.TrainingRecordServiceClient.GiveTrainingFeedback),
	},
	{
		"followup", outreachv1.TrainingRecordService_FollowUpTraining_FullMethodName,
		func(ctx context.Context, f *file) bool {
			return f.over() && f.own(ctx) && f.GetFollowUpOn() <= f.today && f.record.GetFollowUpTime() == nil
		},
		by(outreachv1.NewTrainingRecordServiceClient, outreachv1.TrainingRecordServiceClient.FollowUpTraining),
	},
	{
		"conflict", outreachv1.TrainingApplicationService_DeclareTrainingConflict_FullMethodName,
		func(ctx context.Context, f *file) bool {
			return f.is(outreachv1.TrainingApplication_REQUESTED, outreachv1.TrainingApplication_APPROVED) && f.inside(ctx) && len(f.conflictHosts(ctx)) > 1
		},
		by(outreachv1.NewTrainingApplicationServiceClient, outreachv1.TrainingApplicationServiceClient.DeclareTrainingConflict),
	},
	{
		"withdraw", outreachv1.TrainingApplicationService_WithdrawTrainingApplication_FullMethodName,
		func(ctx context.Context, f *file) bool {
			return f.own(ctx) && (f.is(outreachv1.TrainingApplication_REQUESTED, outreachv1.TrainingApplication_APPROVED) ||
				f.is(outreachv1.TrainingApplication_MATCHED) && !f.begun())
		},
		by(outreachv1.NewTrainingApplicationServiceClient, outreachv1.TrainingApplicationServiceClient.WithdrawTrainingApplication),
	},
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

// offered are the steps that the page offers. Whether they are allowed, the
// service says.
func (f *file) offered(ctx context.Context) []step {
	var out []step
	for _, s := range graph {
		if s.when(ctx, f) && ui.Can(ctx, s.method) {
			out = append(out, s)
		}
	}
	return out
}

// by takes a step by its RPC: the request is what the form says, and the id.
func by[C, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(grpc.ClientConnInterface) C, rpc func(C, context.Context, P, ...grpc.CallOption) (R, error)) func(*web.Request, string) error {
	return func(q *web.Request, id string) error {
		q.PostForm.Set("id", id)
		q.PostForm.Set("trainingApplicationId", id)
		req := P(new(Q))
		if err := web.Bind(q.PostForm, req); err != nil {
			return err
		}
		_, err := rpc(client(q.Site.Service("outreach")), q.Once(), req)
		return err
	}
}

// take answers the form of a step on the page of its application.
func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(graph, func(s step) bool { return s.name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	err = graph[at].take(q, id)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", graph[at].name)
		return answer(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/trainings/"+id, "training"+graph[at].name)
}

// filled is the form of the step that was refused; the others are empty.
func (f *file) filled(s step) *ui.Form {
	if f.form.Get("_step") == s.name {
		return f.form
	}
	return nil
}
