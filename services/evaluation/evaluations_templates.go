package evaluation

import (
	"context"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
)

// ListEvaluationTemplates lists the versions of the criteria.
func (s *evaluations) ListEvaluationTemplates(ctx context.Context, req *evaluationv1.ListEvaluationTemplatesRequest) (*evaluationv1.ListEvaluationTemplatesResponse, error) {
	page, filter, err := pageOf(s.Deps, req)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListTemplates(ctx, s.DB, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(t evaluation.Template) []string { return []string{strconv.Itoa(t.Version)} })
	resp := &evaluationv1.ListEvaluationTemplatesResponse{Templates: convert.List(rows, templateToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// CreateEvaluationTemplate adds a version of the criteria.
func (s *evaluations) CreateEvaluationTemplate(ctx context.Context, req *evaluationv1.CreateEvaluationTemplateRequest) (*evaluationv1.CreateEvaluationTemplateResponse, error) {
	t := evaluation.Template{Title: req.GetTemplate().GetTitle(), Criteria: convert.List(req.GetTemplate().GetCriteria(), criterionFromProto)}
	if err := t.Check(); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateEvaluationTemplateResponse, error) {
		serial, err := number.Next(ctx, tx, "template", 0)
		if err != nil {
			return nil, err
		}
		t.Version, t.CreatedAt = serial+evaluation.Default().Version, tx.Now
		store.InsertTemplate(tx, t, auth.From(ctx).Actor())
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.template.create", ObjectType: "evaluationTemplate", ObjectID: strconv.Itoa(t.Version)})
		return &evaluationv1.CreateEvaluationTemplateResponse{Template: templateToProto(t)}, nil
	})
}
