package outreach

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
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
		var out []*taskv1.Task
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
