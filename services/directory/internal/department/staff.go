package department

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Assignment is a person's work in a department.
type Assignment struct {
	ID           string    `db:"id"`
	DepartmentID string    `db:"department_id"`
	PersonID     string    `db:"person_id"`
	DisplayName  string    `db:"display_name"` // Of the person; read only.
	Email        string    `db:"email"`        // Of the person; read only.
	Roles        []string  `db:"roles"`        // Names in the contract, each once.
	ValidFrom    jp.Date   `db:"valid_from"`
	ValidTo      *jp.Date  `db:"valid_to"` // nil for no end.
	CreatedAt    time.Time `db:"created_at"`
}

// Assign gives a person roles in d, by somebody else. Errors:
// SELF_ASSIGNMENT_FORBIDDEN, DEPARTMENT_ENDED, VALIDITY_INVALID.
func (d *Department) Assign(a *Assignment, by string, today jp.Date) error {
	switch {
	case a.PersonID == by:
		return ErrSelfAssignment
	case d.ValidTo != nil && d.ValidTo.Before(today):
		return ErrEnded
	case a.ValidTo != nil && (a.ValidTo.Before(a.ValidFrom) || a.ValidTo.Before(today)):
		return ErrValidityInvalid.OnPath("validTo")
	}
	a.DepartmentID = d.ID
	return nil
}

// Remove reports whether by may take the assignment away. Errors:
// SELF_ASSIGNMENT_FORBIDDEN.
func (a *Assignment) Remove(by string) error {
	if a.PersonID == by {
		return ErrSelfAssignment
	}
	return nil
}
