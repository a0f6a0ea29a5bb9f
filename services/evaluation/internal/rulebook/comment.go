package rulebook

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Comment is what an organization says about a clause (意見).
type Comment struct {
	ID               string
	VersionID        string
	ClauseNo         int
	OrganizationID   string
	OrganizationName string // Present name, as far as it is known.
	Body             string
	ProjectID        string // Whose experience led to it; empty for none.
	PublicNumber     string // Of the project.
	Answer           string // 区の考え方; empty before.
	Change           string // That it led to; empty for none.
	CreatedBy        string // Pseudonym.
	CreatedAt        time.Time
	AnsweredBy       string    // Pseudonym; empty before.
	AnsweredAt       time.Time // Zero before.
}

// Comment takes a comment while comments are open, the last day included.
// Errors: COMMENTS_NOT_OPEN, RESOURCE_NOT_FOUND for a clause that is not there.
func (v *Version) Comment(c *Comment, now time.Time) error {
	if v.State != Commenting || jp.DateOf(now).After(v.CommentsUntil) {
		return ErrCommentsNotOpen.With("state", string(v.State))
	}
	if _, err := v.Clause(c.ClauseNo); err != nil {
		return err
	}
	c.VersionID, c.CreatedAt = v.ID, now
	return nil
}

// Answer answers a comment for the ward, anew if need be, until the version is
// adopted. Errors: RULEBOOK_NOT_EDITABLE.
func (v *Version) Answer(c *Comment, answer, change, by string, now time.Time) error {
	if v.State == Adopted {
		return ErrNotEditable.With("state", string(v.State))
	}
	c.Answer, c.Change, c.AnsweredBy, c.AnsweredAt = answer, change, by, now
	return nil
}

// DifferenceKind is how two versions differ in a clause; the values are those of
// the contract.
type DifferenceKind string

// The kinds of difference.
const (
	Added   DifferenceKind = "ADDED"
	Removed DifferenceKind = "REMOVED"
	Changed DifferenceKind = "CHANGED"
)

// Difference is a clause that two versions do not have alike.
type Difference struct {
	No       int
	Kind     DifferenceKind
	From, To *Clause // nil where a version does not have it.
}

// Compare returns the clauses that differ, by number.
func Compare(from, to []Clause) []Difference {
	of := func(list []Clause) map[int]*Clause {
		m := map[int]*Clause{}
		for i := range list {
			m[list[i].No] = &list[i]
		}
		return m
	}
	a, b := of(from), of(to)
	var out []Difference
	for no, c := range a {
		switch other := b[no]; {
		case other == nil:
			out = append(out, Difference{No: no, Kind: Removed, From: c})
		case *other != *c:
			out = append(out, Difference{No: no, Kind: Changed, From: c, To: other})
		}
	}
	for no, c := range b {
		if a[no] == nil {
			out = append(out, Difference{No: no, Kind: Added, To: c})
		}
	}
	slices.SortFunc(out, func(x, y Difference) int { return x.No - y.No })
	return out
}
