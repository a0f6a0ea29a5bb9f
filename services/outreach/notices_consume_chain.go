package outreach

import (
	"context"
	"errors"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// morning is when reminders of a day go.
func morning(d jp.Date) time.Time { return d.StartOfDay().Add(9 * time.Hour) }

// ofProject tells both sides of a project.
func ofProject(kind string, p *evaluationv1.ProjectSummary, parts ...any) notice.Occasion {
	o := news(kind, p.GetId(), "/v1/projects/", parts...)
	o.Facts = notice.Facts{Number: p.GetPublicNumber(), Title: p.GetTitle()}
	o.Organizations = p.GetOrganizationIds()
	for _, c := range p.GetCredits() {
		o.Departments = append(o.Departments, some(c.GetDepartmentId())...)
	}
	return o
}

func projectBegun(_ event.Message, e *evaluationv1.ProjectCreated) []notice.Occasion {
	return []notice.Occasion{ofProject("project_created", e.GetProject())}
}

func agreementSigned(_ event.Message, e *evaluationv1.AgreementSigned) []notice.Occasion {
	o := ofProject("agreement_signed", e.GetProject(), e.GetVersion())
	o.Facts.Day = long(e.GetSignedOn())
	return []notice.Occasion{o}
}

// evaluationFact is what the events of an evaluation have.
type evaluationFact interface {
	GetEvaluationId() string
	GetProjectId() string
	GetPublicNumber() string
}

// ofEvaluation tells both sides of an evaluation, as far as its project is known.
func ofEvaluation(ctx context.Context, tx *pg.Tx, kind string, e evaluationFact) ([]notice.Occasion, error) {
	p, err := store.GetProject(ctx, tx, e.GetProjectId())
	if errors.Is(err, fault.ErrNotFound) { // It was never told; whom it concerns is not known here.
		return nil, nil
	}
	o := news(kind, e.GetEvaluationId(), "/v1/evaluations/")
	o.Organizations, o.Departments = p.Credits.Organizations(), p.Credits.Departments()
	o.Facts = notice.Facts{Number: e.GetPublicNumber(), Title: p.Title}
	return []notice.Occasion{o}, err
}

func evaluationOpened(ctx context.Context, tx *pg.Tx, _ event.Message, e *evaluationv1.EvaluationOpened) ([]notice.Occasion, error) {
	out, err := ofEvaluation(ctx, tx, "evaluation_opened", e)
	for i := range out {
		out[i].Facts.Due = long(e.GetDueOn())
	}
	return out, err
}

func evaluationUnsealed(ctx context.Context, tx *pg.Tx, _ event.Message, e *evaluationv1.EvaluationSheetsUnsealed) ([]notice.Occasion, error) {
	return ofEvaluation(ctx, tx, "evaluation_unsealed", e)
}

// evaluationDue reminds the side that has not submitted.
func evaluationDue(_ event.Message, e *evaluationv1.EvaluationReminderDue) []notice.Occasion {
	o := news("evaluation_due", e.GetEvaluationId(), "/v1/evaluations/", e.GetSide(), e.GetDays())
	o.Facts = notice.Facts{Number: e.GetPublicNumber(), Due: long(e.GetDueOn()), Side: "団体", State: "近づいています"}
	o.Organizations = e.GetOrganizationIds()
	if e.GetSide() == evaluationv1.Project_WARD {
		o.Facts.Side, o.Organizations, o.Departments = "区", nil, e.GetDepartmentIds()
	}
	if e.GetDays() > 0 {
		o.Facts.State = "過ぎました"
	}
	return []notice.Occasion{o}
}

func evaluationTold(_ event.Message, e *evaluationv1.EvaluationPublished) []notice.Occasion {
	o := news("evaluation_published", e.GetEvaluationId(), "/v1/evaluations/", e.GetVersion())
	o.Organizations, o.Departments = e.GetOrganizationIds(), e.GetDepartmentIds()
	o.Facts = notice.Facts{Number: e.GetPublicNumber(), Title: e.GetProjectTitle()}
	return []notice.Occasion{o}
}
