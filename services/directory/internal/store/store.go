// Package store holds the directory's SQL, each statement beside the function
// that runs it.
package store

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the goose files of the schema.
func Migrations() fs.FS { return pg.Embedded(files) }

// one runs a query that finds at most one row. Errors: RESOURCE_NOT_FOUND.
func one[T any](ctx context.Context, r pg.Reader, sql string, args pgx.StrictNamedArgs) (*T, error) {
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.ErrNotFound
	}
	return row, err
}

// many runs a query that finds any number of rows.
func many[T any](ctx context.Context, r pg.Reader, sql string, args ...any) ([]*T, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[T])
}

// order is how a list is sorted and where its pages begin.
type order struct {
	after string   // Condition on the rows of a later page.
	by    string   // ORDER BY and LIMIT.
	names []string // Arguments of after, in the order of the page token.
}

// from adds the place where the page begins to a statement that ends in a
// condition.
func (o order) from(sql string, args pgx.StrictNamedArgs, p pg.Page) string {
	if len(p.After) != len(o.names) {
		return sql
	}
	for i, n := range o.names {
		args[n] = p.After[i]
	}
	return sql + o.after
}

// fewHits is up to how many hits of a search are sorted. More hits than that are
// so common that a page of them is found by reading rows in order.
const fewHits = 1000

// searched names as page the ids of a page of a search: match holds for the rows
// with the words, and sorted are the columns by which the order sorts.
//
// The planner cannot know how many rows hold several bigrams at once, so the
// statement counts up to fewHits and then takes one of two ways: sort the hits
// that the index on terms gave, or walk the index of the order until the page is
// full. The other way is never executed.
func searched(table, sorted, match string, o order) string {
	row := table[strings.LastIndex(table, " ")+1:]
	return `
		WITH hit AS MATERIALIZED (
			SELECT ` + sorted + `
			FROM ` + table + `
			WHERE ` + row + `.terms @@ @terms::tsquery AND ` + match + `
			LIMIT @few + 1
		), found AS (
			SELECT count(*) <= @few AS few
			FROM hit
		), page AS (
			(
				SELECT ` + row + `.id
				FROM hit AS ` + row + `
				WHERE (SELECT few FROM found)` + o.by + `
			)
			UNION ALL
			(
				SELECT ` + row + `.id
				FROM ` + table + `
				WHERE NOT (SELECT few FROM found) AND ` + match + o.by + `
			)
		)`
}
