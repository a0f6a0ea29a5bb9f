package pg

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// Filter gathers the conditions that a list is asked for, to follow those of its
// scope, and their arguments.
type Filter struct {
	Args pgx.StrictNamedArgs
	sql  strings.Builder
}

// Add adds a condition with one argument where it is asked for.
func (f *Filter) Add(asked bool, condition, name string, value any) {
	if asked {
		f.sql.WriteString(" AND " + condition)
		f.Args[name] = value
	}
}

// String is the conditions, each behind AND.
func (f *Filter) String() string { return f.sql.String() }
