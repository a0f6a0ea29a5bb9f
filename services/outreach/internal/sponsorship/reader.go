package sponsorship

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Reader is a caller as far as sponsorships are concerned.
type Reader struct {
	ID         string   // Pseudonym of the person.
	Members    []string // Organizations whose applications the caller reads.
	Represents []string // Organizations for which the caller applies.
	Department string   // Of staff; else "".
	Desk       bool
	Approver   bool
}

// Owns reports whether the reader is of the applying organization.
func (r Reader) Owns(s *Sponsorship) bool { return slices.Contains(r.Members, s.OrganizationID) }

// InWard reports whether the reader sees the application as the ward does.
func (r Reader) InWard(s *Sponsorship) bool {
	return r.Desk || r.Department != "" && s.DepartmentID == r.Department || r.Approver && s.Decision != nil
}

// Sees reports whether the reader may know of the application. The store's scope
// admits exactly these; a test holds them together.
func (r Reader) Sees(s *Sponsorship) bool { return r.Owns(s) || r.InWard(s) }

// Writes reports whether the reader changes the application, reports and takes it
// back: a representative, or the desk for paper.
func (r Reader) Writes(s *Sponsorship) bool {
	return r.Desk || slices.Contains(r.Represents, s.OrganizationID)
}

// Drafts reports whether the reader drafts the decision: the desk and staff of the
// section in charge.
func (r Reader) Drafts(s *Sponsorship) bool {
	return r.Desk || r.Department != "" && s.DepartmentID == r.Department
}

// Owner decides which organization applies: one that the caller represents, any for
// the desk. Errors: INVALID_FIELD where it is not said, PERMISSION_DENIED.
func (r Reader) Owner(organizationID string) (string, error) {
	switch {
	case organizationID != "" && (r.Desk || slices.Contains(r.Represents, organizationID)):
		return organizationID, nil
	case organizationID == "" && !r.Desk && len(r.Represents) == 1:
		return r.Represents[0], nil
	case organizationID == "":
		return "", fault.ErrInvalidField.On(fault.Missing("sponsorship.organizationId"))
	}
	return "", fault.ErrPermissionDenied
}
