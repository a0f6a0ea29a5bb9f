package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
)

// PostingFilter selects postings; an empty value selects any.
type PostingFilter struct {
	State          board.State
	OrganizationID string
	BoardID        string
	On             jp.Date // That hang on the day.
}

// postingScope returns the conditions that hold exactly where Reader.Sees does.
func postingScope(r board.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if r.Desk {
		s.branches = []string{`true`}
		return s
	}
	s.branches = []string{`p.state = 'APPROVED'`}
	if r.Keeper != "" {
		s.args["keeper"] = r.Keeper
		s.branches = append(s.branches, `p.board_department_ids @> ARRAY[@keeper::uuid]`)
	}
	if len(r.Members) > 0 {
		s.args["members"] = r.Members
		s.branches = append(s.branches, `p.organization_id = ANY(@members::uuid[])`)
	}
	return s
}

// ListPostings reads one more than a page of the postings that the reader sees,
// last day first. Each condition of the scope is a keyset query of its own, so
// that each finds its index.
func ListPostings(ctx context.Context, r pg.Reader, by board.Reader, f PostingFilter, page pg.Page) ([]*board.Posting, error) {
	sql, args, err := postingSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPosting)
}

func postingSQL(by board.Reader, f PostingFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := postingScope(by)
	s.args["limit"] = page.Size + 1
	where := pg.Filter{Args: s.args}
	where.Add(f.State != "", `p.state = @state`, "state", f.State)
	where.Add(f.OrganizationID != "", `p.organization_id = @organization`, "organization", f.OrganizationID)
	where.Add(f.BoardID != "", `p.board_ids @> ARRAY[@board::uuid]`, "board", f.BoardID)
	where.Add(!f.On.IsZero(), `p.starts_on <= @on AND p.ends_on >= @on`, "on", f.On)
	if page.After != nil {
		day, id, err := pg.DateAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where.Add(true, `(p.ends_on, p.id) < (@after::date, @after_id::uuid)`, "after", day)
		s.args["after_id"] = id
	}
	const tail = `
		ORDER BY p.ends_on DESC, p.id DESC
		LIMIT @limit`
	for i, b := range s.branches {
		s.branches[i] = `(SELECT p.id FROM posting AS p WHERE ` + b + where.String() + tail + `)`
	}
	return selectPosting + `
		FROM (` + strings.Join(s.branches, " UNION ") + `) AS page
		JOIN posting AS p USING (id)` + postingJoins + tail, s.args, nil
}
