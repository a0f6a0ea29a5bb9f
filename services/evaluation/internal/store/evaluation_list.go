package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// evaluationScope returns the conditions that hold exactly where
// evaluation.Reader.Sees does.
func evaluationScope(r evaluation.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if r.Party.Desk {
		s.conditions = []string{`true`}
		return s
	}
	s.conditions = []string{`e.report_version > 0`}
	if r.Party.Department != "" {
		s.args["department"] = r.Party.Department
		s.conditions = append(s.conditions, `p.department_ids @> ARRAY[@department::uuid]`)
	}
	if len(r.Party.Members) > 0 {
		s.args["members"] = r.Party.Members
		s.conditions = append(s.conditions, `p.organization_ids && @members::uuid[]`)
	}
	if r.Reviewer {
		s.args["commentator"] = r.Party.ID
		s.conditions = append(s.conditions, `e.commentator_ids @> ARRAY[@commentator::text]`)
	}
	return s
}

// EvaluationFilter selects evaluations; an empty value selects any.
type EvaluationFilter struct {
	State          evaluation.State
	Kind           evaluation.Kind
	DueBefore      jp.Date
	OrganizationID string
	DepartmentID   string
	ProjectID      string
	FiscalYear     int
}

// EvaluationRow is an evaluation in a list, with what the list shows of its
// project.
type EvaluationRow struct {
	*evaluation.Evaluation
	Project *project.Project
}

// where adds the filter's conditions to those of the scope.
func (f EvaluationFilter) where(args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(f.State != "", `e.state = @state`, "state", f.State)
	where.Add(f.Kind != "", `e.kind = @kind`, "kind", f.Kind)
	where.Add(!f.DueBefore.IsZero(), `e.due_on < @due_before`, "due_before", f.DueBefore)
	where.Add(f.OrganizationID != "", `p.organization_ids @> ARRAY[@organization_id::uuid]`, "organization_id", f.OrganizationID)
	where.Add(f.DepartmentID != "", `p.department_ids @> ARRAY[@department_id::uuid]`, "department_id", f.DepartmentID)
	where.Add(f.ProjectID != "", `e.project_id = @project_id`, "project_id", f.ProjectID)
	where.Add(f.FiscalYear != 0, `e.fiscal_year = @fiscal_year`, "fiscal_year", f.FiscalYear)
	return where.String()
}

// ListEvaluations reads one more than a page of the evaluations that the reader
// sees, by their due day.
func ListEvaluations(ctx context.Context, r pg.Reader, by evaluation.Reader, f EvaluationFilter, page pg.Page) ([]EvaluationRow, error) {
	sql, args, err := listEvaluationsSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEvaluationRow)
}

// listedColumns leave out what lists do not show and what is large.
var listedColumns = strings.NewReplacer(
	`e.criteria`, `'[]'::jsonb`, `e.discussion`, `NULL::jsonb`, `e.third_party`, `NULL::jsonb`,
).Replace(evaluationColumns)

// listEvaluationsSQL has a keyset query for each condition of the scope, so that
// each finds its index.
func listEvaluationsSQL(by evaluation.Reader, f EvaluationFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := evaluationScope(by)
	where := f.where(s.args)
	if page.After != nil {
		due, id, err := pg.DateAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		s.args["after_due"], s.args["after_id"] = due, id
		where += ` AND (e.due_on, e.id) > (@after_due::date, @after_id::uuid)`
	}
	s.args["limit"] = page.Size + 1
	const joined = `evaluation e
		JOIN project p ON p.id = e.project_id`
	const tail = `
		ORDER BY e.due_on, e.id
		LIMIT @limit`
	branches := make([]string, len(s.conditions))
	for i, c := range s.conditions {
		branches[i] = `(SELECT e.id FROM ` + joined + ` WHERE ` + c + where + tail + `)`
	}
	return `
		SELECT ` + listedColumns + `, p.public_number, p.title, p.organization_ids, p.lead_department_id, p.department_ids, p.fiscal_year
		FROM (` + strings.Join(branches, " UNION ") + `) AS page
		JOIN evaluation e USING (id)
		JOIN project p ON p.id = e.project_id` + tail, s.args, nil
}

func scanEvaluationRow(row pgx.CollectableRow) (EvaluationRow, error) {
	var (
		e           evaluation.Evaluation
		p           project.Project
		published   *time.Time
		lead        *string
		departments []string
	)
	err := row.Scan(append(evaluationFields(&e, &published),
		&p.PublicNumber, &p.Title, &p.OrganizationIDs, &lead, &departments, &p.FiscalYear)...)
	e.PublishedAt, p.ID, p.LeadDepartmentID = pg.Or(published), e.ProjectID, pg.Or(lead)
	for _, id := range departments {
		if id != p.LeadDepartmentID {
			p.JointDepartmentIDs = append(p.JointDepartmentIDs, id)
		}
	}
	return EvaluationRow{Evaluation: &e, Project: &p}, err
}
