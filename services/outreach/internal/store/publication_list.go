package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// Order is the order of a list of publications.
type Order int

// The orders.
const (
	ByPublication Order = iota // Newest first.
	ByUpdate                   // Newest first.
	ByStart
	ByStartDown
)

const publishedAt = `coalesce(p.publish_at, timestamptz '-infinity')`

var orders = [...]struct{ by, after string }{
	ByPublication: {publishedAt + ` DESC, p.id DESC`, `(` + publishedAt + `, p.id) < (@after1::timestamptz, @after2::uuid)`},
	ByUpdate:      {`p.updated_at DESC, p.id DESC`, `(p.updated_at, p.id) < (@after1::timestamptz, @after2::uuid)`},
	ByStart:       {`p.starts_on, p.id`, `(p.starts_on, p.id) > (@after1::date, @after2::uuid)`},
	ByStartDown:   {`p.starts_on DESC, p.id DESC`, `(p.starts_on, p.id) < (@after1::date, @after2::uuid)`},
}

// PublicationFilter selects publications of a kind; another empty value selects
// any.
type PublicationFilter struct {
	Kind           publication.Kind
	State          publication.State
	Topic          string
	OrganizationID string // Owner or credited.
	DepartmentID   string // Owner or credited.
	ProjectID      string
	Facets         []string // All of them; of opportunities.
	From, To       jp.Date  // Days on which the event takes place, inclusive.
	Words          *jp.Query
	Order          Order
}

// PublicationAfter are the sort values of a row, for a page token.
func PublicationAfter(p *publication.Publication, o Order) []string {
	switch o {
	case ByUpdate:
		return []string{p.UpdatedAt.UTC().Format(time.RFC3339Nano), p.ID}
	case ByPublication:
		if p.PublishAt.IsZero() {
			return []string{"-infinity", p.ID}
		}
		return []string{p.PublishAt.UTC().Format(time.RFC3339Nano), p.ID}
	}
	switch {
	case p.Event != nil && !p.Event.StartsOn.IsZero():
		return []string{p.Event.StartsOn.String(), p.ID}
	case p.Opportunity != nil && !p.Opportunity.StartsOn.IsZero():
		return []string{p.Opportunity.StartsOn.String(), p.ID}
	}
	return []string{"infinity", p.ID}
}

// where is the filter's conditions, to follow those of the scope.
func (f PublicationFilter) where(args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(true, `p.kind = @kind`, "kind", f.Kind)
	where.Add(f.State != "", `p.state = @state`, "state", f.State)
	where.Add(f.Topic != "", `p.topics @> ARRAY[@topic::text]`, "topic", f.Topic)
	where.Add(f.OrganizationID != "", `p.named @> ARRAY[@organization_id::uuid]`, "organization_id", f.OrganizationID)
	where.Add(f.DepartmentID != "", `p.named @> ARRAY[@department_id::uuid]`, "department_id", f.DepartmentID)
	where.Add(len(f.Facets) > 0, `p.facets @> @facets::text[]`, "facets", f.Facets)
	where.Add(f.ProjectID != "", `p.project_id = @project_id`, "project_id", f.ProjectID)
	return where.String()
}

// days are the conditions about the days, of which one must hold: what begins on
// them, and what began before and still goes on. No row meets two of them.
func (f PublicationFilter) days(args pgx.StrictNamedArgs) []string {
	if f.From.IsZero() && f.To.IsZero() {
		return []string{``}
	}
	args["from"], args["to"] = pg.Null(f.From), pg.Null(f.To)
	begins := ` AND p.occurs && daterange(@from::date, @to::date, '[]')`
	if !f.To.IsZero() {
		begins += ` AND p.starts_on <= @to::date`
	}
	if f.From.IsZero() {
		return []string{begins}
	}
	return []string{
		begins + ` AND p.starts_on >= @from::date`,
		begins + ` AND p.last_on > p.starts_on AND p.last_on >= @from::date AND p.starts_on < @from::date`,
	}
}

// ListPublications reads one more than a page of the publications that the reader
// sees, without their long texts. Without words each condition of the scope is a
// keyset query of its own, so that each finds its index.
func ListPublications(ctx context.Context, r pg.Reader, by publication.Reader, f PublicationFilter, page pg.Page) ([]*publication.Publication, error) {
	sql, args, err := listSQL(by, f, page)
	if err != nil || sql == "" {
		return nil, err
	}
	// A plan for these values: a common word or day and a rare one want different
	// ones.
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*publication.Publication, error) {
		p := &publication.Publication{}
		return p, scanHead(row, p)
	})
}

// listSQL returns no text where nothing can be found.
func listSQL(by publication.Reader, f PublicationFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := scopeOf(by)
	if !by.Desk && f.State != "" && !seenByAll(f.State) {
		s.branches = s.branches[1:]
	}
	if len(s.branches) == 0 {
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
	days := f.days(s.args)
	if f.Words != nil {
		if !f.From.IsZero() || !f.To.IsZero() {
			where += ` AND p.occurs && daterange(@from::date, @to::date, '[]')`
		}
		search := pg.Search{
			Table: `publication p`, Terms: `search`, Sorted: `p.updated_at, p.publish_at, p.starts_on`,
			Where: `(` + s.any() + `)` + where, Tail: tail,
		}
		return `
		SELECT ` + headColumns + `
		` + search.From(f.Words, s.args) + tail, s.args, nil
	}
	var each []string
	for _, b := range s.branches {
		for _, d := range days {
			each = append(each, `(SELECT p.id FROM publication p WHERE `+b+where+d+tail+`)`)
		}
	}
	return `
		SELECT ` + headColumns + `
		FROM (` + strings.Join(each, " UNION ") + `) AS page
		JOIN publication p USING (id)` + tail, s.args, nil
}

// seenByAll reports whether everybody may see publications in the state.
func seenByAll(s publication.State) bool {
	return s == publication.Published || s == publication.Ended || s == publication.Cancelled
}

func bindAfter(args pgx.StrictNamedArgs, after []string, o Order) error {
	if len(after) != 2 {
		return fault.ErrInvalidPageToken
	}
	if o == ByStart || o == ByStartDown {
		if _, err := jp.ParseDate(after[0]); err != nil && after[0] != "infinity" {
			return fault.ErrInvalidPageToken.Because(err)
		}
	} else if after[0] != "-infinity" {
		if _, _, err := pg.TimeAfter(after); err != nil {
			return err
		}
	}
	args["after1"], args["after2"] = after[0], after[1]
	return nil
}
