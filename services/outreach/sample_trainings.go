package outreach

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// offer is an offer of training with what all of the samples have.
func (s *sampler) offer(kind outreachv1.Opportunity_Kind, title, role string, from, to int) *outreachv1.OpportunityInput {
	today := jp.DateOf(s.Now())
	return &outreachv1.OpportunityInput{
		Kind: kind, Title: title + "（見本）", Summary: "区の職員のための研修です（見本）。", Topics: []string{"training"},
		Purpose: "区の職員が、地域で活動する団体から協働の進め方を学ぶため（見本）。", Role: role, ActivityField: 3,
		StartsOn: today.AddDays(from).String(), EndsOn: today.AddDays(to).String(), StartTime: "09:00", EndTime: "17:00",
		Place: &outreachv1.EventPlace{Name: "研修会場（見本）"}, Headcount: 3, TrainingDays: 3, HoursPerDay: 7,
		Requirements: "上司の承認を受けた職員（見本）", Insurance: "公務災害補償の対象です（見本）。",
		Contact:    &typev1.ContactPoint{Name: "研修担当（見本）", PhoneNumber: "03-0000-0003"},
		SourceNote: "研修の3段階：千代田区「協働を進めるためのプログラム」（2003年3月）。ほかは見本です。",
	}
}

// trainings loads one offer of each level, a placement from application to public
// summary, and an application that waits for the superior.
func (s *sampler) trainings(ctx context.Context) error {
	calls, apply := &opportunities{publications: s.publications}, &trainings{publications: s.publications}
	var exchange, placement string
	for _, o := range []struct {
		into *string
		by   auth.Principal
		in   *outreachv1.OpportunityInput
	}{
		{new(string), sample.Staff, s.offer(outreachv1.Opportunity_STAFF_LECTURE, "先進自治体に学ぶ協働の講義", "講義と質疑", 30, 30)},
		{&exchange, sample.Staff, s.offer(outreachv1.Opportunity_STAFF_EXCHANGE, "活動団体との交流と実体験", "団体の活動に一緒に参加します。", 45, 50)},
		{&placement, sample.Representative, s.offer(outreachv1.Opportunity_STAFF_PLACEMENT, "団体の運営に加わる派遣研修", "受付、会計、催しの準備", -4, 0)},
	} {
		made, err := calls.CreateOpportunity(auth.With(ctx, o.by), &outreachv1.CreateOpportunityRequest{Opportunity: o.in})
		if err != nil {
			return fmt.Errorf("%s: %w", o.in.GetTitle(), err)
		}
		*o.into = made.GetOpportunity().GetId()
		if err := sample.Play(ctx, s.publishOffer(calls, o.by, *o.into)...); err != nil {
			return fmt.Errorf("%s: %w", o.in.GetTitle(), err)
		}
	}
	return sample.Play(ctx, sample.By(sample.Staff, func(ctx context.Context) error {
		return sample.Done(apply.CreateTrainingApplication(ctx, &outreachv1.CreateTrainingApplicationRequest{
			TrainingApplication: &outreachv1.TrainingApplicationInput{Wishes: []string{exchange}, Motive: "現場を知りたいため（見本）。"},
		}))
	}), sample.By(sample.Staff, func(ctx context.Context) error { return s.finishedPlacement(ctx, apply, placement) }))
}

// publishOffer takes the steps from draft to publication; the desk checks.
func (s *sampler) publishOffer(calls *opportunities, by auth.Principal, id string) []sample.Turn {
	return []sample.Turn{
		sample.By(by, func(ctx context.Context) error {
			return sample.Done(calls.RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(calls.ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(calls.PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id}))
		}),
	}
}

// finishedPlacement takes a placement of the caller from the application by a
// matching to report, feedback and public summary.
func (s *sampler) finishedPlacement(ctx context.Context, apply *trainings, offer string) error {
	made, err := apply.CreateTrainingApplication(ctx, &outreachv1.CreateTrainingApplicationRequest{
		TrainingApplication: &outreachv1.TrainingApplicationInput{Wishes: []string{offer}, Motive: "団体の運営を知りたいため（見本）。"},
	})
	if err != nil {
		return err
	}
	a := made.GetTrainingApplication()
	records := &trainingRecords{publications: s.publications}
	return sample.Play(ctx,
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(apply.ApproveTrainingApplication(ctx, &outreachv1.ApproveTrainingApplicationRequest{Id: a.GetId()}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			match := &trainingMatchings{publications: s.publications}
			opened, err := match.CreateTrainingMatching(ctx, &outreachv1.CreateTrainingMatchingRequest{
				TrainingMatching: &outreachv1.TrainingMatchingInput{FiscalYear: a.GetFiscalYear(), Level: a.GetLevel()},
			})
			if err != nil {
				return err
			}
			return sample.Done(match.RunTrainingMatching(ctx, &outreachv1.RunTrainingMatchingRequest{Id: opened.GetTrainingMatching().GetId()}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(records.WriteTrainingDiary(ctx, &outreachv1.WriteTrainingDiaryRequest{
				TrainingApplicationId: a.GetId(), Entry: &outreachv1.TrainingDiaryInput{
					Day: jp.DateOf(s.Now()).String(), Minutes: 420, Body: "受付と会場の準備を手伝いました（見本）。",
				},
			}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(records.SubmitTrainingReport(ctx, &outreachv1.SubmitTrainingReportRequest{
				Id: a.GetId(), Learned: "少ない人数で続けるための工夫を学びました（見本）。", Proposals: "申請書の様式を減らします（見本）。",
				Summary: "団体の運営に加わり、参加者への声のかけ方と会計の仕組みを学びました（見本）。",
			}))
		}),
		sample.By(sample.Representative, func(ctx context.Context) error {
			return sample.Done(records.GiveTrainingFeedback(ctx, &outreachv1.GiveTrainingFeedbackRequest{
				Id: a.GetId(), Experience: "区の仕事の進め方を知る機会になりました（見本）。", ProposalsToWard: "年に2回あるとよいと思います（見本）。",
			}))
		}),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(records.PublishTrainingSummary(ctx, &outreachv1.PublishTrainingSummaryRequest{Id: a.GetId()}))
		}))
}
