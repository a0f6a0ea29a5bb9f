// Package partner is what the other services know of directory: the names of
// organizations and departments, which each keeps in its own schema beside the
// data that shows them, and the questions whose answer must be of now.
package partner

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Organization is an organization as directory tells it.
type Organization struct {
	ID, Name string
	Version  int64 // Of the organization; an older one does not overwrite.
}

// Department is a department as directory tells it.
type Department struct {
	ID, FullName string
	UpdatedAt    time.Time // Of the department; an older one does not overwrite.
}

// OrganizationOf takes the name out of an answer of directory.
func OrganizationOf(o *directoryv1.OrganizationSummary) Organization {
	return Organization{ID: o.GetId(), Name: o.GetName(), Version: o.GetVersion()}
}

// DepartmentOf takes the name out of an answer of directory.
func DepartmentOf(d *directoryv1.Department) Department {
	return Department{ID: d.GetId(), FullName: d.GetFullName(), UpdatedAt: d.GetUpdateTime().AsTime()}
}

// KeepOrganization queues what directory tells of an organization. Version 0 names
// one of which nothing is known yet.
func KeepOrganization(tx *pg.Tx, o Organization) {
	tx.Queue(`
		INSERT INTO organization_ref (id, name, version)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT organization_ref_pkey
		DO UPDATE SET name = EXCLUDED.name, version = EXCLUDED.version
		WHERE organization_ref.version < EXCLUDED.version`, o.ID, o.Name, o.Version)
}

// KeepDepartment queues what directory tells of a department.
func KeepDepartment(tx *pg.Tx, d Department) {
	tx.Queue(`
		INSERT INTO department_ref (id, full_name, updated_at)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT department_ref_pkey
		DO UPDATE SET full_name = EXCLUDED.full_name, updated_at = EXCLUDED.updated_at
		WHERE department_ref.updated_at < EXCLUDED.updated_at`, d.ID, d.FullName, d.UpdatedAt)
}

// Forget lets the history that a restored directory publishes again overwrite the
// names that are kept.
func Forget(ctx context.Context, tx *pg.Tx) error {
	if err := ForgetOrganizations(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE department_ref SET updated_at = '-infinity'`)
	return err
}

// ForgetOrganizations is Forget for a service that keeps no departments.
func ForgetOrganizations(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE organization_ref SET version = 0`)
	return err
}

// organizationFact is an event about an organization.
type organizationFact interface {
	proto.Message
	GetOrganization() *directoryv1.Organization
	GetVersion() int64
}

// Follow keeps the name that an event of directory tells; other events are passed
// over. What a merger moves is each service's own.
func Follow(tx *pg.Tx, m event.Message) error {
	switch m.Type {
	case "kyodo.directory.v1.OrganizationVerified":
		return followOrganization(tx, m, &directoryv1.OrganizationVerified{})
	case "kyodo.directory.v1.OrganizationUpdated":
		return followOrganization(tx, m, &directoryv1.OrganizationUpdated{})
	case "kyodo.directory.v1.OrganizationExpired":
		return followOrganization(tx, m, &directoryv1.OrganizationExpired{})
	case "kyodo.directory.v1.OrganizationSuspended":
		return followOrganization(tx, m, &directoryv1.OrganizationSuspended{})
	case "kyodo.directory.v1.OrganizationClosed":
		return followOrganization(tx, m, &directoryv1.OrganizationClosed{})
	case "kyodo.directory.v1.DepartmentChanged":
		e := &directoryv1.DepartmentChanged{}
		if err := m.Decode(e); err != nil {
			return err
		}
		KeepDepartment(tx, DepartmentOf(e.GetDepartment()))
	}
	return nil
}

func followOrganization(tx *pg.Tx, m event.Message, e organizationFact) error {
	if err := m.Decode(e); err != nil {
		return err
	}
	o := e.GetOrganization()
	KeepOrganization(tx, Organization{ID: o.GetId(), Name: o.GetName(), Version: e.GetVersion()})
	return nil
}
