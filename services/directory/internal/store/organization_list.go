package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// OrganizationFilter selects organizations for a list; zero values select
// everything.
type OrganizationFilter struct {
	Kind          string
	State         string
	ActivityField int32
	Town          string // Beginning of the town.
	GojuonRow     string
	Capability    string
	Mine          bool
	LeastPercent  int32  // Of what is published.
	Order         string // "updateTime" newest first, "disclosure" most first, else by reading.
}

// Conditions of lists and of the search. The statements are planned for each
// call with its values (pgx.QueryExecModeExec), so that a condition that is off
// costs nothing and a common value gets another plan than a rare one.
const (
	filterOrganizations = `
		AND (@kind = '' OR o.kind = @kind)
		AND (@state = '' OR o.state = @state)
		AND (@field::integer = 0 OR o.activity_fields @> ARRAY[@field::integer])
		AND (@row = '' OR o.gojuon_row = @row)
		AND (@undisclosed::integer = 100 OR o.undisclosed_percent <= @undisclosed)
		AND (@capability = '' OR o.capabilities @> ARRAY[@capability])
		AND (@town = '' OR (o.town >= @town AND o.town < @town_end))`
	mine = `
		AND o.id IN (
			SELECT m.organization_id
			FROM member AS m
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'
		)`
)

// The orders of organizations.
var (
	byKana = order{
		after: `
		AND (o.kana_sort_key, o.name_kana, o.id) > (@after_key, @after_kana, @after_id::uuid)`,
		by: `
		ORDER BY o.kana_sort_key, o.name_kana, o.id
		LIMIT @limit`,
		names: []string{"after_key", "after_kana", "after_id"},
	}
	byUpdate = order{
		after: `
		AND (o.updated_at, o.id) < (@after_time::timestamptz, @after_id::uuid)`,
		by: `
		ORDER BY o.updated_at DESC, o.id DESC
		LIMIT @limit`,
		names: []string{"after_time", "after_id"},
	}
	byDisclosure = order{
		after: `
		AND (o.undisclosed_percent, o.kana_sort_key, o.name_kana, o.id) > (@after_undisclosed::integer, @after_key, @after_kana, @after_id::uuid)`,
		by: `
		ORDER BY o.undisclosed_percent, o.kana_sort_key, o.name_kana, o.id
		LIMIT @limit`,
		names: []string{"after_undisclosed", "after_key", "after_kana", "after_id"},
	}
)

// ListOrganizations returns one row more than the page holds when there is
// another page.
func ListOrganizations(ctx context.Context, r pg.Reader, v Viewer, f OrganizationFilter, p pg.Page) ([]*Seen, error) {
	sql := `
		SELECT ` + organizationColumns + `, o.kana_sort_key, ` + callerRole + `
		FROM organization AS o
		WHERE ` + scopeOf(v, f) + filterOrganizations
	if f.Mine {
		sql += mine
	}
	args := pgx.StrictNamedArgs{
		"kind": f.Kind, "state": f.State, "field": f.ActivityField, "row": f.GojuonRow, "capability": f.Capability,
		"town": f.Town, "town_end": f.Town + "\U0010FFFF", "person": pg.Null(v.PersonID), "limit": p.Size + 1,
		"undisclosed": 100 - f.LeastPercent,
	}
	if strings.Contains(sql, "@desk") {
		args["desk"] = v.Desk
	}
	ordered := byKana
	switch f.Order {
	case "updateTime":
		ordered = byUpdate
	case "disclosure":
		ordered = byDisclosure
	}
	return many[Seen](ctx, r, ordered.from(sql, args, p)+ordered.by, pgx.QueryExecModeExec, args)
}

// scopeOf is inScope in the form that is fastest for the viewer. Merged
// organizations are listed for whom asks for them only.
func scopeOf(v Viewer, f OrganizationFilter) string {
	const unmerged = " AND o.state <> 'MERGED'"
	switch asked := f.State == string(organization.Merged); {
	case v.Desk && asked:
		return "true"
	case v.Desk:
		return "true" + unmerged
	case asked:
		return inScope
	case v.PersonID == "":
		return "o.state IN ('VERIFIED', 'EXPIRED')"
	default:
		return inScope + unmerged
	}
}

// Token returns the sort values of the last row of a page of a list.
func (f OrganizationFilter) Token(o *Seen) []string {
	switch f.Order {
	case "updateTime":
		return []string{o.UpdatedAt.UTC().Format(time.RFC3339Nano), o.ID}
	case "disclosure":
		return append([]string{strconv.Itoa(100 - int(o.Disclosure().Percent))}, KanaToken(o)...)
	default:
		return KanaToken(o)
	}
}

// KanaToken returns the sort values of the last row of a page by reading.
func KanaToken(o *Seen) []string {
	return []string{o.KanaSortKey, o.NameKana, o.ID}
}

// SearchOrganizations returns published organizations that hold all words of q
// and the filter's kind and activity field, by reading; one row more than the
// page holds when there is another page.
func SearchOrganizations(ctx context.Context, r pg.Reader, q jp.Query, f OrganizationFilter, p pg.Page) ([]*Seen, error) {
	args := pgx.StrictNamedArgs{
		"terms": q.TSQuery(), "words": q.LikePatterns(), "kind": f.Kind, "field": f.ActivityField,
		"limit": p.Size + 1, "few": fewHits,
	}
	match := byKana.from(matchWords, args, p)
	return many[Seen](ctx, r, searched(`organization AS o`, `o.kana_sort_key, o.name_kana, o.id`, match, byKana)+`
		SELECT `+organizationColumns+`, o.kana_sort_key, '' AS caller_role
		FROM page
		JOIN organization AS o ON o.id = page.id`+byKana.by,
		pgx.QueryExecModeExec, args)
}

// matchWords holds for published organizations in which the words stand.
const matchWords = `
	o.state IN ('VERIFIED', 'EXPIRED')
	AND o.search_key LIKE ALL (@words::text[])
	AND (@kind = '' OR o.kind = @kind)
	AND (@field::integer = 0 OR o.activity_fields @> ARRAY[@field::integer])`

// Candidate is an organization that may be the same as another.
type Candidate struct {
	Seen
	SameNumber bool `db:"same_number"`
	SameName   bool `db:"same_name"`
}

// FindDuplicates returns at most 50 organizations with the corporate number, or
// with the name apart from its legal form in the town; an empty town is any.
func FindDuplicates(ctx context.Context, r pg.Reader, corporateNumber, name, town string) ([]*Candidate, error) {
	return many[Candidate](ctx, r, `
		SELECT `+organizationColumns+`, o.kana_sort_key, '' AS caller_role,
			(@number <> '' AND o.corporate_number = @number) AS same_number,
			(@key <> '' AND o.name_key = @key AND (@town = '' OR o.town = @town)) AS same_name
		FROM organization AS o
		WHERE (@number <> '' AND o.corporate_number = @number)
			OR (@key <> '' AND o.name_key = @key AND (@town = '' OR o.town = @town))
		ORDER BY same_number DESC, o.kana_sort_key, o.name_kana, o.id
		LIMIT 50`,
		pgx.QueryExecModeExec,
		pgx.StrictNamedArgs{"number": corporateNumber, "key": jp.NameKey(name), "town": strings.TrimSpace(town)})
}
