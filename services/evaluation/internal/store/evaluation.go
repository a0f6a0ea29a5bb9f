package store

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
)

const evaluationColumns = `
	e.id, e.project_id, e.kind, e.state, e.opens_on, e.due_on, e.template_version, e.criteria, e.submissions, e.discussion,
	e.agreements, e.third_party, e.commentator_ids, e.redactions, e.late_reason, e.corrected_by, e.report_version,
	e.created_at, e.published_at, e.version`

func evaluationFields(e *evaluation.Evaluation, published **time.Time) []any {
	return []any{
		&e.ID, &e.ProjectID, &e.Kind, &e.State, &e.OpensOn, &e.DueOn, &e.TemplateVersion, &e.Criteria, &e.Submissions, &e.Discussion,
		&e.Agreements, &e.ThirdParty, &e.CommentatorIDs, &e.Redactions, &e.LateReason, &e.CorrectedBy, &e.ReportVersion,
		&e.CreatedAt, published, &e.Version,
	}
}

func scanEvaluation(row pgx.CollectableRow) (*evaluation.Evaluation, error) {
	var (
		e         evaluation.Evaluation
		published *time.Time
	)
	err := row.Scan(evaluationFields(&e, &published)...)
	e.PublishedAt = pg.Or(published)
	return &e, err
}

// InsertEvaluation writes a new evaluation. Errors: EVALUATION_EXISTS.
func InsertEvaluation(ctx context.Context, tx *pg.Tx, e *evaluation.Evaluation, fiscalYear int) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO evaluation (
			id, project_id, kind, state, fiscal_year, opens_on, due_on, template_version, criteria, submissions,
			agreements, commentator_ids, redactions, late_reason, corrected_by, report_version, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '[]', '[]', '{}', '{}', '', '', 0, $10, $11)`,
		e.ID, e.ProjectID, e.Kind, e.State, fiscalYear, e.OpensOn, e.DueOn, e.TemplateVersion, e.Criteria, e.CreatedAt, e.Version)
	return pg.Refuse(err, map[string]*fault.Error{
		"evaluation_final_unique":   evaluation.ErrExists,
		"evaluation_interim_unique": evaluation.ErrExists,
	})
}

// UpdateEvaluation queues the write of a locked evaluation and gives it its next
// version.
func UpdateEvaluation(tx *pg.Tx, e *evaluation.Evaluation) {
	e.Version++
	tx.Queue(`
		UPDATE evaluation
		SET state = $2, opens_on = $3, submissions = $4, discussion = $5, agreements = $6, third_party = $7,
			commentator_ids = $8, redactions = $9, late_reason = $10, corrected_by = $11, report_version = $12,
			published_at = $13, version = $14
		WHERE id = $1`,
		e.ID, e.State, e.OpensOn, pg.List(e.Submissions), e.Discussion, pg.List(e.Agreements), e.ThirdParty,
		pg.List(e.CommentatorIDs), pg.List(e.Redactions), e.LateReason, e.CorrectedBy, e.ReportVersion,
		pg.Null(e.PublishedAt), e.Version)
}

// GetEvaluation reads an evaluation that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetEvaluation(ctx context.Context, r pg.Reader, id string, by evaluation.Reader) (*evaluation.Evaluation, error) {
	return oneEvaluation(ctx, r, id, by, "")
}

// LockEvaluation reads an evaluation that the reader sees, for a change; its
// project is locked before. Errors: RESOURCE_NOT_FOUND.
func LockEvaluation(ctx context.Context, tx *pg.Tx, id string, by evaluation.Reader) (*evaluation.Evaluation, error) {
	return oneEvaluation(ctx, tx, id, by, "FOR UPDATE OF e")
}

func oneEvaluation(ctx context.Context, r pg.Reader, id string, by evaluation.Reader, lock string) (*evaluation.Evaluation, error) {
	s := evaluationScope(by)
	s.args["id"] = id
	rows, err := r.Query(ctx, `
		SELECT `+evaluationColumns+`
		FROM evaluation e
		JOIN project p ON p.id = e.project_id
		WHERE e.id = @id AND (`+s.any()+`)
		`+lock, s.args)
	if err != nil {
		return nil, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEvaluation)
	return e, pg.Found(err)
}

// LockAnyEvaluation reads an evaluation for a job. Errors: RESOURCE_NOT_FOUND.
func LockAnyEvaluation(ctx context.Context, tx *pg.Tx, id string) (*evaluation.Evaluation, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+evaluationColumns+`
		FROM evaluation e
		WHERE e.id = $1
		FOR UPDATE`, id)
	if err != nil {
		return nil, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEvaluation)
	return e, pg.Found(err)
}

// InsertTemplate writes a version of the criteria.
func InsertTemplate(tx *pg.Tx, t evaluation.Template, by string) {
	tx.Queue(`
		INSERT INTO criteria_template (version, title, criteria, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5)`, t.Version, t.Title, t.Criteria, by, t.CreatedAt)
}

// GetTemplate reads a version of the criteria, or the newest for 0. Errors:
// TEMPLATE_UNKNOWN.
func GetTemplate(ctx context.Context, r pg.Reader, version int) (evaluation.Template, error) {
	if version == 1 {
		return evaluation.Default(), nil
	}
	rows, err := r.Query(ctx, `
		SELECT version, title, criteria, created_at
		FROM criteria_template
		WHERE version = $1 OR $1 = 0
		ORDER BY version DESC
		LIMIT 1`, version)
	if err != nil {
		return evaluation.Template{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanTemplate)
	switch {
	case pg.IsNoRows(err) && version == 0:
		return evaluation.Default(), nil
	case pg.IsNoRows(err):
		return t, evaluation.ErrTemplateUnknown
	default:
		return t, err
	}
}

// ListTemplates reads one more than a page of the versions, newest first; the
// default is the last.
func ListTemplates(ctx context.Context, r pg.Reader, page pg.Page) ([]evaluation.Template, error) {
	before, err := page.AfterNumber(math.MaxInt32)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT version, title, criteria, created_at
		FROM criteria_template
		WHERE version < $1
		ORDER BY version DESC
		LIMIT $2`, before, page.Size+1)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanTemplate)
	if err == nil && len(all) <= page.Size && before > 1 {
		all = append(all, evaluation.Default())
	}
	return all, err
}

func scanTemplate(row pgx.CollectableRow) (evaluation.Template, error) {
	var t evaluation.Template
	err := row.Scan(&t.Version, &t.Title, &t.Criteria, &t.CreatedAt)
	return t, err
}

// PreparedEvaluations reads the ids of at most 500 evaluations whose first day has
// come.
func PreparedEvaluations(ctx context.Context, r pg.Reader, today jp.Date) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id
		FROM evaluation
		WHERE state = 'PREPARING' AND opens_on <= $1
		ORDER BY opens_on, id
		LIMIT 500`, today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// AwaitedEvaluations reads one more than a page of the evaluations that await a
// sheet and a reminder of it today, by their due day. Both sides of an evaluation
// are reminded together, so that reminders and submissions add up to two.
func AwaitedEvaluations(ctx context.Context, r pg.Reader, today jp.Date, page pg.Page) ([]Awaited, error) {
	after, id, err := pg.DateAfter(page.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, awaitedSQL, today, today.AddDays(evaluation.FirstReminder), evaluation.Steps(), after, id, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Awaited])
}

const awaitedSQL = `
	SELECT e.id, e.due_on
	FROM evaluation e
	CROSS JOIN LATERAL (
		SELECT max(d) AS days
		FROM unnest($3::integer[]) AS d
		WHERE e.due_on + d <= $1::date) AS step
	WHERE e.state IN ('OPEN', 'ONE_SUBMITTED') AND e.due_on <= $2::date AND (e.due_on, e.id) > ($4::date, $5::uuid)
		AND jsonb_array_length(e.submissions) + (
			SELECT count(*)
			FROM evaluation_reminder r
			WHERE r.evaluation_id = e.id AND r.days = step.days) < 2
	ORDER BY e.due_on, e.id
	LIMIT $6`

// Awaited is an evaluation that awaits a sheet.
type Awaited struct {
	ID    string
	DueOn jp.Date
}

// AddReminder writes that a side was reminded, and reports whether it was not
// before.
func AddReminder(ctx context.Context, tx *pg.Tx, id, side string, days int) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO evaluation_reminder (evaluation_id, side, days, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT evaluation_reminder_pkey DO NOTHING`, id, side, days, tx.Now)
	return tag.RowsAffected() == 1, err
}
