package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
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
	ByUpdate      bool // Newest first instead of by reading.
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
		AND (@capability = '' OR o.capabilities @> ARRAY[@capability])
		AND (@town = '' OR (o.town >= @town AND o.town < @town_end))`
	afterKana = `
		AND (o.kana_sort_key, o.name_kana, o.id) > (@after_key, @after_kana, @after_id::uuid)`
	orderByKana = `
		ORDER BY o.kana_sort_key, o.name_kana, o.id
		LIMIT @limit`
	afterUpdate = `
		AND (o.updated_at, o.id) < (@after_time::timestamptz, @after_id::uuid)`
	orderByUpdate = `
		ORDER BY o.updated_at DESC, o.id DESC
		LIMIT @limit`
	mine = `
		AND o.id IN (
			SELECT m.organization_id
			FROM member AS m
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'
		)`
)

// ListOrganizations returns one row more than the page holds when there is
// another page.
func ListOrganizations(ctx context.Context, r pg.Reader, v Viewer, f OrganizationFilter, p pg.Page) ([]*Seen, error) {
	sql := `
		SELECT ` + organizationColumns + `, ` + callerRole + `
		FROM organization AS o
		WHERE ` + scopeOf(v) + filterOrganizations
	if f.Mine {
		sql += mine
	}
	args := pgx.StrictNamedArgs{
		"kind": f.Kind, "state": f.State, "field": f.ActivityField, "row": f.GojuonRow, "capability": f.Capability,
		"town": f.Town, "town_end": f.Town + "\U0010FFFF", "person": null(v.PersonID), "limit": p.Size + 1,
	}
	if scopeOf(v) == inScope {
		args["desk"] = v.Desk
	}
	if f.ByUpdate {
		sql = page(sql, afterUpdate, orderByUpdate, args, p, "after_time", "after_id")
	} else {
		sql = page(sql, afterKana, orderByKana, args, p, "after_key", "after_kana", "after_id")
	}
	return many[Seen](ctx, r, sql, pgx.QueryExecModeExec, args)
}

// scopeOf is inScope in the form that is fastest for the viewer.
func scopeOf(v Viewer) string {
	switch {
	case v.Desk:
		return "true"
	case v.PersonID == "":
		return "o.state IN ('VERIFIED', 'EXPIRED')"
	default:
		return inScope
	}
}

// page adds the place where the page begins, and the order.
func page(sql, after, order string, args pgx.StrictNamedArgs, p pg.Page, names ...string) string {
	if len(p.After) == len(names) {
		sql += after
		for i, n := range names {
			args[n] = p.After[i]
		}
	}
	return sql + order
}

// KanaToken and UpdateToken return the sort values of the last row of a page.
func KanaToken(o *Seen) []string {
	return []string{jp.KanaSortKey(o.NameKana), o.NameKana, o.ID}
}

// UpdateToken is described at KanaToken.
func UpdateToken(o *Seen) []string {
	return []string{o.UpdatedAt.UTC().Format(time.RFC3339Nano), o.ID}
}

// SearchOrganizations returns published organizations that hold all words of q
// and the filter's kind and activity field, by reading; one row more than the
// page holds when there is another page.
func SearchOrganizations(ctx context.Context, r pg.Reader, q jp.Query, f OrganizationFilter, p pg.Page) ([]*Seen, error) {
	sql := `
		SELECT ` + organizationColumns + `, '' AS caller_role
		FROM organization AS o
		WHERE o.state IN ('VERIFIED', 'EXPIRED')
			AND o.terms @@ @terms::tsquery
			AND o.search_key LIKE ALL (@words::text[])
			AND (@kind = '' OR o.kind = @kind)
			AND (@field::integer = 0 OR o.activity_fields @> ARRAY[@field::integer])`
	args := pgx.StrictNamedArgs{
		"terms": q.TSQuery(), "words": q.LikePatterns(), "kind": f.Kind, "field": f.ActivityField, "limit": p.Size + 1,
	}
	sql = page(sql, afterKana, orderByKana, args, p, "after_key", "after_kana", "after_id")
	return many[Seen](ctx, r, sql, pgx.QueryExecModeExec, args)
}

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
		SELECT `+organizationColumns+`, '' AS caller_role,
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
