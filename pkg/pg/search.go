package pg

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// A search looks through the nearSearched rows that come first, and sorts up to
// fewHits hits. More hits than that are so common that a page of them is found by
// reading rows in their order.
const (
	nearSearched = 500
	fewHits      = 1000
)

// Search is a search for words in the rows of a table, which keeps their search
// key as search_key. The texts are constants of a store; values go in as arguments.
type Search struct {
	Table  string // And behind a blank what its rows are called.
	Terms  string // Column of the bigrams, with an index.
	Sorted string // Columns by which Tail sorts beside id.
	Where  string // Scope, filter and place of the page.
	Tail   string // ORDER BY, which an index gives, and LIMIT @limit.
}

// From is where a page of the search comes from: the table, joined to the ids of
// the page, to be sorted once more. The planner cannot know how many rows hold
// several bigrams at once, so the statement goes three ways, of which the later
// ones are executed only where the earlier ones end without a page: rows with a
// common word are among the first of the order; rarer ones are found by the index
// on the terms and sorted; and where those are too many, the order is walked until
// the page is full.
func (s Search) From(words *jp.Query, args pgx.StrictNamedArgs) string {
	args["words"], args["patterns"] = words.TSQuery(), words.LikePatterns()
	args["near"], args["few"] = nearSearched, fewHits
	row := s.Table[strings.LastIndex(s.Table, " ")+1:]
	match := row + `.search_key LIKE ALL(@patterns::text[])`
	return `FROM (
			WITH near AS MATERIALIZED (
				SELECT ` + row + `.id
				FROM (SELECT ` + row + `.id, ` + row + `.search_key FROM ` + s.Table + ` WHERE ` + s.Where + strings.Replace(s.Tail, "@limit", "@near", 1) + `) AS ` + row + `
				WHERE ` + match + `
				LIMIT @limit
			), hit AS MATERIALIZED (
				SELECT ` + row + `.id, ` + s.Sorted + `
				FROM ` + s.Table + `
				WHERE (SELECT count(*) < @limit FROM near) AND ` + row + `.` + s.Terms + ` @@ @words::tsquery AND ` + match + ` AND ` + s.Where + `
				LIMIT @few + 1
			), found AS (
				SELECT (SELECT count(*) FROM near) = @limit AS near, count(*) <= @few AS few
				FROM hit
			)
			(SELECT id FROM near WHERE (SELECT near FROM found))
			UNION ALL
			(SELECT ` + row + `.id FROM hit AS ` + row + ` WHERE (SELECT few FROM found)` + s.Tail + `)
			UNION ALL
			(SELECT ` + row + `.id FROM ` + s.Table + ` WHERE NOT (SELECT few FROM found) AND ` + match + ` AND ` + s.Where + s.Tail + `)
		) AS page
		JOIN ` + s.Table + ` USING (id)`
}
