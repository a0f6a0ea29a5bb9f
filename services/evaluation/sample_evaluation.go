package evaluation

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// evaluated takes the final evaluation of the finished project through every step
// to its publication, and leaves the interim evaluation of the running one open,
// with a draft of one side that nobody else sees.
func (s *sampler) evaluated(ctx context.Context, finished, middle string) error {
	e := &evaluations{Deps: s.Deps, vault: newVault(s.Deps)}
	final, err := s.openCase(ctx, e, finished, evaluationv1.Evaluation_FINAL)
	if err != nil {
		return err
	}
	if err := s.published(ctx, e, final); err != nil {
		return err
	}
	interim, err := s.openCase(ctx, e, middle, evaluationv1.Evaluation_INTERIM)
	if err != nil {
		return err
	}
	return sample.Play(ctx, s.fill(e, interim, "organization", sample.Member2, "sheet_draft.json"))
}

// dueDays is how long the sides have for their sheets in the sample.
const dueDays = 60

func (s *sampler) openCase(ctx context.Context, e *evaluations, project string, kind evaluationv1.Evaluation_Kind) (string, error) {
	made, err := e.CreateEvaluation(auth.With(ctx, sample.Staff), &evaluationv1.CreateEvaluationRequest{Evaluation: &evaluationv1.EvaluationInput{
		ProjectId: project, Kind: kind, DueOn: jp.DateOf(s.Now()).AddDays(dueDays).String(),
	}})
	return made.GetEvaluation().GetId(), err
}

// fill saves the draft of a side's sheet.
func (s *sampler) fill(e *evaluations, id, side string, by auth.Principal, file string) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		in := &evaluationv1.SheetInput{}
		if err := sample.Read(sampleFiles, file, in); err != nil {
			return err
		}
		return sample.Done(e.UpdateSheet(ctx, &evaluationv1.UpdateSheetRequest{
			EvaluationId: id, Side: side, Sheet: in, Etag: "*",
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"answers", "strengths", "issues", "next"}},
		}))
	})
}

// published takes an open evaluation to its publication, with a survey.
func (s *sampler) published(ctx context.Context, e *evaluations, id string) error {
	if err := s.surveyed(ctx, id); err != nil {
		return fmt.Errorf("survey: %w", err)
	}
	submit := func(by auth.Principal, side string) sample.Turn {
		return sample.By(by, func(ctx context.Context) error {
			return sample.Done(e.SubmitSheet(ctx, &evaluationv1.SubmitSheetRequest{EvaluationId: id, Side: side}))
		})
	}
	agree := func(by auth.Principal) sample.Turn {
		return sample.By(by, func(ctx context.Context) error {
			return sample.Done(e.AgreeEvaluation(ctx, &evaluationv1.AgreeEvaluationRequest{Id: id}))
		})
	}
	return sample.Play(ctx,
		s.fill(e, id, "organization", sample.Member, "sheet_organization.json"),
		submit(sample.Representative, "organization"),
		s.fill(e, id, "ward", sample.Staff, "sheet_ward.json"),
		submit(sample.Approver, "ward"),
		sample.By(sample.Staff, func(ctx context.Context) error {
			d := &evaluationv1.Discussion{}
			if err := sample.Read(sampleFiles, "discussion.json", d); err != nil {
				return err
			}
			d.MeetingOn = convert.Date(jp.DateOf(s.Now()))
			return sample.Done(e.RecordDiscussion(ctx, &evaluationv1.RecordDiscussionRequest{Id: id, Discussion: d}))
		}),
		agree(sample.Representative),
		agree(sample.Approver),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(e.PublishEvaluation(ctx, &evaluationv1.PublishEvaluationRequest{Id: id}))
		}),
	)
}

// replies are the steps that the sample's beneficiaries chose, by question.
var replies = [][2]int32{{5, 5}, {5, 4}, {4, 4}, {4, 5}, {3, 4}, {5, 5}}

// surveyed asks the beneficiaries of the finished project.
func (s *sampler) surveyed(ctx context.Context, id string) error {
	sv := &surveys{Deps: s.Deps}
	var links []string
	turns := []sample.Turn{
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(sv.CreateSurvey(ctx, &evaluationv1.CreateSurveyRequest{EvaluationId: id, Survey: &evaluationv1.SurveyInput{
				Title: "聞き書きに参加した方へのアンケート（見本）", Introduction: "お名前は伺いません。回答は一度だけです。",
				Questions: []string{"参加してよかったと思いますか", "冊子は分かりやすかったですか"},
				ClosesOn:  jp.DateOf(s.Now()).AddDays(dueDays).String(),
			}}))
		}),
		sample.By(sample.Staff, func(ctx context.Context) error {
			issued, err := sv.IssueSurveyLinks(ctx, &evaluationv1.IssueSurveyLinksRequest{EvaluationId: id, Count: int32(len(replies))})
			links = issued.GetLinks()
			return err
		}),
	}
	for n, r := range replies {
		turns = append(turns, sample.By(auth.Anonymous, func(ctx context.Context) error {
			return sample.Done(sv.AnswerSurvey(ctx, &evaluationv1.AnswerSurveyRequest{
				Token: tokenOf(links[n]), Scores: []*evaluationv1.SurveyScore{{No: 1, Score: r[0]}, {No: 2, Score: r[1]}},
			}))
		}))
	}
	turns = append(turns, sample.By(sample.Staff, func(ctx context.Context) error {
		return sample.Done(sv.CloseSurvey(ctx, &evaluationv1.CloseSurveyRequest{EvaluationId: id}))
	}))
	return sample.Play(ctx, turns...)
}
