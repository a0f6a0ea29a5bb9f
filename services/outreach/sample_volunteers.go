package outreach

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// activity is one of the ten activities of the ward's programme of 2003.
type activity struct {
	place, name, category string
	field                 int
}

// activities reads the ten activities.
func activities() ([]activity, error) {
	f, err := sampleFiles.Open("sample/volunteer_activities.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("volunteer_activities.csv: %w", err)
	}
	var out []activity
	for _, r := range rows[1:] {
		field, err := strconv.Atoi(r[4])
		if err != nil {
			return nil, fmt.Errorf("volunteer_activities.csv: %w", err)
		}
		out = append(out, activity{place: r[1], name: r[2], category: r[3], field: field})
	}
	return out, nil
}

// activityTopics are the topics of the categories.
var activityTopics = map[string]string{"高齢者福祉": "elderly", "障害福祉": "disability", "子育て": "children"}

// input is the activity as a call of the ward; what the programme does not say is
// marked as a sample.
func (a activity) input(today jp.Date) *outreachv1.OpportunityInput {
	return &outreachv1.OpportunityInput{
		Title: a.place + "での" + a.name + "（見本）", Summary: "区の「協働を進めるためのプログラム」に挙げられたボランティア活動です。",
		Body:   "活動の名前と場所は、2003年のプログラムによります。日時、人数、連絡先などは、使い方を示すための見本です。",
		Topics: []string{activityTopics[a.category], "volunteer"}, Purpose: a.category + "の現場を、区民の力で支えるため（見本）。",
		Role: a.name, ActivityField: int32(a.field), StartsOn: today.AddDays(14).String(), EndsOn: today.AddDays(90).String(),
		Weekdays:  []outreachv1.Opportunity_Weekday{outreachv1.Opportunity_SATURDAY},
		StartTime: "10:00", EndTime: "12:00", TimeNote: "時間は見本です。", Place: &outreachv1.EventPlace{Name: a.place}, Headcount: 10,
		Requirements: "18歳以上（見本）", Beginners: true, SchoolGroups: a.category == "子育て", CompanyGroups: a.category != "子育て",
		Cost: "交通費は自己負担です（見本）。", Insurance: "ボランティア活動保険に加入していただきます（見本）。", Bring: "動きやすい服装",
		Contact:    &typev1.ContactPoint{Name: "担当課（見本）", PhoneNumber: "03-0000-0003"},
		Screening:  []outreachv1.Opportunity_Screening{outreachv1.Opportunity_INTERVIEW, outreachv1.Opportunity_PLEDGE},
		Pledge:     "活動で知った個人の事情を、ほかの人に話しません。",
		SourceNote: "活動と場所：千代田区「協働を進めるためのプログラム」（2003年3月）。ほかは見本です。",
	}
}

// volunteers loads the ten activities as calls of a section, published, with
// shifts and applications at the first, and a call of an organization that waits
// for its approval.
func (s *sampler) volunteers(ctx context.Context) error {
	calls := &opportunities{publications: s.publications}
	all, err := activities()
	if err != nil {
		return err
	}
	today := jp.DateOf(s.Now())
	first := ""
	for _, a := range all {
		made, err := calls.CreateOpportunity(auth.With(ctx, sample.Staff), &outreachv1.CreateOpportunityRequest{Opportunity: a.input(today)})
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		id := made.GetOpportunity().GetId()
		if first == "" {
			first = id
		}
		if err := sample.Play(ctx, s.publishCall(calls, id)...); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	in := &outreachv1.OpportunityInput{}
	if err := sample.Read(sampleFiles, "opportunity_reading.json", in); err != nil {
		return err
	}
	in.StartsOn, in.EndsOn = today.AddDays(14).String(), today.AddDays(60).String()
	waiting, err := calls.CreateOpportunity(auth.With(ctx, sample.Representative), &outreachv1.CreateOpportunityRequest{Opportunity: in})
	if err != nil {
		return fmt.Errorf("opportunity_reading.json: %w", err)
	}
	id := waiting.GetOpportunity().GetId()
	return sample.Play(ctx, sample.By(sample.Representative, func(ctx context.Context) error {
		return sample.Done(calls.RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id}))
	}), sample.By(sample.Staff, func(ctx context.Context) error { return s.applicants(ctx, first) }))
}

// publishCall takes the steps from draft to publication of the section's own call.
func (s *sampler) publishCall(calls *opportunities, id string) []sample.Turn {
	return []sample.Turn{
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(calls.RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id}))
		}),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(calls.ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(calls.PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id}))
		}),
	}
}

// applicants adds two shifts to a call, an application that is accepted and one
// that waits for its host, who is the caller.
func (s *sampler) applicants(ctx context.Context, id string) error {
	on, take := &shifts{publications: s.publications}, &applications{publications: s.publications}
	var ids []string
	for _, days := range []int{15, 22} {
		at := jp.DateOf(s.Now()).AddDays(days).StartOfDay().Add(10 * time.Hour)
		made, err := on.CreateShift(ctx, &outreachv1.CreateShiftRequest{OpportunityId: id, Shift: &outreachv1.ShiftInput{
			StartTime: timestamppb.New(at), EndTime: timestamppb.New(at.Add(2 * time.Hour)), Capacity: 5,
		}})
		if err != nil {
			return err
		}
		ids = append(ids, made.GetShift().GetId())
	}
	for i, by := range []auth.Principal{sample.Representative2, sample.Representative} {
		made, err := take.CreateApplication(auth.With(ctx, by), &outreachv1.CreateApplicationRequest{
			OpportunityId: id, Application: &outreachv1.ApplicationInput{
				Applicant: &outreachv1.Applicant{Name: "見本 太郎" + strconv.Itoa(i+1), Email: "mihon" + strconv.Itoa(i+1) + "@example.jp", Note: "見本の申込みです。"},
				ShiftIds:  ids, Pledged: true,
			},
		})
		if err != nil {
			return err
		}
		if i == 0 {
			err = sample.Done(take.AcceptApplication(ctx, &outreachv1.AcceptApplicationRequest{OpportunityId: id, Id: made.GetApplication().GetId()}))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
