package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// dutyTitles are what a person reads.
var dutyTitles = map[string]string{
	"approve":                  "記事・イベント・募集の内容を確認して承認する",
	"publish":                  "承認済みの記事・イベント・募集を公開する",
	"correct":                  "差し戻された記事・イベント・募集を直す",
	"completeDraft":            "予約から作られたイベント・募集の下書きを仕上げる",
	"confirmCredit":            "連名を確認する",
	"admit":                    "イベントの参加申込みを承認する",
	"decideApplications":       "ボランティアの応募を決める",
	"confirmHours":             "ボランティアの活動時間を確認する",
	"decidePosting":            "広報板の掲示を決める",
	"assignSponsorship":        "後援名義の所管課を決める",
	"draftSponsorshipDecision": "後援名義の決定案を作る",
	"decideSponsorship":        "後援名義を決裁する",
	"reportSponsorship":        "後援名義の実績を報告する",
	"repairSource":             "読めなくなった情報源を確かめる",
	"approveTraining":          "職員研修の申込みを承認する",
	"reportTraining":           "職員研修の報告を提出する",
	"checkTrainingSummary":     "職員研修の報告を確認する",
	"giveTrainingFeedback":     "職員研修の受入れの感想を伝える",
	"followUpTraining":         "職員研修の振り返りを書く",
}

// duties are what waits for the caller in outreach.
func duties(d service.Deps) task.Source {
	return func(ctx context.Context, _ auth.Principal) ([]*taskv1.Task, error) {
		by := store.DutyReader{Reader: readerOf(ctx, d.Now()), Keeper: boardReaderOf(ctx).Keeper, Today: jp.DateOf(d.Now())}
		found, err := store.Duties(ctx, d.DB, by, task.Max+1)
		return task.Worded(found, dutyTitles), err
	}
}
