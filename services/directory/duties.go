package directory

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// dutyTitles are what a person reads.
var dutyTitles = map[string]string{
	"verify":        "団体登録の申請を確認する",
	"correct":       "団体登録の申請を直して出し直す",
	"renew":         "団体登録の更新を申し出る",
	"confirm":       "団体の登録内容を確認する",
	"decideRenewal": "団体登録の更新を確認する",
	"accept":        "団体への招待に答える",

	"publishListing":     "掲載の内容を確認して公開する",
	"correctListing":     "掲載を直して出し直す",
	"answerIntroduction": "紹介に答える",
	"recordOutcome":      "紹介の結果を記録する",
	"settleOutcome":      "紹介の結果を確かめて記録する",
	"acceptReferral":     "紹介された相談を引き受けるか答える",
	"reportReferral":     "引き受けた相談の結果を報告する",
	"followUpReferral":   "期限を過ぎた相談の紹介を確かめる",
}

// duties are what waits for the caller in the directory.
func duties(d service.Deps) task.Source {
	return func(ctx context.Context, _ auth.Principal) ([]*taskv1.Task, error) {
		found, err := store.Duties(ctx, d.DB, partner(ctx), d.Now(), task.Max+1)
		if err != nil {
			return nil, err
		}
		var out []*taskv1.Task
		for _, f := range found {
			t := &taskv1.Task{
				Action: f.Action, Title: dutyTitles[f.Action], Subject: f.Name, Path: "/v1/organizations/" + f.OrganizationID,
				DueOn: dayText(f.DueOn), Since: timestamppb.New(f.Since),
			}
			if f.Action != "verify" && f.Action != "decideRenewal" {
				t.OrganizationId = f.OrganizationID
			}
			if f.MemberID != "" {
				t.Path += "/members/" + f.MemberID
			}
			if f.Path != "" {
				t.Path = f.Path
			}
			out = append(out, t)
		}
		return out, nil
	}
}
