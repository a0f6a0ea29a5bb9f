package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/party"
)

// applicant is who asks the ward for something, and the section that is named, as
// directory knows them now; what is not named is empty.
type applicant struct {
	organization partner.Organization
	department   partner.Department
}

// applicantOf asks directory, outside transactions, whether the organization is
// verified and the section in use; an empty id asks nothing. Errors:
// ORGANIZATION_UNKNOWN, ORGANIZATION_NOT_VERIFIED, DEPARTMENT_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (d directory) applicantOf(ctx context.Context, today jp.Date, organizationID, departmentID string) (applicant, error) {
	var a applicant
	if organizationID != "" {
		found, err := d.organizationsOf(ctx, organizationID)
		if err != nil {
			return a, err
		}
		o := found[organizationID]
		if o.GetState() != directoryv1.Organization_VERIFIED {
			return a, party.ErrOrganizationNotVerified.With("organizationId", organizationID)
		}
		a.organization = partner.OrganizationOf(o)
	}
	if departmentID != "" {
		found, err := d.departmentsOf(ctx, today, []string{departmentID})
		if err != nil {
			return a, err
		}
		a.department = found[0]
	}
	return a, nil
}

// keep queues the names that directory told.
func (a applicant) keep(tx *pg.Tx) {
	if a.organization.ID != "" {
		partner.KeepOrganization(tx, a.organization)
	}
	if a.department.ID != "" {
		partner.KeepDepartment(tx, a.department)
	}
}
