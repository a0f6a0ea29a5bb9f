package outreach

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// opportunityDuties has what a person reads of each duty, and the end of the path
// of what it is about.
var opportunityDuties = map[string]struct{ title, path string }{
	"approve":            {"ボランティア募集の原稿を確認する", ""},
	"decideApplications": {"ボランティアの応募を決める", "/applications"},
	"confirmHours":       {"ボランティアの活動時間を確認する", "/hours"},
}

// duties are what waits for the caller in outreach.
func duties(d service.Deps) task.Source {
	return func(ctx context.Context, _ auth.Principal) ([]*taskv1.Task, error) {
		found, err := store.OpportunityDuties(ctx, d.DB, readerOf(ctx, d.Now()), task.Max+1)
		if err != nil {
			return nil, err
		}
		out, err := trainingTasks(ctx, d)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			says := opportunityDuties[f.Action]
			t := &taskv1.Task{
				Action: f.Action, Title: says.title, Subject: f.Title, Path: "/v1/opportunities/" + f.OpportunityID + says.path,
				Since: timestamppb.New(f.Since),
			}
			if f.Action != "approve" {
				t.OrganizationId = f.OrganizationID
			}
			out = append(out, t)
		}
		return out, nil
	}
}

// trainingDuties has what a person reads of each duty in the training of the
// staff, and the end of the path.
var trainingDuties = map[string]struct{ title, path string }{
	"approveTraining":      {"職員研修の申込みを承認する", ""},
	"reportTraining":       {"職員研修の報告を提出する", "/record"},
	"checkTrainingSummary": {"職員研修の報告を確認する", "/record"},
	"giveTrainingFeedback": {"職員研修の受入れの感想を伝える", "/record"},
	"followUpTraining":     {"職員研修の振り返りを書く", "/record"},
}

// trainingTasks are what waits for the caller in the training of the staff.
func trainingTasks(ctx context.Context, d service.Deps) ([]*taskv1.Task, error) {
	found, err := store.TrainingDuties(ctx, d.DB, readerOf(ctx, d.Now()), jp.DateOf(d.Now()), task.Max+1)
	if err != nil {
		return nil, err
	}
	var out []*taskv1.Task
	for _, f := range found {
		says := trainingDuties[f.Action]
		t := &taskv1.Task{
			Action: f.Action, Title: says.title, Subject: f.Title, Path: "/v1/trainingApplications/" + f.ApplicationID + says.path,
			OrganizationId: f.OrganizationID, Since: timestamppb.New(f.Since),
		}
		if f.DueOn != nil {
			t.DueOn = f.DueOn.String()
		}
		out = append(out, t)
	}
	return out, nil
}
