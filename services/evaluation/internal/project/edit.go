package project

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// PartyFields are the fields of the parties as update masks name them.
var PartyFields = []Field{"organization_ids", "lead_department_id", "joint_department_ids", "predecessor_id"}

// Edit is a change of named fields.
type Edit struct {
	Fields        []Field
	Terms         Terms
	Parties       Parties
	PredecessorID string
}

// hasParty reports whether the edit names parties.
func (e Edit) hasParty() bool {
	return slices.ContainsFunc(e.Fields, func(f Field) bool { return slices.Contains(PartyFields, f) })
}

// Edit changes fields of a project under preparation; once it is agreed only its
// goals, until the start, which outdates the agreement. Errors: PERMISSION_DENIED, GOALS_FIXED,
// PROJECT_NOT_EDITABLE, INVALID_FIELD.
func (p *Project) Edit(by Reader, e Edit) error {
	if by.Side(p) == None || e.hasParty() && !by.Desk {
		return fault.ErrPermissionDenied
	}
	goals := slices.Equal(e.Fields, []Field{GoalsField})
	switch {
	case p.State == Preparing, p.State == Agreed && goals:
	case slices.Contains(e.Fields, GoalsField) && p.State != Agreed:
		return ErrGoalsFixed.With("state", string(p.State))
	default:
		return ErrNotEditable.With("state", string(p.State))
	}
	p.AgreementOutdated = p.State == Agreed
	p.Take(e.Fields, e.Terms)
	p.takeParties(e)
	p.settleYear()
	return p.Check()
}

func (p *Project) takeParties(e Edit) {
	has := func(f Field) bool { return slices.Contains(e.Fields, f) }
	if has("organization_ids") {
		p.OrganizationIDs = e.Parties.OrganizationIDs
	}
	if has("lead_department_id") {
		p.LeadDepartmentID = e.Parties.LeadDepartmentID
	}
	if has("joint_department_ids") {
		p.JointDepartmentIDs = e.Parties.JointDepartmentIDs
	}
	if has("predecessor_id") {
		p.PredecessorID = e.PredecessorID
	}
}
