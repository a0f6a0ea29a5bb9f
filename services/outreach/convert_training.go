package outreach

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

func conflictFromProto(in *outreachv1.TrainingConflictInput) training.Conflict {
	return training.Conflict{OrganizationID: in.GetOrganizationId(), Reason: jp.Clean(in.GetReason())}
}

// trainingToProto shows an application; to the host without what passes between
// the applicant, the superior and the desk.
func trainingToProto(a *training.Application, host bool) *outreachv1.TrainingApplication {
	out := &outreachv1.TrainingApplication{
		Id: a.ID, Level: opportunityKind(a.Level), FiscalYear: int32(a.FiscalYear), ApplicantId: a.Applicant, DepartmentId: a.DepartmentID,
		DepartmentName: a.DepartmentName, State: outreachv1.TrainingApplication_State(outreachv1.TrainingApplication_State_value[string(a.State)]),
		OpportunityId: a.OpportunityID, OpportunityTitle: a.OpportunityTitle, MatchingId: a.MatchingID, StartsOn: convert.Date(a.StartsOn),
		EndsOn: convert.Date(a.EndsOn), ReportDueOn: convert.Date(a.ReportDueOn), FollowUpOn: convert.Date(a.FollowUpOn), EraseOn: convert.Date(a.EraseOn),
		CreateTime: convert.Instant(a.CreatedAt), UpdateTime: convert.Instant(a.UpdatedAt), Etag: rpc.ETag(a.Version),
	}
	if !host {
		out.Motive, out.Wishes, out.DeclineReason = a.Motive, a.Wishes, a.DeclineReason
		out.Conflicts = convert.List(a.Conflicts, func(c training.Conflict) *outreachv1.TrainingConflict {
			return &outreachv1.TrainingConflict{OrganizationId: c.OrganizationID, Reason: c.Reason}
		})

	}
	return out
}

// matchingToProto shows a matching, whole with its inputs and result.
func matchingToProto(m *training.Matching, whole bool) *outreachv1.TrainingMatching {
	out := &outreachv1.TrainingMatching{
		Id: m.ID, FiscalYear: int32(m.FiscalYear), Level: opportunityKind(m.Level),
		State:      outreachv1.TrainingMatching_State(outreachv1.TrainingMatching_State_value[string(m.State)]),
		Commitment: m.Commitment, Seed: m.Seed, Root: m.Root, CreateTime: convert.Instant(m.CreatedAt), RunTime: convert.Instant(m.RunAt), Etag: rpc.ETag(m.Version),
	}
	if !whole {
		return out
	}
	out.Offers = convert.List(m.Offers, func(c training.Capacity) *outreachv1.TrainingMatchingOffer {
		return &outreachv1.TrainingMatchingOffer{OpportunityId: c.OpportunityID, Capacity: int32(c.Places)}
	})

	out.Entries = convert.List(m.Entries, func(e training.Entry) *outreachv1.TrainingMatchingEntry {
		return &outreachv1.TrainingMatchingEntry{ApplicationId: e.ApplicationID, Wishes: e.Wishes, Exclusions: convert.List(e.Exclusions, exclusionToProto)}
	})

	out.Places = convert.List(m.Places, matchedToProto)
	return out
}

func exclusionToProto(x training.Exclusion) *outreachv1.TrainingExclusion {
	return &outreachv1.TrainingExclusion{
		OpportunityId: x.OpportunityID, Kind: outreachv1.TrainingExclusion_Kind(outreachv1.TrainingExclusion_Kind_value[string(x.Reason)]),
	}
}

func matchedToProto(p training.Place) *outreachv1.TrainingMatchingPlace {
	return &outreachv1.TrainingMatchingPlace{ApplicationId: p.ApplicationID, OpportunityId: p.OpportunityID, Rank: int32(p.Rank)}
}

func diaryToProto(d *training.Diary) *outreachv1.TrainingDiaryEntry {
	return &outreachv1.TrainingDiaryEntry{Day: d.Day.String(), Minutes: int32(d.Minutes), Body: d.Body, CreateTime: convert.Instant(d.CreatedAt)}
}

// recordToProto shows what became of a training; to the host its own words and
// what is public.
func recordToProto(t trainee, r *training.Record) *outreachv1.TrainingRecord {
	out := &outreachv1.TrainingRecord{
		TrainingApplicationId: t.ID, SummaryState: outreachv1.TrainingRecord_SummaryState(outreachv1.TrainingRecord_SummaryState_value[string(r.SummaryState)]),
		ReportTime: convert.Instant(r.ReportedAt), ReportLate: r.Late(t.Application), PublishTime: convert.Instant(r.PublishedAt), Experience: r.Experience,
		ProposalsToWard: r.ProposalsToWard, NextTime: r.NextTime, FeedbackTime: convert.Instant(r.FeedbackAt), FollowUpTime: convert.Instant(r.FollowedUpAt),
		Etag: rpc.ETag(t.Version),
	}
	if byInside(t) {
		out.Learned, out.Proposals, out.ReturnReason, out.Changed = r.Learned, r.Proposals, r.ReturnReason, r.Changed
	}
	if byInside(t) || r.SummaryState == training.Published {
		out.Summary = r.Summary
	}
	return out
}

func trainingSummaryToProto(s store.TrainingSummary) *outreachv1.TrainingSummary {
	return &outreachv1.TrainingSummary{
		Level: opportunityKind(s.Level), FiscalYear: int32(s.FiscalYear), OpportunityId: s.OpportunityID, OpportunityTitle: s.OpportunityTitle,
		HostName: s.HostName, Summary: s.Summary, PublishTime: convert.Instant(s.PublishedAt),
	}
}

func trainingCountToProto(c store.TrainingCount) *outreachv1.TrainingStatistics_Level {
	return &outreachv1.TrainingStatistics_Level{
		Level: opportunityKind(c.Level), Offers: int32(c.Offers), Hosts: int32(c.Hosts), Applied: int32(c.Applied), Matched: int32(c.Matched),
		Completed: int32(c.Completed), Summaries: int32(c.SummariesPublished),
	}
}

func coverageToProto(c store.TrainingCoverage) *outreachv1.TrainingStatistics_Department {
	return &outreachv1.TrainingStatistics_Department{
		DepartmentId: c.DepartmentID, DepartmentName: c.DepartmentName, Lecture: int32(c.Lecture), Exchange: int32(c.Exchange), Placement: int32(c.Placement),
	}
}
