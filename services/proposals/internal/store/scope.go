package store

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// scope is what a reader sees, as conditions of which one must hold. The texts
// are constants of this file; values go in as arguments.
type scope struct {
	public bool     // Whether published proposals are a part of it apart from inside.
	inside []string // As party or ward.
	args   pgx.StrictNamedArgs
}

const isPublished = `p.published`

// scopeOf returns the conditions that hold exactly where Reader.View is not
// Nothing.
func scopeOf(r proposal.Reader) scope {
	s := scope{public: true, args: pgx.StrictNamedArgs{}}
	if r.Desk { // Everything published was submitted.
		s.public = false
		s.inside = append(s.inside, `(p.submitted_at IS NOT NULL OR p.on_behalf)`)
	}
	if r.Department != "" {
		s.args["department"] = r.Department
		s.inside = append(s.inside, `p.department_ids @> ARRAY[@department::uuid]`)
	}
	if r.Approver {
		s.inside = append(s.inside, `p.state IN (
			'DECISION_DRAFTED', 'DECISION_APPROVED', 'ADOPTED', 'CONDITIONALLY_ADOPTED', 'REJECTED', 'CARRIED_OVER')`)
	}
	if r.Reviewer {
		s.args["reviewer"], s.args["parties"] = r.ID, pg.List(r.Members)
		s.inside = append(s.inside, `(p.id IN (
			SELECT v.proposal_id
			FROM review v
			WHERE v.reviewer_id = @reviewer
			GROUP BY v.proposal_id
			HAVING bool_and(v.state <> 'RECUSED')) AND p.submitted_at IS NOT NULL
			AND p.organization_id <> ALL(@parties::uuid[]) AND NOT p.joint_organization_ids && @parties::uuid[])`)
	}
	if len(r.Members) > 0 {
		s.args["members"] = r.Members
		s.inside = append(s.inside,
			`p.organization_id = ANY(@members::uuid[])`,
			`(p.joint_organization_ids && @members::uuid[] AND p.submitted_at IS NOT NULL)`)
	}
	return s
}

// branches are the conditions one by one.
func (s scope) branches() []string {
	if s.public {
		return append([]string{isPublished}, s.inside...)
	}
	return slices.Clone(s.inside)
}

// any is the whole condition.
func (s scope) any() string { return strings.Join(s.branches(), " OR ") }

// isInside is whether the reader sees more than the public, as an SQL value.
func (s scope) isInside() string {
	if len(s.inside) == 0 {
		return "false"
	}
	return strings.Join(s.inside, " OR ")
}
