package store

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// scope is what a reader sees, as conditions of which one must hold. The texts
// are constants of this file; values go in as arguments.
type scope struct {
	branches []string
	args     pgx.StrictNamedArgs
}

// scopeOf returns the conditions that hold exactly where Reader.View is not
// Nothing.
func scopeOf(r publication.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if r.Desk {
		s.branches = []string{`true`}
		return s
	}
	s.branches = []string{`p.visible`}
	if r.Department != "" {
		s.args["department"] = r.Department
		s.branches = append(s.branches, `p.department_id = @department::uuid`)
	}
	if r.Approver {
		s.branches = append(s.branches, `(p.department_id IS NOT NULL AND p.state <> 'DRAFT')`)
	}
	if r.Intermediary {
		s.branches = append(s.branches, `(p.kind = 'OPPORTUNITY' AND p.organization_id IS NOT NULL AND p.state <> 'DRAFT')`)
	}
	if len(r.Members) > 0 {
		s.args["members"] = r.Members
		s.branches = append(s.branches, `p.named && @members::uuid[]`)
	}
	return s
}

// any is the whole condition.
func (s scope) any() string { return strings.Join(slices.Clone(s.branches), " OR ") }
