package publication

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Reader is a caller as far as publications are concerned.
type Reader struct {
	ID         string   // Pseudonym of the person.
	Members    []string // Organizations whose drafts the caller reads.
	Writers    []string // Organizations whose drafts the caller writes.
	Represents []string // Organizations for which the caller confirms.
	Department string   // Of staff, facility clerks and approvers; else "".
	Staff      bool     // Writes for the department.
	Desk       bool
	Approver   bool
	// Intermediary coordinates volunteers: it checks the opportunities of
	// organizations.
	Intermediary bool
}

// View is how much of a publication a reader sees.
type View int

// The views, each with more than the one before.
const (
	Nothing View = iota
	ForPublic
	ForInside // With what is not public yet, and the chain's data.
)

// View returns how much the reader sees. The store's scope admits exactly the
// publications for which it is not Nothing; a test holds them together.
func (r Reader) View(p *Publication) View {
	switch {
	case r.Desk,
		r.Department != "" && p.DepartmentID == r.Department,
		r.Approver && p.DepartmentID != "" && p.State != Draft,
		r.coordinates(p) && p.State != Draft,
		p.OrganizationID != "" && slices.Contains(r.Members, p.OrganizationID),
		slices.ContainsFunc(p.Credits.Organizations(), func(id string) bool { return slices.Contains(r.Members, id) }):
		return ForInside
	case p.Visible():
		return ForPublic
	default:
		return Nothing
	}
}

// Writes reports whether the reader writes the publication and takes it back.
func (r Reader) Writes(p *Publication) bool {
	return r.Desk || r.Staff && r.Department != "" && p.DepartmentID == r.Department ||
		p.OrganizationID != "" && slices.Contains(r.Writers, p.OrganizationID)
}

// Hosts reports whether the reader runs the event: admits people and sees who
// they are.
func (r Reader) Hosts(p *Publication) bool { return r.Writes(p) }

// Receives reports whether the reader runs the opportunity: decides on
// applications and sees who applied. The desk does not.
func (r Reader) Receives(p *Publication) bool {
	return r.Staff && r.Department != "" && p.DepartmentID == r.Department ||
		p.OrganizationID != "" && slices.Contains(r.Writers, p.OrganizationID)
}

// coordinates reports whether p is one of the opportunities of organizations that
// the reader checks beside the desk.
func (r Reader) coordinates(p *Publication) bool {
	return r.Intermediary && p.Kind == Opportunity && p.OrganizationID != ""
}

// approves reports whether the reader checks publications like p. Offers of
// organizations for training of the staff are the desk's alone.
func (r Reader) approves(p *Publication) bool {
	return r.Desk || r.Approver && p.DepartmentID != "" || r.coordinates(p) && !p.Opportunity.Kind.Training()
}

// publishes reports whether the reader sends p out once it is approved.
func (r Reader) publishes(p *Publication) bool {
	return r.approves(p) || r.Staff && r.Department != "" && p.DepartmentID == r.Department
}

// Owner decides whose a new publication is: an organization for which the caller
// writes, any for the desk; without one, the department of the caller. Errors:
// PERMISSION_DENIED.
func (r Reader) Owner(organizationID string) (organization, department string, err error) {
	switch {
	case organizationID != "" && (r.Desk || slices.Contains(r.Writers, organizationID)):
		return organizationID, "", nil
	case organizationID == "" && (r.Desk || r.Staff) && r.Department != "":
		return "", r.Department, nil
	case organizationID == "" && len(r.Writers) == 1:
		return r.Writers[0], "", nil
	case organizationID == "" && len(r.Writers) > 1:
		return "", "", fault.ErrInvalidField.On(fault.Missing("organizationId"))
	}
	return "", "", fault.ErrPermissionDenied
}
