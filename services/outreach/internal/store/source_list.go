package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

// SourceFilter selects sources; an empty value selects any.
type SourceFilter struct {
	State          source.State
	Kind           source.Kind
	Health         source.Health
	OrganizationID string
}

// healths are the conditions of Source.Health.
var healths = map[source.Health]string{
	source.Unchecked: ` AND s.failures = 0 AND s.checked_at IS NULL`,
	source.OK:        ` AND s.failures = 0 AND s.checked_at IS NOT NULL`,
	source.Failing:   ` AND s.failures BETWEEN 1 AND 4`,
	source.Dead:      ` AND s.failures >= 5`,
}

// SourceAfter are the sort values of the source, for a page token.
func SourceAfter(s *source.Source) []string { return []string{jp.SearchKey(s.Name), s.ID} }

// ListSources reads one more than a page of the sources that the reader sees, by
// name.
func ListSources(ctx context.Context, r pg.Reader, by source.Reader, f SourceFilter, page pg.Page) ([]*source.Source, error) {
	sql, args, err := sourceSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanSource)
}

func sourceSQL(by source.Reader, f SourceFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := sourceScope(by)
	s.args["limit"] = page.Size + 1
	where := pg.Filter{Args: s.args}
	where.Add(f.State != "", `s.state = @state`, "state", f.State)
	where.Add(f.Kind != "", `s.kind = @kind`, "kind", f.Kind)
	where.Add(f.OrganizationID != "", `s.organization_id = @organization`, "organization", f.OrganizationID)
	if page.After != nil {
		if len(page.After) != 2 {
			return "", nil, fault.ErrInvalidPageToken
		}
		where.Add(true, `(s.name_key, s.id) > (@after, @after_id::uuid)`, "after", page.After[0])
		s.args["after_id"] = page.After[1]
	}
	const tail = `
		ORDER BY s.name_key, s.id
		LIMIT @limit`
	for i, b := range s.branches {
		s.branches[i] = `(SELECT s.id FROM source AS s WHERE ` + b + healths[f.Health] + where.String() + tail + `)`
	}
	return strings.Replace(selectSource, `FROM source AS s`, `FROM (`+strings.Join(s.branches, " UNION ")+`) AS page
	JOIN source AS s USING (id)`, 1) + tail, s.args, nil
}
