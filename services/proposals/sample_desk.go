package proposals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// talks loads the sample data of the desk and of the challenges.
func (s *sampler) talks(ctx context.Context) error {
	peer := s.proposals.directory
	v := vault{key: s.Key("asker")}
	desk := &consultations{Deps: s.Deps, directory: peer, vault: v}
	return errors.Join(
		s.templates(ctx, desk), s.consultations(ctx, desk),
		s.challenges(ctx, &challenges{Deps: s.Deps, directory: peer, desk: desk}),
	)
}

// readParts reads the named requests of a file.
func readParts(file string, into map[string]proto.Message) error {
	raw, err := sampleFiles.ReadFile(path.Join("sample", file))
	if err != nil {
		return err
	}
	parts := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for name, m := range into {
		if err := protojson.Unmarshal(parts[name], m); err != nil {
			return fmt.Errorf("%s, %s: %w", file, name, err)
		}
	}
	return nil
}

func (s *sampler) templates(ctx context.Context, desk *consultations) error {
	raw, err := sampleFiles.ReadFile("sample/reply_templates.json")
	if err != nil {
		return err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	for _, one := range all {
		t := &proposalsv1.ReplyTemplateInput{}
		if err := protojson.Unmarshal(one, t); err != nil {
			return err
		}
		if err := sample.Done(desk.CreateReplyTemplate(auth.With(ctx, sample.Desk), &proposalsv1.CreateReplyTemplateRequest{ReplyTemplate: t})); err != nil {
			return err
		}
	}
	return nil
}

// consultations are one that was answered, closed and made a FAQ of, one in
// progress and one that waits at the desk.
func (s *sampler) consultations(ctx context.Context, desk *consultations) error {
	answered, inProgress, received := &proposalsv1.CreateConsultationRequest{}, &proposalsv1.CreateConsultationRequest{}, &proposalsv1.CreateConsultationRequest{}
	if err := readParts("consultations.json", map[string]proto.Message{"answered": answered, "in_progress": inProgress, "received": received}); err != nil {
		return err
	}
	faq := &proposalsv1.PromoteToFaqRequest{}
	if err := sample.Read(sampleFiles, "faq.json", faq); err != nil {
		return err
	}
	first, err := desk.CreateConsultation(auth.With(ctx, sample.Desk), answered)
	if err != nil {
		return err
	}
	second, err := desk.CreateConsultation(auth.With(ctx, sample.Resident), inProgress)
	if err != nil {
		return err
	}
	id, other := first.GetConsultation().GetId(), second.GetConsultation().GetId()
	faq.Id = id
	return sample.Play(ctx,
		sample.By(sample.Desk, func(ctx context.Context) error { return sample.Done(desk.CreateConsultation(ctx, received)) }),
		s.route(desk, id, sample.Staff, "施設の予約に関する相談です。"),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(desk.StartConsultation(ctx, &proposalsv1.StartConsultationRequest{Id: id}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(desk.ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{
				Id: id, Body: "団体の登録をお願いしています。申込みの開始日は利用の区分によって異なりますので、施設の窓口でご案内します。",
			}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(desk.CloseConsultation(ctx, &proposalsv1.CloseConsultationRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error { return sample.Done(desk.PromoteToFaq(ctx, faq)) }),
		s.route(desk, other, sample.Staff2, "防災訓練への参加の相談です。"),
		sample.By(sample.Staff2, func(ctx context.Context) error {
			return sample.Done(desk.StartConsultation(ctx, &proposalsv1.StartConsultationRequest{Id: other}))
		}),
	)
}

func (s *sampler) route(desk *consultations, id string, to auth.Principal, note string) sample.Turn {
	return sample.By(sample.Desk, func(ctx context.Context) error {
		return sample.Done(desk.RouteConsultation(ctx, &proposalsv1.RouteConsultationRequest{Id: id, DepartmentId: to.DepartmentID, Note: note}))
	})
}

// challenges are a public one with an answer that its department has answered,
// and a draft.
func (s *sampler) challenges(ctx context.Context, service *challenges) error {
	published, draft, response := &proposalsv1.ChallengeInput{}, &proposalsv1.ChallengeInput{}, &proposalsv1.CreateContributionRequest{}
	err := errors.Join(
		readParts("challenges.json", map[string]proto.Message{"published": published, "draft": draft}), sample.Read(sampleFiles, "response.json", response))
	if err != nil {
		return err
	}
	made, err := service.CreateChallenge(auth.With(ctx, sample.Staff), &proposalsv1.CreateChallengeRequest{Challenge: published})
	if err != nil {
		return err
	}
	id := made.GetChallenge().GetId()
	response.ChallengeId = id
	return sample.Play(ctx,
		sample.By(sample.Staff2, func(ctx context.Context) error {
			return sample.Done(service.CreateChallenge(ctx, &proposalsv1.CreateChallengeRequest{Challenge: draft}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(service.PublishChallenge(ctx, &proposalsv1.PublishChallengeRequest{Id: id}))
		}),
		sample.By(sample.Representative2, func(ctx context.Context) error {
			answer, err := service.CreateContribution(ctx, response)
			if err != nil {
				return err
			}
			return sample.Done(service.AnswerContribution(auth.With(ctx, sample.Staff), &proposalsv1.AnswerContributionRequest{
				ChallengeId: id, Id: answer.GetResponse().GetId(), Answer: "ありがとうございます。運営の体制についてお話を伺いたいと考えています。（見本）",
			}))
		}),
	)
}

// review assigns two reviewers, one of whom has begun the sheet.
func (s *sampler) review(proposalID string) sample.Turn {
	return sample.By(sample.Desk, func(ctx context.Context) error {
		service, sheet := &reviews{Deps: s.Deps, directory: s.proposals.directory}, &proposalsv1.SaveReviewRequest{}
		if err := sample.Read(sampleFiles, "review.json", sheet); err != nil {
			return err
		}
		if err := sample.Done(service.AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: proposalID, ReviewerId: sample.Reviewer2.ID})); err != nil {
			return err
		}
		first, err := service.AssignReview(ctx, &proposalsv1.AssignReviewRequest{ProposalId: proposalID, ReviewerId: sample.Reviewer.ID})
		if err != nil {
			return err
		}
		sheet.Id = first.GetReview().GetId()
		return sample.Done(service.SaveReview(auth.With(ctx, sample.Reviewer), sheet))
	})
}

// hold holds a meeting about a proposal whose minutes both sides have confirmed.
func (s *sampler) hold(proposalID string) sample.Turn {
	return sample.By(sample.Staff, func(ctx context.Context) error {
		service := &meetings{Deps: s.Deps, directory: s.proposals.directory}
		plan, minutes := &proposalsv1.MeetingInput{}, &proposalsv1.RecordMinutesRequest{}
		if err := errors.Join(sample.Read(sampleFiles, "meeting.json", plan), sample.Read(sampleFiles, "minutes.json", minutes)); err != nil {
			return err
		}
		organization := sample.Representative.Memberships[0].OrganizationID
		plan.StartTime = timestamppb.New(s.Now())
		plan.Agenda = []*proposalsv1.AgendaInput{{ProposalId: proposalID, Topic: "会場と役割分担"}}
		plan.Attendees = []*proposalsv1.AttendeeInput{
			{OrganizationId: organization, Role: "代表", Persons: 2}, {DepartmentId: sample.Staff.DepartmentID, Role: "担当職員", Persons: 2},
		}
		made, err := service.CreateMeeting(ctx, &proposalsv1.CreateMeetingRequest{Meeting: plan})
		if err != nil {
			return err
		}
		id := made.GetMeeting().GetId()
		minutes.Id = id
		minutes.Roles = []*proposalsv1.RoleInput{
			{Matter: "会場", DepartmentId: sample.Staff.DepartmentID, Duty: "3つの会場を確保する"},
			{Matter: "見守りと広報", OrganizationId: organization, Duty: "読み手の講習を開き、ちらしを作る"},
		}
		confirm := func(ctx context.Context) error {
			return sample.Done(service.ConfirmMinutes(ctx, &proposalsv1.ConfirmMinutesRequest{Id: id}))
		}
		return sample.Play(ctx,
			sample.By(sample.Staff, func(ctx context.Context) error { return sample.Done(service.RecordMinutes(ctx, minutes)) }),
			sample.By(sample.Staff, confirm), sample.By(sample.Representative, confirm),
			sample.By(sample.Staff, func(ctx context.Context) error {
				return sample.Done(service.PublishMeeting(ctx, &proposalsv1.PublishMeetingRequest{Id: id}))
			}),
		)
	})
}
