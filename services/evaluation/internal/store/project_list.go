package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// scope is what a reader sees, as conditions of which one must hold. The texts
// are constants of this file; values go in as arguments.
type scope struct {
	conditions []string
	args       pgx.StrictNamedArgs
}

// scopeOf returns the conditions that hold exactly where Reader.Sees does.
func scopeOf(r project.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if r.Desk {
		s.conditions = []string{`true`}
		return s
	}
	s.conditions = []string{`p.published`}
	if r.Department != "" {
		s.args["department"] = r.Department
		s.conditions = append(s.conditions, `p.department_ids @> ARRAY[@department::uuid]`)
	}
	if len(r.Members) > 0 {
		s.args["members"] = r.Members
		s.conditions = append(s.conditions, `p.organization_ids && @members::uuid[]`)
	}
	return s
}

func (s scope) any() string { return strings.Join(s.conditions, " OR ") }

// Order is the order of a list.
type Order int

// The orders.
const (
	Newest Order = iota // By the time of change.
	ByNumber
	ByNumberDown
)

var orders = [...]struct{ by, after string }{
	Newest:       {`p.updated_at DESC, p.id DESC`, `(p.updated_at, p.id) < (@after1::timestamptz, @after2::uuid)`},
	ByNumber:     {`p.number_year, p.serial, p.id`, `(p.number_year, p.serial, p.id) > (@after1::integer, @after2::integer, @after3::uuid)`},
	ByNumberDown: {`p.number_year DESC, p.serial DESC, p.id DESC`, `(p.number_year, p.serial, p.id) < (@after1::integer, @after2::integer, @after3::uuid)`},
}

// ProjectFilter selects projects; an empty value selects any.
type ProjectFilter struct {
	State          project.State
	FiscalYear     int
	OrganizationID string
	DepartmentID   string
	PublicNumber   string
	ProposalID     string
	Order          Order
}

// ProjectAfter are the sort values of a row, for a page token.
func ProjectAfter(p *project.Project, o Order) []string {
	if o == Newest {
		return []string{p.UpdatedAt.UTC().Format(time.RFC3339Nano), p.ID}
	}
	return []string{strconv.Itoa(p.NumberYear), strconv.Itoa(p.Serial), p.ID}
}

// where adds the filter's conditions to those of the scope.
func (f ProjectFilter) where(args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(f.State != "", `p.state = @state`, "state", f.State)
	where.Add(f.FiscalYear != 0, `p.fiscal_year = @fiscal_year`, "fiscal_year", f.FiscalYear)
	where.Add(f.OrganizationID != "", `p.organization_ids @> ARRAY[@organization_id::uuid]`, "organization_id", f.OrganizationID)
	where.Add(f.DepartmentID != "", `p.department_ids @> ARRAY[@department_id::uuid]`, "department_id", f.DepartmentID)
	where.Add(f.PublicNumber != "", `p.public_number = @public_number`, "public_number", f.PublicNumber)
	where.Add(f.ProposalID != "", `p.proposal_id = @proposal_id`, "proposal_id", f.ProposalID)
	return where.String()
}

// ListProjects reads one more than a page of the projects that the reader sees.
func ListProjects(ctx context.Context, r pg.Reader, by project.Reader, f ProjectFilter, page pg.Page) ([]*project.Project, error) {
	sql, args, err := listProjectsSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanProject)
}

// listProjectsSQL has each condition of the scope as a keyset query of its own, so
// that each finds its index.
func listProjectsSQL(by project.Reader, f ProjectFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := scopeOf(by)
	where := f.where(s.args)
	if page.After != nil {
		if err := bindAfter(s.args, page.After, f.Order); err != nil {
			return "", nil, err
		}
		where += " AND " + orders[f.Order].after
	}
	s.args["limit"] = page.Size + 1
	tail := `
		ORDER BY ` + orders[f.Order].by + `
		LIMIT @limit`
	branches := slices.Clone(s.conditions)
	for i, b := range branches {
		branches[i] = `(SELECT p.id FROM project p WHERE ` + b + where + tail + `)`
	}
	return `
		SELECT ` + projectColumns + `
		FROM (` + strings.Join(branches, " UNION ") + `) AS page
		JOIN project p USING (id)` + tail, s.args, nil
}

func bindAfter(args pgx.StrictNamedArgs, after []string, o Order) (err error) {
	if o == Newest {
		args["after1"], args["after2"], err = pg.TimeAfter(after)
		return err
	}
	args["after1"], args["after2"], args["after3"], err = pg.SerialAfter(after)
	return err
}
