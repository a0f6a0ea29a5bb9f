// Package department is the domain of the ward's departments, whose names are
// valid between two days, and of the staff who belong to them.
package department

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// maxDepth is the number of levels of the tree: 部, 課, 係.
const maxDepth = 3

// Department is a part of the ward's office under one name.
type Department struct {
	ID          string    `db:"id"`
	Name        string    `db:"name"`
	FullName    string    `db:"full_name"` // Names from the top down; read only.
	Kind        string    `db:"kind"`      // Name in the contract.
	ParentID    string    `db:"parent_id"` // Empty at the top.
	ValidFrom   *jp.Date  `db:"valid_from"`
	ValidTo     *jp.Date  `db:"valid_to"`
	SuccessorID string    `db:"successor_id"`
	CreatedAt   time.Time `db:"created_at"`
	UpdatedAt   time.Time `db:"updated_at"`
	Version     int64     `db:"version"`
}

// Check brings the department into form. Errors: VALIDITY_INVALID,
// INVALID_FIELD.
func (d *Department) Check() error {
	d.Name = jp.Clean(d.Name)
	if d.Name == "" {
		return errNameMissing
	}
	if d.ValidFrom != nil && d.ValidTo != nil && d.ValidTo.Before(*d.ValidFrom) {
		return ErrValidityInvalid.OnPath("validTo")
	}
	return nil
}

// ValidOn reports whether the name is in use on a day.
func (d *Department) ValidOn(day jp.Date) bool {
	return (d.ValidFrom == nil || !day.Before(*d.ValidFrom)) && (d.ValidTo == nil || !day.After(*d.ValidTo))
}

// Tree is every department by id.
type Tree map[string]*Department

// CheckParent reports whether d can stand where it does: below a department
// that exists, not below itself, and no deeper than three levels with all that
// is below it. d need not be in the tree yet. Errors:
// DEPARTMENT_PARENT_INVALID.
func (t Tree) CheckParent(d *Department) error {
	above := 0
	for id := d.ParentID; id != ""; id = t[id].ParentID {
		above++
		if t[id] == nil || id == d.ID || above >= maxDepth {
			return ErrParentInvalid.OnPath("parentId")
		}
	}
	if above+t.height(d.ID) > maxDepth {
		return ErrParentInvalid.OnPath("parentId")
	}
	return nil
}

// height is the number of levels from the department down, at least 1.
func (t Tree) height(id string) int {
	below := 0
	for _, d := range t {
		if d.ParentID == id && d.ID != id {
			below = max(below, t.height(d.ID))
		}
	}
	return below + 1
}

// Succeed ends d on a day in favour of another department. Errors:
// DEPARTMENT_ENDED, SUCCESSOR_INVALID, VALIDITY_INVALID.
func (t Tree) Succeed(d *Department, successorID string, last jp.Date) error {
	if d.SuccessorID != "" {
		return ErrEnded
	}
	for id := successorID; id != ""; id = t[id].SuccessorID {
		if t[id] == nil || id == d.ID {
			return ErrSuccessorInvalid.OnPath("successorId")
		}
	}
	if next := t[successorID]; !next.ValidOn(last.AddDays(1)) {
		return ErrSuccessorInvalid.OnPath("successorId")
	}
	d.SuccessorID, d.ValidTo = successorID, &last
	return d.Check()
}
