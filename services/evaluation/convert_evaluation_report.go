package evaluation

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/survey"
)

// evaluationReportToProto shows a published version.
func evaluationReportToProto(r *evaluation.Report) *evaluationv1.EvaluationReport {
	out := &evaluationv1.EvaluationReport{
		EvaluationId: r.EvaluationID, Version: int32(r.Version), Kind: kindToProto(r.Kind), ProjectId: r.ProjectID,
		PublicNumber: r.PublicNumber, ProjectTitle: r.ProjectTitle, Purpose: r.Purpose, FiscalYear: int32(r.FiscalYear),
		Credits: creditsToProto(r.Credits), TemplateVersion: int32(r.TemplateVersion),
		Items: convert.List(r.Items, func(i evaluation.Item) *evaluationv1.EvaluationReportItem {
			return &evaluationv1.EvaluationReportItem{Item: itemToComparison(i), Cause: i.Cause, Improvement: i.Improvement}
		}),

		OverallMeanX10: whole(r.OverallX10), Goals: goalsToProto(r.Goals),
		Survey: convert.List(r.Survey, resultToProto), SurveyReplies: int32(r.SurveyReplies),
		ThirdParty: commentOfThirdParty(r.ThirdParty), MissingSideNotice: r.MissingSide, LateReason: r.LateReason,
		CorrectionReason: r.CorrectionReason, Agreements: convert.List(r.Agreements, agreedToProto), PublishTime: convert.Instant(r.PublishedAt),
	}
	for _, t := range []struct {
		side  project.Side
		texts *evaluation.Texts
	}{{project.Organization, r.Organization}, {project.Ward, r.Ward}} {
		if t.texts != nil {
			out.Texts = append(out.Texts, &evaluationv1.EvaluationReportText{
				Side: sideToProto(t.side), Strengths: t.texts.Strengths, Issues: t.texts.Issues, Next: t.texts.Next,
			})
		}
	}
	if r.Talk != nil {
		out.Talk = &evaluationv1.EvaluationReportTalk{
			MeetingOn: convert.Date(r.Talk.MeetingOn), Attendees: convert.List(r.Talk.Attendees, attendeeToProto), Summary: r.Talk.Summary,
		}
	}
	return out
}

func resultToProto(r survey.Result) *evaluationv1.SurveyQuestionResult {
	return &evaluationv1.SurveyQuestionResult{
		No: int32(r.No), Question: r.Question, Replies: int32(r.Replies), Suppressed: r.Suppressed,
		Counts: convert.List(r.Counts, func(n int) int32 { return int32(n) }),
	}
}
