package evaluation

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
)

// rulebookFromProto reads what the desk writes. Errors: INVALID_FIELD for a day
// that does not exist.
func rulebookFromProto(in *evaluationv1.RulebookVersionInput, fields []string) (rulebook.Edit, error) {
	e := rulebook.Edit{
		Fields: fields, Title: in.GetTitle(), Preamble: in.GetPreamble(), Note: in.GetNote(),
		Clauses: convert.List(in.GetClauses(), clauseFromProto),
	}
	if m := in.GetReviewMeeting(); m != nil {
		held, err := convert.Day("version.reviewMeeting.heldOn", m.GetHeldOn())
		if err != nil {
			return e, err
		}
		e.ReviewMeeting = &rulebook.Meeting{
			HeldOn: held, OrganizationIDs: m.GetOrganizationIds(), Summary: m.GetSummary(), MeetingID: m.GetMeetingId(),
		}
	}
	return e, nil
}

func clauseFromProto(c *evaluationv1.Clause) rulebook.Clause {
	return rulebook.Clause{
		No: int(c.GetNo()), Section: convert.EnumName(c.GetSection()), Title: c.GetTitle(), Text: c.GetText(),
		Item: rulebook.Item(convert.EnumName(c.GetItem())), ModelText: c.GetModelText(),
	}
}

func clauseToProto(c rulebook.Clause) *evaluationv1.Clause {
	return &evaluationv1.Clause{
		No: int32(c.No), Section: value[evaluationv1.Clause_Section](evaluationv1.Clause_Section_value, c.Section),
		Title: c.Title, Text: c.Text, Item: itemToProto(c.Item), ModelText: c.ModelText,
	}
}

func itemToProto(i rulebook.Item) evaluationv1.Clause_Item {
	return value[evaluationv1.Clause_Item](evaluationv1.Clause_Item_value, i)
}

// rulebookToProto shows a version with its clauses. The version in force today is
// the one named by inForce.
func rulebookToProto(v *rulebook.Version, inForce string) *evaluationv1.RulebookVersion {
	out := &evaluationv1.RulebookVersion{
		Id: v.ID, Number: int32(v.Number), Title: v.Title,
		State:    value[evaluationv1.RulebookVersion_State](evaluationv1.RulebookVersion_State_value, v.State),
		Preamble: v.Preamble, Clauses: convert.List(v.Clauses, clauseToProto), BasedOnId: v.BasedOnID,
		CommentsUntil: convert.Date(v.CommentsUntil), EffectiveFrom: convert.Date(v.EffectiveFrom), InForce: v.ID == inForce, Note: v.Note,
		CreateTime: convert.Instant(v.CreatedAt), UpdateTime: convert.Instant(v.UpdatedAt), AdoptTime: convert.Instant(v.AdoptedAt), Etag: rpc.ETag(v.Version),
	}
	if m := v.ReviewMeeting; m != nil {
		out.ReviewMeeting = &evaluationv1.ReviewMeeting{
			HeldOn: convert.Date(m.HeldOn), OrganizationIds: m.OrganizationIDs, Summary: m.Summary, MeetingId: m.MeetingID,
		}
	}
	return out
}

func commentToProto(c *rulebook.Comment) *evaluationv1.RulebookComment {
	return &evaluationv1.RulebookComment{
		Id: c.ID, VersionId: c.VersionID, ClauseNo: int32(c.ClauseNo), OrganizationId: c.OrganizationID,
		OrganizationName: c.OrganizationName, Body: c.Body, ProjectId: c.ProjectID, PublicNumber: c.PublicNumber,
		Answer: c.Answer, Change: c.Change, CreateTime: convert.Instant(c.CreatedAt), AnswerTime: convert.Instant(c.AnsweredAt),
	}
}

func differenceToProto(d rulebook.Difference) *evaluationv1.ClauseDifference {
	out := &evaluationv1.ClauseDifference{
		No: int32(d.No), Kind: value[evaluationv1.ClauseDifference_Kind](evaluationv1.ClauseDifference_Kind_value, d.Kind),
	}
	if d.From != nil {
		out.From = clauseToProto(*d.From)
	}
	if d.To != nil {
		out.To = clauseToProto(*d.To)
	}
	return out
}

// rulebookAdopted is the fact of an adoption: what differs from the version before
// (nil for none), and the comments that led to it.
func rulebookAdopted(v, before *rulebook.Version, comments []*rulebook.Comment) *evaluationv1.RulebookAdopted {
	e := &evaluationv1.RulebookAdopted{
		VersionId: v.ID, Number: int32(v.Number), Title: v.Title, EffectiveFrom: convert.Date(v.EffectiveFrom),
	}
	var old []rulebook.Clause
	if before != nil {
		old = before.Clauses
	}
	for _, d := range rulebook.Compare(old, v.Clauses) {
		e.ChangedClauses = append(e.ChangedClauses, int32(d.No))
	}
	for _, c := range comments {
		e.Changes = append(e.Changes, &evaluationv1.RulebookChange{
			ClauseNo: int32(c.ClauseNo), CommentId: c.ID, OrganizationId: c.OrganizationID, ProjectId: c.ProjectID,
			PublicNumber: c.PublicNumber,
		})
	}
	return e
}
