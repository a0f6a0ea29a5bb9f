package project

import "slices"

// Reader is a caller as far as projects are concerned.
type Reader struct {
	ID         string   // Pseudonym of the person.
	Members    []string // Organizations whose projects the caller reads.
	Writers    []string // Organizations for which the caller writes.
	Represents []string // Organizations for which the caller signs.
	// Department is that of staff and approvers, whose projects they see.
	Department string
	Staff      bool
	Desk       bool
	Approver   bool
}

// Inside reports whether the reader sees what is for the parties and the desk.
// The store's scope admits exactly these projects and the published ones.
func (r Reader) Inside(p *Project) bool {
	return r.Desk || p.hasDepartment(r.Department) || p.hasOrganization(r.Members)
}

// Sees reports whether the reader may know of the project.
func (r Reader) Sees(p *Project) bool { return p.Published || r.Inside(p) }

// Side is the side for which the reader writes; None for a viewer, an approver
// who is not staff, and everybody else. Who writes for both sides writes for the
// organization.
func (r Reader) Side(p *Project) Side {
	switch {
	case p.hasOrganization(r.Writers):
		return Organization
	case r.Desk || r.Staff && p.hasDepartment(r.Department):
		return Ward
	default:
		return None
	}
}

// Heads reports whether the reader represents an organization of the project.
func (r Reader) Heads(p *Project) bool { return p.hasOrganization(r.Represents) }

// Leads reports whether the reader is staff of the lead department.
func (r Reader) Leads(p *Project) bool {
	return r.Staff && r.Department != "" && r.Department == p.LeadDepartmentID
}

// Approves reports whether the reader is an approver of the lead department.
func (r Reader) Approves(p *Project) bool {
	return r.Approver && r.Department != "" && r.Department == p.LeadDepartmentID
}

func (p *Project) hasDepartment(id string) bool {
	return id != "" && slices.Contains(p.DepartmentIDs(), id)
}

func (p *Project) hasOrganization(ids []string) bool {
	return slices.ContainsFunc(p.OrganizationIDs, func(id string) bool { return slices.Contains(ids, id) })
}
