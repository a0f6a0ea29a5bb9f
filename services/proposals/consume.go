package proposals

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// consumers keep the names of organizations and departments as directory tells
// them, and follow organizations that were merged; answers of directory keep names
// too, so that names never wait for the broker.
func consumers(service.Deps) []event.Consumer {
	return []event.Consumer{{
		Stream: "directory",
		Subjects: []string{
			"kyodo.directory.public.organization.*",
			"kyodo.directory.public.department.*",
		},
		Handle: follow,
		Reset:  store.ForgetNameVersions,
	}}
}

// follow takes the name out of an event of directory, and moves what belongs to an
// organization that was merged.
func follow(ctx context.Context, tx *pg.Tx, m event.Message) error {
	switch m.Type {
	case "kyodo.directory.v1.OrganizationVerified":
		return keepOrganization(tx, m, &directoryv1.OrganizationVerified{})
	case "kyodo.directory.v1.OrganizationUpdated":
		return keepOrganization(tx, m, &directoryv1.OrganizationUpdated{})
	case "kyodo.directory.v1.OrganizationExpired":
		return keepOrganization(tx, m, &directoryv1.OrganizationExpired{})
	case "kyodo.directory.v1.OrganizationSuspended":
		return keepOrganization(tx, m, &directoryv1.OrganizationSuspended{})
	case "kyodo.directory.v1.OrganizationClosed":
		return keepOrganization(tx, m, &directoryv1.OrganizationClosed{})
	case "kyodo.directory.v1.OrganizationMerged":
		e := &directoryv1.OrganizationMerged{}
		if err := m.Decode(e); err != nil {
			return err
		}
		// Version 0: the survivor's own events know its name better.
		store.KeepOrganization(tx, store.OrganizationName{ID: e.GetSurvivorId(), Name: e.GetSurvivorName()})
		return store.FollowMerger(ctx, tx, e.GetOrganizationId(), e.GetSurvivorId())
	case "kyodo.directory.v1.DepartmentChanged":
		e := &directoryv1.DepartmentChanged{}
		if err := m.Decode(e); err != nil {
			return err
		}
		store.KeepDepartment(tx, departmentName(e.GetDepartment()))
	}
	return nil
}

// organizationFact is an event about an organization.
type organizationFact interface {
	proto.Message
	GetOrganization() *directoryv1.Organization
	GetVersion() int64
}

func keepOrganization(tx *pg.Tx, m event.Message, e organizationFact) error {
	if err := m.Decode(e); err != nil {
		return err
	}
	o := e.GetOrganization()
	store.KeepOrganization(tx, store.OrganizationName{ID: o.GetId(), Name: o.GetName(), Version: e.GetVersion()})
	return nil
}
