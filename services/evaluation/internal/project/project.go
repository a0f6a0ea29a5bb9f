// Package project is a project of collaboration (協働事業) from the adopted
// proposal to the closed record: its state graph, its two sides and who sees and
// does what. It does no I/O and has no clock; verbs change a locked aggregate and
// return what happened.
package project

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Side is one of the two sides; the values are those of the contract.
type Side string

// The sides.
const (
	None         Side = ""
	Organization Side = "ORGANIZATION"
	Ward         Side = "WARD"
)

// Project is a project with its terms and parties. Its row is locked for every change
// of it and of what belongs to it: agreements, reports, evaluations.
type Project struct {
	ID           string
	PublicNumber string // Of the whole chain.
	NumberYear   int    // Fiscal year in the number.
	Serial       int    // In the number.
	ProposalID   string // Empty for one that did not come from a proposal.
	FiscalYear   int
	State        State
	Terms
	Parties
	PredecessorID     string // Project of the year before; empty for none.
	Published         bool   // Whether everybody may read it.
	AgreementNumber   string // Empty before the agreement is signed.
	AgreementOutdated bool   // Whether a change since the signature awaits a new version of the agreement.
	TerminateReason   string
	CreatedBy         string
	CreatedAt         time.Time
	UpdatedAt         time.Time
	StartedAt         time.Time // Zero before.
	CompletedAt       time.Time // Zero before.
	Version           int64

	// Names are the present names of the parties, as far as they are known.
	Names Names
}

// Parties are who works on a project.
type Parties struct {
	OrganizationIDs    []string // The lead first.
	LeadDepartmentID   string   // Empty while not set.
	JointDepartmentIDs []string // The lead not among them.
}

// Names are present names by id.
type Names struct {
	Organizations map[string]string
	Departments   map[string]string // Full names (部＋課).
}

// DepartmentIDs are the departments, the lead first.
func (p Parties) DepartmentIDs() []string {
	var ids []string
	if p.LeadDepartmentID != "" {
		ids = append(ids, p.LeadDepartmentID)
	}
	return append(ids, p.JointDepartmentIDs...)
}

// check names what is missing or twice.
func (p Parties) check() []fault.Field {
	var wrong []fault.Field
	if len(p.OrganizationIDs) == 0 {
		wrong = append(wrong, fault.Missing("project.organizationIds"))
	}
	if p.LeadDepartmentID == "" {
		wrong = append(wrong, fault.Missing("project.leadDepartmentId"))
	}
	if p.LeadDepartmentID != "" && slices.Contains(p.JointDepartmentIDs, p.LeadDepartmentID) {
		wrong = append(wrong, fault.Wrong("project.jointDepartmentIds", "主管課は、関係課に重ねて指定しないでください。", "The lead is not named among the joint departments."))
	}
	return wrong
}

// Check refuses a project whose fields are missing or contradict each other.
// Errors: INVALID_FIELD.
func (p *Project) Check() error {
	wrong := append(p.Terms.check(), p.Parties.check()...)
	if p.PredecessorID != "" && p.PredecessorID == p.ID {
		wrong = append(wrong, fault.Wrong("project.predecessorId", "前年度の事業には、この事業とは別の事業を指定してください。", "A project is not its own predecessor."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Begin makes a new project of checked terms and parties. Its fiscal year is that
// of its first day, or else the one given.
func (p *Project) Begin(id string, fiscalYear int, by string, now time.Time) {
	p.ID, p.State, p.Version, p.CreatedBy, p.CreatedAt, p.UpdatedAt = id, Preparing, 1, by, now, now
	p.FiscalYear = fiscalYear
	p.settleYear()
}

// settleYear has the fiscal year follow the first day.
func (p *Project) settleYear() {
	if !p.PeriodFrom.IsZero() {
		p.FiscalYear = jp.FiscalYear(p.PeriodFrom)
	}
}

// Numbered gives the project its own public number.
func (p *Project) Numbered(year, serial int) {
	p.PublicNumber, p.NumberYear, p.Serial = Number("協", year, serial), year, serial
}

// Follow replaces an organization that was merged by its survivor, and reports
// whether that changed anything.
func (p *Project) Follow(merged, survivor string) bool {
	at := slices.Index(p.OrganizationIDs, merged)
	if at < 0 {
		return false
	}
	ids := slices.Clone(p.OrganizationIDs)
	if slices.Contains(ids, survivor) {
		p.OrganizationIDs = slices.Delete(ids, at, at+1)
		return true
	}
	ids[at] = survivor
	p.OrganizationIDs = ids
	return true
}
