package facilities

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// dutyTexts are what a person is to do and reads, by kind of duty. Where hours
// count, the subject says until when.
var dutyTexts = map[string]struct {
	action, title string
	hours         bool
}{
	"approveBooking":    {action: "approve", title: "施設の使用の申込みを審査する"},
	"decideReduction":   {action: "decideReduction", title: "使用料の減免を決裁する"},
	"recordRefund":      {action: "recordRefund", title: "使用料を還付し、記録する"},
	"decideAppeal":      {action: "decideAppeal", title: "違反点数への不服の申立てを決定する"},
	"recordEntropy":     {action: "recordEntropy", title: "抽選に使う公開の乱数を記録する"},
	"FACILITY":          {action: "approve", title: "施設の情報の案を承認する"},
	"ROOM":              {action: "approve", title: "室の情報の案を承認する"},
	"CLOSURE":           {action: "approve", title: "休館の案を承認する"},
	"SLOT_PATTERN":      {action: "approve", title: "時間区分の案を承認する"},
	"USER_CLASS":        {action: "approve", title: "利用区分の案を承認する"},
	"OPENING_RULE":      {action: "approve", title: "受付開始の規則の案を承認する"},
	"FEE_TABLE":         {action: "approve", title: "使用料の表の案を承認する"},
	"PENALTY_RULE":      {action: "approve", title: "違反点数の規則の案を承認する"},
	"pay":               {action: "pay", title: "施設の使用料を納める"},
	"answerInformation": {action: "answerInformation", title: "施設の予約についての照会に回答する"},
	"confirm":           {action: "confirm", title: "抽選の当選を確認し、使用を申し込む", hours: true},
	"accept":            {action: "accept", title: "キャンセル待ちの順番が来た室を申し込む", hours: true},
}

// duties are what waits for the caller in bookings, lotteries, the wait-list, the
// drafts of rules, and penalties.
func duties(d service.Deps) task.Source {
	return func(ctx context.Context, _ auth.Principal) ([]*taskv1.Task, error) {
		found, err := store.Duties(ctx, d.DB, readerOf(ctx), task.Max+1)
		return convert.List(found, dutyToProto), err
	}
}

func dutyToProto(f store.Duty) *taskv1.Task {
	text := dutyTexts[f.Kind]
	t := &taskv1.Task{
		Action: text.action, Title: text.title, Subject: f.Subject, Path: f.Path, Number: f.Number,
		OrganizationId: f.OrganizationID, Since: convert.Instant(f.Since),
	}
	if !f.Until.IsZero() {
		t.DueOn = convert.Date(jp.DateOf(f.Until.Add(-time.Microsecond)))
	}
	if text.hours {
		t.Subject += f.Until.In(jp.Tokyo).Format("（1月2日15:04まで）")
	}
	return t
}
