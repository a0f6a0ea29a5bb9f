package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/improvement"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
)

// PublishEvaluation makes an evaluation public.
func (s *evaluations) PublishEvaluation(ctx context.Context, req *evaluationv1.PublishEvaluationRequest) (*evaluationv1.PublishEvaluationResponse, error) {
	return change(ctx, s, req, verb{"evaluation.evaluation.publish", func(ctx context.Context, h held) error {
		if !publishes(h) {
			return fault.ErrPermissionDenied
		}
		if err := h.Publish(h.member.ID, req.GetReason(), h.tx.Now); err != nil {
			return err
		}
		return s.publish(ctx, h, publication{further: req.GetRedactions()})
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.PublishEvaluationResponse {
		return &evaluationv1.PublishEvaluationResponse{Evaluation: e}
	})
}

// publishes reports whether the caller publishes for the ward: the desk, or an
// approver of the lead department.
func publishes(h held) bool { return h.by.Party.Desk || h.member.Approves(h.project) }

// CorrectEvaluationReport publishes a corrected version.
func (s *evaluations) CorrectEvaluationReport(ctx context.Context, req *evaluationv1.CorrectEvaluationReportRequest) (*evaluationv1.CorrectEvaluationReportResponse, error) {
	return change(ctx, s, req, verb{"evaluation.evaluation.correctReport", func(ctx context.Context, h held) error {
		if !publishes(h) {
			return fault.ErrPermissionDenied
		}
		if err := h.CorrectReport(h.member.ID, h.tx.Now); err != nil {
			return err
		}
		before, err := store.GetPublishedReport(ctx, h.tx, h.ID, 0)
		if err != nil {
			return err
		}
		return s.publish(ctx, h, publication{further: req.GetRedactions(), correction: req.GetReason(), before: before})
	}}, func(e *evaluationv1.Evaluation) *evaluationv1.CorrectEvaluationReportResponse {
		return &evaluationv1.CorrectEvaluationReportResponse{Evaluation: e}
	})
}

// publication says how a version is published.
type publication struct {
	further    []string           // To be removed.
	correction string             // Why it corrects the one before.
	before     *evaluation.Report // nil for the first.
}

// publish writes the version and all that follows from it, in the transaction of
// the verb.
func (s *evaluations) publish(ctx context.Context, h held, pub publication) error {
	sources, err := s.sources(ctx, h)
	if err != nil {
		return err
	}
	r := h.Report(sources, pub.correction)
	if err := h.Redact(r, pub.further); err != nil {
		return err
	}
	var changes []string
	if pub.before != nil {
		changes = r.Changes(pub.before)
	}
	store.AddPublishedReport(h.tx, r, changes, h.member.ID)
	if h.Kind == evaluation.Final {
		store.AddScores(h.tx, r, pub.before)
	}
	s.keepImprovements(h.tx, r)
	store.AddTrail(h.tx, factOfReport(r, h.tx.Now))
	if h.Kind == evaluation.Final && pub.before == nil && h.project.State == project.Completed {
		m, err := h.project.Evaluate()
		if err != nil {
			return err
		}
		if err := recordMove(ctx, h.tx, h.project, m, s.NewID); err != nil {
			return err
		}
	}
	return event.Add(ctx, h.tx, event.Event{Aggregate: "evaluation", ID: h.ID, Visibility: event.Public, Message: &evaluationv1.EvaluationPublished{
		EvaluationId: h.ID, ProjectId: h.ProjectID, PublicNumber: r.PublicNumber, Version: int32(r.Version), Kind: kindToProto(h.Kind),
		ProjectTitle: r.ProjectTitle, OrganizationIds: h.project.OrganizationIDs, DepartmentIds: h.project.DepartmentIDs(),
	}})
}

// sources are what the report is made of: the newest open sheets, or the one that
// was submitted where the other side did not, and the result of the survey, which
// ends with the publication.
func (s *evaluations) sources(ctx context.Context, h held) (evaluation.Sources, error) {
	out := evaluation.Sources{Project: h.project, Sheets: map[project.Side]evaluation.Sheet{}}
	if len(h.Submissions) == 1 && h.ReportVersion == 1 {
		side := h.Submissions[0].Side
		stored, err := store.GetSealedSheet(ctx, h.tx, h.ID, side)
		if err != nil {
			return out, err
		}
		sheet, err := s.vault.open(h.ID, stored)
		if err != nil {
			return out, err
		}
		out.Sheets[side] = sheet.Sheet
		if err := s.unseal(ctx, h, map[project.Side]evaluation.Sealed{side: sheet}); err != nil {
			return out, err
		}
	} else {
		sheets, err := store.NewestSheets(ctx, h.tx, h.ID)
		if err != nil {
			return out, err
		}
		out.Sheets = sheets
	}
	sv, counts, err := store.EndSurvey(ctx, h.tx, h.ID)
	if err == nil && sv != nil {
		out.Survey, out.SurveyReplies = sv.Results(counts), sv.Replies
	}
	return out, err
}

// keepImprovements queues what the report calls for; in a correction the texts
// follow the report.
func (s *evaluations) keepImprovements(tx *pg.Tx, r *evaluation.Report) {
	for _, item := range r.Items {
		if item.Improvement == "" {
			continue
		}
		i := &improvement.Improvement{
			ID: s.NewID(), EvaluationID: r.EvaluationID, ProjectID: r.ProjectID, PublicNumber: r.PublicNumber, FiscalYear: r.FiscalYear,
			CriterionNo: item.No, CriterionName: item.Name, Cause: item.Cause, Text: item.Improvement,
			State: improvement.Open, CreatedAt: r.PublishedAt, Version: 1,
		}
		store.KeepImprovement(tx, i)
		if r.Version == 1 {
			store.AddTrail(tx, trail.Entry{
				PublicNumber: r.PublicNumber, Kind: trail.Improvement, ObjectID: i.ID, Step: "OPEN", Title: "改善事項：" + item.Name, At: tx.Now,
			})
		}
	}
}
