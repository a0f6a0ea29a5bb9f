package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// projectDutyTitles are what a person reads.
var projectDutyTitles = map[string]string{
	"signAgreement":   "協定書に署名する",
	"draftAgreement":  "協定書を作成する",
	"answerChange":    "変更の申請に回答する",
	"fileReport":      "実績報告書を提出する",
	"completeProject": "実績報告を確認し、事業を完了する",
	"approveProgress": "事業の経過を確認し、公開する",
	"answerComment":   "ルールへの意見に区の考え方を示す",

	"submitSheet":       "評価シートを提出する",
	"recordDiscussion":  "評価の結果を双方で協議し、記録する",
	"agree":             "評価の協議の記録に合意する",
	"publish":           "合意した評価を公表する",
	"updateImprovement": "改善の取組の経過を記入する",
	"publishAttachment": "事業の書類を確認し、公開する",
}

// duties are what waits for the caller in projects, evaluations and the rulebook.
func duties(d service.Deps) task.Source {
	return func(ctx context.Context, _ auth.Principal) ([]*taskv1.Task, error) {
		now := d.Now()
		found, err := store.ProjectDuties(ctx, d.DB, readerOf(ctx, now), jp.DateOf(now), task.Max+1)
		return task.Worded(found, projectDutyTitles), err
	}
}
