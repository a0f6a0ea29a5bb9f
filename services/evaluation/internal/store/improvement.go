package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/improvement"
)

const improvementColumns = `
	id, evaluation_id, project_id, public_number, fiscal_year, criterion_no, criterion_name, cause, text, state,
	responsible, due_on, progress, outcome, result, closed_on, created_at, version`

func scanImprovement(row pgx.CollectableRow) (*improvement.Improvement, error) {
	var (
		i           improvement.Improvement
		due, closed *jp.Date
	)
	err := row.Scan(&i.ID, &i.EvaluationID, &i.ProjectID, &i.PublicNumber, &i.FiscalYear, &i.CriterionNo, &i.CriterionName,
		&i.Cause, &i.Text, &i.State, &i.Responsible, &due, &i.Progress, &i.Outcome, &i.Result, &closed, &i.CreatedAt, &i.Version)
	i.DueOn, i.ClosedOn = pg.Or(due), pg.Or(closed)
	return &i, err
}

// KeepImprovement queues a new improvement. Where the evaluation has called for it
// in an earlier version of its report, the texts follow the report.
func KeepImprovement(tx *pg.Tx, i *improvement.Improvement) {
	tx.Queue(`
		INSERT INTO improvement (
			id, evaluation_id, project_id, public_number, fiscal_year, criterion_no, criterion_name, cause, text, state,
			responsible, progress, outcome, result, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '', '', '', $11, $12)
		ON CONFLICT ON CONSTRAINT improvement_criterion_unique
		DO UPDATE SET cause = excluded.cause, text = excluded.text, version = improvement.version + 1`,
		i.ID, i.EvaluationID, i.ProjectID, i.PublicNumber, i.FiscalYear, i.CriterionNo, i.CriterionName, i.Cause, i.Text, i.State,
		i.CreatedAt, i.Version)
}

// UpdateImprovement queues the write of a locked improvement and gives it its next
// version.
func UpdateImprovement(tx *pg.Tx, i *improvement.Improvement) {
	i.Version++
	tx.Queue(`
		UPDATE improvement
		SET state = $2, responsible = $3, due_on = $4, progress = $5, outcome = $6, result = $7, closed_on = $8, version = $9
		WHERE id = $1`,
		i.ID, i.State, i.Responsible, pg.Null(i.DueOn), i.Progress, i.Outcome, i.Result, pg.Null(i.ClosedOn), i.Version)
}

// GetImprovement reads an improvement with its takeovers. Errors:
// RESOURCE_NOT_FOUND.
func GetImprovement(ctx context.Context, r pg.Reader, id string) (*improvement.Improvement, error) {
	return oneImprovement(ctx, r, id, "")
}

// LockImprovement reads an improvement for a change; its project is locked before.
// Errors: RESOURCE_NOT_FOUND.
func LockImprovement(ctx context.Context, tx *pg.Tx, id string) (*improvement.Improvement, error) {
	return oneImprovement(ctx, tx, id, "FOR UPDATE")
}

func oneImprovement(ctx context.Context, r pg.Reader, id, lock string) (*improvement.Improvement, error) {
	rows, err := r.Query(ctx, `
		SELECT `+improvementColumns+`
		FROM improvement
		WHERE id = $1
		`+lock, id)
	if err != nil {
		return nil, err
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanImprovement)
	if err != nil {
		return nil, pg.Found(err)
	}
	return i, addTakeovers(ctx, r, i)
}

// ImprovementFilter selects improvements; an empty value selects any.
type ImprovementFilter struct {
	State        improvement.State
	ProjectID    string
	EvaluationID string
	PublicNumber string
	FiscalYear   int
}

// ListImprovements reads one more than a page of improvements, newest first.
func ListImprovements(ctx context.Context, r pg.Reader, f ImprovementFilter, page pg.Page) ([]*improvement.Improvement, error) {
	sql, args, err := listImprovementsSQL(f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanImprovement)
	if err != nil {
		return nil, err
	}
	return all, addTakeovers(ctx, r, all...)
}

func listImprovementsSQL(f ImprovementFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	where := pg.Filter{Args: args}
	where.Add(f.State != "", `state = @state`, "state", f.State)
	where.Add(f.ProjectID != "", `project_id = @project_id`, "project_id", f.ProjectID)
	where.Add(f.EvaluationID != "", `evaluation_id = @evaluation_id`, "evaluation_id", f.EvaluationID)
	where.Add(f.PublicNumber != "", `public_number = @public_number`, "public_number", f.PublicNumber)
	where.Add(f.FiscalYear != 0, `fiscal_year = @fiscal_year`, "fiscal_year", f.FiscalYear)
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where.Add(true, `(created_at, id) < (@after_at::timestamptz, @after_id::uuid)`, "after_at", at)
		args["after_id"] = id
	}
	return `
		SELECT ` + improvementColumns + `
		FROM improvement
		WHERE true` + where.String() + `
		ORDER BY created_at DESC, id DESC
		LIMIT @limit`, args, nil
}

// addTakeovers reads which agreements took improvements over, at most ten each.
func addTakeovers(ctx context.Context, r pg.Reader, of ...*improvement.Improvement) error {
	byID := map[string]*improvement.Improvement{}
	ids := make([]string, len(of))
	for n, i := range of {
		ids[n], byID[i.ID] = i.ID, i
	}
	rows, err := r.Query(ctx, `
		SELECT improvement_id, project_id, public_number, signed_on
		FROM improvement_takeover
		WHERE improvement_id = ANY($1::uuid[])
		ORDER BY improvement_id, signed_on, project_id`, ids)
	if err != nil {
		return err
	}
	var (
		id string
		t  improvement.Takeover
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &t.ProjectID, &t.PublicNumber, &t.SignedOn}, func() error {
		if i := byID[id]; len(i.TakenOver) < 10 {
			i.TakenOver = append(i.TakenOver, t)
		}
		return nil
	})
	return err
}

// TakeOver writes that the signed agreement of a project takes improvements over,
// and returns those of the ids that are known.
func TakeOver(ctx context.Context, tx *pg.Tx, t improvement.Takeover, ids []string) ([]string, error) {
	rows, err := tx.Query(ctx, `
		SELECT id
		FROM improvement
		WHERE id = ANY($1::uuid[])`, ids)
	if err != nil {
		return nil, err
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	tx.Queue(`
		INSERT INTO improvement_takeover (improvement_id, project_id, public_number, fiscal_year, signed_on)
		SELECT id, $2, $3, fiscal_year, $4
		FROM improvement
		WHERE id = ANY($1::uuid[])
		ON CONFLICT ON CONSTRAINT improvement_takeover_pkey DO NOTHING`, known, t.ProjectID, t.PublicNumber, t.SignedOn)
	return known, nil
}
