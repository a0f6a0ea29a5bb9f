package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// dutyTitles are what a person reads.
var dutyTitles = map[string]string{
	"accept":              "提案の形式審査を行う",
	"assign":              "提案の所管課を割り当てる",
	"route":               "相談を担当課に振り分ける",
	"respondToAssignment": "提案の担当の割当に回答する",
	"reply":               "相談に回答する",
	"answer":              "課題への回答に返答する",
	"confirmMinutes":      "検討会の記録を確認する",
	"approveDecision":     "提案の決定を決裁する",
	"submit":              "審査票を提出する",
	"resubmit":            "提案を補正して出し直す",
}

// duties are what waits for the caller at the desk, in proposals, reviews and
// meetings.
func duties(d service.Deps) task.Source {
	return func(ctx context.Context, _ auth.Principal) ([]*taskv1.Task, error) {
		found, err := store.Duties(ctx, d.DB, readerOf(ctx, d.Now()), task.Max+1)
		return task.Worded(found, dutyTitles), err
	}
}
