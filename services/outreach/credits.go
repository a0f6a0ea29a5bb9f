package outreach

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/party"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// wish is what an author writes about who stands behind a publication.
type wish struct {
	organizationID, departmentID string // Owner.
	projectID                    string
	credits                      []*outreachv1.CreditInput
}

// named are credits with their names, and the names to keep.
type named struct {
	lines         credit.Lines
	organizations []partner.Organization
	departments   []partner.Department
	owner         *directoryv1.OrganizationSummary // nil for the ward's.
}

// keep queues the names.
func (n named) keep(tx *pg.Tx) {
	for _, o := range n.organizations {
		partner.KeepOrganization(tx, o)
	}
	for _, d := range n.departments {
		partner.KeepDepartment(tx, d)
	}
}

// credit asks the peers for the credits of a publication: those of its project,
// then those that are written; with neither, the owner as the organizer. Errors:
// PROJECT_UNKNOWN, ORGANIZATION_UNKNOWN, DEPARTMENT_UNKNOWN, INVALID_FIELD,
// DEPENDENCY_UNAVAILABLE.
func (s *publications) credit(ctx context.Context, w wish) (named, error) {
	lines, err := creditsFromProto(w.credits)
	if err != nil {
		return named{}, err
	}
	if w.projectID != "" {
		p, err := s.projects.get(ctx, w.projectID)
		if err != nil {
			return named{}, err
		}
		lines = lines.Over(convert.List(p.GetCredits(), lineFromProto))
	}
	if len(lines) == 0 {
		lines = credit.Lines{{Part: credit.Organizer, OrganizationID: w.organizationID, DepartmentID: w.departmentID}}
	}
	return s.name(ctx, w, lines)
}

// name fills in the names of the lines as they are today. Errors:
// ORGANIZATION_UNKNOWN, DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *publications) name(ctx context.Context, w wish, lines credit.Lines) (named, error) {
	lines = slices.Clone(lines)
	all := append(slices.Clone(lines), credit.Line{OrganizationID: w.organizationID, DepartmentID: w.departmentID})
	organizations, err := s.directory.organizationsOf(ctx, all.Organizations()...)
	if err != nil {
		return named{}, err
	}
	departments, err := s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), all.Departments())
	if err != nil {
		return named{}, err
	}
	n := named{lines: lines, departments: departments, owner: organizations[w.organizationID]}
	for _, o := range organizations {
		n.organizations = append(n.organizations, partner.OrganizationOf(o))
	}
	for i, l := range lines {
		if o := organizations[l.OrganizationID]; o != nil {
			lines[i].Name = o.GetName()
		}
		for _, d := range departments {
			if d.ID == l.DepartmentID {
				lines[i].Name = d.FullName
			}
		}
	}
	return n, nil
}

// ownerNames are the owner's names as of today.
func (n named) ownerNames(w wish) publication.Names {
	out := publication.Names{Organization: n.owner.GetName()}
	for _, d := range n.departments {
		if d.ID == w.departmentID {
			out.Department = d.FullName
		}
	}
	return out
}

// verified refuses an owner that is not verified today. Errors:
// ORGANIZATION_NOT_VERIFIED.
func (n named) verified() error {
	if n.owner != nil && n.owner.GetState() != directoryv1.Organization_VERIFIED {
		return party.ErrOrganizationNotVerified.With("organizationId", n.owner.GetId())
	}
	return nil
}

// creditsFromProto reads the lines as written. Errors: INVALID_FIELD for a line
// that names both or nobody, or that stands twice.
func creditsFromProto(in []*outreachv1.CreditInput) (credit.Lines, error) {
	var lines credit.Lines
	for _, c := range in {
		lines = append(lines, credit.Line{
			Part: credit.Part(convert.EnumName(c.GetPart())), OrganizationID: c.GetOrganizationId(), DepartmentID: c.GetDepartmentId(),
		})
	}
	return lines, lines.Check()
}

func lineFromProto(c *typev1.Credit) credit.Line {
	return credit.Line{
		Part: credit.Part(convert.EnumName(c.GetPart())), OrganizationID: c.GetOrganizationId(), DepartmentID: c.GetDepartmentId(),
		Name: c.GetName(),
	}
}

func creditToProto(l credit.Line) *typev1.Credit {
	return &typev1.Credit{
		Part:           typev1.Credit_Part(typev1.Credit_Part_value[string(l.Part)]),
		OrganizationId: l.OrganizationID, DepartmentId: l.DepartmentID, Name: l.Name,
	}
}

func creditToInput(l credit.Line) *outreachv1.CreditInput {
	return &outreachv1.CreditInput{
		Part:           typev1.Credit_Part(typev1.Credit_Part_value[string(l.Part)]),
		OrganizationId: l.OrganizationID, DepartmentId: l.DepartmentID,
	}
}

// confirmationsToProto says of each organization in the credits of a
// collaboration whether it has confirmed them.
func confirmationsToProto(p *publication.Publication) []*outreachv1.CreditConfirmation {
	if !p.Collaboration() {
		return nil
	}
	var out []*outreachv1.CreditConfirmation
	for _, id := range p.Credits.Organizations() {
		c := &outreachv1.CreditConfirmation{OrganizationId: id}
		for _, given := range p.Confirmations {
			if given.OrganizationID == id {
				c.Confirmed, c.ConfirmTime = true, convert.Instant(given.At)
			}
		}
		out = append(out, c)
	}
	return out
}
