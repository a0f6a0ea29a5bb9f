package evaluation

import (
	"encoding/hex"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

func kindToProto(k evaluation.Kind) evaluationv1.Evaluation_Kind {
	return value[evaluationv1.Evaluation_Kind](evaluationv1.Evaluation_Kind_value, k)
}

// evaluationFromProto reads what is said of a new evaluation.
func evaluationFromProto(in *evaluationv1.EvaluationInput) (*evaluation.Evaluation, error) {
	opens, err := convert.Day("evaluation.opensOn", in.GetOpensOn())
	if err != nil {
		return nil, err
	}
	due, err := convert.Day("evaluation.dueOn", in.GetDueOn())
	if err != nil {
		return nil, err
	}
	return &evaluation.Evaluation{
		Kind: evaluation.Kind(convert.EnumName(in.GetKind())), OpensOn: opens, DueOn: due, TemplateVersion: int(in.GetTemplateVersion()),
	}, nil
}

// evaluationInList shows an evaluation as far as lists do. It knows nothing of
// drafts.
func evaluationInList(e *evaluation.Evaluation, p *project.Project, by evaluation.Reader) *evaluationv1.Evaluation {
	out := &evaluationv1.Evaluation{
		Id: e.ID, ProjectId: e.ProjectID, PublicNumber: p.PublicNumber, ProjectTitle: p.Title, Kind: kindToProto(e.Kind),
		State:      value[evaluationv1.Evaluation_State](evaluationv1.Evaluation_State_value, e.State),
		FiscalYear: int32(p.FiscalYear), OpensOn: convert.Date(e.OpensOn), DueOn: convert.Date(e.DueOn), TemplateVersion: int32(e.TemplateVersion),
		ReportVersion: int32(e.ReportVersion), MySide: sideToProto(by.Party.Side(p)),
		CreateTime: convert.Instant(e.CreatedAt), PublishTime: convert.Instant(e.PublishedAt),
	}
	if by.Inside(e, p) {
		out.Etag = rpc.ETag(e.Version)
	}
	for _, side := range []project.Side{project.Organization, project.Ward} {
		status := &evaluationv1.SheetStatus{Side: sideToProto(side)}
		if s := e.Submitted(side); s != nil {
			status.Submitted, status.SubmitTime, status.Commitment = true, convert.Instant(s.At), s.Commitment
		}
		out.Sheets = append(out.Sheets, status)
	}
	return out
}

// evaluationToProto shows an evaluation as far as the reader sees it.
func evaluationToProto(e *evaluation.Evaluation, p *project.Project, by evaluation.Reader) *evaluationv1.Evaluation {
	out := evaluationInList(e, p, by)
	out.Criteria = convert.List(e.Criteria, criterionToProto)
	if !by.Inside(e, p) {
		return out
	}
	out.Discussion = discussionToProto(e.Discussion)
	out.Agreements = convert.List(e.Agreements, agreedToProto)
	out.ThirdParty = commentOfThirdParty(e.ThirdParty)
	if by.Party.Desk {
		out.CommentatorIds = e.CommentatorIDs
	}
	return out
}

func criterionToProto(c evaluation.Criterion) *evaluationv1.EvaluationCriterion {
	return &evaluationv1.EvaluationCriterion{
		No: int32(c.No), Phase: c.Phase, Name: c.Name, Question: c.Question, Group: groupToProto(c.Group),
	}
}

func groupToProto(g evaluation.Group) evaluationv1.EvaluationCriterion_Group {
	return value[evaluationv1.EvaluationCriterion_Group](evaluationv1.EvaluationCriterion_Group_value, g)
}

func criterionFromProto(c *evaluationv1.EvaluationCriterion) evaluation.Criterion {
	return evaluation.Criterion{
		No: int(c.GetNo()), Group: evaluation.Group(convert.EnumName(c.GetGroup())), Phase: c.GetPhase(), Name: c.GetName(), Question: c.GetQuestion(),
	}
}

func templateToProto(t evaluation.Template) *evaluationv1.EvaluationTemplate {
	return &evaluationv1.EvaluationTemplate{
		Version: int32(t.Version), Title: t.Title, Criteria: convert.List(t.Criteria, criterionToProto), CreateTime: convert.Instant(t.CreatedAt),
	}
}

func agreedToProto(a evaluation.Agreement) *evaluationv1.EvaluationAgreement {
	return &evaluationv1.EvaluationAgreement{Side: sideToProto(a.Side), AgreedOn: convert.Date(a.On)}
}

func commentOfThirdParty(c *evaluation.Comment) *evaluationv1.ThirdPartyComment {
	if c == nil {
		return nil
	}
	return &evaluationv1.ThirdPartyComment{Comment: c.Text, DecidedOn: convert.Date(c.DecidedOn)}
}

// score is a score on the wire; nothing for 0.
func score(n int) *int32 {
	if n == 0 {
		return nil
	}
	v := int32(n)
	return &v
}

// whole is a number on the wire; nothing for nil.
func whole(n *int) *int32 {
	if n == nil {
		return nil
	}
	v := int32(*n)
	return &v
}

func sheetFromProto(in *evaluationv1.SheetInput) evaluation.Sheet {
	return evaluation.Sheet{
		Answers: convert.List(in.GetAnswers(), func(a *evaluationv1.SheetAnswer) evaluation.Answer {
			return evaluation.Answer{CriterionNo: int(a.GetCriterionNo()), Score: int(a.GetScore()), Reason: a.GetReason()}
		}),

		Strengths: in.GetStrengths(), Issues: in.GetIssues(), Next: in.GetNext(),
	}
}

// sheetMerged is a draft with the fields of the mask replaced.
func sheetMerged(old, in evaluation.Sheet, paths rpc.Paths) evaluation.Sheet {
	if paths.Has("answers") {
		old.Answers = in.Answers
	}
	if paths.Has("strengths") {
		old.Strengths = in.Strengths
	}
	if paths.Has("issues") {
		old.Issues = in.Issues
	}
	if paths.Has("next") {
		old.Next = in.Next
	}
	return old
}

func sheetToProto(e *evaluation.Evaluation, side project.Side, s evaluation.Sheet) *evaluationv1.Sheet {
	out := &evaluationv1.Sheet{
		EvaluationId: e.ID, Side: sideToProto(side), Strengths: s.Strengths, Issues: s.Issues, Next: s.Next,
		Answers: convert.List(s.Answers, func(a evaluation.Answer) *evaluationv1.SheetAnswer {
			return &evaluationv1.SheetAnswer{CriterionNo: int32(a.CriterionNo), Score: score(a.Score), Reason: a.Reason}
		}),
	}
	if by := e.Submitted(side); by != nil {
		out.SubmitTime, out.Commitment = convert.Instant(by.At), by.Commitment
	}
	return out
}

// draftToProto shows a sheet to its own side.
func draftToProto(e *evaluation.Evaluation, stored store.SealedSheet, s evaluation.Sheet) *evaluationv1.Sheet {
	out := sheetToProto(e, stored.Side, s)
	out.Etag = rpc.ETag(stored.Version)
	return out
}

// revisionToProto shows an open version of a sheet.
func revisionToProto(e *evaluation.Evaluation, r store.SheetRevision) *evaluationv1.Sheet {
	out := sheetToProto(e, r.Side, r.Content)
	out.Revision, out.CorrectionReason = int32(r.Number), r.Reason
	if r.Salt != nil {
		out.CommitmentSalt, out.CommitmentText = hex.EncodeToString(r.Salt), r.Content.Text()
	}
	return out
}

func itemToComparison(i evaluation.Item) *evaluationv1.ComparisonItem {
	return &evaluationv1.ComparisonItem{
		Criterion:         criterionToProto(i.Criterion),
		OrganizationScore: score(i.Organization.Score), OrganizationReason: i.Organization.Reason,
		WardScore: score(i.Ward.Score), WardReason: i.Ward.Reason, Gap: whole(i.Gap), MeanX10: whole(i.MeanX10),
		Class: value[evaluationv1.ComparisonItem_Class](evaluationv1.ComparisonItem_Class_value, i.Class), ClassName: i.Class.Label(),
	}
}

func comparisonToProto(e *evaluation.Evaluation, items []evaluation.Item) *evaluationv1.Comparison {
	return &evaluationv1.Comparison{
		EvaluationId: e.ID, Items: convert.List(items, itemToComparison), OverallMeanX10: whole(evaluation.OverallX10(items)),
		NeedsDiscussion: convert.List(evaluation.ToDiscuss(items), func(n int) int32 { return int32(n) }),
	}
}

// discussionFromProto reads the record of a talk. Errors: INVALID_FIELD.
func discussionFromProto(in *evaluationv1.Discussion) (evaluation.Discussion, error) {
	on, err := convert.Day("discussion.meetingOn", in.GetMeetingOn())
	if err != nil {
		return evaluation.Discussion{}, err
	}
	return evaluation.Discussion{
		MeetingOn: on, Summary: in.GetSummary(),
		Attendees: convert.List(in.GetAttendees(), func(a *evaluationv1.Attendee) evaluation.Attendee {
			return evaluation.Attendee{Side: project.Side(convert.EnumName(a.GetSide())), Role: a.GetRole(), Count: int(a.GetCount())}
		}),

		Items: convert.List(in.GetItems(), func(i *evaluationv1.DiscussionItem) evaluation.DiscussionItem {
			return evaluation.DiscussionItem{CriterionNo: int(i.GetCriterionNo()), Cause: i.GetCause(), Improvement: i.GetImprovement()}
		}),
	}, nil
}

func attendeeToProto(a evaluation.Attendee) *evaluationv1.Attendee {
	return &evaluationv1.Attendee{Side: sideToProto(a.Side), Role: a.Role, Count: int32(a.Count)}
}

func discussionToProto(d *evaluation.Discussion) *evaluationv1.Discussion {
	if d == nil {
		return nil
	}
	return &evaluationv1.Discussion{
		MeetingOn: convert.Date(d.MeetingOn), Summary: d.Summary, Attendees: convert.List(d.Attendees, attendeeToProto),
		Items: convert.List(d.Items, func(i evaluation.DiscussionItem) *evaluationv1.DiscussionItem {
			return &evaluationv1.DiscussionItem{CriterionNo: int32(i.CriterionNo), Cause: i.Cause, Improvement: i.Improvement}
		}),
	}
}
