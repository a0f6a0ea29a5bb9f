package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

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
	ByNumber:     {`p.fiscal_year, p.serial, p.id`, `(p.fiscal_year, p.serial, p.id) > (@after1::integer, @after2::integer, @after3::uuid)`},
	ByNumberDown: {`p.fiscal_year DESC, p.serial DESC, p.id DESC`, `(p.fiscal_year, p.serial, p.id) < (@after1::integer, @after2::integer, @after3::uuid)`},
}

// ProposalFilter selects proposals; an empty value selects any.
type ProposalFilter struct {
	State          proposal.State
	PublicState    proposal.PublicState
	CallID         string
	OrganizationID string
	DepartmentID   string
	FiscalYear     int
	ChallengeID    string
	Words          *jp.Query
	Order          Order
}

// Summary is a proposal in a list.
type Summary struct {
	ID               string
	Number           string
	Serial           int
	Title            string
	State            proposal.State
	PublicState      proposal.PublicState
	CallID           string
	FiscalYear       int
	OrganizationID   string
	OrganizationName string
	LeadID           string
	LeadName         string
	UpdatedAt        time.Time
	Inside           bool // Whether the reader sees more than the public.
}

// After are the sort values of the row, for a page token.
func (s *Summary) After(o Order) []string {
	if o == Newest {
		return []string{s.UpdatedAt.UTC().Format(time.RFC3339Nano), s.ID}
	}
	return []string{strconv.Itoa(s.FiscalYear), strconv.Itoa(s.Serial), s.ID}
}

// where adds the filter's conditions to those of the scope.
func (f ProposalFilter) where(args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(f.State != "", `p.state = @state`, "state", f.State)
	where.Add(f.PublicState != "", `p.public_state = @public_state`, "public_state", f.PublicState)
	where.Add(f.CallID != "", `p.call_id = @call_id`, "call_id", f.CallID)
	where.Add(f.OrganizationID != "", `p.organization_id = @organization_id`, "organization_id", f.OrganizationID)
	where.Add(f.DepartmentID != "", `p.department_ids @> ARRAY[@department_id::uuid]`, "department_id", f.DepartmentID)
	where.Add(f.ChallengeID != "", `p.challenge_id = @challenge_id`, "challenge_id", f.ChallengeID)
	where.Add(f.FiscalYear != 0, `p.fiscal_year = @fiscal_year`, "fiscal_year", f.FiscalYear)
	return where.String()
}

const (
	summaryColumns = `
	p.id, p.number, p.serial, p.title, p.state, p.public_state, p.call_id, p.fiscal_year, p.organization_id,
	o.name AS organization_name, p.lead_department_id, d.full_name AS lead_name, p.updated_at`
	summaryJoins = `
	LEFT JOIN organization_ref o ON o.id = p.organization_id
	LEFT JOIN department_ref d ON d.id = p.lead_department_id`
)

// ListProposals reads one more than a page of the proposals that the reader
// sees. Without words each condition of the scope is a keyset query of its own,
// so that each finds its index.
func ListProposals(ctx context.Context, r pg.Reader, by proposal.Reader, f ProposalFilter, page pg.Page) ([]Summary, error) {
	sql, args, err := listSQL(by, f, page)
	if err != nil || sql == "" {
		return nil, err
	}
	// A plan for these words: a common word and a rare one want different ones.
	mode := pgx.QueryExecModeCacheStatement
	if f.Words != nil {
		mode = pgx.QueryExecModeCacheDescribe
	}
	rows, err := r.Query(ctx, sql, mode, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanSummary)
}

// listSQL returns no text where nothing can be found.
func listSQL(by proposal.Reader, f ProposalFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := scopeOf(by)
	// Everybody sees a state only where it is an outcome.
	s.public = s.public && (f.State == "" || f.State.IsOutcome())
	branches := s.branches()
	if len(branches) == 0 {
		return "", nil, nil
	}
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
	from := `FROM proposal p` + summaryJoins + `
		WHERE ` + branches[0] + where
	switch {
	case f.Words != nil:
		from = pg.Search{
			Table: `proposal p`, Terms: `search`, Sorted: `p.updated_at, p.fiscal_year, p.serial`,
			Where: `(` + s.any() + `)` + where, Tail: tail,
		}.From(f.Words, s.args) + summaryJoins
	case len(branches) > 1:
		for i, b := range branches {
			branches[i] = `(SELECT p.id FROM proposal p WHERE ` + b + where + tail + `)`
		}
		from = `FROM (` + strings.Join(branches, " UNION ") + `) AS page
		JOIN proposal p USING (id)` + summaryJoins
	}
	return `
		SELECT ` + summaryColumns + `, ` + s.isInside() + ` AS inside
		` + from + tail, s.args, nil
}

func bindAfter(args pgx.StrictNamedArgs, after []string, o Order) (err error) {
	if o == Newest {
		args["after1"], args["after2"], err = pg.TimeAfter(after)
		return err
	}
	args["after1"], args["after2"], args["after3"], err = pg.SerialAfter(after)
	return err
}

func scanSummary(row pgx.CollectableRow) (Summary, error) {
	var (
		s                              Summary
		number, organization, id, name *string
	)
	err := row.Scan(&s.ID, &number, &s.Serial, &s.Title, &s.State, &s.PublicState, &s.CallID, &s.FiscalYear,
		&s.OrganizationID, &organization, &id, &name, &s.UpdatedAt, &s.Inside)
	s.Number, s.OrganizationName, s.LeadID, s.LeadName = pg.Or(number), pg.Or(organization), pg.Or(id), pg.Or(name)
	return s, err
}
